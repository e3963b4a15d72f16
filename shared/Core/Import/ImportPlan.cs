using System.Text;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using NodaTime;

namespace ContributionIngest.Core.Import;

/// <summary>A sheet, and what its columns are taken for.</summary>
public sealed record PlannedSheet(string Name, string Signature, int Rows, IReadOnlyList<PlannedColumn> Columns);

/// <param name="Field">Null for one that is left out.</param>
/// <param name="Example">Its first cell that is not empty.</param>
public sealed record PlannedColumn(string Name, ImportField? Field, string? Example);

/// <summary>What an import of a file would do.</summary>
/// <param name="Id">Of the import.</param>
public sealed record ImportPlan(
    string Id, string Format, IReadOnlyList<PlannedSheet> Sheets, IReadOnlyList<ImportItem> Items, IReadOnlyList<ImportFault> Faults, IReadOnlyList<string> Notes)
{
    public ImportCounts Counts { get; } = ImportCounts.Of(Items);

    /// <summary>Whether there is anything to write.</summary>
    public bool HasWork => Items.Any(item => item.Outcome is ImportOutcome.New or ImportOutcome.Evidence or ImportOutcome.Likely);
}

/// <summary>A file that was read, and what its columns are.</summary>
/// <param name="Id">Of an import of it: the same content with the same decisions has the same.</param>
/// <param name="Mappings">What the person says of its tables, now or before, by the signature of their headers.</param>
internal sealed record OpenedList(string Id, ImportFile File, IReadOnlyDictionary<string, ColumnMapping> Mappings)
{
    public static OpenedList Of(byte[] content, ImportFile file, ImportOptions options, IReadOnlyDictionary<string, ColumnMapping> remembered)
    {
        var mappings = new SortedDictionary<string, ColumnMapping>(StringComparer.Ordinal);
        foreach (var sheet in file.Sheets.Where(sheet => !sheet.IsExport))
        {
            var signature = ColumnMapping.Signature(sheet.Columns);
            var said = options.Mappings.GetValueOrDefault(signature) ?? remembered.GetValueOrDefault(signature) ?? ColumnMapping.None;
            if (said.With(options.Columns, sheet) is { Fields.Count: > 0 } mapping)
                mappings[signature] = mapping;
        }

        var text = new StringBuilder(Identity.Hash(content)).Append('\0').Append(options.Kind).Append('\0').Append(options.Order).Append('\0').Append(options.FirstIsMonth).Append('\0').Append(options.Private);
        foreach (var (signature, mapping) in mappings)
        {
            text.Append('\0').Append(signature);
            foreach (var (header, meant) in mapping.Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                text.Append('\0').Append(header).Append('\0').Append(meant);
        }

        return new OpenedList(Identity.Hash(text.ToString()), file, mappings);
    }
}

/// <summary>Compares a file with a person's ledger. Writes nothing.</summary>
public sealed class ImportPlanner(ITable table, LedgerLines lines, LedgerReader ledger, ImportStore store, TimeProvider clock)
{
    private const int RowsPerRead = 50;

    /// <summary>Days around a row in which an entry with its title is probably the same.</summary>
    private const int LikelyDays = 3;

    private const double SimilarWords = 0.6;
    private const int MinWords = 3;

    /// <summary>What an import of the file would do.</summary>
    /// <exception cref="ImportRefusedException">The file cannot be imported as it is.</exception>
    public async Task<ImportPlan> PlanAsync(string person, byte[] content, ImportOptions options, DateTimeZone zone, CancellationToken cancel)
    {
        var opened = await OpenAsync(person, content, options, cancel);
        var known = await store.GetAsync(person, opened.Id, cancel);
        return await PlanAsync(person, opened, options, zone, known?.State == ImportState.Running ? known : null, cancel);
    }

    /// <exception cref="ImportRefusedException">The file cannot be imported as it is.</exception>
    internal async Task<OpenedList> OpenAsync(string person, byte[] content, ImportOptions options, CancellationToken cancel) =>
        OpenedList.Of(content, await ImportReader.ReadAsync(content, cancel), options, await store.MappingsAsync(person, cancel));

    /// <param name="running">An import that was interrupted: what it has written is planned as if it had not been.</param>
    internal async Task<ImportPlan> PlanAsync(string person, OpenedList opened, ImportOptions options, DateTimeZone zone, ImportBatch? running, CancellationToken cancel)
    {
        var file = opened.File;
        var reader = new RowReader(zone, clock.GetUtcNow(), options);
        var (sheets, items, faults) = (new List<PlannedSheet>(), new List<ImportItem>(), new List<ImportFault>());
        foreach (var sheet in file.Sheets)
        {
            if (sheet.IsExport)
            {
                items.AddRange(sheet.Rows.Select(row => Restored(sheet, row, faults)));
                continue;
            }

            var signature = ColumnMapping.Signature(sheet.Columns);
            var fields = opened.Mappings.GetValueOrDefault(signature, ColumnMapping.None).Of(sheet);
            sheets.Add(new PlannedSheet(sheet.Name, signature, sheet.Rows.Count, [.. sheet.Columns.Select((name, index) => new PlannedColumn(name, fields[index], Example(sheet, index)))]));
            items.AddRange(reader.Read(sheet, fields));
        }

        var compared = await CompareAsync(person, WithoutRepeated(items), zone, running, cancel);
        return new ImportPlan(opened.Id, file.Format, sheets, compared, [.. reader.Faults, .. faults], [.. file.Notes, .. reader.Notes]);
    }

