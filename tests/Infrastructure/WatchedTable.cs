using ContributionIngest.Core.Ports;

namespace ContributionIngest.Tests.Infrastructure;

/// <summary>Counts operations; a transaction is one. Can be told to break, as a store does that goes away.</summary>
internal sealed class WatchedTable(ITable inner) : ITable
{
    private readonly List<(string Table, string What)> operations = [];

    /// <summary>Fails the operation that many from now with <see cref="StoreUnavailableException"/>; null never.</summary>
    public int? BreakIn { get; set; }

    public IReadOnlyList<(string Table, string What)> Operations => operations;

    public void Forget() => operations.Clear();

    public Task<Row?> Get(string table, string partition, string key, CancellationToken cancel)
    {
        Note(table, "get");
        return inner.Get(table, partition, key, cancel);
    }

    public Task<RowPage> Range(string table, string partition, string from, string to, int limit, string? continuation, CancellationToken cancel)
    {
        Note(table, "range");
        return inner.Range(table, partition, from, to, limit, continuation, cancel);
    }

    public Task<Write> Write(string table, TableWrite write, CancellationToken cancel)
    {
        Note(table, "write");
        return inner.Write(table, write, cancel);
    }

    public Task<Transaction> Transact(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        Note(table, "transact");
        return inner.Transact(table, writes, cancel);
    }

    private void Note(string table, string what)
    {
        lock (operations)
        {
            operations.Add((table, what));
            if (BreakIn is { } left)
                BreakIn = left - 1;
        }

        if (BreakIn < 0)
            throw new StoreUnavailableException("The store went away.");
    }
}
