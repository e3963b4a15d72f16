using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using NodaTime;

namespace ContributionIngest.Core.Contributions;

/// <summary>A message of queue <c>recount</c>.</summary>
public sealed record RollupRebuildMessage(string Person);

/// <param name="Zone">The zone it is counted in by now.</param>
/// <param name="Was">The zone before, while entries are still counted anew; null when all is counted.</param>
public sealed record RollupState(string Zone, string? Was);

/// <summary>
/// Folds and counts all of a person's entries anew after a change of zone or topic aliases: a job of its own. The row <see cref="RollupSettings"/> says
/// what is to be; whoever takes the queue's message goes on with it, from wherever somebody else was stopped, and two at once do no harm.
/// </summary>
public sealed class RollupRebuilder(LedgerTransactions transactions, IQueue queue)
{
    public const string Queue = "recount";

    private const int EntriesPerPage = 999;
    private const int FoldsPerTransaction = 30;

    /// <summary>Passes that harvests may disturb; the next one has the person's turn to itself, as far as this process goes.</summary>
    private const int DisturbedPasses = 2;

    /// <summary>The queue keeps a second message for whoever stops between the row and the first.</summary>
    private static readonly TimeSpan InCaseOfDeath = TimeSpan.FromSeconds(30);

    private ITable Table => transactions.Table;

    /// <summary>Zone and state of the counts.</summary>
    public async Task<RollupState> StateAsync(string person, CancellationToken cancel)
    {
        var counting = await RollupSettings.ReadAsync(Table, person, cancel);
        return new RollupState(counting.Zone, counting.Was);
    }

    /// <summary>Makes <paramref name="zone"/> (IANA name) the zone of the counts; if it was another, everything is to be counted anew.</summary>
    public Task SetZoneAsync(string person, string zone, CancellationToken cancel) => BeginAsync(person, counting => counting with { Zone = zone }, cancel);

    /// <summary>Has everything counted once where the store is of a program that did not count what connections see.</summary>
    public Task UpgradeAsync(string person, CancellationToken cancel) => BeginAsync(person, counting => counting, cancel);

    internal async Task BeginAsync(string person, Func<RollupSettings, RollupSettings> change, CancellationToken cancel)
    {
        for (var lost = 0; ; lost++)
        {
            var before = await RollupSettings.ReadAsync(Table, person, cancel);
            var after = change(before);
            if (before.Zone == after.Zone && before.Topics == after.Topics && before.Version > 0)
            {
                if (before.IsUnfinished)
                    await EnqueueAsync(person, TimeSpan.Zero, cancel);
                return;
            }

            await EnqueueAsync(person, InCaseOfDeath, cancel);
            var write = (after with { Was = before.Was ?? before.Zone, Version = before.Version + 1 }).ToWrite(person);
            if ((await Table.WriteAsync(TableNames.Ledger, write, cancel)).Outcome == WriteOutcome.Done)
                break;
            await transactions.PauseAsync(lost, cancel);
        }

        await EnqueueAsync(person, TimeSpan.Zero, cancel);
    }

    /// <summary>Goes on with the person's recount until it is done; returns at once when there is none.</summary>
    public async Task FinishAsync(string person, CancellationToken cancel)
    {
        for (var pass = 0; ; pass++)
        {
            if (!(await RollupSettings.ReadAsync(Table, person, cancel)).IsUnfinished)
                return;
            await FoldAsync(person, cancel);
            using var turn = pass < DisturbedPasses ? null : await transactions.TurnAsync(person, cancel);
            if (await TryCountAsync(person, cancel))
                return;
            await transactions.PauseAsync(pass, cancel);
        }
    }

    /// <summary>What the counts should be, from the entries alone.</summary>
    public async Task<SortedDictionary<DateOnly, MonthRollup>> ExpectedAsync(string person, CancellationToken cancel)
    {
        var counting = await RollupSettings.ReadAsync(Table, person, cancel);
        var months = new SortedDictionary<DateOnly, MonthRollup>();
        foreach (var entry in await new LedgerReader(Table).BetweenAsync(person, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancel))
            Add(months, entry, counting);
        return months;
    }

    private Task EnqueueAsync(string person, TimeSpan delay, CancellationToken cancel) =>
        queue.PutAsync(Queue, JsonSerializer.Serialize(new RollupRebuildMessage(person), RollupJson.Default.RollupRebuildMessage), delay, cancel);

