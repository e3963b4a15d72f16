using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// Entries that belong to another one: the recording of a talk, a recap of an event. They stay entries, but count with the other one and not beside it.
/// What an entry names among its links belongs to it for certain; anything else the person says. An entry that does not count itself, because it is
/// only suggested, rejected or cancelled, lets go of what belongs to it until it counts.
/// </summary>
internal static class EntryParts
{
    private const int MaxParts = 20;

    /// <summary>For each link its address, the entry there with its month, and the entry itself once more.</summary>
    public static int MaxWrites(Draft draft) => 4 * draft.Links.Count;

    /// <summary>Makes an entry part of the one that names its address among its links.</summary>
    /// <param name="address">The entry's own canonical address; null if it has none for itself.</param>
    public static async Task<Contribution> JoinAsync(LedgerTransaction transaction, Contribution entry, string? address)
    {
        if (address is null || entry.PartOf is not null || entry.Parts is not null)
            return entry;
        var known = await transaction.GetAsync(LedgerKeys.Address(address), LedgerJson.Default.ListAddressRef) ?? [];
        foreach (var id in known.Where(reference => reference.Relation is not null && reference.Id != entry.Id).Select(reference => reference.Id).Distinct(StringComparer.Ordinal))
        {
            if (await transaction.EntryAsync(id) is not { } whole || !CanHold(whole, entry))
                continue;
            whole = await transaction.PlaceAsync(whole, whole with { Parts = [.. whole.Parts ?? [], entry.Id] }) ?? whole;
            return MonthRollup.IsCounted(whole) ? entry with { PartOf = whole.Id } : entry;
        }

        return entry;
    }

    /// <summary>Takes the entries at its links as parts of an entry that was just placed, or lets go of them.</summary>
    /// <returns>The entry as it is then.</returns>
    public static async Task<Contribution> FollowAsync(LedgerTransaction transaction, Contribution entry)
    {
        var parts = (entry.Parts ?? []).ToList();
        if (entry.PartOf is null)
        {
            foreach (var (connection, link, address) in Links(entry))
            {
                await Deduplicator.AddAddressAsync(transaction, address, new AddressRef(connection, entry.Id, entry.Effective().Kind, link.Relation));
                foreach (var owner in await transaction.OwnersAsync(address))
                {
                    if (!parts.Contains(owner.Id) && await transaction.EntryAsync(owner.Id) is { } other && other.PartOf is null && other.Parts is null && CanHold(entry, other))
                        parts.Add(owner.Id);
                }
            }
        }

        if (parts.Count != (entry.Parts?.Count ?? 0))
            entry = await transaction.PlaceAsync(entry, entry with { Parts = parts }) ?? entry;
        await SetAsync(transaction, entry, parts);
        return entry;
    }

    /// <summary>Lets go of all parts of an entry that is removed, and leaves the one it belongs to.</summary>
    public static async Task ReleaseAsync(LedgerTransaction transaction, Contribution entry)
    {
        foreach (var id in entry.Parts ?? [])
        {
            if (await transaction.EntryAsync(id) is { } part && part.PartOf == entry.Id)
                await transaction.PlaceAsync(part, part with { PartOf = null });
        }

        await LeaveAsync(transaction, entry);
    }

    /// <summary>Lets go of the parts that only links of a sighting that was taken away had named. Returns the entry without them, to be placed by the caller.</summary>
    public static async Task<Contribution> ReleaseUnnamedAsync(LedgerTransaction transaction, Contribution before, Contribution after)
    {
        foreach (var address in Addresses(before).Except(Addresses(after), StringComparer.Ordinal))
        {
            foreach (var owner in await transaction.OwnersAsync(address))
            {
                if (after.Parts?.Contains(owner.Id) != true || await transaction.EntryAsync(owner.Id) is not { } part)
                    continue;
                after = after with { Parts = Without(after.Parts, owner.Id) };
                if (part.PartOf == after.Id)
                    await transaction.PlaceAsync(part, part with { PartOf = null });
            }
        }

        return after;
    }

    /// <summary>Takes an entry out of the list of the one that it belongs to, if it does.</summary>
    public static async Task LeaveAsync(LedgerTransaction transaction, Contribution entry)
    {
        if (entry.PartOf is { } of && await transaction.EntryAsync(of) is { Parts: { } parts } whole)
            await transaction.PlaceAsync(whole, whole with { Parts = Without(parts, entry.Id) });
    }

    /// <summary>The addresses that an entry names as pages about it.</summary>
    public static IEnumerable<string> Addresses(Contribution entry) => Links(entry).Select(link => link.Address);

    /// <summary>Null if none are left.</summary>
    public static IReadOnlyList<string>? Without(IReadOnlyList<string>? ids, string id) =>
        ids?.Where(known => known != id).ToList() is { Count: > 0 } left ? left : null;

    /// <summary>Whether the one could belong to the other: there is one level only, and the person's word counts.</summary>
    public static bool CanHold(Contribution whole, Contribution part) =>
        whole.Id != part.Id && whole.PartOf is null && part.Parts is null && part.NotPartOf?.Contains(whole.Id) != true
        && (whole.Parts?.Contains(part.Id) == true || (whole.Parts?.Count ?? 0) < MaxParts);

    private static async Task SetAsync(LedgerTransaction transaction, Contribution whole, List<string> parts)
    {
        var of = MonthRollup.IsCounted(whole) ? whole.Id : null;
        foreach (var id in parts)
        {
            if (await transaction.EntryAsync(id) is { } part && part.PartOf != of && (part.PartOf is null || part.PartOf == whole.Id) && part.NotPartOf?.Contains(whole.Id) != true)
                await transaction.PlaceAsync(part, part with { PartOf = of });
        }
    }

    private static IEnumerable<(string Connection, RelatedLink Link, string Address)> Links(Contribution entry) =>
        entry.Sightings.SelectMany(sighting => (sighting.Links ?? []).Select(link => (sighting.Connection, link, CanonicalUrl.Of(link.Url))))
            .Where(link => link.Item3 is not null).Select(link => (link.Connection, link.link, link.Item3!)).DistinctBy(link => link.Item3, StringComparer.Ordinal).Take(Normaliser.LinkCount);
}
