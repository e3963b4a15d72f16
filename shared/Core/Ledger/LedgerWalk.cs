using ContributionIngest.Core.Model;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Ledger;

/// <summary>
/// Walks over all entries of a ledger that others write to meanwhile. An entry whose date changes moves, and may move past the walk; every such
/// change writes the counts of its month, so the walk is repeated until nothing was left to do and no count changed.
/// </summary>
internal sealed class LedgerWalk(ITable table)
{
    private const int EntriesPerPage = 500;

    /// <summary>A ledger that is written to without a pause is not walked over for ever.</summary>
    private const int MostPasses = 8;

    /// <param name="work">Does what is to be done to the entries, after which they are not <paramref name="isMeant"/> any more.</param>
    public async Task OverAsync(
        string person, Func<Contribution, bool> isMeant, Func<IReadOnlyList<Contribution>, Task> work, CancellationToken cancel)
    {
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var before = await CountsAsync(person, cancel);
            var found = await PassAsync(person, isMeant, work, cancel);
            if (found == 0 && before.SetEquals(await CountsAsync(person, cancel)))
                return;
        }
    }

    private async Task<int> PassAsync(
        string person, Func<Contribution, bool> isMeant, Func<IReadOnlyList<Contribution>, Task> work, CancellationToken cancel)
    {
        var reader = new LedgerReader(table);
        var found = 0;
        string? after = null;
        do
        {
            var page = await reader.NewestAsync(person, null, null, after, EntriesPerPage, cancel);
            var meant = page.Items.Where(isMeant).ToList();
            if (meant.Count > 0)
                await work(meant);
            found += meant.Count;
            after = page.Next;
        }
        while (after is not null);
        return found;
    }

    private async Task<HashSet<string>> CountsAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(LedgerKeys.Table, person, LedgerKeys.Counting, LedgerKeys.MonthsTo, null, cancel)
            .Select(row => row.Key + row.ETag).ToHashSetAsync(StringComparer.Ordinal, cancel);
}
