using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using NodaTime;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// Transactions on people's ledgers. All writers of a person meet at the rows that count, so within a process they take turns; writers in
/// other processes are noticed by etags, and whoever loses reads again after a random pause, for as long as a minute.
/// </summary>
public sealed class LedgerTransactions(ITable table, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly PersonLocks turns = new();

    internal ITable Table => table;

    internal TimeProvider Clock => clock;

    /// <param name="attempt">
    /// Reads and stages writes; how often it lost before is its second argument, so that it may do less at once. Called again after each loss.
    /// </param>
    /// <exception cref="ConcurrencyException">It lost for a minute.</exception>
    internal async Task<T> RunAsync<T>(string person, Func<LedgerTransaction, int, Task<T>> attempt, CancellationToken cancel)
    {
        long? firstLoss = null;
        for (var lost = 0; ; lost++)
        {
            using (await turns.TakeAsync(person, cancel))
            {
                var set = new LedgerTransaction(table, person, cancel);
                try
                {
                    var result = await attempt(set, lost);
                    if (await set.CommitAsync())
                        return result;
                }
                catch (TornReadException)
                {
                    // An entry moved between two reads: that is a loss like any other.
                }
            }

            firstLoss ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(firstLoss.Value) >= Patience)
                throw new ConcurrencyException();
            await PauseAsync(lost, cancel);
        }
    }

    /// <summary>For work of several steps that nobody in this process may come between.</summary>
    internal Task<IDisposable> TurnAsync(string person, CancellationToken cancel) => turns.TakeAsync(person, cancel);

    /// <summary>Between half and the whole of a doubling pause, so that those who met do not meet again.</summary>
    internal Task PauseAsync(int lost, CancellationToken cancel)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(lost, 10));
        pause = (pause < LongestPause ? pause : LongestPause) * (0.5 + (Random.Shared.NextDouble() / 2));
        return Task.Delay(pause, clock, cancel);
    }
}

/// <summary>Within this process the writers of one person's ledger take turns, first come, first served.</summary>
internal sealed class PersonLocks
{
    private readonly Dictionary<string, Waiters> people = new(StringComparer.Ordinal);

    /// <summary>Waits for the person's turn; disposing what is returned ends it.</summary>
    public async Task<IDisposable> TakeAsync(string person, CancellationToken cancel)
    {
        Waiters waiters;
        lock (people)
        {
            if (!people.TryGetValue(person, out waiters!))
                people[person] = waiters = new Waiters();
            waiters.Count++;
        }

        try
        {
            await waiters.Turn.WaitAsync(cancel);
        }
        catch
        {
            Leave(person, waiters);
            throw;
        }

        return new Held(this, person, waiters);
    }

    private void Leave(string person, Waiters waiters)
    {
        lock (people)
        {
            if (--waiters.Count > 0)
                return;
            people.Remove(person);
        }

        waiters.Turn.Dispose();
    }

    private sealed class Waiters
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>Who waits, and who has the turn.</summary>
        public int Count { get; set; }
    }

    private sealed class Held(PersonLocks turns, string person, Waiters waiters) : IDisposable
    {
        public void Dispose()
        {
            waiters.Turn.Release();
            turns.Leave(person, waiters);
        }
    }
}

/// <summary>A pointer and its entry were read one after the other while the entry moved; both have to be read again.</summary>
internal sealed class TornReadException() : Exception("An entry moved while it was read.");

/// <summary>
/// The rows one transaction reads and will write. Every write carries the etag of what was read, so a commit succeeds only if nothing
/// moved in between; otherwise the caller builds the set anew.
/// </summary>
internal sealed class LedgerTransaction(ITable table, string person, CancellationToken cancel)
{
    /// <summary>Sightings of what was logged by hand; no connection that could be counted or ended.</summary>
    public const string ByHand = "manual";

    private readonly Dictionary<string, Row?> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Row?> staged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MonthRollup> months = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConnectionCount> connections = new(StringComparer.Ordinal);

    /// <summary>Keys of rows that are counted anew meanwhile: they are only touched.</summary>
    private readonly HashSet<string> uncounted = new(StringComparer.Ordinal);

    private RollupSettings? counting;
    private TopicAliases? aliases;

    /// <summary>Writes a commit would make; one more where rows that count come into being.</summary>
    public int Writes => staged.Count + months.Count + connections.Count + 1;

    public async Task PrefetchAsync(IEnumerable<string> keys)
    {
        var missing = keys.Where(k => !read.ContainsKey(k)).Distinct(StringComparer.Ordinal).ToList();
        var rows = await Task.WhenAll(missing.Select(k => table.GetAsync(TableNames.Ledger, person, k, cancel)));
        foreach (var (key, row) in missing.Zip(rows))
            read[key] = row;
    }

    /// <summary>Rows that were read elsewhere.</summary>
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

    /// <summary>The entry of that id, or of the id it is another name of.</summary>
    /// <exception cref="TornReadException">It moved while it was read.</exception>
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

