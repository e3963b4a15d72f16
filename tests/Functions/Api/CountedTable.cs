using System.Runtime.CompilerServices;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>Counts what is read of table <c>ledger</c>, and the transactions on it.</summary>
internal sealed class CountedTable(ITable inner) : ITable
{
    private const string Counted = "ledger";

    /// <summary>Round trips.</summary>
    public int Reads { get; private set; }

    public int Rows { get; private set; }

    public int Transactions { get; private set; }

    /// <summary>Called after every range of the ledger's entries.</summary>
    public Func<Task>? AfterEntries { get; set; }

    public void Forget() => (Reads, Rows, Transactions) = (0, 0, 0);

    public async Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel)
    {
        var row = await inner.GetAsync(table, partition, key, cancel);
        if (table == Counted)
            (Reads, Rows) = (Reads + 1, Rows + 1);
        return row;
    }

    public async IAsyncEnumerable<Row> RangeAsync(
        string table, string partition, string from, string to, int? limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        var counts = table == Counted;
        Reads += counts ? 1 : 0;
        await foreach (var row in inner.RangeAsync(table, partition, from, to, limit, cancel))
        {
            Rows += counts ? 1 : 0;
            yield return row;
        }

        if (counts && from.StartsWith(LedgerKeys.EntriesFrom, StringComparison.Ordinal) && AfterEntries is { } after)
            await after();
    }

    public Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel) => inner.WriteAsync(table, write, cancel);

    public Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        if (table == Counted)
            Transactions++;
        return inner.TransactAsync(table, writes, cancel);
    }
}
