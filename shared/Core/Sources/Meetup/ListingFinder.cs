using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Finds the calendar a person typed, or refuses with what was found and what to try.</summary>
internal sealed class ListingFinder(Fetcher fetcher, TimeProvider time, MeetupOptions options)
{
    public const string AcceptCalendar = "text/calendar, */*;q=0.1";

    private const string Try = "Give the group's page on Meetup, or the address of a calendar (iCal, it often ends in .ics).";

    private readonly GroupWebPage pages = new(fetcher, options.Site);

    public async Task<Place> FindAsync(string typed, CancellationToken cancel)
    {
        var text = typed.Trim();
        if (MeetupAddress.OfUrlname(text) is { } named)
            return await GroupAsync(named, cancel);
        var address = Address(WithScheme(text));
        if (address.IsAbsoluteUri && MeetupAddress.IsOnSite(address, options.Site, out _))
        {
            return MeetupAddress.Of(address, options.Site) is { } group
                ? await GroupAsync(group, cancel)
                : throw SourceException.Terminal("noGroup", "This is a page of Meetup itself and not of a group. Open the group and give the address of its page.");
        }

        if (GoogleCalendar.IsSecret(address))
        {
            throw SourceException.Terminal(
                "secretAddress", "This is the secret address of a private calendar, and anyone who has it can read everything in it. Make the calendar public in its settings and give its public address, which ends in public/basic.ics.");
        }

        return await CalendarAsync(GoogleCalendar.Public(address) ?? address, cancel);
    }

