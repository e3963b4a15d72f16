using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using NodaTime;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// Transactions on people's ledgers. All writers of a person update the same count rows, so within a process they are serialized.
/// ETags detect writers in other processes: on a conflict, the attempt is repeated after a random pause, for up to a minute.
/// </summary>
public sealed class LedgerTransactions(ITable table, TimeProvider clock)
{
    private readonly PersonLocks locks = new();

    internal ITable Table => table;

    internal TimeProvider Clock => clock;

    /// <param name="attempt">
    /// Reads and stages writes; called again after each conflict. Its second argument is the number of conflicts so far, to do less at once.
    /// </param>
    /// <exception cref="ConcurrencyException">Conflicts continued for a minute.</exception>
    internal async Task<T> RunAsync<T>(string person, Func<LedgerTransaction, int, Task<T>> attempt, CancellationToken cancel)
    {
        long? firstConflict = null;
        for (var conflicts = 0; ; conflicts++)
        {
            using (await locks.AcquireAsync(person, cancel))
            {
                var transaction = new LedgerTransaction(table, person, cancel);
                try
                {
                    var result = await attempt(transaction, conflicts);
                    if (await transaction.CommitAsync())
                        return result;
                }
                catch (TornReadException)
                {
                    // An entry moved between two reads, which is a conflict like any other.
                }
            }

            firstConflict ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(firstConflict.Value) >= OptimisticRetry.Timeout)
                throw new ConcurrencyException();
            await PauseAsync(conflicts, cancel);
        }
    }

    /// <summary>For work of several steps that no other writer in this process may interrupt.</summary>
    internal Task<IDisposable> LockAsync(string person, CancellationToken cancel) => locks.AcquireAsync(person, cancel);

    internal Task PauseAsync(int conflicts, CancellationToken cancel) => OptimisticRetry.PauseAsync(conflicts, clock, cancel);
}

/// <summary>Serializes this process's writers of one person's ledger, first come, first served.</summary>
internal sealed class PersonLocks
{
    private readonly Dictionary<string, PersonLock> locksByPerson = new(StringComparer.Ordinal);

    /// <summary>Waits for the person's lock; disposing the result releases it.</summary>
    public async Task<IDisposable> AcquireAsync(string person, CancellationToken cancel)
    {
        PersonLock personLock;
        lock (locksByPerson)
        {
            if (!locksByPerson.TryGetValue(person, out personLock!))
                locksByPerson[person] = personLock = new PersonLock();
            personLock.Count++;
        }

        try
        {
            await personLock.Semaphore.WaitAsync(cancel);
        }
        catch
        {
            RemoveWaiter(person, personLock);
            throw;
        }

        return new Releaser(this, person, personLock);
    }

    private void RemoveWaiter(string person, PersonLock personLock)
    {
        lock (locksByPerson)
        {
            if (--personLock.Count > 0)
                return;
            locksByPerson.Remove(person);
        }

        personLock.Semaphore.Dispose();
    }

    private sealed class PersonLock
    {
        public SemaphoreSlim Semaphore { get; } = new(1, 1);

        /// <summary>The number of waiters plus the holder.</summary>
        public int Count { get; set; }
    }

    private sealed class Releaser(PersonLocks locks, string person, PersonLock personLock) : IDisposable
    {
        public void Dispose()
        {
            personLock.Semaphore.Release();
            locks.RemoveWaiter(person, personLock);
        }
    }
}

/// <summary>An entry moved between reading its pointer and reading the entry itself; both must be read again.</summary>
internal sealed class TornReadException() : Exception("An entry moved while it was being read.");

/// <summary>
/// The rows that one transaction reads and will write. Every write carries the ETag that was read, so a commit succeeds only if nothing
/// has changed since; otherwise the caller starts a new transaction.
/// </summary>
internal sealed class LedgerTransaction(ITable table, string person, CancellationToken cancel)
{
    /// <summary>The connection id in sightings of entries logged by hand. It is not a real connection: never counted or ended.</summary>
    public const string Manual = "manual";

    private readonly Dictionary<string, Row?> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Row?> staged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MonthRollup> months = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConnectionCount> connections = new(StringComparer.Ordinal);

    /// <summary>Keys of rows that a recount in progress will count: they are only touched.</summary>
    private readonly HashSet<string> touchedOnly = new(StringComparer.Ordinal);

