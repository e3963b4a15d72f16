using System.Globalization;
using System.Net;
using ContributionIngest.Core.Model;
using ContributionIngest.Functions.Api.Ledger;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>Long ledgers: what a page and an export cost, and how many exports run at once.</summary>
public sealed class LongLedgerTests
{
    private const int Entries = 3000;

    private static readonly DateTimeOffset Start = new(2019, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Ledgers of the same length, whose entries lie differently in time.</summary>
    private static readonly Dictionary<string, Func<int, DateTimeOffset>> Times = new(StringComparer.Ordinal)
    {
        ["spread over seven years"] = n => Start.AddHours(20 * n),
        ["in one month"] = n => Start.AddMinutes(14 * n),
        ["in one second"] = n => Start.AddDays(9).AddTicks(n),
        ["at one time"] = _ => Start.AddDays(20),
        ["in two seconds of one month and one per year"] = n => n < 7 ? Start.AddYears(n) : Start.AddDays(n % 2 == 0 ? 3 : 25).AddTicks(n),
    };

    public static TheoryData<string> Shapes => [.. Times.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Export_oldest_first_reads_about_as_many_rows_as_newest_first(string shape)
    {
        await using var app = await FillAsync(shape);
        var (newest, newestRows, newestQueries) = await ExportAsync(app, "newest");
        var (oldest, oldestRows, oldestQueries) = await ExportAsync(app, "oldest");
        Assert.Equal(newest.AsEnumerable().Reverse(), oldest);
        Assert.Equal(Entries, oldest.Count);
        Assert.True(oldestRows <= 1.7 * newestRows, $"{oldestRows} rows instead of {newestRows}");
        Assert.True(oldestQueries <= newestQueries + 200, $"{oldestQueries} queries instead of {newestQueries}");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Page_oldest_first_costs_what_it_shows_and_not_what_the_ledger_has(string shape)
    {
        await using var app = await FillAsync(shape);
        var ids = await IdsAsync(app, "limit=all&order=oldest");
        string? cursor = null;
        for (var at = 0; at < 500; at += 50)
        {
            app.Table.Forget();
            var page = await app.GetAsync($"/ledger?limit=50&order=oldest{(cursor is null ? "" : "&cursor=" + cursor)}");
            Assert.Equal(ids[at..(at + 50)], page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            Assert.InRange(app.Table.LedgerRows, 50, 1000);
            Assert.InRange(app.Table.Operations.Count(o => o.Table == "ledger"), 3, 100);
            cursor = page.GetProperty("next").GetString();
        }
    }

    [Fact]
    public async Task First_entries_of_twenty_years_need_the_counts_of_few_months_and_all_of_them_few_reads()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 240).Select(n => LedgerFixture.Draft($"{n}") with { When = LedgerFixture.Now.AddMonths(-n) })]);
        app.Table.Forget();

        await app.GetAsync("/ledger?limit=5&order=oldest");

        Assert.InRange(app.Table.LedgerRows, 5, 60);
        app.Table.Forget();
        Assert.Equal(240, (await IdsAsync(app, "limit=all&order=oldest")).Count);
        Assert.InRange(app.Table.Operations.Count(o => o.Table == "ledger"), 1, 30);
    }