    private static string? Example(ImportSheet sheet, int column) => Normaliser.Text(sheet.Rows.Select(row => row.Cell(column)).FirstOrDefault(cell => !string.IsNullOrWhiteSpace(cell)), 60);

    private static List<ImportItem> WithoutRepeated(List<ImportItem> items)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return [.. items.Select(item => item.Draft is { } draft && !ids.Add(draft.Id) ? item with { Outcome = ImportOutcome.LeftOut, Draft = null, Reason = "It repeats another row." } : item)];
    }

    private static ImportItem Restored(ImportSheet sheet, ImportRow row, List<ImportFault> faults)
    {
        var (entry, fault) = RestoredEntry.Read(ExportLines.Json(sheet, row));
        if (entry is null)
        {
            faults.Add(new ImportFault(sheet.Name, row.Number, null, fault!, IsLeftOut: true));
            return new ImportItem(sheet.Name, row.Number, ImportOutcome.Wrong, null, null, DatePrecision.Exact, null) { Reason = fault };
        }

        var values = entry.Effective();
        var draft = new Draft { NativeId = entry.Id, Kind = values.Kind, Role = values.Role, Status = values.Status, Title = values.Title, Url = values.Url, When = values.When, DatePrecision = values.DatePrecision };
        return new ImportItem(sheet.Name, row.Number, ImportOutcome.New, values.Title, values.When, values.DatePrecision, values.Kind)
        {
            Draft = new ImportDraft(draft, entry.Id) { Restored = entry, IsKindStated = true },
        };
    }

    private async Task<List<ImportItem>> CompareAsync(string person, List<ImportItem> items, DateTimeZone zone, ImportBatch? running, CancellationToken cancel)
    {
        var index = await IndexAsync(person, items, zone, cancel);
        var shared = ImportMatches.SharedAddresses(items);
        var claimed = new HashSet<string>(StringComparer.Ordinal);
        var compared = new List<ImportItem>(items.Count);
        foreach (var chunk in items.Chunk(RowsPerRead))
        {
            var transaction = new LedgerTransaction(table, person, cancel);
            await transaction.PrefetchAsync(chunk.SelectMany(item => item.Draft is { } draft ? ImportMatches.Keys(draft) : []));
            foreach (var item in chunk)
                compared.Add(item.Draft is { } draft ? await CompareAsync(transaction, item, draft, index, shared, claimed, zone, running, person, cancel) : item);
        }

        return compared;
    }

    private async Task<ImportItem> CompareAsync(
        LedgerTransaction transaction, ImportItem item, ImportDraft draft, TitleIndex index, IReadOnlySet<string> shared, HashSet<string> claimed, DateTimeZone zone, ImportBatch? running, string person, CancellationToken cancel)
    {
        if (await ImportMatches.KnownAsync(transaction, draft) is { } known)
        {
            // What an interrupted run of this import wrote is still to be told as what it is.
            var mark = running is null ? null : ImportMatches.MarkOf(known, running.Id);
            return With(item, known, mark is null ? ImportOutcome.Known : OutcomeOf(mark.As), claimed);
        }

        if (draft.Restored is not null)
            return item with { Entry = draft.Id };
        var likely = (Contribution?)null;
        foreach (var found in await ImportMatches.AtAddressAsync(transaction, draft, shared))
        {
            if (!IsFree(found, claimed))
                continue;
            if (!draft.IsKindStated || found.Effective().Kind == draft.Draft.Kind)
                return With(item, found, ImportOutcome.Evidence, claimed);
            likely ??= found;
        }

        foreach (var id in index.SameDay(draft.Draft))
        {
            if (await ledger.GetAsync(person, id, cancel) is not { } found || !IsFree(found, claimed) || !IsAsExact(found, draft.Draft))
                continue;
            if (!draft.IsKindStated || found.Effective().Kind == draft.Draft.Kind)
                return With(item, found, ImportOutcome.Evidence, claimed);
            likely ??= found;
        }

        foreach (var id in likely is null ? index.Near(draft.Draft, zone) : [])
        {
            if (await ledger.GetAsync(person, id, cancel) is { } found && IsFree(found, claimed) && !AreElsewhere(found, draft.Draft))
                likely ??= found;
        }

        return likely is null ? item with { Entry = draft.Id } : item with { Outcome = ImportOutcome.Likely, Entry = draft.Id, Same = Of(likely) };
    }

    /// <summary>Two rows are two contributions, so one that a row has already is no other's.</summary>
    private static bool IsFree(Contribution entry, HashSet<string> claimed) => !claimed.Contains(entry.Id) && ImportMatches.SightingOf(entry) is null;

