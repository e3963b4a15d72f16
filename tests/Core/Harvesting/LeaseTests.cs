using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>One run at a time on a connection, by a lease that is short and renewed.</summary>
public sealed class LeaseTests
{
    private const string Feed = "https://one.example/feed.xml";

    private static readonly IReadOnlyDictionary<string, object?> Nothing = new Dictionary<string, object?>(StringComparer.Ordinal);

    [Fact]
    public async Task Message_that_finds_the_lease_taken_waits_for_its_end_and_is_not_lost()
    {
        var blogs = new Blogs();
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var during = default(Task);
        Answer(blogs, 1, () => during ??= AskAsync(app));
        var id = await app.ConnectAsync(Feed);
        Assert.Equal(1, await app.Store.Queue.CountAsync(HarvestQueue.Name, default));
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);

        app.Clock.Advance(HarvestOptions.Lease);
        await app.DrainAsync();

        Assert.Equal(2, (await app.LedgerAsync()).Count);
        Assert.Equal(0, await app.Store.Queue.CountAsync(HarvestQueue.Name, default));
        Assert.Equal(id, Text((await app.GetAsync("/connections")).GetProperty("items")[0], "id"));
    }

    [Fact]
    public async Task Message_that_waits_for_the_lease_keeps_the_trace_it_came_with()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await ChangeAsync(app, s => s with { Lease = new Lease("another", app.Clock.GetUtcNow().AddSeconds(30), app.Store.Epoch) });
        await app.App.Services.GetRequiredService<HarvestQueue>().PutAsync(new HarvestMessage(await PersonAsync(app), id) { Trace = Trace }, default);

        await app.DrainAsync(rounds: 1);

        app.Clock.Advance(HarvestOptions.Lease);
        var message = Assert.Single(await app.Store.Queue.ReceiveAsync(HarvestQueue.Name, 32, TimeSpan.FromMinutes(1), default));
        Assert.Equal(Trace, JsonSerializer.Deserialize(message.Body, HarvestMessageJson.Default.HarvestMessage)!.Trace);
    }

    [Fact]
    public async Task Row_that_a_run_could_not_move_at_its_end_is_moved_when_its_message_comes_again()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.PostAsync("/connections", $$"""{"address":"{{Feed}}"}""");
        var isAway = true;
        app.Table.Step = () =>
        {
            if (isAway && app.Table.Operations[^1] == ("schedule", "transact"))
            {
                isAway = false;
                throw new StoreUnavailableException("The store went away.");
            }
        };

        await app.DrainAsync();

        Assert.Single(app.Failures);
        Assert.Equal(1, State(app).Runs);
        var row = Assert.Single(await app.DumpAsync("schedule"), row => row.Contains("|harvest|", StringComparison.Ordinal));
        Assert.Contains(State(app).DueKey!, row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_made_before_a_harvest_began_is_satisfied_by_it()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var asked = blogs.Web.Asked.Count;

        await app.DrainAsync();

        Assert.Equal(asked + 1, blogs.Web.Asked.Count);
    }

    [Fact]
    public async Task Long_harvest_renews_its_lease_and_the_planner_enqueues_again_when_it_ends()
    {
        var blogs = new Blogs();
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var renewed = default(ConnectionState);
        Answer(blogs, 1, () =>
        {
            var before = State(app).Lease!.Until;
            app.Clock.Advance(HarvestOptions.FirstRenewal);
            SpinWait.SpinUntil(() => State(app).Lease!.Until > before, TimeSpan.FromSeconds(20));
            renewed = State(app);
            return Task.CompletedTask;
        });

        await app.ConnectAsync(Feed);

        Assert.Equal(HarvestOptions.Lease, renewed!.Lease!.Until - app.Clock.GetUtcNow());
        Assert.Null(State(app).Lease);
    }

    [Fact]
    public async Task Run_that_lost_its_lease_writes_no_state()
    {
        var blogs = new Blogs();
        await using var app = await AppFixture.StartAsync(blogs.Web);
        Answer(blogs, 1, () => ChangeAsync(app, s => s with { Lease = s.Lease! with { Run = "another" } }));

        await app.ConnectAsync(Feed);

        Assert.Empty(app.Failures);
        Assert.Equal(("another", 0), (State(app).Lease!.Run, State(app).Runs));
    }

    [Fact]
    public async Task Program_that_stops_during_a_harvest_gives_the_lease_back_and_counts_no_fault()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await ChangeAsync(app, s => s with { Problem = new Problem("timeout", "It did not answer.", app.Clock.GetUtcNow()) });
        using var stop = new CancellationTokenSource();
        blogs.On(Feed, _ =>
        {
            stop.Cancel();
            return ScriptedWeb.Answer(HttpStatusCode.OK, Blogs.Rss(Feed, "One", [Blogs.Post(2)]), "application/rss+xml");
        });

        var message = new HarvestMessage(await PersonAsync(app), id);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.App.Services.GetRequiredService<Harvester>().RunAsync(message, stop.Token));

        Assert.Equal((null, 0, "timeout"), (State(app).Lease, State(app).Faults, State(app).Problem?.Code));
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, false)]
    public async Task Program_that_stops_waits_ten_seconds_for_the_store_and_leaves_the_lease_then(int seconds, bool isReleased)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        using var stop = new CancellationTokenSource();
        blogs.On(Feed, _ =>
        {
            app.Table.Step = () =>
            {
                app.Table.Step = () => { };
                app.Clock.Advance(TimeSpan.FromSeconds(seconds));
            };
            stop.Cancel();
            return ScriptedWeb.Answer(HttpStatusCode.OK);
        });

        var message = new HarvestMessage(await PersonAsync(app), id);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.App.Services.GetRequiredService<Harvester>().RunAsync(message, stop.Token));

        Assert.Equal(isReleased, State(app).Lease is null);
    }

    [Fact]
    public async Task Lease_longer_than_the_maximum_stems_from_a_wrong_clock_and_is_void()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await ChangeAsync(app, s => s with { Lease = new Lease("gone", app.Clock.GetUtcNow().AddDays(1), app.Store.Epoch) });
        var runs = State(app).Runs;

        await app.HarvestAsync(id);

        Assert.Equal(runs + 1, State(app).Runs);
    }

    [Fact]
    public async Task Repeated_deaths_without_progress_postpone_a_connection_by_a_day_and_are_reported()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await ChangeAsync(app, s => s with { Deaths = 9, Lease = new Lease("dead", app.Clock.GetUtcNow().AddSeconds(30), "another epoch") });

        await app.HarvestAsync(id);

        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal(("failing", "crashed"), (Text(connection, "health"), Text(connection.GetProperty("problem"), "code")));
        Assert.Equal(app.Clock.GetUtcNow().AddDays(1), connection.GetProperty("nextRun").GetDateTimeOffset());
        await app.PassAsync(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        Assert.Equal("ok", Text(await app.GetAsync($"/connections/{id}"), "health"));
    }

    [Fact]
    public async Task Connection_that_rests_after_deaths_is_due_once()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        await ChangeAsync(app, s => s with { Deaths = 9, Lease = new Lease("dead", app.Clock.GetUtcNow().AddSeconds(30), "another epoch") });

        await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Equal(Health.Failing, State(app).Health);
        var row = Assert.Single(await app.DumpAsync("schedule"), row => row.Contains("|harvest|", StringComparison.Ordinal));
        Assert.Contains(State(app).DueKey!, row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_of_the_cursor_resets_the_count_of_deaths()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await ChangeAsync(app, s => s with { Deaths = 5, Faults = 3, Lease = new Lease("dead", app.Clock.GetUtcNow().AddSeconds(30), "another epoch") });

        await app.HarvestAsync(id);

        Assert.Equal((0, 0), (State(app).Deaths, State(app).Faults));
    }

    [Fact]
    public async Task Message_exhausted_by_stops_and_deaths_is_requeued_and_one_exhausted_by_failures_is_recorded()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        var message = JsonSerializer.Serialize(new HarvestMessage(await PersonAsync(app), id), HarvestMessageJson.Default.HarvestMessage);
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);

        await app.Store.Queue.PutAsync("harvest-poison", message, TimeSpan.Zero, default);
        await app.DrainAsync();

        Assert.Equal(2, (await app.LedgerAsync()).Count);
        Assert.Empty((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());

        await ChangeAsync(app, s => s with { Faults = IQueue.MaximumAttempts });
        await app.Store.Queue.PutAsync("harvest-poison", message, TimeSpan.Zero, default);
        await app.DrainAsync();

        Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal("poisoned", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
    }

    [Fact]
    public async Task Connection_state_of_an_earlier_format_is_read_from_the_start_once()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        var lost = Text((await app.LedgerAsync())[0], "id");
        await LoseAsync(app, lost);
        await app.HarvestAsync(id);
        Assert.Single(await app.LedgerAsync());

        await ChangeAsync(app, s => s with { Format = 0 });
        await app.HarvestAsync(id);

        Assert.Equal(2, (await app.LedgerAsync()).Count);
        Assert.Equal(ConnectionState.CurrentFormat, State(app).Format);
    }

    [Fact]
    public async Task Entries_of_a_connection_of_an_earlier_format_are_counted_at_its_next_harvest()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var (id, person) = (await app.ConnectAsync(Feed), await PersonAsync(app));
        await app.Store.Table.WriteAsync(TableNames.Ledger, TableWrite.Delete(new Row(person, LedgerKeys.Connection(id), Nothing)), default);
        await app.Store.Table.WriteAsync(TableNames.Ledger, TableWrite.Delete(new Row(person, LedgerKeys.Settings, Nothing)), default);
        await ChangeAsync(app, s => s with { Format = 1 });
        Assert.Equal(0, (await app.GetAsync($"/connections/{id}")).GetProperty("contributions").GetInt32());

        await app.HarvestAsync(id);

        Assert.Equal(2, (await app.GetAsync($"/connections/{id}")).GetProperty("contributions").GetInt32());
    }

    /// <summary>The feed, which does something first while it is asked.</summary>
    private static void Answer(Blogs blogs, int posts, Func<Task> first)
    {
        var body = Blogs.Rss(Feed, "One", Enumerable.Range(1, posts).Select(n => Blogs.Post(n)));
        var isFirst = true;
        blogs.On(Feed, _ =>
        {
            // The first request resolves the address.
            if (!isFirst)
                first().GetAwaiter().GetResult();
            isFirst = false;
            return ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml");
        });
    }

    private static async Task AskAsync(AppFixture app)
    {
        var id = Text((await app.GetAsync("/connections")).GetProperty("items")[0], "id");
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        foreach (var message in await app.Store.Queue.ReceiveAsync(HarvestQueue.Name, 1, TimeSpan.FromMinutes(1), default))
        {
            var read = JsonSerializer.Deserialize(message.Body, HarvestMessageJson.Default.HarvestMessage)!;
            await app.App.Services.GetRequiredService<Harvester>().RunAsync(read, default);
            await app.Store.Queue.DeleteAsync(HarvestQueue.Name, message, default);
        }
    }

    /// <summary>An entry is gone as if it had never been written.</summary>
    private static Task LoseAsync(AppFixture app, string id) => new LedgerTransactions(app.Store.Table, app.Clock).RunAsync(
        PersonAsync(app).GetAwaiter().GetResult(), async (set, _) => await set.PlaceAsync(await set.EntryAsync(id), null), default);

    private static async Task<string> PersonAsync(AppFixture app) => Text(await app.GetAsync("/me"), "id");

    private static ConnectionState State(AppFixture app) => Connected(app).State;

    private static ConnectionSnapshot Connected(AppFixture app) => app.App.Services.GetRequiredService<ConnectionStore>()
        .ListAsync(app.App.Services.GetRequiredService<PeopleStore>().AllAsync(default).GetAwaiter().GetResult().Single(), default).GetAwaiter().GetResult().Single();

    private static async Task ChangeAsync(AppFixture app, Func<ConnectionState, ConnectionState> change)
    {
        var person = (await app.App.Services.GetRequiredService<PeopleStore>().AllAsync(default)).Single();
        await app.App.Services.GetRequiredService<ConnectionStore>().ChangeStateAsync(person, Connected(app).Connection.Id, change, default);
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
