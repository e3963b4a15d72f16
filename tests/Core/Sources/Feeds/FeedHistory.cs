using System.Net;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

/// <summary>A blog with older pages, read again and again as the schedule would: what landed so far, and what was said of it last.</summary>
internal sealed class FeedHistory : IDisposable
{
    public const string WordPress = "<generator>https://wordpress.org/?v=6.5</generator>";

    private readonly bool isNumbered;
    private readonly SortedSet<int> landed = [];

    /// <param name="pages">Three posts on each: 1, 2 and 3 on the last one, and so on.</param>
    public FeedHistory(int pages, bool isNumbered)
    {
        this.isNumbered = isNumbered;
        Show(pages);
    }

    public FeedSite Site { get; } = new();

    public string? Cursor { get; set; }

    /// <summary>What was said last.</summary>
    public Coverage Coverage { get; private set; } = new(null, false, null);

    public IReadOnlyList<SourcePage> Last { get; private set; } = [];

    public IEnumerable<int> Landed => landed;

    public bool IsComplete => Coverage.Complete;

    public static string Page(int number, bool isNumbered) =>
        number == 1 ? FeedSite.Feed : isNumbered ? $"{FeedSite.Feed}?paged={number}" : $"https://blog.example/page{number}";

    public string Page(int number) => Page(number, isNumbered);

    /// <summary>The posts of a page as its document.</summary>
    public string Document(int page, int pages) => FeedSite.Rss(
        Enumerable.Range(((pages - page) * 3) + 1, 3).Reverse(),
        isNumbered ? WordPress : page < pages ? $"<atom:link rel='next' href='{Page(page + 1)}'/>" : "");

    public void Show(int pages)
    {
        for (var page = 1; page <= pages; page++)
            Site.On(Page(page), Document(page, pages), "application/rss+xml");
        Site.On(Page(pages + 1), HttpStatusCode.NotFound);
    }

    public async Task<int> ReadAsync(int times = 1, bool asked = false, bool fromStart = false)
    {
        var before = Site.Web.Asked.Count;
        for (var i = 0; i < times; i++)
        {
            Last = await Site.ReadAsync(Cursor, asked: asked, fromStart: fromStart);
            foreach (var page in Last)
            {
                Cursor = page.Cursor;
                Coverage = page.Coverage ?? Coverage;
                landed.UnionWith(page.Drafts.Select(draft => int.Parse(draft.NativeId[1..], System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        return Site.Web.Asked.Count - before;
    }

    public void Pass(TimeSpan time) => Site.Clock.Advance(time);

    public void SetBack(TimeSpan by) => Site.Clock.SetBack(by);

    public void Dispose() => Site.Dispose();
}
