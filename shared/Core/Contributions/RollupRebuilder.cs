using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using NodaTime;

namespace ContributionIngest.Core.Contributions;

/// <summary>A message in queue <c>recount</c>.</summary>
public sealed record RollupRebuildMessage(string Person);

/// <param name="Zone">The current time zone of the counts.</param>
/// <param name="Was">The previous zone while a recount is in progress; otherwise null.</param>
public sealed record RollupState(string Zone, string? Was);

/// <summary>
/// A job that refolds and recounts all of a person's entries after a change of zone or topic aliases. Row <see cref="RollupSettings"/> holds
/// the target. Any process that receives the queue message continues where another was stopped, and two at once do no harm.
/// </summary>
public sealed class RollupRebuilder(LedgerTransactions transactions, IQueue queue)
{
    public const string Queue = "recount";

    private const int EntriesPerPage = 999;
    private const int FoldsPerTransaction = 30;

    /// <summary>Passes that harvests may disturb; the next one holds the person's lock, which excludes writers in this process.</summary>
    private const int UnlockedPasses = 2;

    /// <summary>Delay of a backup message, in case the process dies between writing the row and sending the main message.</summary>
    private static readonly TimeSpan BackupDelay = TimeSpan.FromSeconds(30);

    private ITable Table => transactions.Table;

    /// <summary>The zone and state of the counts.</summary>
    public async Task<RollupState> StateAsync(string person, CancellationToken cancel)
    {
        var settings = await RollupSettings.ReadAsync(Table, person, cancel);
        return new RollupState(settings.Zone, settings.PreviousZone);
    }

    /// <summary>Makes <paramref name="zone"/> (IANA name) the time zone of the counts; a change starts a recount.</summary>
    public Task SetZoneAsync(string person, string zone, CancellationToken cancel) => StartAsync(person, settings => settings with { Zone = zone }, cancel);

    /// <summary>Starts a recount if the store comes from a version that did not count the entries of connections.</summary>
    public Task UpgradeAsync(string person, CancellationToken cancel) => StartAsync(person, settings => settings, cancel);

    internal async Task StartAsync(string person, Func<RollupSettings, RollupSettings> change, CancellationToken cancel)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            var before = await RollupSettings.ReadAsync(Table, person, cancel);
            var after = change(before);
            if (before.Zone == after.Zone && before.Topics == after.Topics && before.Version > 0 && before.Rules >= RollupSettings.CurrentRules)
            {
                if (before.IsUnfinished)
                    await EnqueueAsync(person, TimeSpan.Zero, cancel);
                return;
            }

