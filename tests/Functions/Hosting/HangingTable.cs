using System.Runtime.CompilerServices;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>A table of which ranges of tables <c>harvests</c> and <c>schedule</c>, and single writes to <c>harvests</c>, do not end until they are cancelled.</summary>
internal sealed class HangingTable(ITable inner) : ITable
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first of them has begun.</summary>
    public Task Reached => reached.Task;

    public Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel) => inner.GetAsync(table, partition, key, cancel);

    public async IAsyncEnumerable<Row> RangeAsync(
        string table, string partition, string from, string to, int? limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (table is "harvests" or "schedule")
            await HangAsync(cancel);
        await foreach (var row in inner.RangeAsync(table, partition, from, to, limit, cancel))
            yield return row;
    }

    public IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, CancellationToken cancel) => inner.ScanAsync(table, from, to, cancel);

    public async Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel)
    {
        if (table == "harvests")
            await HangAsync(cancel);
        return await inner.WriteAsync(table, write, cancel);
    }

    public Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel) => inner.TransactAsync(table, writes, cancel);

    private async Task HangAsync(CancellationToken cancel)
    {
        reached.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
    }
}