    /// <summary>Entries that the aliases in force would spell otherwise are written again.</summary>
    private async Task FoldAsync(string person, CancellationToken cancel)
    {
        var aliases = TopicAliases.Parse((await RollupSettings.ReadAsync(Table, person, cancel)).Topics);
        await new LedgerSweep(Table).RunAsync(
            person,
            entry => !IsFolded(entry, aliases),
            async entries =>
            {
                foreach (var chunk in entries.Chunk(FoldsPerTransaction))
                {
                    await transactions.RunAsync(
                        person,
                        async (set, _) =>
                        {
                            foreach (var id in chunk.Select(e => e.Id))
                            {
                                if (await set.EntryAsync(id) is { } entry)
                                    await set.PlaceAsync(entry, entry);
                            }

                            return true;
                        },
                        cancel);
                }
            },
            cancel);
    }

    private static bool IsFolded(Contribution entry, TopicAliases aliases) =>
        (entry.Folded ?? []).SequenceEqual(aliases.Fold(entry.WithEdits().Topics) ?? [], StringComparer.Ordinal);

    /// <summary>
    /// Counts what is not counted by the version in force. The rows that count are read before the entries and written only as they were read, and
    /// every writer touches them, so that an entry that changed in between is noticed. False when one did: what was written stays right.
    /// </summary>
    private async Task<bool> TryCountAsync(string person, CancellationToken cancel)
    {
        var counting = await RollupSettings.ReadAsync(Table, person, cancel);
        if (!counting.IsUnfinished)
            return true;
        var rows = await Table.RangeAsync(TableNames.Ledger, person, LedgerKeys.Counting + "}", LedgerKeys.MonthsTo, null, cancel)
            .Concat(Table.RangeAsync(TableNames.Ledger, person, LedgerKeys.Connections.From, LedgerKeys.Connections.To, null, cancel))
            .ToDictionaryAsync(row => row.Key, StringComparer.Ordinal, cancel);
        if (await CountedAsync(person, counting, rows, cancel) is not { } counted)
            return false;

        // What comes into being goes with the row it is counted by; what ceases to be goes last, so that no month with entries is ever without a row.
        var isUndisturbed = true;
        foreach (var chunk in Writes(person, counting, rows, counted).OrderBy(write => write.Kind == WriteKind.Delete).Chunk(TableLimits.OperationsPerTransaction - 1))
        {
            var written = await Table.TransactAsync(TableNames.Ledger, [.. chunk, counting.ToWrite(person)], cancel);
            if (written.Outcome == WriteOutcome.Done)
                counting = counting with { Row = counting.Row! with { ETag = written.ETags[^1] } };
            else if (written.Failed == chunk.Length)
                return false;
            else
                isUndisturbed = false;
        }

        var finished = (counting with { Was = null }).ToWrite(person);
        return isUndisturbed && (await Table.WriteAsync(TableNames.Ledger, finished, cancel)).Outcome == WriteOutcome.Done;
    }

