using System.Net;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>A change of zone is a job of its own; at the end of each test the counts equal those of the entries.</summary>
public sealed class RecountTests
{
    private const string Feed = "https://one.example/feed.xml";

    [Fact]
    public async Task Recount_is_answered_at_once_shown_while_running_and_carried_out_by_the_queue()
    {
        await using var app = await EveningsAsync();
        Assert.Equal(2, await CountAsync(app, "2026-05"));
        var before = (await app.GetAsync("/me")).GetProperty("zone").GetString();

        await PutAsync(app, "Asia/Tokyo");

        var me = await app.GetAsync("/me");
        Assert.Equal(("Asia/Tokyo", before), (me.GetProperty("countingAnew").GetProperty("zone").GetString(), me.GetProperty("countingAnew").GetProperty("was").GetString()));
        Assert.Equal(1, (await app.GetAsync("/status")).GetProperty("countingAnew").GetInt32());
        await app.DrainAsync();
        Assert.False((await app.GetAsync("/me")).TryGetProperty("countingAnew", out _));
        Assert.Equal((1, 1), (await CountAsync(app, "2026-05"), await CountAsync(app, "2026-06")));
    }

    [Fact]
    public async Task Later_of_two_concurrent_zone_changes_wins()
    {
        await using var app = await EveningsAsync();

        await PutAsync(app, "Asia/Tokyo");
        await PutAsync(app, "America/New_York");
        await app.DrainAsync();

        Assert.Equal(2, await CountAsync(app, "2026-05"));
        Assert.Equal("America/New_York", (await app.GetAsync("/me")).GetProperty("zone").GetString());
    }

