using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Pages;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Reads the page of one event by its JSON-LD.</summary>
internal sealed class EventPageReader(Fetcher fetcher, TimeProvider time, MeetupOptions options)
{
    public async Task<Draft?> ReadAsync(Uri address, CancellationToken cancel)
    {
        var onMeetup = MeetupAddress.Of(address, options.Site);
        var onLuma = LumaPage.IsLuma(address) && address.AbsolutePath.Trim('/') is { Length: > 0 } slug && !slug.Contains('/', StringComparison.Ordinal) ? slug : null;
        if (onMeetup?.Event is null && onLuma is null)
            return null;

        var drafts = new EventDrafts(Role.Organiser, null, time.GetUtcNow());

        // The English page, whatever the language of the address; the event's own data is the same.
        var page = await new PageReader(fetcher).ReadAsync(onMeetup?.Event is null ? address : new Uri(onMeetup.EventPage(options.Site)), cancel);
        if (page is not { Kind: PageKind.Event, When: not null })
        {
            if (onMeetup?.Event is null)
                return null;
            return await new GroupWebPage(fetcher, options.Site).EventAsync(onMeetup, cancel) is { } found
                ? drafts.Of(found.Event, onMeetup.Event, found.Container)
                : throw SourceException.Terminal("noEvent", $"The page at {address.Host} does not describe an event: it may be for members only, or gone.");
        }

        var listed = new ListedEvent([onMeetup?.Event ?? onLuma!], page.When.Value)
        {
            HasStableId = onMeetup?.Event is null,
            End = page.EndsAt,
            IsDay = page.IsDay,
            Title = page.Title,
            Summary = page.Summary,
            Url = onMeetup?.Event is null ? page.Address : onMeetup.EventPage(options.Site),
            IsCancelled = page.IsCancelled,
            Topics = page.Topics,
        };
        var container = page.Owner is { } owner ? new Container(owner.Name, owner.Url) : new Container(onMeetup?.Group ?? address.Host, onMeetup?.Page(options.Site));
        return drafts.Of(listed, listed.Names[0], container);
    }
}

/// <summary>Pages of Luma, which have their calendar's id somewhere in their text.</summary>
internal static partial class LumaPage
{
    public static bool IsLuma(Uri address) => address.Host is "lu.ma" or "luma.com" or "www.luma.com" or "www.lu.ma";

    /// <summary>Address of the page's calendar: the one it links to, or the only one it mentions.</summary>
    public static Uri? Calendar(Fetched page)
    {
        var text = Encoding.UTF8.GetString(page.Body);
        if (Link().Match(text) is { Success: true } link)
            return Of(link.Groups["id"].Value);
        var ids = CalendarId().Matches(text).Take(1_000).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        return ids.Count == 1 ? Of(ids[0]) : null;
    }

    private static Uri Of(string id) => new("https://api.lu.ma/ics/get?entity=calendar&id=" + id);

    [GeneratedRegex(@"/ics/get\?entity=calendar(&amp;|&|\\u0026)id=(?<id>cal-[A-Za-z0-9]{4,60})", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Link();

    [GeneratedRegex(@"\bcal-[A-Za-z0-9]{8,60}\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex CalendarId();
}
