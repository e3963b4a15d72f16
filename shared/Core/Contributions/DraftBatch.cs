using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Contributions;

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

/// <summary>What a draft says, as a hash: equal hashes mean that there is nothing to write.</summary>
public static class DraftHash
{
    /// <param name="draft">
    /// Normalised. Its version and an id that is not reliable are left out: a new one that says the same changes nothing.
    /// </param>
    public static string Of(Draft draft)
    {
        var text = new StringBuilder(512);
        Add(text, draft.IdIsReliable ? draft.NativeId : null, EnumText<Kind>.Of(draft.Kind), EnumText<Role>.Of(draft.Role), EnumText<Status>.Of(draft.Status));
        Add(text, draft.Title, draft.Url, draft.Summary, Time(draft.When), EnumText<DatePrecision>.Of(draft.DatePrecision));
        Add(text, Time(draft.EndsAt), draft.Container?.Name, draft.Container?.Url, draft.Author);
        foreach (var topic in draft.Topics)
            Add(text, topic);
        foreach (var (name, value) in draft.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
            Add(text, name, value.ToString("R", CultureInfo.InvariantCulture));
        return Identity.Hash(text.ToString());
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcTicks.ToString(CultureInfo.InvariantCulture);

    private static void Add(StringBuilder text, params ReadOnlySpan<string?> parts)
    {
        foreach (var part in parts)
            text.Append(part).Append('\0');
    }
}

/// <summary>The connection through which drafts come, as far as the ledger has to know it.</summary>
/// <param name="Origin">Goes into identities.</param>
/// <param name="OwnAddresses">Addresses of the place itself (site, feed): an item that links there is not known by that link.</param>
public sealed record SightingContext(
    string Connection,
    string Source,
    string Origin,
    bool Verified,
    DateTimeOffset ConnectedAt,
    IReadOnlyList<string> OwnAddresses)
{
    /// <summary>When the place said so: when its answer was asked for, or when what it delivered came in. Null where it is typed by hand.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>It was delivered and waited in a queue, so that later word of the place may have come before it.</summary>
    public bool IsDelivered { get; init; }

    /// <summary>Own API before feed, verified before not, then the oldest connection.</summary>
    public string Rank { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{(string.Equals(Source, "feed", StringComparison.Ordinal) ? 1 : 0)}{(Verified ? 0 : 1)}{ConnectedAt.UtcTicks:D19}{Connection}");
}
