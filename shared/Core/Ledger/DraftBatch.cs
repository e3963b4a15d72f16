using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Ledger;

/// <summary>Normalised drafts of one answer of one connection, with the names each may be known by.</summary>
internal sealed record DraftBatch(SightingContext Context, IReadOnlyList<BatchItem> Items)
{
    /// <summary>An id that comes twice in one answer counts once, or the two would revise each other at every harvest.</summary>
    public static DraftBatch Of(SightingContext context, IReadOnlyList<Draft> all, IEnumerable<Draft> normalised)
    {
        var own = context.OwnAddresses.Select(a => CanonicalUrl.Of(a)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var distinct = all.DistinctBy(d => d.NativeId, StringComparer.Ordinal).ToList();
        var shared = Repeated(distinct, keepFragment: false);
        var sharedWhole = Repeated(distinct, keepFragment: true);
        return new DraftBatch(context, [.. normalised.DistinctBy(d => d.NativeId, StringComparer.Ordinal).Select(draft =>
        {
            // The fragment counts only where it is all that tells two items apart.
            var address = AddressOf(draft, keepFragment: false);
            if (address is not null && shared.Contains(address))
                address = AddressOf(draft, keepFragment: true);
            return new BatchItem(
                Identity.Of(context.Source, context.Origin, draft.NativeId),
                draft,
                address is null || own.Contains(address) ? null : address,
                address is not null && sharedWhole.Contains(address));
        })]);
    }

    private static HashSet<string> Repeated(IEnumerable<Draft> drafts, bool keepFragment) =>
        drafts.Select(d => AddressOf(d, keepFragment)).OfType<string>().GroupBy(a => a, StringComparer.Ordinal)
            .Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);

    private static string? AddressOf(Draft draft, bool keepFragment) =>
        draft.Url is null ? null : CanonicalUrl.Of(draft.Url, keepFragment);
}

/// <param name="Id">By construction from the place's own id.</param>
/// <param name="Address">Canonical URL, null where it names the place and not the item.</param>
/// <param name="IsShared">Several items of the page have that address, so it tells none of them from the others.</param>
internal sealed record BatchItem(string Id, Draft Draft, string? Address, bool IsShared)
{
    public IEnumerable<string> Keys =>
        Address is null ? [LedgerKeys.Pointer(Id)] : [LedgerKeys.Pointer(Id), LedgerKeys.Address(Address)];
}
