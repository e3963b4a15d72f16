using System.Runtime.CompilerServices;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Support;

/// <summary>Counts operations; a transaction is one. Can be told to break, as a store does that goes away.</summary>
internal sealed class WatchedTable(ITable inner) : ITable
{
    private readonly List<(string Table, string What)> operations = [];

    /// <summary>Called before every write.</summary>
    public Action Step { get; set; } = () => { };

    /// <summary>Called after every range of the ledger's entries.</summary>
    public Func<Task>? AfterEntries { get; set; }

    /// <summary>Fails the operation that many from now with <see cref="StoreUnavailableException"/>; null never.</summary>
    public int? BreakIn { get; set; }

    public IReadOnlyList<(string Table, string What)> Operations => operations;

    /// <summary>Rows of table <c>ledger</c> that were read.</summary>
    public int LedgerRows { get; private set; }

    public void Forget()
    {
        operations.Clear();
        LedgerRows = 0;
    }

    public async Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel)
    {
        Note(table, "get");
        var row = await inner.GetAsync(table, partition, key, cancel);
        LedgerRows += table == "ledger" && row is not null ? 1 : 0;
        return row;
    }

    public async IAsyncEnumerable<Row> RangeAsync(
        string table, string partition, string from, string to, int? limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        Note(table, "range");
        await foreach (var row in inner.RangeAsync(table, partition, from, to, limit, cancel))
        {
            LedgerRows += table == "ledger" ? 1 : 0;
            yield return row;
        }

        if (table == "ledger" && from.StartsWith(LedgerKeys.EntriesFrom, StringComparison.Ordinal) && AfterEntries is { } after)
            await after();
    }

    public IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, CancellationToken cancel)
    {
        Note(table, "scan");
        return inner.ScanAsync(table, from, to, cancel);
    }

    public Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel)
    {
        Note(table, "write");
        Step();
        return inner.WriteAsync(table, write, cancel);
    }

    public Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        Note(table, "transact");
        Step();
        return inner.TransactAsync(table, writes, cancel);
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
