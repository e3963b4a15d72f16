using System.Globalization;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Contributions;

/// <summary>The result of an upsert. <see cref="New"/> and <see cref="Revised"/> are entry ids.</summary>
public sealed record UpsertResult(IReadOnlyList<string> New, IReadOnlyList<string> Revised, int Changed, int Unchanged)
{
    public static readonly UpsertResult Nothing = new([], [], 0, 0);

    public bool IsChange => New.Count + Revised.Count + Changed > 0;

    public UpsertResult And(UpsertResult other) =>
        new([.. New, .. other.New], [.. Revised, .. other.Revised], Changed + other.Changed, Unchanged + other.Unchanged);
}

/// <summary>
/// Writes drafts into a person's ledger. A draft's entry, pointers, history and counts change in one transaction. Repeating the same
/// drafts, in any order, changes nothing.
/// </summary>
public sealed class LedgerWriter(LedgerTransactions transactions)
{
    private const int DraftsPerTransaction = 30;

    /// <summary>The most writes a draft can stage: old and new entry, two pointers, two addresses, a revision, a snapshot, two months.</summary>
    private const int WritesPerDraft = 10;

    /// <param name="all">All drafts in one response of one connection, as received.</param>
    /// <param name="drafts">The drafts to write; the others only show which addresses are shared by several items.</param>
    /// <param name="since">
    /// The time up to which the connection's writes were reported. A draft whose entry was written later, by a run that was stopped before
    /// it could report, counts as written now.
    /// </param>
    /// <param name="written">Called with the result of each transaction, so that the caller knows what was written if a later one fails.</param>
    /// <exception cref="ConnectionEndedException">The connection has ended; nothing more is written for it.</exception>
    /// <exception cref="ConcurrencyException">Other writers kept changing the same rows.</exception>
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
        var batch = DraftBatch.Of(context, all, drafts.Select(d => Normaliser.Normalise(d, now)));
        var result = UpsertResult.Nothing;
        for (var next = 0; next < batch.Items.Count;)
        {
            var from = next;
            var (count, done) = await transactions.RunAsync(
                person, (transaction, conflicts) => StageAsync(transaction, batch, from, Math.Max(1, DraftsPerTransaction >> Math.Min(conflicts, 5)), now, since), cancel);
            next += count;
            result = result.And(done);
            Telemetry.Wrote("new", done.New.Count);
            Telemetry.Wrote("revised", done.Revised.Count);
            Telemetry.Wrote("changed", done.Changed);
            written?.Invoke(done);
        }

        return result;
    }

    /// <summary>Stages drafts one by one until the limit is reached or the transaction is full.</summary>
    private static async Task<(int Count, UpsertResult Done)> StageAsync(
        LedgerTransaction transaction, DraftBatch batch, int from, int limit, DateTimeOffset now, DateTimeOffset? since)
    {
        var chunk = batch.Items.Skip(from).Take(limit).ToList();
        await transaction.PrefetchAsync(chunk.SelectMany(i => i.Keys).Append(LedgerKeys.Settings).Append(LedgerKeys.Connection(batch.Context.Connection)));
        await transaction.RequireActiveAsync(batch.Context.Connection);
        var result = UpsertResult.Nothing;
        var count = 0;
        foreach (var item in chunk.TakeWhile(_ => transaction.Writes + WritesPerDraft <= TableLimits.OperationsPerTransaction))
        {
            result = result.And(await ApplyAsync(transaction, batch, item, now, since));
            count++;
        }

        return (count, result);
    }

    private static async Task<UpsertResult> ApplyAsync(LedgerTransaction transaction, DraftBatch batch, BatchItem item, DateTimeOffset now, DateTimeOffset? since)
    {
        var id = await Deduplicator.FindAsync(transaction, batch, item);
        var before = await transaction.EntryAsync(id);
        if (before is null && item.Draft.Status == Status.Removed)
            return UpsertResult.Nothing with { Unchanged = 1 };
        var merged = before is null ? SightingMerge.Create(id, item.Draft, batch.Context, now) : SightingMerge.Merge(before, item.Draft, batch.Context, now);
        var after = await Deduplicator.AddNamesAsync(transaction, batch, item, merged);
        if (ReferenceEquals(before, after))
            return SightingMerge.FindSighting(before, batch.Context)?.LastSeen > since ? Unreported(before, since) : UpsertResult.Nothing with { Unchanged = 1 };
        await transaction.PlaceAsync(before, after);
        await Snapshots.SaveAsync(transaction, before, after);
        if (before is null)
            return UpsertResult.Nothing with { New = [after.Id] };
        if (after.Revision == before.Revision)
            return UpsertResult.Nothing with { Changed = 1 };
        transaction.AddRevision(before, now);
        return UpsertResult.Nothing with { Revised = [after.Id] };
    }

    private static UpsertResult Unreported(Contribution entry, DateTimeOffset? since) =>
        entry.FirstSeen > since ? UpsertResult.Nothing with { New = [entry.Id] }
        : entry.Revision > 1 ? UpsertResult.Nothing with { Revised = [entry.Id] }
        : UpsertResult.Nothing with { Changed = 1 };
}

