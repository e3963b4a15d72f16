using System.Globalization;
using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using NodaTime;

namespace ContributionIngest.Core.Contributions;

/// <param name="Next">Continues after the last item; null on the last page.</param>
public sealed record LedgerPage(IReadOnlyList<Contribution> Items, string? Next);

/// <summary>Reads a person's ledger without scanning: a page is one range query, and a year of counts is at most 13 rows.</summary>
public sealed class LedgerReader(ITable table)
{
    /// <summary>An entry that keeps moving while it is read counts as missing after this many attempts.</summary>
    private const int MaxTornReads = 20;

    /// <summary>Counts of a month can be large, and mostly few months are needed.</summary>
    private const int MaxMonthsPerRead = 64;

    /// <summary>The entry with that id, or the entry the id is an alias of.</summary>
    public async Task<Contribution?> GetAsync(string person, string id, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < MaxTornReads; attempt++)
        {
            try
            {
                return await new LedgerTransaction(table, person, cancel).EntryAsync(id);
            }
            catch (TornReadException)
            {
                // The entry has moved; read its pointer again.
            }
        }

        return null;
    }

    /// <summary>The entries with a canonical URL; several when they share it.</summary>
    public async Task<IReadOnlyList<Contribution>> KnownByAsync(string person, string canonicalUrl, CancellationToken cancel)
    {
        var transaction = new LedgerTransaction(table, person, cancel);
        var known = await transaction.GetAsync(LedgerKeys.Address(canonicalUrl), LedgerJson.Default.ListAddressRef) ?? [];
        var entries = new List<Contribution>();
        foreach (var id in known.Select(reference => reference.Id).Distinct(StringComparer.Ordinal).Take(20))
        {
            if (await GetAsync(person, id, cancel) is { } entry && !entries.Exists(other => other.Id == entry.Id))
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>
    /// Newest first, <c>from ≤ when &lt; to</c>, at most <paramref name="limit"/> (1 to 999). <paramref name="after"/> is
    /// <see cref="LedgerPage.Next"/> of the previous page.
    /// </summary>
    public async Task<LedgerPage> NewestAsync(
        string person, DateTimeOffset? from, DateTimeOffset? to, string? after, int limit, CancellationToken cancel)
    {
        // Keys ascend as times descend, so entries before `to` start after every key of that instant.
        var first = after is not null ? after + "!" : to is { } t ? LedgerKeys.At(t) + "}" : LedgerKeys.EntriesFrom;
        var last = from is { } f ? LedgerKeys.At(f) + "}" : LedgerKeys.EntriesTo;
        var rows = await table.RangeAsync(TableNames.Ledger, person, first, last, limit + 1, cancel).ToListAsync(cancel);
        var items = rows.Take(limit).Select(r => RowDocument.Read(r, LedgerJson.Default.Contribution)).ToList();
        return new LedgerPage(items, rows.Count > limit ? rows[limit - 1].Key : null);
    }

    /// <summary>The same, oldest first.</summary>
    public async Task<LedgerPage> OldestAsync(
        string person, DateTimeOffset? from, DateTimeOffset? to, string? after, int limit, CancellationToken cancel)
    {
        var items = new List<Contribution>();
        await foreach (var entry in OldestFirstAsync(person, from, to, after, limit + 1, cancel))
        {
            if (items.Count == limit)
                return new LedgerPage(items, KeyOf(items[^1]));
            items.Add(entry);
        }

        return new LedgerPage(items, null);
    }

    /// <summary>All entries in a time range, <c>from ≤ when &lt; to</c>, read lazily, newest first.</summary>
    /// <param name="after">Continues after the entry with that key.</param>
    public async IAsyncEnumerable<Contribution> NewestFirstAsync(
        string person, DateTimeOffset? from, DateTimeOffset? to, string? after, int perPage, [EnumeratorCancellation] CancellationToken cancel)
    {
        do
        {
            var page = await NewestAsync(person, from, to, after, perPage, cancel);
            foreach (var entry in page.Items)
                yield return entry;
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>The same, oldest first.</summary>
    /// <param name="wanted">About how many entries the caller takes; reads are as long as that.</param>
    public IAsyncEnumerable<Contribution> OldestFirstAsync(
        string person, DateTimeOffset? from, DateTimeOffset? to, string? after, int wanted, CancellationToken cancel) =>
        new OldestFirstReader(table, person, wanted).ReadAsync(MonthPartsAsync(person, from, to, after, cancel), cancel);

    /// <summary>Counts of the months from the first day to the last, ascending; months without entries are omitted.</summary>
    public async IAsyncEnumerable<(DateOnly First, MonthRollup Counts)> MonthsAsync(
        string person, DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var first = Max(LedgerKeys.Month(from), LedgerKeys.Settings + "}");
        var last = LedgerKeys.Month(to) + "}";
        await foreach (var row in table.RangeAsync(TableNames.Ledger, person, first, last, null, cancel))
        {
            var counts = RowDocument.Read(row, LedgerJson.Default.MonthRollup);
            if (!counts.IsEmpty)
                yield return (MonthOf(row.Key), counts);
        }
    }

    /// <summary>The number of entries, by the months' counts. Null during a recount, while they are incomplete.</summary>
    public async Task<int?> CountAsync(string person, CancellationToken cancel)
    {
        var entries = 0;
        await foreach (var row in table.RangeAsync(TableNames.Ledger, person, LedgerKeys.Settings, LedgerKeys.MonthsTo, null, cancel))
        {
            if (row.Key != LedgerKeys.Settings)
                entries += RowDocument.Read(row, LedgerJson.Default.MonthRollup).Entries;
            else if (RollupSettings.Of(row).IsUnfinished)
                return null;
        }

        return entries;
    }

    /// <summary>The current ETags of the counts of all months in a time range.</summary>
    internal async Task<MonthTags> TagsAsync(string person, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancel)
    {
        var zone = (await RollupSettings.ReadAsync(table, person, cancel)).TimeZone;
        var first = from is { } f ? LedgerKeys.Month(MonthRollup.Day(f, zone)) : LedgerKeys.Settings + "}";
        var last = to is { } t ? LedgerKeys.Month(MonthRollup.Day(t, zone)) + "}" : LedgerKeys.MonthsTo;
        var tags = await table.RangeAsync(TableNames.Ledger, person, first, last, null, cancel)
            .ToDictionaryAsync(row => MonthOf(row.Key), row => row.ETag!, null, cancel);
        return new MonthTags(zone, tags);
    }

    /// <summary>All revisions, the current one last.</summary>
    public async Task<IReadOnlyList<Revision>> HistoryAsync(string person, Contribution current, CancellationToken cancel)
    {
        var (from, to) = LedgerKeys.Revisions(current.Id);
        var revisions = await table.RangeAsync(TableNames.Ledger, person, from, to, null, cancel)
            .Select(r => RowDocument.Read(r, LedgerJson.Default.Revision)).ToListAsync(cancel);
        return [.. revisions, new Revision(current.Revision, null, current.Harvested, current.Edits)];
    }

    /// <summary>The metrics of an entry over time, oldest first, the current ones last.</summary>
    public async Task<IReadOnlyList<Snapshot>> SnapshotsAsync(string person, Contribution current, CancellationToken cancel)
    {
        var (from, to) = LedgerKeys.Snapshots(current.Id);
        var found = await table.RangeAsync(TableNames.Ledger, person, from, to, null, cancel)
            .Select(r => RowDocument.Read(r, LedgerJson.Default.Snapshot)).ToListAsync(cancel);
        var now = current.EffectiveMetrics();
        return now.Count == 0 ? found : [.. found, new Snapshot(DateOnly.FromDateTime(now.Values.Max(m => m.At).UtcDateTime), now)];
    }

    /// <summary>The time zone of the counts.</summary>
    public async Task<DateTimeZone> ZoneAsync(string person, CancellationToken cancel) => (await RollupSettings.ReadAsync(table, person, cancel)).TimeZone;

    /// <summary>The number of entries the connection sees.</summary>
    public async Task<int> ConnectionCountAsync(string person, string connection, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Ledger, person, LedgerKeys.Connection(connection), cancel) is { } row
            ? RowDocument.Read(row, LedgerJson.Default.ConnectionCount).Entries
            : 0;

    /// <summary>The number of entries each connection sees, by its id; connections that never saw an entry are omitted.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ConnectionCountsAsync(string person, CancellationToken cancel)
    {
        var (from, to) = LedgerKeys.Connections;
        return await table.RangeAsync(TableNames.Ledger, person, from, to, null, cancel).ToDictionaryAsync(
            row => row.Key[from.Length..], row => RowDocument.Read(row, LedgerJson.Default.ConnectionCount).Entries, StringComparer.Ordinal, cancel);
    }

    /// <summary>How many entries each month has, whatever their review, ascending; months without entries are omitted.</summary>
    public async IAsyncEnumerable<(DateOnly First, int Entries)> MonthSizesAsync(
        string person, DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var first = Max(LedgerKeys.Month(from), LedgerKeys.Settings + "}");
        var last = LedgerKeys.Month(to) + "}";
        for (var limit = 2; ; limit = Math.Min(2 * limit, MaxMonthsPerRead))
        {
            var rows = await table.RangeAsync(TableNames.Ledger, person, first, last, limit, cancel).ToListAsync(cancel);
            foreach (var row in rows)
            {
                if (RowDocument.Read(row, LedgerJson.Default.MonthSize).Entries is > 0 and var entries)
                    yield return (MonthOf(row.Key), entries);
            }

            if (rows.Count < limit)
                yield break;
            first = rows[^1].Key + "!";
        }
    }

    /// <summary>The months that may hold entries of a time range older than <paramref name="after"/>, ascending.</summary>
    private async IAsyncEnumerable<LedgerPart> MonthPartsAsync(
        string person, DateTimeOffset? from, DateTimeOffset? to, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var settings = await RollupSettings.ReadAsync(table, person, cancel);
        var zone = settings.TimeZone;
        var start = after is null ? from : LedgerKeys.TimeOf(after);
        var (first, last) = (start is { } s ? MonthRollup.Day(s, zone) : DateOnly.MinValue, to is { } t ? MonthRollup.Day(t, zone) : DateOnly.MaxValue);
        var oldest = from is { } f ? LedgerKeys.At(f) + "}" : null;
        if (after is not null && (oldest is null || string.CompareOrdinal(after, oldest) < 0))
            oldest = after;
        await foreach (var (month, entries) in settings.IsUnfinished ? NeighboursAsync(person, first, last, cancel) : MonthSizesAsync(person, first, last, cancel))
        {
            var part = new LedgerPart(LedgerKeys.At(StartOf(month.AddMonths(1), zone)) + "}", LedgerKeys.At(StartOf(month, zone)) + "}", entries);
            if (part.Within(to is { } end ? LedgerKeys.At(end) + "}" : null, oldest) is { } within)
                yield return within;
        }
    }

    /// <summary>During a recount, the neighbours of a month may not have counts yet.</summary>
    private async IAsyncEnumerable<(DateOnly First, int Entries)> NeighboursAsync(
        string person, DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var sizes = await MonthSizesAsync(person, DateOnly.MinValue, DateOnly.MaxValue, cancel).ToDictionaryAsync(m => m.First, m => m.Entries, null, cancel);
        var first = new DateOnly(from.Year, from.Month, 1);
        foreach (var month in sizes.Keys.SelectMany(m => new[] { m.AddMonths(-1), m, m.AddMonths(1) }).Distinct().Order().Where(m => m >= first && m <= to))
            yield return (month, sizes.GetValueOrDefault(month));
    }

    internal async Task<IReadOnlyList<Contribution>> BetweenAsync(string person, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
        await NewestFirstAsync(person, from, to, null, 999, cancel).ToListAsync(cancel);

    internal static DateTimeOffset StartOf(DateOnly month, DateTimeZone zone) =>
        zone.AtStartOfDay(new LocalDate(month.Year, month.Month, 1)).ToDateTimeOffset();

    private static DateOnly MonthOf(string key) => DateOnly.ParseExact(key[2..] + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string KeyOf(Contribution entry) => LedgerKeys.Entry(entry.Effective().When, entry.Id);

    private static string Max(string a, string b) => string.CompareOrdinal(a, b) >= 0 ? a : b;
}

/// <summary>
/// Processes all entries of a ledger under concurrent writes. An entry whose date changes moves, possibly behind the current position.
/// Every such change writes the counts of its month, so passes are repeated until nothing is left to do and no count has changed.
/// </summary>
internal sealed class LedgerSweep(ITable table)
{
    private const int EntriesPerPage = 500;

    /// <summary>Ends the passes over a ledger that is written to continuously.</summary>
    private const int MaxPasses = 8;

    /// <param name="work">Processes the entries, after which they no longer satisfy <paramref name="predicate"/>.</param>
    public async Task RunAsync(
        string person, Func<Contribution, bool> predicate, Func<IReadOnlyList<Contribution>, Task> work, CancellationToken cancel)
    {
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            var before = await CountsAsync(person, cancel);
            var found = await PassAsync(person, predicate, work, cancel);
            if (found == 0 && before.SetEquals(await CountsAsync(person, cancel)))
                return;
        }
    }

    private async Task<int> PassAsync(
        string person, Func<Contribution, bool> predicate, Func<IReadOnlyList<Contribution>, Task> work, CancellationToken cancel)
    {
        var reader = new LedgerReader(table);
        var found = 0;
        string? after = null;
        do
        {
            var page = await reader.NewestAsync(person, null, null, after, EntriesPerPage, cancel);
            var matching = page.Items.Where(predicate).ToList();
            if (matching.Count > 0)
                await work(matching);
            found += matching.Count;
            after = page.Next;
        }
        while (after is not null);
        return found;
    }

    private async Task<HashSet<string>> CountsAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Ledger, person, LedgerKeys.Settings, LedgerKeys.MonthsTo, null, cancel)
            .Select(row => row.Key + row.ETag).ToHashSetAsync(StringComparer.Ordinal, cancel);
}