    /// <summary>Anything else than an address is left to the <see cref="Fetcher"/> to refuse.</summary>
    public static Uri Address(string text) => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address)
        ? address
        : throw SourceException.Terminal("refusedAddress", $"This is not a web address. {Try}");

    private static string WithScheme(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return "https://" + text;
        return text.StartsWith("webcal", StringComparison.OrdinalIgnoreCase) ? "https" + text[scheme..] : text;
    }

    private async Task<Place> GroupAsync(MeetupAddress group, CancellationToken cancel)
    {
        var address = group.Calendar(options.Site);
        var answer = await FetchAsync(address, cancel);
        if (await pages.InsteadOfAsync(answer, group, cancel) is { } instead)
            return new Place(instead.Group.Origin, instead.Group.Calendar(options.Site).AbsoluteUri, instead.Listing.Container.Name, instead.Group.Page(options.Site));
        if (answer.Outcome == FetchOutcome.Missing)
            throw SourceException.Terminal("missing", $"{address.Host} has no group named '{group.Group}' (404). Open the group's page and copy its address from there.");

        if (answer.Outcome != FetchOutcome.Content)
            throw ListingFailures.Of(answer, group);
        if (CalendarListing.Of(answer, group, options.Site, time.GetUtcNow()) is not { } listing)
            throw SourceException.Terminal("notPublic", $"{address.Host} shows no calendar of the group '{group.Group}': its events may be for members only.");

        // A renamed group is used under its current name.
        var found = MeetupAddress.Of(answer.MovedTo ?? address, options.Site) ?? group;
        return new Place(found.Origin, found.Calendar(options.Site).AbsoluteUri, listing.Container.Name, found.Page(options.Site));
    }

    private async Task<Place> CalendarAsync(Uri address, CancellationToken cancel)
    {
        var answer = await FetchAsync(address, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            throw Unread(answer);
        if (PlaceOf(answer, address) is { } place)
            return place;
        if (!PageReader.IsPage(answer))
            throw SourceException.Terminal("notACalendar", $"{answer.Address.Host} answered with something that is neither a calendar nor a web page. {Try}");
        return LumaPage.IsLuma(answer.Address) ? await LumaAsync(answer, cancel) : await OfferedAsync(answer, cancel);
    }

    private async Task<Place> LumaAsync(Fetched page, CancellationToken cancel)
    {
        if (LumaPage.Calendar(page) is { } calendar)
        {
            var answer = await FetchAsync(calendar, cancel);
            if (answer.Outcome == FetchOutcome.Content && PlaceOf(answer, calendar) is { } place)
                return place with { Url = place.Url ?? page.Address.AbsoluteUri };
        }

        throw SourceException.Terminal(
            "noCalendar", "This page on Luma does not say which calendar is its own. Open the calendar there, choose “Add iCal Subscription” and give the address it shows; it contains ics/get and an id that begins with cal-.");
    }

    /// <summary>A calendar the page offers to subscribe to.</summary>
    private async Task<Place> OfferedAsync(Fetched page, CancellationToken cancel)
    {
        var tags = PageTags.Read(page.Body, page.Header("Content-Type"), page.Address);
        var offered = tags.Calendars.Select(link => tags.Absolute(WithoutWebcal(link))).OfType<string>().Distinct(StringComparer.Ordinal).Take(10).ToList();
        foreach (var link in offered)
        {
            var answer = await FetchAsync(new Uri(link), cancel);
            if (answer.Outcome == FetchOutcome.Content && PlaceOf(answer, new Uri(link)) is { } place)
                return place with { Alternatives = [.. offered.Where(other => other != link).Select(other => new PlaceAlternative(other, null))], Url = place.Url ?? page.Address.AbsoluteUri };
        }

        var title = tags.Title is { } text && PlainText.Fold(text, 120) is { } name ? $" titled “{name}”" : "";
        throw SourceException.Terminal(
            "noCalendar", $"{page.Address.Host} answered with a web page{title} that offers no calendar. Look for a link named iCal, Subscribe or Add to calendar on it, and give its address.");
    }

    private Place? PlaceOf(Fetched answer, Uri asked)
    {
        if (CalendarListing.Of(answer, null, options.Site, time.GetUtcNow()) is not { } listing)
            return null;
        var address = (answer.MovedTo ?? asked).GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        return new Place(CanonicalUrl.Of(address) ?? address, address, listing.Container.Name, listing.Container.Url);
    }

    private Task<Fetched> FetchAsync(Uri address, CancellationToken cancel) => fetcher.SendAsync(new FetchRequest(address) { Accept = AcceptCalendar }, cancel);

    private static string WithoutWebcal(string link) =>
        link.StartsWith("webcal", StringComparison.OrdinalIgnoreCase) && link.IndexOf("://", StringComparison.Ordinal) is var at and > 0 ? "https" + link[at..] : link;

    private static SourceException Unread(Fetched answer) => answer.Outcome == FetchOutcome.Missing
        ? SourceException.Terminal("missing", $"{answer.Problem} Check the calendar's address.")
        : ListingFailures.Of(answer, null);
}

/// <summary>Google calendars: the embedded page leads to the calendar; a secret address is not stored.</summary>
internal static class GoogleCalendar
{
    /// <summary><c>/calendar/ical/…/private-0123…/basic.ics</c>.</summary>
    public static bool IsSecret(Uri address) => IsGoogle(address) && address.AbsolutePath.Contains("/private-", StringComparison.OrdinalIgnoreCase);

    /// <summary>The public iCal address of <c>/calendar/embed?src=…</c>; null for every other address.</summary>
    public static Uri? Public(Uri address)
    {
        if (!IsGoogle(address) || !address.AbsolutePath.StartsWith("/calendar/embed", StringComparison.Ordinal))
            return null;
        var id = address.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith("src=", StringComparison.Ordinal))?[4..];
        return id?.Length > 0 ? new Uri($"https://{address.Authority}/calendar/ical/{Uri.EscapeDataString(Uri.UnescapeDataString(id))}/public/basic.ics") : null;
    }

    private static bool IsGoogle(Uri address) => address.IsAbsoluteUri && address.Host.Equals("calendar.google.com", StringComparison.OrdinalIgnoreCase);
}
