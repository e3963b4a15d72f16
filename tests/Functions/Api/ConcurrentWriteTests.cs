using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>Many who write to one person's ledger at once, and those who read it meanwhile.</summary>
public sealed class ConcurrentWriteTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Twenty_concurrent_connections_of_one_person_lose_nothing_within_or_across_processes(bool acrossProcesses)
    {
        await using var app = await LedgerFixture.StartAsync();
        var clock = new TestClock();
        var writers = Enumerable.Range(0, acrossProcesses ? 2 : 1).Select(_ => new LedgerWriter(new LedgerTransactions(app.Table, clock))).ToArray();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(() =>
        {
            List<Draft> drafts = [.. Enumerable.Range(0, 40).Select(i => LedgerFixture.Draft($"{n}-{i}", $"2026-0{1 + (i % 6)}-03T10:00:00Z"))];
            return writers[n % writers.Length].UpsertAsync(app.Person, LedgerFixture.Observer($"{n}"), drafts, drafts, default);
        })));

        Assert.All(results, result => Assert.Equal(40, result.New.Count));
        Assert.Equal(800, (await app.WalkAsync("limit=500")).Count);
        var counts = await app.Reader.ConnectionCountsAsync(app.Person, default);
        Assert.Equal((20, 800), (counts.Count, counts.Values.Sum()));
        var months = await app.Reader.MonthsAsync(app.Person, DateOnly.MinValue, DateOnly.MaxValue, default).Select(m => m.Counts.Entries).ToListAsync();
        Assert.Equal(800, months.Sum());
    }

    [Fact]
    public async Task Twenty_entries_are_written_in_one_transaction()
    {
        await using var app = await LedgerFixture.StartAsync();
        app.Table.Forget();

        await app.HarvestAsync([.. Enumerable.Range(0, 20).Select(n => LedgerFixture.Draft($"{n}"))]);

        Assert.Equal(1, app.Table.Operations.Count(o => o == ("ledger", "transact")));
    }

    [Fact]
    public async Task Entry_that_fifty_connections_see_can_lose_one_of_them()
    {
        await using var app = await LedgerFixture.StartAsync();
        for (var connection = 0; connection < 50; connection++)
            await app.HarvestAsync(LedgerFixture.Observer($"{connection}"), LedgerFixture.Draft("popular"));

        await app.Editor.DisconnectAsync(app.Person, LedgerFixture.Observer("7").Connection, removeEntries: false, new HashSet<string>(), default);

        Assert.Equal(49, (await app.Reader.GetAsync(app.Person, (await app.WalkAsync("")).Single(), default))!.Sightings.Count);
    }

    [Fact]
    public async Task What_is_known_of_entries_that_are_written_together_is_read_at_once()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (read, both) = (0, new TaskCompletionSource());
        var waiting = new MovingTable(app.Table, () =>
        {
            // Who reads one after the other waits here for ever.
            if (++read == 2)
                both.SetResult();
            return both.Task.WaitAsync(TimeSpan.FromMinutes(2));
        });

        List<Draft> drafts = [LedgerFixture.Draft("a"), LedgerFixture.Draft("b")];
        var result = await new LedgerWriter(new LedgerTransactions(waiting, new TestClock())).UpsertAsync(app.Person, LedgerFixture.Observer("a"), drafts, drafts, default);

        Assert.Equal(2, result.New.Count);
    }

    [Fact]
    public async Task Cancelled_waiter_leaves_the_queue_and_the_others_keep_their_order()
    {
        var locks = new PersonLocks();
        var first = await locks.AcquireAsync("person", default);
        using var leaving = new CancellationTokenSource();
        var left = locks.AcquireAsync("person", leaving.Token);
        var second = locks.AcquireAsync("person", default);
        var third = locks.AcquireAsync("person", default);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        first.Dispose();
        using (await second)
            Assert.False(third.IsCompleted);
        (await third).Dispose();
        (await locks.AcquireAsync("person", default)).Dispose();
    }

    [Fact]
    public async Task Entry_whose_date_is_edited_between_reading_pointer_and_entry_is_found()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("a"), LedgerFixture.Draft("b", "2026-05-01T10:00:00Z"));
        var id = (await app.WalkAsync(""))[0];
        var moves = 0;
        var moving = new MovingTable(app.Table, async () =>
        {
            if (moves++ < 3)
                await app.Editor.EditAsync(app.Person, id, null, e => PersonalValues.Of(e) with { Edits = e.Edits with { When = LedgerFixture.Now.AddDays(-moves) } }, default);
        });

        Assert.NotNull(await new LedgerReader(moving).GetAsync(app.Person, id, default));

        moves = 0;
        var (outcome, entry) = await new LedgerEditor(new LedgerTransactions(moving, new TestClock()))
            .EditAsync(app.Person, id, null, e => PersonalValues.Of(e) with { Note = "seen" }, default);
        Assert.Equal((EditOutcome.Done, "seen"), (outcome, entry!.Note));
        Assert.Equal(2, (await app.WalkAsync("")).Count);
    }

    [Fact]
    public async Task Edit_leaves_the_count_of_the_connection_alone_that_a_harvest_may_be_writing()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("a"));
        var before = await CountAsync();

        await app.SendAsync(HttpMethod.Patch, "/ledger/" + (await app.WalkAsync("")).Single(), """{"note":"mine"}""");

        Assert.Equal(before, await CountAsync());

        async Task<string?> CountAsync() => (await app.Table.GetAsync(TableNames.Ledger, app.Person, LedgerKeys.Connection(LedgerFixture.Observer("a").Connection), default))?.ETag;
    }

    [Fact]
    public async Task Outdated_version_does_not_remove_a_changed_entry()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (_, logged, _) = await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"A talk","kind":"talk","when":"2026-05-01"}""");
        var id = logged.GetProperty("id").GetString()!;
        var seen = LedgerEditor.Tag((await app.Reader.GetAsync(app.Person, id, default))!);
        await app.Editor.EditAsync(app.Person, id, null, e => PersonalValues.Of(e) with { Note = "mine" }, default);

        Assert.Equal(EditOutcome.Stale, await app.Editor.RemoveAsync(app.Person, id, seen, default));
        Assert.Single(await app.WalkAsync(""));
    }

    [Fact]
    public async Task Second_of_two_who_log_different_things_under_one_id_writes_nothing()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (context, draft) = (new SightingContext("manual", "manual", "manual", Verified: false, LedgerFixture.Now, []), LedgerFixture.Draft("page"));
        Assert.Equal((true, true), await LogAsync(draft));
        Assert.Equal((true, true), await LogAsync(draft));

        Assert.Equal((false, false), await LogAsync(draft with { Title = "An earlier version of the page" }));

        Assert.Equal(draft.Title, (await app.Reader.GetAsync(app.Person, (await app.WalkAsync("")).Single(), default))!.Harvested.Title);

        async Task<(bool IsNew, bool IsSame)> LogAsync(Draft read)
        {
            var logged = await app.Editor.LogAsync(app.Person, context, read, PersonalValues.Of, default);
            return (logged.IsNew, logged.IsSame);
        }
    }

    [Fact]
    public async Task Title_typed_for_an_entry_that_was_harvested_meanwhile_makes_a_revision()
    {
        await using var app = await LedgerFixture.StartAsync();
        var page = LedgerFixture.Draft("page");
        await app.HarvestAsync(page);
        var context = new SightingContext("manual", "manual", "manual", Verified: false, DateTimeOffset.MaxValue, []);

        var logged = await app.Editor.LogAsync(app.Person, context, page, e => PersonalValues.Of(e) with { Edits = e.Edits with { Title = "Mine" } }, default);

        Assert.Equal((false, 2), (logged.IsNew, logged.Entry.Revision));
        Assert.Equal([page.Title, "Mine"], (await app.Reader.HistoryAsync(app.Person, logged.Entry, default)).Select(r => r.Edits.Over(r.Harvested).Title));
    }

    [Fact]
    public async Task Ended_connection_writes_nothing_and_a_new_one_to_the_same_address_does()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("a"));
        var context = LedgerFixture.Observer("a");
        await app.Editor.EndAsync(app.Person, context.Connection, default);

        await Assert.ThrowsAsync<ConnectionEndedException>(() => app.HarvestAsync(context, LedgerFixture.Draft("b")));
        await app.Editor.DisconnectAsync(app.Person, context.Connection, removeEntries: true, new HashSet<string>(), default);
        Assert.Empty(await app.WalkAsync(""));

        await app.HarvestAsync(context with { Connection = Identity.Hash("again") }, LedgerFixture.Draft("a"), LedgerFixture.Draft("b"));
        Assert.Equal(2, (await app.WalkAsync("")).Count);
    }

    /// <summary>Something happens after a pointer was read.</summary>
    private sealed class MovingTable(ITable inner, Func<Task> afterPointer) : ITable
    {
        public async Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel)
        {
            var row = await inner.GetAsync(table, partition, key, cancel);
            if (key.StartsWith("k|", StringComparison.Ordinal))
                await afterPointer();
            return row;
        }

        public IAsyncEnumerable<Row> RangeAsync(string table, string partition, string from, string to, int? limit, CancellationToken cancel) =>
            inner.RangeAsync(table, partition, from, to, limit, cancel);

        public IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, CancellationToken cancel) => inner.ScanAsync(table, from, to, cancel);

        public Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel) => inner.WriteAsync(table, write, cancel);

        public Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel) => inner.TransactAsync(table, writes, cancel);
    }
}
