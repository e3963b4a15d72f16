using System.IO.Compression;
using System.Text.Json;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>What a harvest leaves behind about itself.</summary>
public sealed class HarvestReportTests
{
    private const string Feed = "https://one.example/feed.xml";

    [Fact]
    public async Task Report_lists_the_first_500_new_contributions_and_what_was_answered()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 510).Select(n => Blogs.Post(n) with { Date = Blogs.Day(1).AddHours(-n) }));
        await using var app = await AppFixture.StartAsync(blogs.Web);

        var id = await app.ConnectAsync(Feed);

        var ids = (await app.LedgerAsync()).Select(entry => entry.GetProperty("id").GetString()).ToHashSet(StringComparer.Ordinal);
        var reports = await ReportsAsync(app, id);
        var listed = reports.SelectMany(report => report.GetProperty("new").EnumerateArray()).Select(entry => entry.GetString()).ToList();
        Assert.Equal((510, 500), (ids.Count, listed.Distinct().Count()));
        Assert.Subset(ids, listed.ToHashSet(StringComparer.Ordinal));
        Assert.Single(reports.SelectMany(report => report.GetProperty("raw").EnumerateArray()));
    }

    [Fact]
    public async Task Answer_that_a_report_names_is_kept_as_it_came()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)], "One");
        await using var app = await AppFixture.StartAsync(blogs.Web);

        var id = await app.ConnectAsync(Feed);

        var name = Assert.Single((await ReportsAsync(app, id))[0].GetProperty("raw").EnumerateArray()).GetString()!;
        using var packed = new MemoryStream((await app.Store.Blobs.GetAsync(RawAnswers.Container, name, default))!);
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        Assert.Equal(Blogs.Rss(Feed, "One", [Blogs.Post(1)]), await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Oldest_reports_are_pruned_and_the_newest_fifty_stay()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        for (var n = 0; n < HarvestReports.Kept + 3; n++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(40));
            blogs.Rss(Feed, [Blogs.Post(1) with { Title = $"Version {n}" }]);
            await app.HarvestAsync(id);
        }

        var before = await ReportsAsync(app, id);
        await app.CallAsync("Prune");
        await app.DrainAsync();

        var after = await app.DumpAsync("harvests");
        Assert.Equal(HarvestReports.Kept, after.Count(row => row.Contains(id, StringComparison.Ordinal)));
        Assert.Equal(before.Select(report => report.GetRawText()), (await ReportsAsync(app, id)).Select(report => report.GetRawText()));
    }

    private static async Task<List<JsonElement>> ReportsAsync(AppFixture app, string connection) =>
        [.. (await app.GetAsync($"/connections/{connection}/harvests")).GetProperty("items").EnumerateArray()];
}
