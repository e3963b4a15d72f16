using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Import;

/// <summary>How rows and entries of the ledger find each other.</summary>
internal static class ImportMatches
{
    /// <summary>Rows to read for a draft at once.</summary>
    public static IEnumerable<string> Keys(ImportDraft draft)
    {
        yield return LedgerKeys.Pointer(draft.Id);
        if (draft.StatedId is { } stated)
            yield return LedgerKeys.Pointer(stated);
        if (draft.Address is { } address)
            yield return LedgerKeys.Address(address);
    }

    /// <summary>The entry that the row's own id leads to; null if it has not been imported, and is not in the ledger under the id that it states.</summary>
    public static async Task<Contribution?> KnownAsync(LedgerTransaction transaction, ImportDraft draft) =>
        await transaction.EntryAsync(draft.Id) ?? (draft.StatedId is { } stated ? await transaction.EntryAsync(stated) : null);

    /// <summary>The entry whose own address is that of the row; none if several entries or several rows have it, as it then names none of them.</summary>
    public static async Task<IReadOnlyList<Contribution>> AtAddressAsync(LedgerTransaction transaction, ImportDraft draft, IReadOnlySet<string> shared)
    {
        if (draft.Address is not { } address || shared.Contains(address))
            return [];
        var ids = (await transaction.OwnersAsync(address)).Select(reference => reference.Id).Distinct(StringComparer.Ordinal).ToList();
        return ids.Count == 1 && await transaction.EntryAsync(ids[0]) is { } entry ? [entry] : [];
    }

    /// <summary>Addresses that several rows have.</summary>
    public static HashSet<string> SharedAddresses(IEnumerable<ImportItem> items) => items.Select(item => item.Draft?.Address).OfType<string>().GroupBy(address => address, StringComparer.Ordinal)
        .Where(group => group.Skip(1).Any()).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);

    /// <summary>The sighting that a list brought.</summary>
    public static Sighting? SightingOf(Contribution entry) => entry.Sightings.FirstOrDefault(sighting => sighting.Connection == LedgerTransaction.Imported);

    /// <summary>What an import has left at an entry.</summary>
    public static ImportMark? MarkOf(Contribution entry, string batch) => entry.Sightings.Select(sighting => sighting.Import).Append(entry.Restored).FirstOrDefault(mark => mark?.Batch == batch);
}
