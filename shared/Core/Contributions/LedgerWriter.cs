using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Contributions;

/// <summary>What an upsert did. <see cref="New"/> and <see cref="Revised"/> name the entries.</summary>
public sealed record UpsertResult(IReadOnlyList<string> New, IReadOnlyList<string> Revised, int Changed, int Unchanged)
{
    public static readonly UpsertResult Nothing = new([], [], 0, 0);

    public bool IsChange => New.Count + Revised.Count + Changed > 0;

    public UpsertResult And(UpsertResult other) =>
        new([.. New, .. other.New], [.. Revised, .. other.Revised], Changed + other.Changed, Unchanged + other.Unchanged);
}

/// <summary>
/// Writes drafts into a person's ledger. Entry, pointers, history and counts of a draft change in one transaction; the same drafts again
/// change nothing, in whatever order and however often they come.
/// </summary>
public sealed class LedgerWriter(LedgerTransactions transactions)
{
    private const int DraftsPerTransaction = 30;

    /// <summary>More than one draft can stage: entry out, entry in, two pointers, two addresses, a revision, a snapshot, two months.</summary>
    private const int WritesPerDraft = 10;

    /// <param name="all">One answer of one connection, as the place told it.</param>
    /// <param name="drafts">Those of them that are to be written; the others only tell which addresses several items share.</param>
    /// <param name="since">
    /// Up to when what was written for the connection was reported. A draft whose entry was written later, by a run that was stopped before it could say
    /// so, counts as if it were written now.
    /// </param>
    /// <param name="written">Told after each transaction what it did, so that what was written is known when a later one fails.</param>
    /// <exception cref="ConnectionEndedException">The connection is ended; nothing more is written for it.</exception>
    /// <exception cref="ConcurrencyException">Others kept changing the same rows.</exception>
    public async Task<UpsertResult> UpsertAsync(
        string person,
        SightingContext context,
        IReadOnlyList<Draft> all,
        IReadOnlyList<Draft> drafts,
        CancellationToken cancel,
        Action<UpsertResult>? written = null,
        DateTimeOffset? since = null)
    {
        using var activity = Telemetry.Source.StartActivity("write ledger");
        var now = transactions.Clock.GetUtcNow();
        var page = DraftBatch.Of(context, all, drafts.Select(d => Normaliser.Normalise(d, now)));
        var result = UpsertResult.Nothing;
        for (var next = 0; next < page.Items.Count;)
        {
            var from = next;
            var (count, done) = await transactions.RunAsync(
                person, (set, lost) => TryAsync(set, page, from, Math.Max(1, DraftsPerTransaction >> Math.Min(lost, 5)), now, since), cancel);
            next += count;
            result = result.And(done);
            Telemetry.Wrote("new", done.New.Count);
            Telemetry.Wrote("revised", done.Revised.Count);
            Telemetry.Wrote("changed", done.Changed);
            written?.Invoke(done);
        }

        return result;
    }

    /// <summary>Stages one draft after the other until there are as many as wanted or the transaction is full.</summary>
    private static async Task<(int Count, UpsertResult Done)> TryAsync(
        LedgerTransaction set, DraftBatch page, int from, int most, DateTimeOffset now, DateTimeOffset? since)
    {
        var chunk = page.Items.Skip(from).Take(most).ToList();
        await set.PrefetchAsync(chunk.SelectMany(i => i.Keys).Append(LedgerKeys.Counting).Append(LedgerKeys.Connection(page.Context.Connection)));
        await set.HoldAsync(page.Context.Connection);
        var result = UpsertResult.Nothing;
        var count = 0;
        foreach (var item in chunk.TakeWhile(_ => set.Writes + WritesPerDraft <= TableLimits.OperationsPerTransaction))
        {
            result = result.And(await ApplyAsync(set, page, item, now, since));
            count++;
        }

        return (count, result);
    }

    private static async Task<UpsertResult> ApplyAsync(LedgerTransaction set, DraftBatch page, BatchItem item, DateTimeOffset now, DateTimeOffset? since)
    {
        var id = await Deduplicator.FindAsync(set, page, item);
        var before = await set.EntryAsync(id);
        if (before is null && item.Draft.Status == Status.Removed)
            return UpsertResult.Nothing with { Unchanged = 1 };
        var merged = before is null ? SightingMerge.New(id, item.Draft, page.Context, now) : SightingMerge.Into(before, item.Draft, page.Context, now);
        var after = await Deduplicator.RememberAsync(set, page, item, merged);
        if (ReferenceEquals(before, after))
            return SightingMerge.Seen(before, page.Context)?.LastSeen > since ? Unreported(before, since) : UpsertResult.Nothing with { Unchanged = 1 };
        await set.PlaceAsync(before, after);
        await Snapshots.KeepAsync(set, before, after);
        if (before is null)
            return UpsertResult.Nothing with { New = [after.Id] };
        if (after.Revision == before.Revision)
            return UpsertResult.Nothing with { Changed = 1 };
        set.Keep(before, now);
        return UpsertResult.Nothing with { Revised = [after.Id] };
    }

    private static UpsertResult Unreported(Contribution entry, DateTimeOffset? since) =>
        entry.FirstSeen > since ? UpsertResult.Nothing with { New = [entry.Id] }
        : entry.Revision > 1 ? UpsertResult.Nothing with { Revised = [entry.Id] }
        : UpsertResult.Nothing with { Changed = 1 };
}

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

/// <summary>
/// Whether a draft is something the ledger already has. The place's own id says so; where that id is not reliable, so does its address
/// within the connection; across connections only the address does, and only if it names exactly one entry of the same kind.
/// </summary>
internal static class Deduplicator
{
    private const int NamesPerSighting = 5;

    /// <returns>The id of the entry the draft belongs to; an unused one when it is new.</returns>
    public static async Task<string> FindAsync(LedgerTransaction set, DraftBatch page, BatchItem item)
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
    public static async Task<Contribution> RememberAsync(LedgerTransaction set, DraftBatch page, BatchItem item, Contribution entry)
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
    public static async Task KnowAsync(LedgerTransaction set, string address, AddressRef reference)
    {
        var key = LedgerKeys.Address(address);
        var known = await set.GetAsync(key, LedgerJson.Default.ListAddressRef) ?? [];
        if (known.Contains(reference))
            return;
        var refs = known.Append(reference).OrderBy(r => r.Connection, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal);
        set.Put(key, [.. refs], LedgerJson.Default.ListAddressRef);
    }

    /// <summary>The address no longer leads to the entry.</summary>
    public static async Task ForgetAsync(LedgerTransaction set, string address, string id)
    {
        var key = LedgerKeys.Address(address);
        var known = await set.GetAsync(key, LedgerJson.Default.ListAddressRef) ?? [];
        List<AddressRef> left = [.. known.Where(r => !string.Equals(r.Id, id, StringComparison.Ordinal))];
        if (left.Count == 0)
            set.Delete(key);
        else if (left.Count < known.Count)
            set.Put(key, left, LedgerJson.Default.ListAddressRef);
    }

    private static async Task<string?> ByAddressAsync(LedgerTransaction set, DraftBatch page, BatchItem item)
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
