using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using ContributionIngest.Core.Model;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

public sealed class SummaryTests
{
    private static readonly string[] Periods = ["day", "week", "month", "year"];
    private static readonly string[] Splits = ["kind", "source", "topic"];

    [Fact]
    public Task Counts_equal_a_recount_of_the_entries() => Properties.HoldAsync(30, async (app, seed) =>
    {
        await new Scenario(seed).FillAsync(app);
        var (by, split) = (Periods[seed % 4], Splits[seed % 3]);
        var (from, to) = (DateOnly.FromDateTime(LedgerFixture.Now.Date.AddDays(-(seed % 40))), DateOnly.FromDateTime(LedgerFixture.Now.Date.AddDays(-(seed % 5))));
        if (from > to)
            (from, to) = (to, from);
        var summary = await app.GetAsync($"/ledger/summary?by={by}&split={split}&from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}");
        var entries = (await app.Reader.NewestAsync(app.Person, null, null, null, 999, CancellationToken.None)).Items
            .Where(e => e.Review != Review.Rejected && Day(e) >= from && Day(e) <= to).ToList();
        Same(summary.GetProperty("public"), entries.Where(e => !e.Private), by, split);
        Same(summary.GetProperty("private"), entries.Where(e => e.Private), by, split);
    });

    [Fact]
    public async Task Only_the_largest_topics_are_counted_separately()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 60).Select(i => LedgerFixture.Draft("p" + i) with { Topics = i < 5 ? ["big", "t" + i] : ["t" + i] })]);
        var side = (await app.GetAsync("/ledger/summary?by=year&split=topic")).GetProperty("public");
        Assert.Equal(50, side.GetProperty("split").EnumerateObject().Count());
        Assert.Equal((60, 5, 11), (side.GetProperty("total").GetInt32(), side.GetProperty("split").GetProperty("big").GetInt32(), side.GetProperty("other").GetInt32()));
    }

    [Fact]
    public async Task Answer_says_by_what_it_is_split()
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.Equal("kind", (await app.GetAsync("/ledger/summary?split=kind")).GetProperty("split").GetString());
        Assert.False((await app.GetAsync("/ledger/summary")).TryGetProperty("split", out _));
    }

    [Theory]
    [InlineData("/ledger/summary?by=day&split=topic")]
    [InlineData("/charts/heatmap.svg")]
    [InlineData("/charts/weekly.svg")]
    [InlineData("/charts/heatmap.svg?year=2025")]
    public async Task Year_summary_reads_at_most_thirteen_rows(string path)
    {
        await using var app = await LedgerFixture.StartAsync("Asia/Tokyo");
        await app.HarvestAsync([.. Enumerable.Range(0, 900).Select(i => LedgerFixture.Draft("p" + i) with { When = LedgerFixture.Now.AddDays(-i) })]);
        app.Table.Forget();
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Get, path)).Status);
        Assert.InRange(app.Table.LedgerRows, 12, 13);
    }

    [Fact]
    public async Task Summary_defaults_to_the_persons_last_365_days()
    {
        await using var app = await LedgerFixture.StartAsync("Pacific/Auckland");
        var summary = await app.GetAsync("/ledger/summary");
        Assert.Equal(("2025-06-17", "2026-06-16"), (summary.GetProperty("from").GetString(), summary.GetProperty("to").GetString()));
    }

    [Theory]
    [InlineData("/ledger/summary?by=hour", "by")]
    [InlineData("/ledger/summary?split=colour", "split")]
    [InlineData("/ledger/summary?from=2026-01-02&to=2026-01-01", "to")]
    [InlineData("/ledger/summary?form=2026-01-02", "form")]
    [InlineData("/charts/heatmap.svg?year=26", "year")]
    [InlineData("/charts/heatmap.svg?year=2026&from=2026-01-01", "year")]
    [InlineData("/charts/weekly.svg?from=2024-01-01&to=2026-01-01", "to")]
    public async Task Invalid_summary_parameters_are_rejected(string path, string parameter)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, body, _) = await app.SendAsync(HttpMethod.Get, path);
        Assert.Equal(400, status);
        Assert.True(body.GetProperty("errors").TryGetProperty(parameter, out _));
    }

    [Theory]
    [InlineData("/charts/heatmap.svg?year=2024", 366 + 5, "3 contributions, 2024")]
    [InlineData("/charts/heatmap.svg?from=2024-02-28&to=2024-03-01", 3 + 5, "3 contributions, 28 Feb 2024 to 1 Mar 2024")]
    [InlineData("/charts/weekly.svg?year=2024", 1, "3 contributions by week, 2024")]
    public async Task Charts_have_a_text_alternative(string path, int boxes, string title)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 3).Select(i => LedgerFixture.Draft("p" + i, "2024-02-29T10:00:00Z"))]);
        var svg = XDocument.Parse(await app.Client.GetStringAsync(new Uri("/api" + path, UriKind.Relative))).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(title, svg.Element(ns + "title")!.Value);
        Assert.Contains("3", svg.Element(ns + "desc")!.Value, StringComparison.Ordinal);
        Assert.Equal(boxes, svg.Descendants(ns + "rect").Count());
        Assert.Contains("prefers-color-scheme:dark", svg.Element(ns + "style")!.Value, StringComparison.Ordinal);
    }

    private static void Same(JsonElement side, IEnumerable<Contribution> entries, string by, string split)
    {
        var all = entries.ToList();
        Assert.Equal(all.Count, side.GetProperty("total").GetInt32());
        var expected = all.GroupBy(e => Name(Day(e), by)).ToDictionary(g => g.Key, g => g.ToList());
        var items = side.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), items.Select(i => i.GetProperty("period").GetString()!));
        foreach (var item in items)
        {
            var group = expected[item.GetProperty("period").GetString()!];
            Assert.Equal(group.Count, item.GetProperty("total").GetInt32());
            var parts = group.SelectMany(e => Parts(e, split)).GroupBy(p => p).ToDictionary(g => g.Key, g => g.Count());
            Assert.Equal(parts, item.GetProperty("split").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32()));
        }
    }

    private static IEnumerable<string> Parts(Contribution entry, string split) => split switch
    {
        "kind" => [EnumText<Kind>.Of(entry.Effective().Kind)],
        "source" => [entry.Source],
        _ => entry.Effective().Topics,
    };

    private static DateOnly Day(Contribution entry) => DateOnly.FromDateTime(entry.Effective().When.UtcDateTime);

    private static string Name(DateOnly day, string by) => by switch
    {
        "day" => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "week" => $"{ISOWeek.GetYear(day)}-W{ISOWeek.GetWeekOfYear(day):D2}",
        "month" => day.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => day.ToString("yyyy", CultureInfo.InvariantCulture),
    };
}
