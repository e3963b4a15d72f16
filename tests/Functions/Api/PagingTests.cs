using ContributionIngest.Core.Model;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

public sealed class PagingTests
{
    [Fact]
    public Task Paging_with_any_page_size_while_entries_are_added_repeats_and_loses_nothing() => Properties.HoldAsync(40, async (app, seed) =>
    {
        var scenario = new Scenario(seed);
        await scenario.FillAsync(app);
        var there = (await AllAsync(app)).Select(e => e.Id).ToList();
        var order = seed % 2 == 0 ? "newest" : "oldest";
        var round = 0;

        var seen = await app.WalkAsync(
            $"review=all&order={order}&limit={1 + (seed % 17)}", () => round++ < 5 ? app.HarvestAsync([.. scenario.Drafts(3, $"later{round}-")]) : Task.CompletedTask);

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(order == "newest" ? there : there.AsEnumerable().Reverse(), seen.Where(there.Contains));
    });

    [Fact]
    public Task Oldest_first_is_the_reverse_of_newest_first() => Properties.HoldAsync(20, async (app, seed) =>
    {
        await new Scenario(seed).FillAsync(app);
        var newest = await app.WalkAsync($"limit={1 + (seed % 9)}&review=all");
        var oldest = await app.WalkAsync($"limit={1 + (seed % 5)}&review=all&order=oldest");
        newest.Reverse();
        Assert.Equal(newest, oldest);
    });

    [Fact]
    public Task Filters_match_a_filter_over_the_whole_ledger() => Properties.HoldAsync(60, async (app, seed) =>
    {
        var scenario = new Scenario(seed);
        await scenario.FillAsync(app);
        var (kind, status, topic, word) = (scenario.Pick(Enum.GetValues<Kind>()[..4]), (Status)(seed % 4), scenario.Pick(["c#", "CAFÉ", "azure"]), scenario.Pick(["cafe", "STRASSE uber", "title", "日本", "a"]));
        var (from, to) = (LedgerFixture.Now.AddDays(-(seed % 50)), LedgerFixture.Now.AddDays(-(seed % 7)));
        (string Query, Func<Contribution, bool> Holds)[] filters =
        [
            ($"kind={EnumText<Kind>.Of(kind)},talk", e => e.Effective().Kind == kind || e.Effective().Kind == Kind.Talk),
            ($"status={EnumText<Status>.Of(status)}", e => e.Effective().Status == status),
            ($"topic={Uri.EscapeDataString(topic)}", e => e.Effective().Topics.Contains(topic, StringComparer.OrdinalIgnoreCase)),
            ($"from={from:yyyy-MM-ddTHH:mm:ss}Z&to={to:yyyy-MM-ddTHH:mm:ss}Z", e => e.Effective().When >= from && e.Effective().When < to),
            ($"q={Uri.EscapeDataString(word)}", e => word.Split(' ').All(w => Says(e, w))),
            ("review=rejected", e => e.Review == Review.Rejected),
            ("source=feed&connection=" + LedgerFixture.Observer("a").Connection, _ => true),
            ("connection=manual", _ => false),
        ];
        foreach (var (query, holds) in filters)
        {
            var expected = (await AllAsync(app)).Where(e => query.StartsWith("review", StringComparison.Ordinal) || e.Review != Review.Rejected).Where(holds);
            Assert.Equal(expected.Select(e => e.Id), await app.WalkAsync($"{query}&limit={1 + (seed % 20)}"));
        }
    });

    [Fact]
    public async Task Entry_that_two_connections_see_is_found_by_either()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (one, other) = (LedgerFixture.Observer("a"), LedgerFixture.Observer("b"));
        await app.HarvestAsync(one, LedgerFixture.Draft("both"), LedgerFixture.Draft("one"));
        await app.HarvestAsync(other, LedgerFixture.Draft("both"));

        Assert.Equal(2, (await app.WalkAsync("connection=" + one.Connection)).Count);
        Assert.Single(await app.WalkAsync("connection=" + other.Connection));
    }

    [Fact]
    public async Task Unfiltered_newest_first_page_is_one_query()
    {
        await using var app = await LedgerFixture.StartAsync("Pacific/Auckland");
        await app.HarvestAsync([.. Enumerable.Range(0, 40).Select(i => LedgerFixture.Draft("p" + i))]);
        app.Table.Forget();
        var page = await app.GetAsync("/ledger?limit=30");
        Assert.Equal(30, page.GetProperty("items").GetArrayLength());
        Assert.Equal((1, 31), (app.Table.Operations.Count(o => o.Table == "ledger"), app.Table.LedgerRows));
    }

    [Fact]
    public async Task Answer_reads_at_most_a_thousand_rows_and_returns_a_cursor()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 1100).Select(i => LedgerFixture.Draft("p" + i) with { When = LedgerFixture.Now.AddHours(-i) })]);
        app.Table.Forget();
        var page = await app.GetAsync("/ledger?q=p1099");
        Assert.Equal(0, page.GetProperty("items").GetArrayLength());
        Assert.InRange(app.Table.LedgerRows, 900, 1000);
        Assert.Single(await app.WalkAsync("q=p1099"));
        Assert.Equal(1100, (await app.WalkAsync("limit=500")).Count);
    }

    [Fact]
    public async Task Days_are_those_of_the_persons_time_zone()
    {
        await using var app = await LedgerFixture.StartAsync("America/New_York");
        await app.HarvestAsync(
            LedgerFixture.Draft("before", "2026-03-01T04:59:59Z"), LedgerFixture.Draft("first", "2026-03-01T05:00:00Z"), LedgerFixture.Draft("last", "2026-03-02T04:59:59Z"), LedgerFixture.Draft("after", "2026-03-02T05:00:00Z"));
        var page = await app.GetAsync("/ledger?from=2026-03-01&to=2026-03-01");
        Assert.Equal(["Title of last", "Title of first"], page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("title").GetString()));
    }

    private static bool Says(Contribution entry, string word)
    {
        var values = entry.Effective();
        var compare = System.Globalization.CultureInfo.InvariantCulture.CompareInfo;
        return new[] { values.Title, values.Summary, values.Container?.Name, entry.Note }.Concat(values.Topics).OfType<string>().Any(text => compare.IndexOf(
            text.Replace("ß", "ss", StringComparison.Ordinal), word, System.Globalization.CompareOptions.IgnoreCase | System.Globalization.CompareOptions.IgnoreNonSpace) >= 0);
    }

    private static async Task<IReadOnlyList<Contribution>> AllAsync(LedgerFixture app) =>
        (await app.Reader.NewestAsync(app.Person, null, null, null, 999, CancellationToken.None)).Items;
}
