using System.Runtime.CompilerServices;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Tests.Hosts;

/// <summary>A table of which ranges of and single writes to table <c>harvests</c> do not end until they are cancelled.</summary>
internal sealed class HangingTable(ITable inner) : ITable
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first of them has begun.</summary>
    public Task Reached => reached.Task;

    public Task<Row?> Get(string table, string partition, string key, CancellationToken cancel) => inner.Get(table, partition, key, cancel);

    public async IAsyncEnumerable<Row> Range(
        string table, string partition, string from, string to, int? most, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Hang(table, cancel);
        await foreach (var row in inner.Range(table, partition, from, to, most, cancel))
            yield return row;
    }

    public async Task<Write> Write(string table, TableWrite write, CancellationToken cancel)
    {
        await Hang(table, cancel);
        return await inner.Write(table, write, cancel);
    }

    public Task<Transaction> Transact(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel) => inner.Transact(table, writes, cancel);

    private async Task Hang(string table, CancellationToken cancel)
    {
        if (table != "harvests")
            return;
        reached.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
    }
}
