using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// Whether a draft is something the ledger already has. The place's own id says so; where that id is not reliable, so does its address
/// within the connection; across connections only the address does, and only if it names exactly one entry of the same kind.
/// </summary>
internal static class Deduplicator
{
    private const int NamesPerSighting = 5;

    /// <returns>The id of the entry the draft belongs to; an unused one when it is new.</returns>
    public static async Task<string> FindAsync(WorkingSet set, DraftBatch page, BatchItem item)
    {
        if (await set.EntryAsync(item.Id) is { } known)
        {
            if (item.Draft.IdIsReliable || !IsAnotherThing(known.Harvested, item.Draft))
                return known.Id;
            var own = Identity.Of(page.Context.Source, page.Context.Origin, $"{item.Draft.NativeId}\n{item.Address ?? item.Draft.Title}");
            return (await set.EntryAsync(own))?.Id ?? await ByAddressAsync(set, page, item) ?? own;
        }

        return await ByAddressAsync(set, page, item) ?? item.Id;
    }

    /// <summary>Keeps the names the draft is known by from now on, its own id and its address, and returns the entry that knows it.</summary>
    public static async Task<Contribution> RememberAsync(WorkingSet set, DraftBatch page, BatchItem item, Contribution entry)
    {
        if (item.Address is not null)
            await KnowAsync(set, item.Address, new AddressRef(page.Context.Connection, entry.Id, item.Draft.Kind));
        var seen = SightingMerge.Seen(entry, page.Context);
        var isNamed = string.Equals(entry.Id, item.Id, StringComparison.Ordinal) || await set.GetAsync(LedgerKeys.Pointer(item.Id)) is not null;
        if (isNamed || seen is null || seen.Names >= NamesPerSighting)
            return entry;
        set.Put(LedgerKeys.Pointer(item.Id), "of", entry.Id);
        return entry with { Sightings = [.. entry.Sightings.Select(s => s == seen ? s with { Names = s.Names + 1 } : s)] };
    }

    /// <summary>Makes an entry known by an address.</summary>
    public static async Task KnowAsync(WorkingSet set, string address, AddressRef reference)
    {
        var key = LedgerKeys.Address(address);
        var known = await set.GetAsync(key, LedgerJson.Default.ListAddressRef) ?? [];
        if (known.Contains(reference))
            return;
        var refs = known.Append(reference).OrderBy(r => r.Connection, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal);
        set.Put(key, [.. refs], LedgerJson.Default.ListAddressRef);
    }

    /// <summary>The address no longer leads to the entry.</summary>
    public static async Task ForgetAsync(WorkingSet set, string address, string id)
    {
        var key = LedgerKeys.Address(address);
        var known = await set.GetAsync(key, LedgerJson.Default.ListAddressRef) ?? [];
        List<AddressRef> left = [.. known.Where(r => !string.Equals(r.Id, id, StringComparison.Ordinal))];
        if (left.Count == 0)
            set.Delete(key);
        else if (left.Count < known.Count)
            set.Put(key, left, LedgerJson.Default.ListAddressRef);
    }

    private static async Task<string?> ByAddressAsync(WorkingSet set, DraftBatch page, BatchItem item)
    {
        if (item.Address is null || item.IsShared)
            return null;
        var known = await set.GetAsync(LedgerKeys.Address(item.Address), LedgerJson.Default.ListAddressRef) ?? [];
        var mine = known.Where(r => IsMine(r, page)).Select(r => r.Id).Distinct(StringComparer.Ordinal).ToList();
        if (mine.Count > 0)
            return mine.Count == 1 && !item.Draft.IdIsReliable ? mine[0] : null;
        var others = known.Where(r => r.Kind == item.Draft.Kind).ToList();
        var isOneEach = known.GroupBy(r => r.Connection, StringComparer.Ordinal)
            .All(g => g.Select(r => r.Id).Distinct(StringComparer.Ordinal).Count() == 1);
        var ids = others.Select(r => r.Id).Distinct(StringComparer.Ordinal).ToList();
        if (!isOneEach || ids.Count != 1 || await set.EntryAsync(ids[0]) is not { } entry)
            return null;

        // Two items of one connection are never one, so an entry this connection sees already is somebody else's.
        return entry.Sightings.Any(s => string.Equals(s.Connection, page.Context.Connection, StringComparison.Ordinal)) ? null : entry.Id;
    }

    private static bool IsMine(AddressRef reference, DraftBatch page) =>
        string.Equals(reference.Connection, page.Context.Connection, StringComparison.Ordinal);

    /// <summary>The same unreliable id on something whose address, title and date are all others.</summary>
    private static bool IsAnotherThing(ContributionValues known, Draft draft) =>
        draft.Url is not null && known.Url is not null && draft.When is not null
        && CanonicalUrl.Of(draft.Url) != CanonicalUrl.Of(known.Url)
        && known.When != draft.When
        && !string.Equals(known.Title, draft.Title, StringComparison.Ordinal);
}