/// <summary>The normalised drafts in one response of one connection, with each draft's id and address.</summary>
internal sealed class DraftBatch
{
    private readonly Lazy<Dictionary<(string? Title, DateTimeOffset? When), int>> titles;
    private readonly Lazy<Dictionary<DateTimeOffset, int>> times;
    private readonly Lazy<HashSet<string>> ids;

    /// <param name="all">All drafts in the response; counted only when an item is not found by its id or address.</param>
    private DraftBatch(SightingContext context, IReadOnlyList<BatchItem> items, IReadOnlyList<Draft> all)
    {
        (Context, Items) = (context, items);
        titles = new(() => all.Where(d => d.When is not null).CountBy(d => (Normaliser.Text(d.Title, Normaliser.TitleLength), d.When)).ToDictionary());
        times = new(() => all.Select(d => d.When).OfType<DateTimeOffset>().CountBy(when => when).ToDictionary());
        ids = new(() => all.Select(d => Identity.Of(context.Source, context.Origin, d.NativeId)).ToHashSet(StringComparer.Ordinal));
    }

    public SightingContext Context { get; }

    public IReadOnlyList<BatchItem> Items { get; }

    /// <summary>No other draft of the response has the same title and time.</summary>
    public bool IsOnlyOne(Draft draft) => titles.Value.GetValueOrDefault((draft.Title, draft.When)) == 1;

    /// <summary>No other draft of the response has the same time.</summary>
    public bool IsOnlyOneAt(DateTimeOffset when) => times.Value.GetValueOrDefault(when) == 1;

    /// <summary>The response still holds this id.</summary>
    public bool Holds(string id) => ids.Value.Contains(id);

    /// <summary>Keeps one draft per id: duplicates in one response would revise each other at every harvest.</summary>
    public static DraftBatch Of(SightingContext context, IReadOnlyList<Draft> all, IEnumerable<Draft> normalised)
    {
        var own = context.OwnAddresses.Select(a => CanonicalUrl.Of(a)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var distinct = all.DistinctBy(d => d.NativeId, StringComparer.Ordinal).ToList();
        var shared = RepeatedAddresses(distinct, keepFragment: false);
        var sharedWhole = RepeatedAddresses(distinct, keepFragment: true);
        return new DraftBatch(context, [.. normalised.DistinctBy(d => d.NativeId, StringComparer.Ordinal).Select(draft =>
        {
            // The fragment matters only when nothing else distinguishes two items.
            var address = AddressOf(draft, keepFragment: false);
            if (address is not null && shared.Contains(address))
                address = AddressOf(draft, keepFragment: true);
            return new BatchItem(
                Identity.Of(context.Source, context.Origin, draft.NativeId),
                draft,
                address is null || own.Contains(address) ? null : address,
                address is not null && sharedWhole.Contains(address));
        })], distinct);
    }

    private static HashSet<string> RepeatedAddresses(IEnumerable<Draft> drafts, bool keepFragment) =>
        drafts.Select(d => AddressOf(d, keepFragment)).OfType<string>().GroupBy(a => a, StringComparer.Ordinal)
            .Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);