    [Fact]
    public async Task Entries_written_during_a_recount_are_counted_in_the_new_zone()
    {
        await using var app = await EveningsAsync();
        var id = (await app.LedgerAsync())[0].GetProperty("id").GetString();

        await PutAsync(app, "Asia/Tokyo");
        await app.PostAsync("/ledger", """{"title":"A talk","kind":"talk","when":"2026-04-30T20:00:00Z"}""");
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"when":"2026-03-31T20:00:00Z"}""");
        Assert.Equal(3, (await LinesAsync(app, "oldest")).Length);
        await app.DrainAsync();

        Assert.Equal((1, 0), (await CountAsync(app, "2026-04"), await CountAsync(app, "2026-03")));
    }

    [Fact]
    public async Task Interrupted_recount_resumes_from_any_step()
    {
        for (var steps = 1; ; steps++)
        {
            await using var app = await EveningsAsync();
            app.Table.BreakIn = steps;
            var (status, _) = await app.SendAsync(HttpMethod.Put, "/me", """{"zone":"Asia/Tokyo"}""");
            await app.DrainAsync(1);
            var isThrough = app.Table.BreakIn >= 0;
            app.Table.BreakIn = null;
            if (status != HttpStatusCode.OK)
                await PutAsync(app, "Asia/Tokyo");
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            await app.DrainAsync();

            Assert.Equal((1, 1), (await CountAsync(app, "2026-05"), await CountAsync(app, "2026-06")));
            Assert.False((await app.GetAsync("/me")).TryGetProperty("countingAnew", out _));
            if (isThrough)
                break;
        }
    }

    [Fact]
    public async Task Recount_that_has_begun_comes_to_its_end_whatever_of_its_start_failed()
    {
        for (var at = 1; ; at++)
        {
            var faults = new StoreFaults();
            await using var app = await EveningsAsync(faults);
            faults.Arm(StoreFault.FailsBefore, at);
            await app.SendAsync(HttpMethod.Put, "/me", """{"zone":"Asia/Tokyo"}""");
            faults.Disarm();
            if (!(await app.GetAsync("/me")).TryGetProperty("countingAnew", out _))
                await PutAsync(app, "Asia/Tokyo");

            app.Clock.Advance(TimeSpan.FromMinutes(1));
            await app.DrainAsync();

            Assert.Equal((1, 1), (await CountAsync(app, "2026-05"), await CountAsync(app, "2026-06")));
            if (!faults.HasHappened)
                break;
        }
    }

    [Fact]
    public async Task Entry_logged_between_reading_the_entries_and_writing_the_counts_is_counted()
    {
        await using var app = await EveningsAsync();
        await PutAsync(app, "Asia/Tokyo");
        var isLogged = false;
        app.Table.Step = () =>
        {
            if (!isLogged && app.Table.Operations[^1] == ("ledger", "transact"))
            {
                isLogged = true;
                Task.Run(() => app.PostAsync("/ledger", """{"title":"A talk","kind":"talk","when":"2026-05-10T10:00:00Z"}""")).GetAwaiter().GetResult();
            }
        };

        await app.DrainAsync();

        Assert.Empty(app.Failures);
        Assert.Equal((2, 1), (await CountAsync(app, "2026-05"), await CountAsync(app, "2026-06")));
    }

    [Fact]
    public async Task Recount_that_other_writers_have_disturbed_twice_makes_them_wait()
    {
        await using var app = await EveningsAsync();
        var (person, id) = ((await app.GetAsync("/me")).GetProperty("id").GetString()!, (await app.LedgerAsync())[0].GetProperty("id").GetString());
        await PutAsync(app, "Asia/Tokyo");
        var (areFree, writers) = (new List<bool>(), new List<Task<IDisposable>>());
        app.Table.Step = () =>
        {
            // What the test itself writes is left alone.
            if (areFree.Count > writers.Count || areFree.Count > 3 || app.Table.Operations[^1] != ("ledger", "transact"))
                return;
            var writer = app.App.Services.GetRequiredService<LedgerTransactions>().LockAsync(person, default);
            areFree.Add(writer.IsCompleted);
            if (writer.IsCompleted)
            {
                writer.Result.Dispose();
                var change = $$"""{"private":{{(areFree.Count == 1 ? "true" : "false")}}}""";
                Task.Run(() => app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", change)).GetAwaiter().GetResult();
            }

            writers.Add(writer);
        };

        await app.DrainAsync();

        Assert.Equal([true, true, false], areFree);
        (await writers[^1]).Dispose();
    }

    /// <summary>In Tokyo the talk that stays is held in June, which has no counts yet, and the other in May.</summary>
    [Fact]
    public async Task Entry_removed_during_a_recount_takes_no_other_out_of_the_list()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await app.PostAsync("/ledger", """{"title":"Stays","kind":"talk","when":"2026-05-31T20:00:00Z"}""");
        var (_, other) = await app.PostAsync("/ledger", """{"title":"Goes","kind":"talk","when":"2026-04-30T20:00:00Z"}""");
        await PutAsync(app, "Asia/Tokyo");

        await app.SendAsync(HttpMethod.Delete, $"/ledger/{other.GetProperty("id").GetString()}");

        Assert.Contains("Stays", Assert.Single(await LinesAsync(app, "oldest")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_recount_does_not_write_again_what_it_has_counted()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(0, 120).Select(n => LedgerFixture.Draft($"{n}") with { When = LedgerFixture.Now.AddMonths(-n) })]);
        var rebuilder = app.App.Services.GetRequiredService<RollupRebuilder>();
        await rebuilder.SetZoneAsync(app.Person, "Asia/Tokyo", default);
        app.Table.Forget();
        app.Table.Step = () =>
        {
            if (app.Table.Operations.Count(o => o == ("ledger", "transact")) == 2)
                throw new StoreUnavailableException("The store went away.");
        };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => rebuilder.FinishAsync(app.Person, default));
        app.Table.Step = () => { };
        app.Table.Forget();

        await rebuilder.FinishAsync(app.Person, default);

        Assert.Equal(1, app.Table.Operations.Count(o => o == ("ledger", "transact")));
    }

    [Fact]
    public async Task Connection_whose_last_entry_goes_during_a_recount_sees_none()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("a"));
        var (connection, rebuilder) = (LedgerFixture.Observer("a").Connection, app.App.Services.GetRequiredService<RollupRebuilder>());
        await rebuilder.SetZoneAsync(app.Person, "Asia/Tokyo", default);
        await app.Editor.DisconnectAsync(app.Person, connection, removeEntries: true, new HashSet<string>(), default);

        await rebuilder.FinishAsync(app.Person, default);

        Assert.Equal(0, await app.Reader.ConnectionCountAsync(app.Person, connection, default));
    }

    /// <summary>Two posts on the last evening of a month; half past eight in the evening is the next month in Tokyo.</summary>
    private static async Task<AppFixture> EveningsAsync(StoreFaults? faults = null)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1) with { Date = Blogs.Day(31, 20) }, Blogs.Post(2) with { Date = Blogs.Day(31, 9) }]);
        var app = await AppFixture.StartAsync(blogs.Web, faults: faults);
        await app.ConnectAsync(Feed);
        return app;
    }

    private static async Task PutAsync(AppFixture app, string zone) =>
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(HttpMethod.Put, "/me", $$"""{"zone":"{{zone}}"}""")).Status);

    private static async Task<int> CountAsync(AppFixture app, string month)
    {
        var summary = await app.GetAsync("/ledger/summary?by=month&from=2026-01-01&to=2026-12-31");
        return summary.GetProperty("public").GetProperty("items").EnumerateArray()
            .Where(row => row.GetProperty("period").GetString() == month).Sum(row => row.GetProperty("total").GetInt32());
    }

    private static async Task<string[]> LinesAsync(AppFixture app, string order)
    {
        var text = await app.Client.GetStringAsync(new Uri($"/api/ledger?limit=all&format=ndjson&order={order}", UriKind.Relative));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