    private RollupSettings? settings;
    private TopicAliases? aliases;

    /// <summary>The number of writes in a commit, including one that is needed when count rows are created.</summary>
    public int Writes => staged.Count + months.Count + connections.Count + 1;

    public async Task PrefetchAsync(IEnumerable<string> keys)
    {
        var missing = keys.Where(k => !read.ContainsKey(k)).Distinct(StringComparer.Ordinal).ToList();
        var rows = await Task.WhenAll(missing.Select(k => table.GetAsync(TableNames.Ledger, person, k, cancel)));
        foreach (var (key, row) in missing.Zip(rows))
            read[key] = row;
    }

    /// <summary>Adds rows that were read elsewhere.</summary>
    public void Add(IEnumerable<Row> rows)
    {
        foreach (var row in rows)
            read.TryAdd(row.Key, row);
    }

    public async Task<Row?> GetAsync(string key)
    {
        if (staged.TryGetValue(key, out var row) || read.TryGetValue(key, out row))
            return row;
        return read[key] = await table.GetAsync(TableNames.Ledger, person, key, cancel);
    }

    public async Task<T?> GetAsync<T>(string key, JsonTypeInfo<T> type)
        where T : class => await GetAsync(key) is { } row ? RowDocument.Read(row, type) : null;

    /// <summary>The entry with that id, or the entry the id is an alias of.</summary>
    /// <exception cref="TornReadException">The entry moved while it was being read.</exception>
    public async Task<Contribution?> EntryAsync(string id)
    {
        if (await GetAsync(LedgerKeys.Pointer(id)) is not { } pointer)
            return null;
        if (pointer.Values.TryGetValue("of", out var other) && other is string of)
            return await EntryAsync(of);
        return await GetAsync((string)pointer.Values["entry"]!, LedgerJson.Default.Contribution) ?? throw new TornReadException();
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

    /// <summary>Entries at exactly this instant, by their effective date; at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<Contribution>> EntriesAtAsync(DateTimeOffset when, int limit)
    {
        var ids = await table.RangeAsync(TableNames.Ledger, person, LedgerKeys.At(when) + "|", LedgerKeys.At(when) + "}", limit, cancel)
            .Select(row => row.Key[(row.Key.LastIndexOf('|') + 1)..]).ToListAsync(cancel);
        var entries = new List<Contribution>(ids.Count);
        foreach (var id in ids)
        {
            if (await EntryAsync(id) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>
    /// Writes an entry under the key for its date, replacing <paramref name="before"/>, with pointer and counts. Returns the stored entry.
    /// </summary>
    public async Task<Contribution?> PlaceAsync(Contribution? before, Contribution? after)
    {
        if (after is not null)
            after = after with { Folded = (await AliasesAsync()).Fold(after.WithEdits().Topics) };
        if (before is null || after is null || !MonthRollup.HasSameCounts(before, after))
        {
            await CountAsync(before, -1);
            await CountAsync(after, 1);
        }

        await CountSightingsAsync(before, after);
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

    /// <summary>Stores an entry's previous state as a revision that ended now.</summary>
    public void AddRevision(Contribution old, DateTimeOffset now) => Put(
        LedgerKeys.Revision(old.Id, old.Revision),
        new Revision(old.Revision, now, old.Harvested, old.Edits),
        LedgerJson.Default.Revision);

    /// <summary>Makes the commit fail if the connection has ended by then.</summary>
    /// <exception cref="ConnectionEndedException">It has ended already.</exception>
    public async Task RequireActiveAsync(string connection)
    {
        if (connection != Manual && (await ConnectionAsync(connection)).IsEnded)
            throw new ConnectionEndedException();
    }

    /// <summary>After the commit, no more drafts of the connection are written. False when it had ended before.</summary>
    public async Task<bool> EndAsync(string connection)
    {
        var known = await ConnectionAsync(connection);
        connections[LedgerKeys.Connection(connection)] = known with { IsEnded = true };
        return !known.IsEnded;
    }

    public async Task<RollupSettings> SettingsAsync()
    {
        if (settings is null)
            settings = RollupSettings.Of(await GetAsync(LedgerKeys.Settings));
        return settings;
    }

    public async Task<TopicAliases> AliasesAsync() => aliases ??= TopicAliases.Parse((await SettingsAsync()).Topics);

    /// <summary>False when another writer came first; nothing is written then.</summary>
    public async Task<bool> CommitAsync()
    {
        foreach (var (key, month) in months)
        {
            if (month.IsEmpty && !touchedOnly.Contains(key))
                Delete(key);
            else
                Put(key, month, LedgerJson.Default.MonthRollup);
        }

        var isChange = staged.Count > 0;
        foreach (var (key, connection) in connections)
            Put(key, connection, LedgerJson.Default.ConnectionCount);
        if (!isChange && !connections.Any(c => c.Value.IsEnded))
            return true;

        // A recount knows only existing rows, so a new count row is written together with the settings row, to conflict with a recount.
        var isCounted = months.Count + connections.Count > 0;
        if (isCounted && staged.Any(s => s.Value is not null && read.GetValueOrDefault(s.Key) is null && (months.ContainsKey(s.Key) || connections.ContainsKey(s.Key))))
            staged[LedgerKeys.Settings] = (await SettingsAsync()).ToRow(person);

        // Topics folded by outdated aliases would stay that way.
        else if (aliases is not null && (await RollupSettings.ReadAsync(table, person, cancel)).Topics != settings!.Topics)
            return false;
        var writes = staged.OrderBy(s => s.Key, StringComparer.Ordinal).Select(Write).ToList();
        return (await table.TransactAsync(TableNames.Ledger, writes, cancel)).Outcome == WriteOutcome.Done;
    }

    private TableWrite Write(KeyValuePair<string, Row?> change)
    {
        var old = read.GetValueOrDefault(change.Key);
        if (change.Value is null)
            return TableWrite.Delete(old!);
        return old is null ? TableWrite.Insert(change.Value) : TableWrite.Replace(change.Value with { ETag = old.ETag });
    }

    private async Task CountAsync(Contribution? contribution, int sign)
    {
        if (contribution is null)
            return;
        var values = contribution.Effective();
        var day = MonthRollup.Day(values.When, (await SettingsAsync()).TimeZone);
        var key = LedgerKeys.Month(day);
        if (!months.TryGetValue(key, out var month))
        {
            var kept = await GetAsync(key, LedgerJson.Default.MonthRollup);
            months[key] = month = kept ?? new MonthRollup { By = await InitialVersionAsync(key) };
            if (kept is not null)
                await CheckVersionAsync(key, kept.By);
        }

        if (!touchedOnly.Contains(key))
            month.Count(contribution, values, day, sign);
    }

    private async Task CountSightingsAsync(Contribution? before, Contribution? after)
    {
        var (old, now) = (ConnectionsOf(before), ConnectionsOf(after));
        foreach (var connection in old.Concat(now).Distinct(StringComparer.Ordinal))
        {
            var change = now.Count(c => c == connection) - old.Count(c => c == connection);
            if (change == 0)
                continue;
            var known = await ConnectionAsync(connection);
            var key = LedgerKeys.Connection(connection);
            if (!touchedOnly.Contains(key))
                connections[key] = known with { Entries = known.Entries + change };
        }
    }

    private static List<string> ConnectionsOf(Contribution? entry) =>
        [.. (entry?.Sightings ?? []).Select(s => s.Connection).Where(c => c != Manual).Distinct(StringComparer.Ordinal)];

    private async Task<ConnectionCount> ConnectionAsync(string connection)
    {
        var key = LedgerKeys.Connection(connection);
        if (connections.TryGetValue(key, out var known))
            return known;
        if (await GetAsync(key, LedgerJson.Default.ConnectionCount) is { } kept)
        {
            await CheckVersionAsync(key, kept.By);
            return connections[key] = kept;
        }

        return connections[key] = new ConnectionCount { By = await InitialVersionAsync(key) };
    }

    /// <summary>The initial version of a count row. During a recount it is an old one, so that the row is counted.</summary>
    private async Task<long> InitialVersionAsync(string key)
    {
        var now = await SettingsAsync();
        if (!now.IsUnfinished)
            return now.Version;
        touchedOnly.Add(key);
        return now.Version - 1;
    }

    private async Task CheckVersionAsync(string key, long by)
    {
        var now = await SettingsAsync();
        if (now.IsUnfinished && by != now.Version)
            touchedOnly.Add(key);
    }
}
