using System.Runtime.CompilerServices;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Support;

/// <summary>A table in which things go wrong.</summary>
internal sealed class FaultyTable(ITable inner, StoreFaults faults) : ITable
{
    public Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel) =>
        faults.ReadAsync(() => inner.GetAsync(table, partition, key, cancel), cancel);

    public async IAsyncEnumerable<Row> RangeAsync(
        string table, string partition, string from, string to, int? limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        await faults.ReadAsync(() => Task.FromResult(true), cancel);
        for (var left = limit ?? int.MaxValue; left > 0;)
        {
            var piece = faults.Piece();
            var count = 0;
            if (piece != 0)
            {
                await foreach (var row in inner.RangeAsync(table, partition, from, to, Least(piece, left, limit), cancel))
                {
                    count++;
                    left--;

                    // No key holds a character below the blank, so that nothing fits in between.
                    from = row.Key + " ";
                    yield return row;
                }
            }

            if (piece is null || (piece > 0 && count < Math.Min(piece.Value, left + count)))
                yield break;
            await faults.Between();
        }
    }

    public async IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, [EnumeratorCancellation] CancellationToken cancel)
    {
        await faults.ReadAsync(() => Task.FromResult(true), cancel);
        await foreach (var row in inner.ScanAsync(table, from, to, cancel))
            yield return row;
    }

    public Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.WriteAsync(table, write, cancel), cancel);

    public Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.TransactAsync(table, writes, cancel), cancel);

    private static int? Least(int? piece, int left, int? limit) => piece is { } rows ? Math.Min(rows, left) : limit is null ? null : left;
}
