using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Ports;
using NodaTime;

namespace ContributionIngest.Core.Ledger;

/// <summary>
/// The rows one transaction reads and will write. Every write carries the etag of what was read, so a commit succeeds only if nothing
/// moved in between; otherwise the caller builds the set anew.
/// </summary>
internal sealed class WorkingSet(ITable table, string person, CancellationToken cancel)
{
    private readonly Dictionary<string, Row?> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Row?> staged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Month> months = new(StringComparer.Ordinal);
    private string? zone;
    private TopicAliases? aliases;

    /// <summary>Writes a commit would make.</summary>
    public int Writes => staged.Count + months.Count;

    public async Task Prefetch(IEnumerable<string> keys)
    {
        var missing = keys.Where(k => !read.ContainsKey(k)).Distinct(StringComparer.Ordinal).ToList();
        var rows = await Task.WhenAll(missing.Select(k => table.Get(LedgerKeys.Table, person, k, cancel)));
        foreach (var (key, row) in missing.Zip(rows))
            read[key] = row;
    }

    public async Task<Row?> Get(string key)
    {
        if (staged.TryGetValue(key, out var row) || read.TryGetValue(key, out row))
            return row;
        return read[key] = await table.Get(LedgerKeys.Table, person, key, cancel);
    }

    public async Task<T?> Get<T>(string key, JsonTypeInfo<T> type)
        where T : class => await Get(key) is { } row ? RowDocument.Read(row, type) : null;

    /// <summary>The entry of that id, or of the id it is another name of.</summary>
    public async Task<Contribution?> Entry(string id)
    {
        if (await Get(LedgerKeys.Pointer(id)) is not { } pointer)
            return null;
        if (pointer.Values.TryGetValue("of", out var other) && other is string of)
            return await Entry(of);
        return await Get((string)pointer.Values["entry"]!, LedgerJson.Default.Contribution);
    }

    public void Put<T>(string key, T document, JsonTypeInfo<T> type) => staged[key] = RowDocument.Write(person, key, document, type);

    public void Put(string key, string name, string value) =>
        staged[key] = new Row(person, key, new Dictionary<string, object?>(StringComparer.Ordinal) { [name] = value });

    public void Delete(string key)
    {
        if (read.GetValueOrDefault(key) is null)
            staged.Remove(key);
        else
            staged[key] = null;
    }

    /// <summary>Puts an entry where its date belongs, in place of <paramref name="before"/>, with pointer and counts. The entry as it is kept.</summary>
    public async Task<Contribution?> Place(Contribution? before, Contribution? after)
    {
        if (after is not null)
            after = after with { Folded = (await Aliases()).Fold(after.Said().Topics) };
        if (before is null || after is null || !Month.CountsAlike(before, after))
        {
            await Count(before, -1);
            await Count(after, 1);
        }

        var from = before is null ? null : LedgerKeys.Entry(before.Effective().When, before.Id);
        var to = after is null ? null : LedgerKeys.Entry(after.Effective().When, after.Id);
        if (from is not null && !string.Equals(from, to, StringComparison.Ordinal))
            Delete(from);
        if (after is not null)
            Put(to!, after, LedgerJson.Default.Contribution);
        if (string.Equals(from, to, StringComparison.Ordinal))
            return after;
        if (to is null)
            Delete(LedgerKeys.Pointer(before!.Id));
        else
            Put(LedgerKeys.Pointer(after!.Id), "entry", to);
        return after;
    }

    /// <summary>Keeps an entry as it was as a revision that ended now.</summary>
    public void Keep(Contribution old, DateTimeOffset now) => Put(
        LedgerKeys.Revision(old.Id, old.Revision),
        new Revision(old.Revision, now, old.Harvested, old.Edits),
        LedgerJson.Default.Revision);

    public async Task<DateTimeZone> Zone()
    {
        zone = CountingRow.Value(await Get(LedgerKeys.Zone), CountingRow.Zone) ?? "UTC";
        return DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc;
    }

    public async Task<TopicAliases> Aliases() =>
        aliases ??= TopicAliases.Parse(CountingRow.Value(await Get(LedgerKeys.Zone), CountingRow.Topics));

    /// <summary>False when another writer was faster; nothing was written then.</summary>
    public async Task<bool> Commit()
    {
        foreach (var (key, month) in months)
        {
            if (month.IsEmpty)
                Delete(key);
            else
                Put(key, month, LedgerJson.Default.Month);
        }

        months.Clear();
        if (staged.Count == 0)
            return true;

        // A change of zone or aliases rebuilds all counts; deltas made with the old ones must not be added to them afterwards.
        var row = await table.Get(LedgerKeys.Table, person, LedgerKeys.Zone, cancel);
        if (zone is not null && !string.Equals(zone, CountingRow.Value(row, CountingRow.Zone) ?? "UTC", StringComparison.Ordinal))
            return false;
        if (aliases is not null && !string.Equals(CountingRow.Value(read[LedgerKeys.Zone], CountingRow.Topics), CountingRow.Value(row, CountingRow.Topics), StringComparison.Ordinal))
            return false;
        var writes = staged.OrderBy(s => s.Key, StringComparer.Ordinal).Select(Write).ToList();
        return (await table.Transact(LedgerKeys.Table, writes, cancel)).Outcome == WriteOutcome.Done;
    }

    private TableWrite Write(KeyValuePair<string, Row?> change)
    {
        var old = read.GetValueOrDefault(change.Key);
        if (change.Value is null)
            return TableWrite.Delete(old!);
        return old is null ? TableWrite.Insert(change.Value) : TableWrite.Replace(change.Value with { ETag = old.ETag });
    }

    private async Task Count(Contribution? contribution, int sign)
    {
        if (contribution is null)
            return;
        var facts = contribution.Effective();
        var day = Month.Day(facts.When, await Zone());
        var key = LedgerKeys.Month(day);
        if (!months.TryGetValue(key, out var month))
            months[key] = month = await Get(key, LedgerJson.Default.Month) ?? new Month();
        month.Count(contribution, facts, day, sign);
    }
}
