using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>Finds the chapter a person typed, or refuses with what was found and what to try.</summary>
internal sealed class ChapterFinder(Fetcher fetcher, TimeProvider time, IReadOnlyList<Uri> sites)
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const string Try = "Open the chapter and give the address of its page, such as https://gdg.community.dev/gdg-anytown/.";

    private readonly RobotsCheck robots = new(fetcher, time);

    public async Task<Place> FindAsync(string typed, CancellationToken cancel)
    {
        var address = ChapterAddress.Parse(typed.Trim()) ?? throw SourceException.Terminal("refusedAddress", $"This is not a web address. {Try}");
        var allowed = await robots.ReadAsync(address, null, cancel);
        var chapter = ChapterAddress.Of(address, sites) ?? await OfEventAsync(address, allowed, cancel)
            ?? throw SourceException.Terminal("noChapter", $"This is a page of {address.Host} itself and not of a chapter. {Try}");
        var answer = await FetchAsync(chapter.Page, allowed, cancel);
        if (answer.Outcome == FetchOutcome.Missing)
            throw SourceException.Terminal("missing", $"{answer.Problem} {Try}");
        if (answer.Outcome != FetchOutcome.Content)
            throw ChapterFailures.Of(answer);
        if (ChapterPage.Of(answer, sites) is not { } page)
            throw SourceException.Terminal("noChapter", $"{answer.Address.Host} answered with {Found(answer)} that is not the page of a chapter. {Try}");

        // A renamed chapter is used under its current name.
        var found = ChapterAddress.Of(answer.Address, sites) ?? chapter;
        return new Place(found.Origin, found.Page.AbsoluteUri, page.Title ?? found.Slug, found.Page.AbsoluteUri);
    }

    /// <summary>The chapter of an event, whose page says it.</summary>
    private async Task<ChapterAddress?> OfEventAsync(Uri address, RobotsState allowed, CancellationToken cancel)
    {
        if (ChapterAddress.EventSlug(address, sites) is null)
            return null;
        var answer = await FetchAsync(address, allowed, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            throw ChapterFailures.Of(answer);
        var site = ChapterAddress.SiteOf(address, sites);
        return EventPage.Of(answer, sites).Chapter is { } slug ? ChapterAddress.Of(new Uri(site, $"{Uri.EscapeDataString(slug)}/"), sites) : null;
    }

    private async Task<Fetched> FetchAsync(Uri address, RobotsState allowed, CancellationToken cancel)
    {
        allowed.Demand(address, "Its events can be logged by hand.");
        return await fetcher.SendAsync(new FetchRequest(address) { Accept = PageReader.Accept, MaximumBytes = MaxBytes }, cancel);
    }

    private static string Found(Fetched answer) =>
        PageReader.IsPage(answer) && PageTags.Read(answer.Body, answer.Header("Content-Type"), answer.Address).Title is { } title && PlainText.Fold(title, 120) is { } name
            ? $"a web page titled “{name}”"
            : "something";
}