            await EnqueueAsync(person, BackupDelay, cancel);
            var write = (after with { PreviousZone = before.PreviousZone ?? before.Zone, Version = before.Version + 1, Rules = RollupSettings.CurrentRules }).ToWrite(person);
            if ((await Table.WriteAsync(TableNames.Ledger, write, cancel)).Outcome == WriteOutcome.Done)
                break;
            await transactions.PauseAsync(conflicts, cancel);
        }

        await EnqueueAsync(person, TimeSpan.Zero, cancel);
    }

    /// <summary>Continues the person's recount until it is done; returns at once when there is none.</summary>
    public async Task FinishAsync(string person, CancellationToken cancel)
    {
        for (var pass = 0; ; pass++)
        {
            if (!(await RollupSettings.ReadAsync(Table, person, cancel)).IsUnfinished)
                return;
            await FoldAsync(person, cancel);
            using var personLock = pass < UnlockedPasses ? null : await transactions.LockAsync(person, cancel);
            if (await TryCountAsync(person, cancel))
                return;
            await transactions.PauseAsync(pass, cancel);
        }
    }

    /// <summary>What the counts should be, computed from the entries alone.</summary>
    public async Task<SortedDictionary<DateOnly, MonthRollup>> ExpectedAsync(string person, CancellationToken cancel)
    {
        var settings = await RollupSettings.ReadAsync(Table, person, cancel);
        var months = new SortedDictionary<DateOnly, MonthRollup>();
        foreach (var entry in await new LedgerReader(Table).BetweenAsync(person, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancel))
            Add(months, entry, settings);
        return months;
    }

    private Task EnqueueAsync(string person, TimeSpan delay, CancellationToken cancel) =>
        queue.PutAsync(Queue, JsonSerializer.Serialize(new RollupRebuildMessage(person), RollupJson.Default.RollupRebuildMessage), delay, cancel);

    /// <summary>Rewrites the entries whose topics do not match the current aliases.</summary>
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
                        async (transaction, _) =>
                        {
                            foreach (var id in chunk.Select(e => e.Id))
                            {
                                if (await transaction.EntryAsync(id) is { } entry)
                                    await transaction.PlaceAsync(entry, entry);
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
    /// Counts what the current version has not counted yet. Count rows are read before the entries and written only if unchanged. Every writer
    /// touches them, so a concurrent change of an entry is detected. It returns false then, and what was written stays correct.
    /// </summary>
    private async Task<bool> TryCountAsync(string person, CancellationToken cancel)
    {
        var settings = await RollupSettings.ReadAsync(Table, person, cancel);
        if (!settings.IsUnfinished)
            return true;
        var rows = await Table.RangeAsync(TableNames.Ledger, person, LedgerKeys.Settings + "}", LedgerKeys.MonthsTo, null, cancel)
            .Concat(Table.RangeAsync(TableNames.Ledger, person, LedgerKeys.Connections.From, LedgerKeys.Connections.To, null, cancel))
            .ToDictionaryAsync(row => row.Key, StringComparer.Ordinal, cancel);
        if (await CountAllAsync(person, settings, rows, cancel) is not { } counted)
            return false;

        // New rows are written together with the settings row. Deletions come last, so that no month with entries is ever without a row.
        var isComplete = true;
        foreach (var chunk in Writes(person, settings, rows, counted).OrderBy(write => write.Kind == WriteKind.Delete).Chunk(TableLimits.OperationsPerTransaction - 1))
        {
            var written = await Table.TransactAsync(TableNames.Ledger, [.. chunk, settings.ToWrite(person)], cancel);
            if (written.Outcome == WriteOutcome.Done)
                settings = settings with { Row = settings.Row! with { ETag = written.ETags[^1] } };
            else if (written.Failed == chunk.Length)
                return false;
            else
                isComplete = false;
        }

        var finished = (settings with { PreviousZone = null }).ToWrite(person);
        return isComplete && (await Table.WriteAsync(TableNames.Ledger, finished, cancel)).Outcome == WriteOutcome.Done;
    }

    /// <summary>All counts, computed from the entries alone; null when an entry's topics do not match the aliases.</summary>
    private async Task<Totals?> CountAllAsync(string person, RollupSettings settings, Dictionary<string, Row> rows, CancellationToken cancel)
    {
        var (months, connections) = (new SortedDictionary<DateOnly, MonthRollup>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var aliases = TopicAliases.Parse(settings.Topics);
        var reader = new LedgerReader(Table);
        string? after = null;
        do
        {
            var page = await reader.NewestAsync(person, null, null, after, EntriesPerPage, cancel);
            foreach (var entry in page.Items)
            {
                if (!IsFolded(entry, aliases))
                    return null;
                Add(months, entry, settings);
                foreach (var connection in entry.Sightings.Select(s => s.Connection).Where(c => c != LedgerTransaction.Manual).Distinct(StringComparer.Ordinal))
                    connections[connection] = connections.GetValueOrDefault(connection) + 1;
            }

            after = page.Next;
        }
        while (after is not null);

        // Connections that no longer see any entry.
        foreach (var key in rows.Keys.Where(key => key.StartsWith(LedgerKeys.Connections.From, StringComparison.Ordinal)))
            connections.TryAdd(key[LedgerKeys.Connections.From.Length..], 0);
        return new Totals(months, connections);
    }

    private static IEnumerable<TableWrite> Writes(string person, RollupSettings settings, Dictionary<string, Row> rows, Totals counted)
    {
        foreach (var (first, month) in counted.Months)
        {
            var row = rows.GetValueOrDefault(LedgerKeys.Month(first));
            if (row is not null && RowDocument.Read(row, LedgerJson.Default.MonthRollup).By == settings.Version)
                continue;
            var next = RowDocument.Write(person, LedgerKeys.Month(first), month, LedgerJson.Default.MonthRollup, row?.ETag);
            yield return row is null ? TableWrite.Insert(next) : TableWrite.Replace(next);
        }

        foreach (var (connection, entries) in counted.Connections)
        {
            var row = rows.GetValueOrDefault(LedgerKeys.Connection(connection));
            var known = row is null ? new ConnectionCount() : RowDocument.Read(row, LedgerJson.Default.ConnectionCount);
            if (row is not null && known.By == settings.Version)
                continue;
            var count = known with { Entries = entries, By = settings.Version };
            var next = RowDocument.Write(person, LedgerKeys.Connection(connection), count, LedgerJson.Default.ConnectionCount, row?.ETag);
            yield return row is null ? TableWrite.Insert(next) : TableWrite.Replace(next);
        }

        var months = counted.Months.Keys.Select(first => LedgerKeys.Month(first)).ToHashSet(StringComparer.Ordinal);
        foreach (var row in rows.Values.Where(row => row.Key.StartsWith("m|", StringComparison.Ordinal) && !months.Contains(row.Key)))
        {
            if (RowDocument.Read(row, LedgerJson.Default.MonthRollup).By != settings.Version)
                yield return TableWrite.Delete(row);
        }
    }

    private static void Add(SortedDictionary<DateOnly, MonthRollup> months, Contribution entry, RollupSettings settings)
    {
        var values = entry.Effective();
        var day = MonthRollup.Day(values.When, settings.TimeZone);
        var first = new DateOnly(day.Year, day.Month, 1);
        if (!months.TryGetValue(first, out var month))
            months[first] = month = new MonthRollup { By = settings.Version };
        month.Count(entry, values, day, 1);
    }

    private sealed record Totals(SortedDictionary<DateOnly, MonthRollup> Months, Dictionary<string, int> Connections);
}

/// <summary>The messages in queue <c>recount</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RollupRebuildMessage))]
public sealed partial class RollupJson : JsonSerializerContext;

/// <summary>
/// The row <see cref="LedgerKeys.Settings"/>: how a person's entries are counted. Every change increments <see cref="Version"/>, and every
/// count row carries the version it was counted with. While <see cref="IsUnfinished"/>, <see cref="RollupRebuilder"/> recounts rows of other
/// versions. Writers only touch those rows, so that a concurrent recount notices the change and repeats.
/// </summary>
/// <param name="Zone">IANA name.</param>
/// <param name="PreviousZone">The previous zone until the recount is done; then null.</param>
/// <param name="Topics">The person's topic aliases as JSON; null for none.</param>
/// <param name="Rules">What is counted, as of <see cref="CurrentRules"/>; 0 if written by a version that counted what was cancelled or removed.</param>
/// <param name="Row">The row as read; null when there is none.</param>
internal sealed record RollupSettings(string Zone, string? PreviousZone, long Version, string? Topics, long Rules, Row? Row)
{
    /// <summary>1: cancelled and removed entries are not counted.</summary>
    public const long CurrentRules = 1;

    private const string RulesName = "rules";
    private const string ZoneName = "zone";
    private const string PreviousZoneName = "was";
    private const string VersionName = "version";
    private const string TopicsName = "topics";

    public bool IsUnfinished => PreviousZone is not null;

    public DateTimeZone TimeZone => DateTimeZoneProviders.Tzdb.GetZoneOrNull(Zone) ?? DateTimeZone.Utc;

    public static RollupSettings Of(Row? row) => new(
        row?.Values.GetValueOrDefault(ZoneName) as string ?? "UTC",
        row?.Values.GetValueOrDefault(PreviousZoneName) as string,
        row?.Values.GetValueOrDefault(VersionName) as long? ?? 0,
        row?.Values.GetValueOrDefault(TopicsName) as string,
        row?.Values.GetValueOrDefault(RulesName) as long? ?? 0,
        row);

    public static async Task<RollupSettings> ReadAsync(ITable table, string person, CancellationToken cancel) =>
        Of(await table.GetAsync(TableNames.Ledger, person, LedgerKeys.Settings, cancel));

    /// <summary>Writes the settings of a new person; repeating it changes nothing.</summary>
    public static Task PrepareAsync(ITable table, string person, string zone, CancellationToken cancel) =>
        table.WriteAsync(TableNames.Ledger, new RollupSettings(zone, null, 1, null, CurrentRules, null).ToWrite(person), cancel);

    /// <summary>The row for these values.</summary>
    public Row ToRow(string person) => new(
        person,
        LedgerKeys.Settings,
        new Dictionary<string, object?>(StringComparer.Ordinal) { [ZoneName] = Zone, [PreviousZoneName] = PreviousZone, [VersionName] = Version, [TopicsName] = Topics, [RulesName] = Rules },
        Row?.ETag);

    /// <summary>Succeeds only if the row is unchanged since it was read.</summary>
    public TableWrite ToWrite(string person) => Row is null ? TableWrite.Insert(ToRow(person)) : TableWrite.Replace(ToRow(person));
}
