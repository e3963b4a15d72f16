using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Ports;
using ContributionIngest.Tests.Infrastructure;
using Xunit;

namespace ContributionIngest.Tests.Query;

/// <summary>Many who write to one person's ledger at once, and those who read it meanwhile.</summary>
public sealed class WritersTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Twenty_connections_of_one_person_lose_nothing_within_a_process_and_across_two(bool acrossProcesses)
    {
        await using var app = await AskedApp.Start();
        var clock = new TestClock();
        var writers = Enumerable.Range(0, acrossProcesses ? 2 : 1).Select(_ => new LedgerWriter(new LedgerTransactions(app.Table, clock))).ToArray();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(() =>
        {
            List<Draft> drafts = [.. Enumerable.Range(0, 40).Select(i => AskedApp.Draft($"{n}-{i}", $"2026-0{1 + (i % 6)}-03T10:00:00Z"))];
            return writers[n % writers.Length].Upsert(app.Person, AskedApp.Observer($"{n}"), drafts, drafts, default);
        })));

        Assert.All(results, result => Assert.Equal(40, result.New.Count));
        Assert.Equal(800, (await app.Walk("limit=500")).Count);
        var counts = await app.Reader.ConnectionCounts(app.Person, default);
        Assert.Equal((20, 800), (counts.Count, counts.Values.Sum()));
        var months = await app.Reader.Months(app.Person, DateOnly.MinValue, DateOnly.MaxValue, default).Select(m => m.Counts.Entries).ToListAsync();
        Assert.Equal(800, months.Sum());
    }

    [Fact]
    public async Task Whoever_waits_for_a_turn_may_leave_and_the_others_come_in_their_order()
    {
        var turns = new WriterTurns();
        var first = await turns.Take("person", default);
        using var leaving = new CancellationTokenSource();
        var left = turns.Take("person", leaving.Token);
        var second = turns.Take("person", default);
        var third = turns.Take("person", default);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        first.Dispose();
        using (await second)
            Assert.False(third.IsCompleted);
        (await third).Dispose();
        (await turns.Take("person", default)).Dispose();
    }

    [Fact]
    public async Task An_entry_whose_date_is_edited_between_pointer_and_entry_is_found()
    {
        await using var app = await AskedApp.Start();
        await app.Harvest(AskedApp.Draft("a"), AskedApp.Draft("b", "2026-05-01T10:00:00Z"));
        var id = (await app.Walk(""))[0];
        var moves = 0;
        var moving = new MovingTable(app.Table, async () =>
        {
            if (moves++ < 3)
                await app.Editor.Edit(app.Person, id, null, e => Word.Of(e) with { Edits = e.Edits with { When = AskedApp.Now.AddDays(-moves) } }, default);
        });

        Assert.NotNull(await new LedgerReader(moving).Get(app.Person, id, default));

        moves = 0;
        var (outcome, entry) = await new LedgerEditor(new LedgerTransactions(moving, new TestClock()))
            .Edit(app.Person, id, null, e => Word.Of(e) with { Note = "seen" }, default);
        Assert.Equal((EditOutcome.Done, "seen"), (outcome, entry!.Note));
        Assert.Equal(2, (await app.Walk("")).Count);
    }

    [Fact]
    public async Task An_entry_that_was_changed_since_is_not_removed_by_whoever_saw_it_before()
    {
        await using var app = await AskedApp.Start();
        var (_, logged, _) = await app.Send(HttpMethod.Post, "/ledger", """{"title":"A talk","kind":"talk","when":"2026-05-01"}""");
        var id = logged.GetProperty("id").GetString()!;
        var seen = LedgerEditor.Tag((await app.Reader.Get(app.Person, id, default))!);
        await app.Editor.Edit(app.Person, id, null, e => Word.Of(e) with { Note = "mine" }, default);

        Assert.Equal(EditOutcome.Stale, await app.Editor.Remove(app.Person, id, seen, default));
        Assert.Single(await app.Walk(""));
    }

    [Fact]
    public async Task An_ended_connection_writes_nothing_and_one_of_the_same_place_does()
    {
        await using var app = await AskedApp.Start();
        await app.Harvest(AskedApp.Draft("a"));
        var observer = AskedApp.Observer("a");
        await app.Editor.End(app.Person, observer.Connection, default);

        await Assert.ThrowsAsync<ConnectionEndedException>(() => app.Harvest(observer, AskedApp.Draft("b")));
        await app.Editor.Disconnect(app.Person, observer.Connection, contributions: true, new HashSet<string>(), default);
        Assert.Empty(await app.Walk(""));

        await app.Harvest(observer with { Connection = Identity.Hash("again") }, AskedApp.Draft("a"), AskedApp.Draft("b"));
        Assert.Equal(2, (await app.Walk("")).Count);
    }

    /// <summary>Something happens after a pointer was read.</summary>
    private sealed class MovingTable(ITable inner, Func<Task> afterPointer) : ITable
    {
        public async Task<Row?> Get(string table, string partition, string key, CancellationToken cancel)
        {
            var row = await inner.Get(table, partition, key, cancel);
            if (key.StartsWith("k|", StringComparison.Ordinal))
                await afterPointer();
            return row;
        }

        public IAsyncEnumerable<Row> Range(string table, string partition, string from, string to, int? most, CancellationToken cancel) =>
            inner.Range(table, partition, from, to, most, cancel);

        public Task<Write> Write(string table, TableWrite write, CancellationToken cancel) => inner.Write(table, write, cancel);

        public Task<Transaction> Transact(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel) => inner.Transact(table, writes, cancel);
    }
}