    /// <summary>
    /// Puts an entry where its date belongs, in place of <paramref name="before"/>, with pointer and counts. The entry as it is kept.
    /// </summary>
    public async Task<Contribution?> PlaceAsync(Contribution? before, Contribution? after)
    {
        if (after is not null)
            after = after with { Folded = (await AliasesAsync()).Fold(after.WithEdits().Topics) };
        if (before is null || after is null || !MonthRollup.CountsAlike(before, after))
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

    /// <summary>Keeps an entry as it was as a revision that ended now.</summary>
    public void Keep(Contribution old, DateTimeOffset now) => Put(
        LedgerKeys.Revision(old.Id, old.Revision),
        new Revision(old.Revision, now, old.Harvested, old.Edits),
        LedgerJson.Default.Revision);

    /// <summary>Makes the commit succeed only while the connection is not ended.</summary>
    /// <exception cref="ConnectionEndedException">It is.</exception>
    public async Task HoldAsync(string connection)
    {
        if (connection != ByHand && (await ConnectionAsync(connection)).IsEnded)
            throw new ConnectionEndedException();
    }

    /// <summary>From the commit on no draft of the connection is written any more. False when it was ended before.</summary>
    public async Task<bool> EndAsync(string connection)
    {
        var known = await ConnectionAsync(connection);
        connections[LedgerKeys.Connection(connection)] = known with { IsEnded = true };
        return !known.IsEnded;
    }

    public async Task<RollupSettings> CountingAsync()
    {
        if (counting is null)
            counting = ContributionIngest.Core.Contributions.RollupSettings.Of(await GetAsync(LedgerKeys.Counting));
        return counting;
    }

    public async Task<TopicAliases> AliasesAsync() => aliases ??= TopicAliases.Parse((await CountingAsync()).Topics);

    /// <summary>False when another writer was faster; nothing was written then.</summary>
    public async Task<bool> CommitAsync()
    {
        foreach (var (key, month) in months)
        {
            if (month.IsEmpty && !uncounted.Contains(key))
                Delete(key);
            else
                Put(key, month, LedgerJson.Default.MonthRollup);
        }

        var isChange = staged.Count > 0;
        foreach (var (key, connection) in connections)
            Put(key, connection, LedgerJson.Default.ConnectionCount);
        if (!isChange && !connections.Any(c => c.Value.IsEnded))
            return true;

        // A recount knows only the rows that are there, so one that comes into being goes with the row it is counted by.
        var isCounted = months.Count + connections.Count > 0;
        if (isCounted && staged.Any(s => s.Value is not null && read.GetValueOrDefault(s.Key) is null && (months.ContainsKey(s.Key) || connections.ContainsKey(s.Key))))
            staged[LedgerKeys.Counting] = (await CountingAsync()).ToRow(person);

        // Entries folded by other aliases than are in force would stay so.
        else if (aliases is not null && (await ContributionIngest.Core.Contributions.RollupSettings.ReadAsync(table, person, cancel)).Topics != counting!.Topics)
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
        var day = MonthRollup.Day(values.When, (await CountingAsync()).TimeZone);
        var key = LedgerKeys.Month(day);
        if (!months.TryGetValue(key, out var month))
        {
            var kept = await GetAsync(key, LedgerJson.Default.MonthRollup);
            months[key] = month = kept ?? new MonthRollup { By = await NewVersionAsync(key) };
            if (kept is not null)
                await CheckAsync(key, kept.By);
        }

        if (!uncounted.Contains(key))
            month.Count(contribution, values, day, sign);
    }

    private async Task CountSightingsAsync(Contribution? before, Contribution? after)
    {
        var (old, now) = (Seeing(before), Seeing(after));
        foreach (var connection in old.Concat(now).Distinct(StringComparer.Ordinal))
        {
            var change = now.Count(c => c == connection) - old.Count(c => c == connection);
            if (change == 0)
                continue;
            var known = await ConnectionAsync(connection);
            var key = LedgerKeys.Connection(connection);
            if (!uncounted.Contains(key))
                connections[key] = known with { Entries = known.Entries + change };
        }
    }

    private static List<string> Seeing(Contribution? entry) =>
        [.. (entry?.Sightings ?? []).Select(s => s.Connection).Where(c => c != ByHand).Distinct(StringComparer.Ordinal)];

    private async Task<ConnectionCount> ConnectionAsync(string connection)
    {
        var key = LedgerKeys.Connection(connection);
        if (connections.TryGetValue(key, out var known))
            return known;
        if (await GetAsync(key, LedgerJson.Default.ConnectionCount) is { } kept)
        {
            await CheckAsync(key, kept.By);
            return connections[key] = kept;
        }

        return connections[key] = new ConnectionCount { By = await NewVersionAsync(key) };
    }

    /// <summary>The version a row that counts begins with. While a recount is under way it is one that has to be counted.</summary>
    private async Task<long> NewVersionAsync(string key)
    {
        var now = await CountingAsync();
        if (!now.IsUnfinished)
            return now.Version;
        uncounted.Add(key);
        return now.Version - 1;
    }

    private async Task CheckAsync(string key, long by)
    {
        var now = await CountingAsync();
        if (now.IsUnfinished && by != now.Version)
            uncounted.Add(key);
    }
}