    private static string? AddressOf(Draft draft, bool keepFragment) =>
        draft.Url is null ? null : CanonicalUrl.Of(draft.Url, keepFragment);
}

/// <param name="Id">Derived from the source's own id.</param>
/// <param name="Address">Canonical URL; null when it is the address of the site and not of the item.</param>
/// <param name="IsShared">True when several items in the response have that address, so it identifies none of them.</param>
internal sealed record BatchItem(string Id, Draft Draft, string? Address, bool IsShared)
{
    public IEnumerable<string> Keys =>
        Address is null ? [LedgerKeys.Pointer(Id)] : [LedgerKeys.Pointer(Id), LedgerKeys.Address(Address)];

    /// <summary>
    /// The address with <c>www.</c> before the host if it has none, and without if it has. Null without an address, and for APIs, whose hosts are fixed.
    /// </summary>
    public string? OtherHost => !Draft.IdIsReliable && Address?.Split("://", 2) is [var scheme, var rest]
        ? $"{scheme}://{(rest.StartsWith("www.", StringComparison.Ordinal) ? rest[4..] : "www." + rest)}"
        : null;
}

/// <summary>A hash of a draft's content: equal hashes mean that there is nothing to write.</summary>
public static class DraftHash
{
    /// <param name="draft">
    /// Normalised. The version and an unreliable id are left out, so a new one with the same content changes nothing.
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

/// <summary>What the ledger needs to know about the connection that drafts come from.</summary>
/// <param name="Origin">Part of every entry id.</param>
/// <param name="OwnAddresses">Addresses of the site or feed itself: a link to one of them does not identify an item.</param>
public sealed record SightingContext(
    string Connection,
    string Source,
    string Origin,
    bool Verified,
    DateTimeOffset ConnectedAt,
    IReadOnlyList<string> OwnAddresses)
{
    /// <summary>When the content was current: when the response was requested, or when a delivery arrived. Null for manual entries.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>True while the connection has never been read to its end: nothing of it can have moved yet.</summary>
    public bool IsFirstRead { get; init; }

    /// <summary>True for a delivery that waited in a queue, so that newer content may already have been written.</summary>
    public bool IsDelivered { get; init; }

    /// <summary>API before feed, verified before unverified, then the oldest connection.</summary>
    public string Rank { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{(string.Equals(Source, "feed", StringComparison.Ordinal) ? 1 : 0)}{(Verified ? 0 : 1)}{ConnectedAt.UtcTicks:D19}{Connection}");
}

/// <summary>
/// Finds the entry that a draft belongs to. The source's own id decides; if it is unreliable, so does the address within the
/// connection. Across connections only the address decides, and only if it identifies exactly one entry of the same kind.
/// </summary>
internal static class Deduplicator
{
    private const int MaxNamesPerSighting = 5;
    private const int MaxSameAddress = 10;
    private const int MaxSameTime = 20;

    /// <returns>The id of the entry the draft belongs to; an unused id for a new one.</returns>
    public static async Task<string> FindAsync(LedgerTransaction transaction, DraftBatch batch, BatchItem item)
    {
        if (await transaction.EntryAsync(item.Id) is { } known)
        {
            if (item.Draft.IdIsReliable || IsSameItem(known.Harvested, item.Draft))
                return known.Id;
            if (await ByContentAsync(transaction, batch, item) is { } same)
                return same;
            if (!IsDifferentItem(known.Harvested, item.Draft))
                return known.Id;
            var own = Identity.Of(batch.Context.Source, batch.Context.Origin, $"{item.Draft.NativeId}\n{item.Address ?? item.Draft.Title}");
            return (await transaction.EntryAsync(own))?.Id ?? await ByAddressAsync(transaction, batch, item) ?? own;
        }

        return (item.Draft.IdIsReliable ? null : await ByContentAsync(transaction, batch, item))
            ?? await ByAddressAsync(transaction, batch, item)
            ?? await ByOtherHostAsync(transaction, batch, item)
            ?? await ByTimeAsync(transaction, batch, item)
            ?? item.Id;
    }

    /// <summary>Records the draft's own id and address as names of the entry. Returns the updated entry.</summary>
    public static async Task<Contribution> AddNamesAsync(LedgerTransaction transaction, DraftBatch batch, BatchItem item, Contribution entry)
    {
        if (item.Address is not null)
            await AddAddressAsync(transaction, item.Address, new AddressRef(batch.Context.Connection, entry.Id, item.Draft.Kind));
        var seen = SightingMerge.FindSighting(entry, batch.Context);
        var isKnownId = string.Equals(entry.Id, item.Id, StringComparison.Ordinal) || await transaction.GetAsync(LedgerKeys.Pointer(item.Id)) is not null;
        if (isKnownId || seen is null || seen.Names >= MaxNamesPerSighting)
            return entry;
        transaction.Put(LedgerKeys.Pointer(item.Id), "of", entry.Id);
        return entry with { Sightings = [.. entry.Sightings.Select(s => s == seen ? s with { Names = s.Names + 1 } : s)] };
    }

    /// <summary>Records that an entry has an address.</summary>
    public static async Task AddAddressAsync(LedgerTransaction transaction, string address, AddressRef reference)
    {
        var key = LedgerKeys.Address(address);
        var known = await transaction.GetAsync(key, LedgerJson.Default.ListAddressRef) ?? [];
        if (known.Contains(reference))
            return;
        var refs = known.Append(reference).OrderBy(r => r.Connection, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal);
        transaction.Put(key, [.. refs], LedgerJson.Default.ListAddressRef);
    }

    /// <summary>Removes an entry from an address.</summary>
    public static async Task RemoveAddressAsync(LedgerTransaction transaction, string address, string id)
    {
        var key = LedgerKeys.Address(address);
        var known = await transaction.GetAsync(key, LedgerJson.Default.ListAddressRef) ?? [];
        List<AddressRef> remaining = [.. known.Where(r => !string.Equals(r.Id, id, StringComparison.Ordinal))];
        if (remaining.Count == 0)
            transaction.Delete(key);
        else if (remaining.Count < known.Count)
            transaction.Put(key, remaining, LedgerJson.Default.ListAddressRef);
    }

    /// <summary>
    /// The entry of this connection at the draft's address with the same title and date. Ids of items that share one depend on what else the response
    /// holds, so the same item may come with another id.
    /// </summary>
    private static Task<string?> ByContentAsync(LedgerTransaction transaction, DraftBatch batch, BatchItem item) =>
        SameItemAsync(transaction, batch, item, item.Address, reference => IsSameConnection(reference, batch));

    /// <summary>The page on the host with or without <c>www.</c>: with the same title and time it is the same page.</summary>
    private static Task<string?> ByOtherHostAsync(LedgerTransaction transaction, DraftBatch batch, BatchItem item) =>
        SameItemAsync(transaction, batch, item, item.IsShared ? null : item.OtherHost, reference => reference.Kind == item.Draft.Kind);

    /// <summary>An entry at the address with the draft's title and date, unless the response holds it under its own id.</summary>
    private static async Task<string?> SameItemAsync(
        LedgerTransaction transaction, DraftBatch batch, BatchItem item, string? address, Func<AddressRef, bool> predicate)
    {
        if (address is null)
            return null;
        var known = await transaction.GetAsync(LedgerKeys.Address(address), LedgerJson.Default.ListAddressRef) ?? [];
        foreach (var id in known.Where(predicate).Select(r => r.Id).Distinct(StringComparer.Ordinal).Take(MaxSameAddress))
        {
            if (await transaction.EntryAsync(id) is { } entry && IsSameItem(entry.Harvested, item.Draft) && !batch.Holds(entry.Id))
                return entry.Id;
        }

        return null;
    }

    /// <summary>
    /// Ids and addresses of feeds and calendars change together when a site moves or makes them anew. An item with the title and time of one that is
    /// gone from the response is the same; so is an event in place of another at the same minute. Ids of APIs do not change.
    /// </summary>
    private static async Task<string?> ByTimeAsync(LedgerTransaction transaction, DraftBatch batch, BatchItem item)
    {
        var (draft, context) = (item.Draft, batch.Context);
        if (context.IsFirstRead || context.IsDelivered || (draft.IdIsReliable && draft.Kind != Kind.Event)
            || draft is not { When: { } when, Title: { } title, DatePrecision: DatePrecision.Exact or DatePrecision.Day })
            return null;
        var isOnlyOne = batch.IsOnlyOne(draft);
        var isReplaceable = draft is { Kind: Kind.Event, IdIsReliable: false, DatePrecision: DatePrecision.Exact } && batch.IsOnlyOneAt(when);
        if (!isOnlyOne && !isReplaceable)
            return null;
        var gone = (await transaction.EntriesAtAsync(when, MaxSameTime))
            .Where(entry => entry.Harvested.Kind == draft.Kind && SightingMerge.FindSighting(entry, context) is not null && !batch.Holds(entry.Id)).ToList();
        var same = gone.Where(entry => string.Equals(entry.Harvested.Title, title, StringComparison.Ordinal)).ToList();
        return isOnlyOne && same.Count == 1 ? same[0].Id : isReplaceable && gone.Count == 1 ? gone[0].Id : null;
    }

    private static bool IsSameItem(ContributionValues known, Draft draft) =>
        known.When == draft.When && string.Equals(known.Title, draft.Title, StringComparison.Ordinal);

    private static async Task<string?> ByAddressAsync(LedgerTransaction transaction, DraftBatch batch, BatchItem item)
    {
        if (item.Address is null || item.IsShared)
            return null;
        var known = await transaction.GetAsync(LedgerKeys.Address(item.Address), LedgerJson.Default.ListAddressRef) ?? [];
        var mine = known.Where(r => IsSameConnection(r, batch)).Select(r => r.Id).Distinct(StringComparer.Ordinal).ToList();
        if (mine.Count > 0)
            return mine.Count == 1 && !item.Draft.IdIsReliable ? mine[0] : null;
        var others = known.Where(r => r.Kind == item.Draft.Kind).ToList();
        var isOneEach = known.GroupBy(r => r.Connection, StringComparer.Ordinal)
            .All(g => g.Select(r => r.Id).Distinct(StringComparer.Ordinal).Count() == 1);
        var ids = others.Select(r => r.Id).Distinct(StringComparer.Ordinal).ToList();
        if (!isOneEach || ids.Count != 1 || await transaction.EntryAsync(ids[0]) is not { } entry)
            return null;

        // Two items of one connection are always distinct, so an entry this connection already sees is a different item.
        return entry.Sightings.Any(s => string.Equals(s.Connection, batch.Context.Connection, StringComparison.Ordinal)) ? null : entry.Id;
    }

    private static bool IsSameConnection(AddressRef reference, DraftBatch batch) =>
        string.Equals(reference.Connection, batch.Context.Connection, StringComparison.Ordinal);

    /// <summary>True when the same unreliable id comes with a different address, title and date.</summary>
    private static bool IsDifferentItem(ContributionValues known, Draft draft) =>
        draft.Url is not null && known.Url is not null && draft.When is not null
        && CanonicalUrl.Of(draft.Url) != CanonicalUrl.Of(known.Url)
        && known.When != draft.When
        && !string.Equals(known.Title, draft.Title, StringComparison.Ordinal);
}