    /// <summary>A month is the same as a month, and a day of it only probably.</summary>
    private static bool IsAsExact(Contribution entry, Draft draft) => draft.DatePrecision is DatePrecision.Exact or DatePrecision.Day
        ? entry.Effective().DatePrecision is not (DatePrecision.Month or DatePrecision.Year)
        : entry.Effective().DatePrecision == draft.DatePrecision;

    /// <summary>Both name an event, and not the same: a talk that was given twice.</summary>
    private static bool AreElsewhere(Contribution entry, Draft draft) =>
        entry.Effective().Container is { } one && draft.Container is { } other && ImportWords.Fold(one.Name) != ImportWords.Fold(other.Name);

    private static ImportOutcome OutcomeOf(ImportedAs known) => known switch
    {
        ImportedAs.Evidence => ImportOutcome.Evidence,
        ImportedAs.Likely => ImportOutcome.Likely,
        _ => ImportOutcome.New,
    };

    private static ImportItem With(ImportItem item, Contribution entry, ImportOutcome outcome, HashSet<string> claimed)
    {
        claimed.Add(entry.Id);
        return item with { Outcome = outcome, Entry = entry.Id, Same = outcome is ImportOutcome.New ? null : Of(entry) };
    }

    private static ResembledEntry Of(Contribution entry) => new(entry.Id, entry.Effective().Title, entry.Effective().When, entry.Effective().DatePrecision, entry.Effective().Kind);

    /// <summary>The titles and days of the ledger around the rows, in one range read.</summary>
    private async Task<TitleIndex> IndexAsync(string person, List<ImportItem> items, DateTimeZone zone, CancellationToken cancel)
    {
        var index = new TitleIndex(zone);
        var times = items.Where(item => item.Draft is { Restored: null }).Select(item => item.When!.Value).ToList();
        if (times.Count == 0)
            return index;
        var wanted = items.Where(item => item.Draft is { Restored: null }).Select(item => DateOnly.FromDateTime(item.When!.Value.UtcDateTime).Year).ToHashSet();
        await foreach (var line in lines.NewestFirstAsync(person, times.Min().AddDays(-LikelyDays - 1), times.Max().AddDays(367), cancel))
        {
            if (wanted.Contains(line.When.Year) || wanted.Contains(line.When.Year + 1) || wanted.Contains(line.When.Year - 1))
                index.Add(line);
        }

        return index;
    }

    /// <summary>Entries by title and day, and the words of titles for days that have few entries.</summary>
    private sealed class TitleIndex(DateTimeZone zone)
    {
        private const int MaxPerDay = 50;
        private readonly Dictionary<(string Title, DateOnly Day), List<string>> byTitle = [];
        private readonly Dictionary<string, List<(DateOnly Day, string Id)>> days = [];
        private readonly Dictionary<DateOnly, List<(HashSet<string> Words, Kind Kind, string Id)>> words = [];

        public void Add(LedgerLine line)
        {
            var (title, day) = (ImportWords.Fold(line.Title), MonthRollup.Day(line.When, zone));
            List(byTitle, (title, day)).Add(line.Id);
            List(days, title).Add((day, line.Id));
            if (List(words, day) is { Count: < MaxPerDay } onDay)
                onDay.Add((ImportWords.WordsOf(line.Title), line.Kind, line.Id));
        }

        /// <summary>With the same title on the same day.</summary>
        public IReadOnlyList<string> SameDay(Draft draft) =>
            byTitle.GetValueOrDefault((ImportWords.Fold(draft.Title!), MonthRollup.Day(draft.When!.Value, zone))) ?? [];

        /// <summary>With the same title a few days away, or in the row's month or year; or with a similar title on the same day.</summary>
        public IEnumerable<string> Near(Draft draft, DateTimeZone zone)
        {
            var day = MonthRollup.Day(draft.When!.Value, zone);
            foreach (var (other, id) in days.GetValueOrDefault(ImportWords.Fold(draft.Title!)) ?? [])
            {
                var isNear = draft.DatePrecision switch
                {
                    DatePrecision.Year => other.Year == day.Year,
                    DatePrecision.Month => other.Year == day.Year && other.Month == day.Month,
                    _ => Math.Abs(other.DayNumber - day.DayNumber) <= LikelyDays,
                };
                if (isNear)
                    yield return id;
            }

            if (draft.DatePrecision is not (DatePrecision.Exact or DatePrecision.Day) || ImportWords.WordsOf(draft.Title!) is not { Count: >= MinWords } own)
                yield break;
            foreach (var (other, kind, id) in words.GetValueOrDefault(day) ?? [])
            {
                var common = other.Count(own.Contains);
                if (kind == draft.Kind && other.Count >= MinWords && common >= SimilarWords * (own.Count + other.Count - common))
                    yield return id;
            }
        }

        private static List<T> List<TKey, T>(Dictionary<TKey, List<T>> lists, TKey key)
            where TKey : notnull
        {
            if (!lists.TryGetValue(key, out var list))
                lists[key] = list = [];
            return list;
        }
    }
}