    [Fact]
    public async Task Months_with_few_entries_are_not_read_together_with_one_that_has_many()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(1, 15).Select(n => LedgerFixture.Draft($"few {n}") with { When = LedgerFixture.Now.AddMonths(-n) })]);
        await app.HarvestAsync([.. Enumerable.Range(0, 400).Select(n => LedgerFixture.Draft($"many {n}") with { When = LedgerFixture.Now.AddMinutes(-n) })]);
        app.Table.Forget();

        await app.GetAsync("/ledger?limit=14&order=oldest");

        Assert.InRange(app.Table.Operations.Count(o => o.Table == "ledger"), 1, 8);
    }

    [Fact]
    public async Task Part_of_the_time_oldest_first_is_the_reverse_of_newest_first()
    {
        await using var app = await FillAsync("in two seconds of one month and one per year");
        foreach (var range in (string[])["from=2019-03-04&to=2019-03-20", "from=2019-03-20", "to=2022-01-01", "from=2019-03-04T00:00:00.00001Z&to=2019-03-26T00:00:00.00002Z"])
        {
            var newest = await IdsAsync(app, "limit=all&" + range);
            newest.Reverse();
            Assert.Equal(newest, await app.WalkAsync("limit=500&order=oldest&" + range));
            Assert.NotEmpty(newest);
        }
    }

    [Fact]
    public async Task Export_that_finds_no_turn_is_told_when_to_try_again_and_pages_need_none()
    {
        await using var app = await FillAsync("spread over seven years");
        var stalled = await StallAsync(app, "csv");
        var late = app.Client.GetAsync(new Uri("/api/ledger?limit=all", UriKind.Relative));
        await app.Clock.ArmedAsync(ExportTurns.MaxWait);
        app.Clock.Advance(ExportTurns.MaxWait - TimeSpan.FromSeconds(1));
        Assert.False(late.IsCompleted);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        using var answer = await late;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(30)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta));
        using var head = (await app.SendAsync(HttpMethod.Head, "/ledger?limit=all")).Response;
        using var page = await app.Client.GetAsync(new Uri("/api/ledger?format=csv", UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (head.StatusCode, page.StatusCode));

        // Who goes away gives the turn back.
        stalled[0].Dispose();
        using var next = await app.Client.GetAsync(new Uri("/api/ledger?limit=all", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    [InlineData("ndjson")]
    [InlineData("markdown")]
    [InlineData("atom")]
    [InlineData("icalendar")]
    public async Task Client_that_takes_nothing_loses_its_turn_and_does_not_take_what_it_has_for_the_whole(string format)
    {
        await using var app = await FillAsync("spread over seven years");
        var stalled = await StallAsync(app, format);
        var status = HttpStatusCode.ServiceUnavailable;
        // Those that were still writing when the time passed stall only in a later round, and an aborted request gives its turn back a little later.
        for (var round = 0; round < 500 && status != HttpStatusCode.OK; round++)
        {
            app.Clock.Advance(ExportTurns.MaxStall);
            var waiting = app.Client.GetAsync(new Uri("/api/ledger?limit=all&format=" + format, UriKind.Relative));
            if (await Task.WhenAny(waiting, app.Clock.ArmedAsync(ExportTurns.MaxWait)) != waiting)
                app.Clock.Advance(ExportTurns.MaxWait);
            using var answer = await waiting;
            status = answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, status);
        var cut = 0;
        foreach (var answer in stalled)
            cut += await IsCutAsync(answer) ? 1 : 0;
        Assert.InRange(cut, 1, stalled.Count);

        // Whoever was not cut off has everything: nobody takes a part for the whole.
        static async Task<bool> IsCutAsync(HttpResponseMessage answer)
        {
            try
            {
                var text = await answer.Content.ReadAsStringAsync();
                Assert.Contains("Title 0", text, StringComparison.Ordinal);
                return false;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task Slow_client_gets_everything()
    {
        await using var app = await FillAsync("spread over seven years");
        using var answer = await app.Client.GetAsync(new Uri("/api/ledger?limit=all&format=csv", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var (buffer, length, lines) = (new byte[8 * 1024], 1, 0);
        while (length > 0)
        {
            length = await body.ReadAsync(buffer);
            lines += buffer.AsSpan(0, length).Count((byte)'\n');
            app.Clock.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(Entries + 1, lines);
    }

    private static async Task<LedgerFixture> FillAsync(string shape)
    {
        var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, Entries).Select(n => new Draft
        {
            NativeId = n.ToString(CultureInfo.InvariantCulture), Kind = Kind.BlogPost, Title = "Title " + n, When = Times[shape](n),
        })]);
        return app;
    }

    private static async Task<(List<string> Ids, int Rows, int Queries)> ExportAsync(LedgerFixture app, string order)
    {
        app.Table.Forget();
        var ids = await IdsAsync(app, "limit=all&order=" + order);
        return (ids, app.Table.LedgerRows, app.Table.Operations.Count(o => o.Table == "ledger"));
    }

    private static async Task<List<string>> IdsAsync(LedgerFixture app, string query)
    {
        var csv = await app.Client.GetStringAsync(new Uri("/api/ledger?format=csv&" + query, UriKind.Relative));
        return [.. csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[0])];
    }

    /// <summary>As many exports as run at once, whose answers nobody reads.</summary>
    private static async Task<List<HttpResponseMessage>> StallAsync(LedgerFixture app, string format)
    {
        var answers = new List<HttpResponseMessage>();
        for (var n = 0; n < ExportTurns.MaxAtOnce; n++)
            answers.Add(await app.Client.GetAsync(new Uri("/api/ledger?limit=all&format=" + format, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead));
        return answers;
    }
}
