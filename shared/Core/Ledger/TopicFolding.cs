using ContributionIngest.Core.Model;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Ledger;

/// <summary>A person's topic aliases, and what a change of them does to the entries that are there.</summary>
public sealed class TopicFolding(ITable table, TimeProvider clock)
{
    private const int EntriesPerTransaction = 30;

    public async Task<TopicAliases> Get(string person, CancellationToken cancel) => await new WorkingSet(table, person, cancel).Aliases();

    /// <summary>Makes these the person's aliases. Every entry that has such a topic is written again; safe to repeat, and beside harvests.</summary>
    public async Task Set(string person, TopicAliases aliases, CancellationToken cancel)
    {
        await Conflicts.Retry<bool>(clock, async () => await CountingRow.Set(table, person, CountingRow.Topics, aliases.ToText(), cancel) ? true : null, cancel);
        var reader = new LedgerReader(table);
        string? after = null;
        do
        {
            var page = await reader.Newest(person, null, null, after, 500, cancel);
            foreach (var chunk in page.Items.Where(e => !Same(e.Folded, aliases.Fold(e.Said().Topics))).Chunk(EntriesPerTransaction))
                await Conflicts.Retry<bool>(clock, async () => await TryFold(person, chunk, cancel) ? true : null, cancel);
            after = page.Next;
        }
        while (after is not null);
    }

    private async Task<bool> TryFold(string person, IReadOnlyList<Contribution> entries, CancellationToken cancel)
    {
        var set = new WorkingSet(table, person, cancel);
        foreach (var id in entries.Select(e => e.Id))
        {
            if (await set.Entry(id) is { } entry)
                await set.Place(entry, entry);
        }

        return await set.Commit();
    }

    private static bool Same(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        (one ?? []).SequenceEqual(other ?? [], StringComparer.Ordinal);
}