    /// <summary>All counts from the entries alone, by key; null when an entry is not folded as it should be.</summary>
    private async Task<Totals?> CountedAsync(string person, RollupSettings counting, Dictionary<string, Row> rows, CancellationToken cancel)
    {
        var (months, connections) = (new SortedDictionary<DateOnly, MonthRollup>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var aliases = TopicAliases.Parse(counting.Topics);
        var reader = new LedgerReader(Table);
        string? after = null;
        do
        {
            var page = await reader.NewestAsync(person, null, null, after, EntriesPerPage, cancel);
            foreach (var entry in page.Items)
            {
                if (!IsFolded(entry, aliases))
                    return null;
                Add(months, entry, counting);
                foreach (var connection in entry.Sightings.Select(s => s.Connection).Where(c => c != LedgerTransaction.ByHand).Distinct(StringComparer.Ordinal))
                    connections[connection] = connections.GetValueOrDefault(connection) + 1;
            }

            after = page.Next;
        }
        while (after is not null);

        // Connections that see nothing any more.
        foreach (var key in rows.Keys.Where(key => key.StartsWith(LedgerKeys.Connections.From, StringComparison.Ordinal)))
            connections.TryAdd(key[LedgerKeys.Connections.From.Length..], 0);
        return new Totals(months, connections);
    }

    private static IEnumerable<TableWrite> Writes(string person, RollupSettings counting, Dictionary<string, Row> rows, Totals counted)
    {
        foreach (var (first, month) in counted.Months)
        {
            var row = rows.GetValueOrDefault(LedgerKeys.Month(first));
            if (row is not null && RowDocument.Read(row, LedgerJson.Default.MonthRollup).By == counting.Version)
                continue;
            var next = RowDocument.Write(person, LedgerKeys.Month(first), month, LedgerJson.Default.MonthRollup, row?.ETag);
            yield return row is null ? TableWrite.Insert(next) : TableWrite.Replace(next);
        }

        foreach (var (connection, entries) in counted.Connections)
        {
            var row = rows.GetValueOrDefault(LedgerKeys.Connection(connection));
            var known = row is null ? new ConnectionCount() : RowDocument.Read(row, LedgerJson.Default.ConnectionCount);
            if (row is not null && known.By == counting.Version)
                continue;
            var count = known with { Entries = entries, By = counting.Version };
            var next = RowDocument.Write(person, LedgerKeys.Connection(connection), count, LedgerJson.Default.ConnectionCount, row?.ETag);
            yield return row is null ? TableWrite.Insert(next) : TableWrite.Replace(next);
        }

        var held = counted.Months.Keys.Select(first => LedgerKeys.Month(first)).ToHashSet(StringComparer.Ordinal);
        foreach (var row in rows.Values.Where(row => row.Key.StartsWith("m|", StringComparison.Ordinal) && !held.Contains(row.Key)))
        {
            if (RowDocument.Read(row, LedgerJson.Default.MonthRollup).By != counting.Version)
                yield return TableWrite.Delete(row);
        }
    }

    private static void Add(SortedDictionary<DateOnly, MonthRollup> months, Contribution entry, RollupSettings counting)
    {
        var values = entry.Effective();
        var day = MonthRollup.Day(values.When, counting.TimeZone);
        var first = new DateOnly(day.Year, day.Month, 1);
        if (!months.TryGetValue(first, out var month))
            months[first] = month = new MonthRollup { By = counting.Version };
        month.Count(entry, values, day, 1);
    }

    private sealed record Totals(SortedDictionary<DateOnly, MonthRollup> Months, Dictionary<string, int> Connections);
}

/// <summary>Messages of queue <c>recount</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RollupRebuildMessage))]
public sealed partial class RollupJson : JsonSerializerContext;

/// <summary>
/// The row <see cref="LedgerKeys.Counting"/>: by what a person's entries are counted. Whoever changes it raises <see cref="Version"/>, and every
/// row that counts carries the version it was counted by. While <see cref="IsUnfinished"/>, rows of other versions are counted anew by
/// <see cref="RollupRebuilder"/>, and writers only touch them, so that a count made meanwhile is noticed and made again.
/// </summary>
/// <param name="Zone">IANA name.</param>
/// <param name="Was">The zone before, until everything is counted anew; null then.</param>
/// <param name="Topics">The person's topic aliases as JSON; null for none.</param>
/// <param name="Row">As it was read; null when there is none.</param>
internal sealed record RollupSettings(string Zone, string? Was, long Version, string? Topics, Row? Row)
{
    private const string ZoneName = "zone";
    private const string WasName = "was";
    private const string VersionName = "version";
    private const string TopicsName = "topics";

    public bool IsUnfinished => Was is not null;

    public DateTimeZone TimeZone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(Zone) ?? DateTimeZone.Utc;

    public static RollupSettings Of(Row? row) => new(
        row?.Values.GetValueOrDefault(ZoneName) as string ?? "UTC",
        row?.Values.GetValueOrDefault(WasName) as string,
        row?.Values.GetValueOrDefault(VersionName) as long? ?? 0,
        row?.Values.GetValueOrDefault(TopicsName) as string,
        row);

    public static async Task<RollupSettings> ReadAsync(ITable table, string person, CancellationToken cancel) =>
        Of(await table.GetAsync(TableNames.Ledger, person, LedgerKeys.Counting, cancel));

    /// <summary>Says what the entries of a person who is being made are counted by; whoever repeats that changes nothing.</summary>
    public static Task PrepareAsync(ITable table, string person, string zone, CancellationToken cancel) =>
        table.WriteAsync(TableNames.Ledger, new RollupSettings(zone, null, 1, null, null).ToWrite(person), cancel);

    /// <summary>The row to write for these values.</summary>
    public Row ToRow(string person) => new(
        person,
        LedgerKeys.Counting,
        new Dictionary<string, object?>(StringComparer.Ordinal) { [ZoneName] = Zone, [WasName] = Was, [VersionName] = Version, [TopicsName] = Topics },
        Row?.ETag);

    /// <summary>Succeeds only while the row is as it was read.</summary>
    public TableWrite ToWrite(string person) => Row is null ? TableWrite.Insert(ToRow(person)) : TableWrite.Replace(ToRow(person));
}
