using ContributionIngest.Core.Storage;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public abstract class TransactionContract(IDriver driver) : IDisposable
{
    private readonly string name = "t" + Guid.NewGuid().ToString("N");

    private ITable Table => driver.Table;

    public void Dispose()
    {
        driver.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Transaction_may_mix_all_kinds_of_write_and_returns_an_ETag_for_each()
    {
        var old = (await Table.WriteAsync(name, TableWrite.Insert(Row("replace", 1)), default)).ETag;
        await Table.WriteAsync(name, TableWrite.Insert(Row("delete", 1)), default);
        await Table.WriteAsync(name, TableWrite.Insert(Row("put", 1)), default);

        var done = await TransactAsync(
            TableWrite.Insert(Row("insert", 2)),
            TableWrite.Replace(Row("replace", 2) with { ETag = old }),
            TableWrite.Put(Row("put", 2)),
            TableWrite.Put(Row("new 'key' 50%", 2)),
            TableWrite.Delete(Row("delete", 2)));

        Assert.Equal((WriteOutcome.Done, -1), (done.Outcome, done.Failed));
        var rows = await RowsAsync();
        Assert.Equal(["insert", "new 'key' 50%", "put", "replace"], rows.Select(r => r.Key));
        Assert.All(rows, r => Assert.Equal(2, r.Values["V"]));
        Assert.Equal([rows[0].ETag, rows[3].ETag, rows[2].ETag, rows[1].ETag, null], done.ETags);
    }

    public static TheoryData<WriteKind, WriteOutcome, int> Refusals => new()
    {
        { WriteKind.Insert, WriteOutcome.Exists, 0 },
        { WriteKind.Insert, WriteOutcome.Exists, 3 },
        { WriteKind.Insert, WriteOutcome.Exists, 99 },
        { WriteKind.Replace, WriteOutcome.Stale, 0 },
        { WriteKind.Replace, WriteOutcome.Stale, 42 },
        { WriteKind.Replace, WriteOutcome.Missing, 99 },
        { WriteKind.Delete, WriteOutcome.Stale, 5 },
        { WriteKind.Delete, WriteOutcome.Missing, 12 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task One_refused_write_rolls_back_the_transaction_and_is_named(WriteKind kind, WriteOutcome outcome, int index)
    {
        var old = (await Table.WriteAsync(name, TableWrite.Insert(Row("there", 1)), default)).ETag;
        await Table.WriteAsync(name, TableWrite.Put(Row("there", 2)), default);
        var before = await RowsAsync();
        var writes = Enumerable.Range(0, 100).Select(i => TableWrite.Put(Row($"k{i:D3}", i))).ToArray();
        var refused = outcome == WriteOutcome.Missing ? Row("not there", 1) : Row("there", 3) with { ETag = old };
        writes[index] = new TableWrite(kind, refused);

        var transaction = await TransactAsync(writes);

        Assert.Equal((outcome, index), (transaction.Outcome, transaction.Failed));
        Assert.Empty(transaction.ETags);
        Assert.Equal(before.Select(r => (r.Key, r.ETag)), (await RowsAsync()).Select(r => (r.Key, r.ETag)));
    }

    [Fact]
    public async Task Transaction_takes_100_writes_and_not_101()
    {
        var writes = Enumerable.Range(0, 101).Select(i => TableWrite.Insert(Row($"k{i:D3}", i))).ToArray();

        await Assert.ThrowsAsync<ArgumentException>(() => TransactAsync(writes));
        Assert.Empty(await RowsAsync());
        Assert.Equal(WriteOutcome.Done, (await TransactAsync(writes[..100])).Outcome);
        Assert.Equal(100, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task Empty_transactions_several_partitions_and_repeated_keys_are_rejected()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => TransactAsync());
        await Assert.ThrowsAsync<ArgumentException>(
            () => TransactAsync(TableWrite.Insert(Row("a", 1)), TableWrite.Insert(Row("b", 1) with { Partition = "q" })));
        await Assert.ThrowsAsync<ArgumentException>(() => TransactAsync(TableWrite.Insert(Row("a", 1)), TableWrite.Delete(Row("a", 1))));
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task One_invalid_row_rejects_the_whole_transaction()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => TransactAsync(TableWrite.Insert(Row("a", 1)), TableWrite.Insert(Row("b/c", 1))));
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task Transaction_of_4_MiB_is_rejected_and_a_slightly_smaller_one_accepted()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => TransactAsync(Texts(100, 'x', 32_000, 12_000)));
        // Every character of this text travels as six bytes.
        await Assert.ThrowsAsync<ArgumentException>(() => TransactAsync(Texts(25, '\u2028', 32_000)));
        Assert.Empty(await RowsAsync());
        Assert.Equal(WriteOutcome.Done, (await TransactAsync(Texts(100, 'x', 32_000, 8_000))).Outcome);
        Assert.Equal(WriteOutcome.Done, (await TransactAsync(Texts(21, '\u2028', 32_000))).Outcome);
    }

    [Fact]
    public async Task One_of_many_transactions_racing_with_one_ETag_wins_and_none_is_half_applied()
    {
        var etag = (await Table.WriteAsync(name, TableWrite.Insert(Row("counter", 0)), default)).ETag;

        var all = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => TransactAsync(
            TableWrite.Insert(Row($"k{i}", i)), TableWrite.Replace(Row("counter", i) with { ETag = etag })))));

        Assert.Single(all, t => t.Outcome == WriteOutcome.Done);
        Assert.All(all.Where(t => t.Outcome != WriteOutcome.Done), t => Assert.Equal((WriteOutcome.Stale, 1), (t.Outcome, t.Failed)));
        var rows = await RowsAsync();
        Assert.Equal(2, rows.Count);
        Assert.Equal($"k{rows[0].Values["V"]}", rows[1].Key);
    }

    private static Row Row(string key, int value) => new("p", key, new Dictionary<string, object?> { ["V"] = value });

    private static TableWrite[] Texts(int count, char c, params int[] lengths) =>
    [
        .. Enumerable.Range(0, count).Select(i => TableWrite.Put(
            new Row("p", $"k{i:D3}", lengths.Index().ToDictionary(l => $"T{l.Index}", object? (l) => new string(c, l.Item))))),
    ];

    private Task<Transaction> TransactAsync(params TableWrite[] writes) => Table.TransactAsync(name, writes, default);

    private async Task<IReadOnlyList<Row>> RowsAsync() => await Table.RangeAsync(name, "p", "", "~", null, default).ToListAsync();
}
