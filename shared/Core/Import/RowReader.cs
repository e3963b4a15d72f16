using System.Globalization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Web;
using NodaTime;

namespace ContributionIngest.Core.Import;

/// <summary>Rows of a table as drafts, with what is wrong with them. Reads no ledger.</summary>
internal sealed class RowReader
{
    private const int DaysForMonths = 2;
    private const double MaxNumber = 1e15;
    private readonly DateTimeZone zone;
    private readonly DateTimeOffset now;
    private readonly ImportOptions options;
    private readonly List<ImportFault> faults = [];
    private readonly List<string> notes = [];

    public RowReader(DateTimeZone zone, DateTimeOffset now, ImportOptions options) => (this.zone, this.now, this.options) = (zone, now, options);

    public IReadOnlyList<ImportFault> Faults => faults;

    public IReadOnlyList<string> Notes => notes;

    /// <summary>Each row in its order; those with a draft are to be looked up in the ledger.</summary>
    public List<ImportItem> Read(ImportSheet sheet, IReadOnlyList<ImportField?> fields)
    {
        var table = new Table(sheet, fields);
        if (table.Of(ImportField.When) is [] || table.Of(ImportField.Title) is [])
        {
            notes.Add($"{(sheet.Name.Length == 0 ? "The table" : $"The sheet “{sheet.Name}”")} has no column for the {(table.Of(ImportField.Title) is [] ? "title" : "date")}, so none of its rows is imported. Say which column it is.");
            return [.. sheet.Rows.Select(row => Without(sheet, row, ImportOutcome.Wrong, "No column is its title or its date."))];
        }

        var columns = new[] { ImportField.When, ImportField.EndsAt }.SelectMany(table.Of).ToList();
        var dates = new ListDate(zone, options.Order ?? ListDate.OrderOf(sheet.Rows.SelectMany(row => columns.Select(row.Cell))));
        var sheetKind = ImportWords.Kind(sheet.Name);
        var reads = sheet.Rows.Select(row => new RowRead(this, table, row, dates, sheetKind ?? sheet.UsualKind, sheetKind is not null)).ToList();
        var areFirsts = AreAllFirsts(reads);
        if (areFirsts)
            notes.Add(options.FirstIsMonth
                ? "All days of the date column are the first of a month, and are kept as months."
                : "All days of the date column are the first of a month. If only the months are known, say so, and they are kept as months.");
        var items = reads.Select(read => read.Finish(areFirsts && options.FirstIsMonth)).ToList();
        return WithoutRepeated(items);
    }

    private static bool AreAllFirsts(List<RowRead> reads)
    {
        var days = reads.Select(read => read.Date).OfType<ListedDate>().Where(date => date is { End: null, When.Precision: DatePrecision.Day }).ToList();
        return days.Count >= DaysForMonths && days.TrueForAll(date => date.When.Time.Day == 1) && days.Select(date => date.When.Time).Distinct().Count() > 1;
    }

    /// <summary>The same row twice is one; and a talk without a date is the same as the one with a date, as lists name some once more.</summary>
    private List<ImportItem> WithoutRepeated(List<ImportItem> items)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var titles = items.Where(item => item.Draft is not null).Select(item => ImportWords.Fold(item.Title!)).ToHashSet(StringComparer.Ordinal);
        var kept = new List<ImportItem>(items.Count);
        foreach (var item in items)
        {
            var isTwice = item.Draft is { } draft && !ids.Add(draft.Id);
            var isOnceMore = item is { Draft: null, Outcome: ImportOutcome.Wrong, When: null, Title: { } title } && titles.Contains(ImportWords.Fold(title));
            if (isOnceMore)
                faults.RemoveAll(fault => fault.Sheet == item.Sheet && fault.Row == item.Row && fault.IsLeftOut);
            kept.Add(isTwice || isOnceMore ? item with { Outcome = ImportOutcome.LeftOut, Draft = null, Reason = "It repeats another row." } : item);
        }

        return kept;
    }

    private static ImportItem Without(ImportSheet sheet, ImportRow row, ImportOutcome outcome, string reason) =>
        new(sheet.Name, row.Number, outcome, null, null, DatePrecision.Exact, null) { Reason = reason };

    /// <summary>Where the fields stand in a sheet.</summary>
    private sealed class Table(ImportSheet sheet, IReadOnlyList<ImportField?> fields)
    {
        private readonly ILookup<ImportField, int> columns = fields.Index().Where(column => column.Item is not null).ToLookup(column => column.Item!.Value, column => column.Index);

        public ImportSheet Sheet => sheet;

        public List<int> Of(ImportField field) => [.. columns[field]];

        public IEnumerable<(int Column, string Text)> Values(ImportRow row, ImportField field) => columns[field].Select(column => (column, ImportWords.Value(Unescaped(row.Cell(column))))).Where(value => value.Item2 is not null).Select(value => (value.column, value.Item2!));

        public (int Column, string Text)? Value(ImportRow row, ImportField field) => Values(row, field).Select(value => ((int, string)?)value).FirstOrDefault();

        /// <summary>Without the apostrophe that our exports put before what a spreadsheet would take for a formula.</summary>
        private static string Unescaped(string cell) => cell is ['\'', '=' or '+' or '-' or '@' or '\t' or '\r', ..] ? cell[1..] : cell;
    }

    /// <summary>One row while it is read.</summary>
    private sealed class RowRead
    {
        private static readonly char[] GroupMarks = [',', '.'];

        private readonly RowReader reader;
        private readonly Table table;
        private readonly ImportRow row;
        private readonly ListDate dates;
        private readonly Kind? usual;
        private readonly bool isUsualStated;
        private string? fault;

        public RowRead(RowReader reader, Table table, ImportRow row, ListDate dates, Kind? usual, bool isUsualStated)
        {
            (this.reader, this.table, this.row, this.dates, this.usual, this.isUsualStated) = (reader, table, row, dates, usual, isUsualStated);
            if (!IsDone())
                Date = ReadDate();
        }

        public ListedDate? Date { get; }

        public ImportItem Finish(bool isFirstMonth)
        {
            var sheet = table.Sheet.Name;
            var (title, linked) = ListText.Unlinked(table.Value(row, ImportField.Title)?.Text ?? "");
            var plain = Normaliser.Text(ListText.Plain(title, 2 * Normaliser.TitleLength), Normaliser.TitleLength);
            var stated = new ImportItem(sheet, row.Number, ImportOutcome.Wrong, plain, null, DatePrecision.Exact, null);
            if (WhyNot() is { } reason)
                return stated with { Outcome = ImportOutcome.LeftOut, Reason = $"It is marked as {reason}, so it does not count." };
            if (plain is null)
                return Faulty(stated, table.Of(ImportField.Title)[0], "It has no title. Say what it was, or delete the row.");
            if (Date is not { } date)
                return Faulty(stated, table.Of(ImportField.When)[0], fault ?? "It has no date. A month or a year is enough.");
            var (kind, isStated, kindFault) = ReadKind();
            if (kind is null)
                return Faulty(stated with { When = date.When.Time, Precision = date.When.Precision }, kindFault.Column, kindFault.Message);
            var when = isFirstMonth && date is { End: null, When: { Precision: DatePrecision.Day, Time.Day: 1 } } ? KnownDate.OfMonth(date.When.Time.Year, date.When.Time.Month) : date.When;
            var draft = Read(plain, linked, kind.Value, when, date.End);
            return new ImportItem(sheet, row.Number, ImportOutcome.New, plain, when.Time, when.Precision, kind)
            {
                Draft = new ImportDraft(draft, Identity.Of(ImportBatch.Source, ImportBatch.Source, draft.NativeId))
                {
                    IsKindStated = isStated,
                    Numbers = ReadNumbers(),
                    Note = Normaliser.Text(table.Value(row, ImportField.Note)?.Text, Normaliser.SummaryLength),
                    Private = reader.IsPrivate(table, row),
                    StatedId = table.Value(row, ImportField.Id)?.Text is { } id && Identity.IsWellFormed(id) ? id : null,
                    Address = draft.Url is null ? null : CanonicalUrl.Of(draft.Url),
                },
            };
        }

        private ImportItem Faulty(ImportItem item, int? column, string message)
        {
            Fault(column, message, isLeftOut: true);
            return item with { Reason = message };
        }

        private void Fault(int? column, string message, bool isLeftOut = false) =>
            reader.faults.Add(new ImportFault(table.Sheet.Name, row.Number, column is { } index ? table.Sheet.Columns[index] : null, message, isLeftOut));

        private Draft Read(string title, string? linked, Kind kind, KnownDate when, DateTimeOffset? end)
        {
            var place = string.Join(", ", table.Values(row, ImportField.Location).Select(value => value.Text).Distinct(StringComparer.OrdinalIgnoreCase));
            var texts = table.Values(row, ImportField.Summary).Select(value => ListText.Plain(value.Text, 4 * Normaliser.SummaryLength)).Append(place).Where(text => text.Length > 0);
            var url = ReadAddress(ImportField.Url, linked) ?? (Normaliser.Address(title) is { } itself ? itself : null);
            var eventName = Normaliser.Text(ListText.Plain(table.Value(row, ImportField.Event)?.Text ?? "", 2 * Normaliser.TitleLength), Normaliser.TitleLength);
            var draft = new Draft
            {
                NativeId = NativeId(title, when, eventName),
                Kind = kind,
                Role = ReadRole() ?? UsualRoles.Of(kind),
                Status = when.IsAfter(reader.now) ? Status.Scheduled : Status.Published,
                Title = title,
                Url = url,
                Summary = string.Join(" · ", texts),
                When = when.Time,
                DatePrecision = when.Precision,
                EndsAt = end,
                Container = eventName is null ? null : new Container(eventName, ReadAddress(ImportField.EventUrl, null)),
                Topics = [.. table.Values(row, ImportField.Topics).SelectMany(value => value.Text.Split([';', ',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
                Links = [.. Links()],
            };
            return Normaliser.Normalise(draft, reader.now);
        }

        /// <summary>What is the same in whatever file the row comes: its title, its date as exactly as it is known, and the event.</summary>
        private static string NativeId(string title, KnownDate when, string? eventName)
        {
            var date = when.Precision == DatePrecision.Exact ? when.Time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) : when.Time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            return Identity.Hash($"{ImportWords.Fold(title)}\0{EnumText<DatePrecision>.Of(when.Precision)} {date}\0{(eventName is null ? "" : ImportWords.Fold(eventName))}");
        }

        private IEnumerable<RelatedLink> Links()
        {
            foreach (var field in (ImportField[])[ImportField.Slides, ImportField.Recording, ImportField.Links])
            {
                foreach (var (column, text) in table.Values(row, field))
                {
                    foreach (var part in text.Split(['\n', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(part => !part.EndsWith(':')))
                    {
                        if (Normaliser.Address(part) is not { } url)
                        {
                            Fault(column, $"“{Normaliser.Text(part, 60)}” is no complete address, so this link is left out. Write it with https:// and its host.");
                            continue;
                        }

                        yield return new RelatedLink(field switch
                        {
                            ImportField.Slides => Relation.Slides,
                            ImportField.Recording => Relation.Recording,
                            _ => ImportWords.Relation(LabelOf(text, part), url),
                        }, url);
                    }
                }
            }
        }

        /// <summary>The word before an address: "recap: https://…".</summary>
        private static string? LabelOf(string text, string part)
        {
            var before = text[..text.IndexOf(part, StringComparison.Ordinal)].TrimEnd();
            return before.EndsWith(':') ? before[(before.LastIndexOfAny(['\n', ' ', ';']) + 1)..^1] : null;
        }

        private string? ReadAddress(ImportField field, string? linked)
        {
            if ((table.Value(row, field) ?? (linked is null ? null : (table.Of(ImportField.Title)[0], linked))) is not var (column, text))
                return null;
            if (Normaliser.Address(text) is { } url)
                return url;
            if (text.StartsWith("www.", StringComparison.OrdinalIgnoreCase) && Normaliser.Address("https://" + text) is { } completed)
                return completed;
            Fault(column, $"“{Normaliser.Text(text, 60)}” is no complete address, so the contribution is imported without it. Write it with https:// and its host.");
            return null;
        }

        private ListedDate? ReadDate()
        {
            if (table.Value(row, ImportField.When) is not var (_, text))
                return null;
            var stated = table.Value(row, ImportField.DatePrecision)?.Text is { } word && EnumText<DatePrecision>.TryParse(word, out var precision) ? precision : (DatePrecision?)null;
            var (date, problem) = dates.Read(text);
            if (date is not { } read)
            {
                fault = problem;
                return null;
            }

            if (Normaliser.Plausible(read.When.Time, reader.now) is null)
            {
                fault = $"“{Normaliser.Text(text, 40)}” is before 1970 or more than three years ahead. Correct the year.";
                return null;
            }

            read = read with { When = Stated(read.When, stated) };
            if (table.Value(row, ImportField.EndsAt) is not var (endColumn, endText))
                return read;
            var (end, endProblem) = dates.Read(endText);
            if (end is not { } until || until.When.Time < read.When.Time)
            {
                Fault(endColumn, end is null ? endProblem! : $"“{Normaliser.Text(endText, 40)}” is before the beginning, so the contribution is imported without an end.");
                return read;
            }

            return read with { End = until.End ?? until.When.Time };
        }

        /// <summary>Our own tables say in another column how exact a time is.</summary>
        private KnownDate Stated(KnownDate read, DatePrecision? stated) => stated switch
        {
            DatePrecision.Month when read.Precision is DatePrecision.Exact or DatePrecision.Day => KnownDate.OfMonth(read.Time.Year, read.Time.Month),
            DatePrecision.Year when read.Precision is DatePrecision.Exact or DatePrecision.Day => KnownDate.OfYear(read.Time.Year),
            DatePrecision.Day when read.Precision == DatePrecision.Exact => KnownDate.OfDay(MonthRollup.Day(read.Time, reader.zone), reader.zone),
            _ => read,
        };

        private (Kind? Kind, bool IsStated, (int? Column, string Message) Fault) ReadKind()
        {
            if (table.Value(row, ImportField.Kind) is var (column, text))
            {
                if (ImportWords.Kind(text) is { } kind)
                    return (kind, true, default);
                if (usual is null && reader.options.Kind is null)
                    return (null, false, (column, $"“{Normaliser.Text(text, 40)}” is no kind that is known here. Choose what everything without a known kind is."));
            }

            return (isUsualStated, reader.options.Kind, usual) switch
            {
                (true, _, { } named) => (named, true, default),
                (_, { } chosen, _) => (chosen, false, default),
                (_, null, { } listed) => (listed, false, default),
                _ => (null, false, (null, "Nothing says what kind it is. Choose what everything without a kind is.")),
            };
        }

        private Role? ReadRole() => table.Value(row, ImportField.Role)?.Text is { } text ? ImportWords.Role(text) : null;

        private Dictionary<string, double> ReadNumbers()
        {
            var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var field in ImportWords.Numbers)
            {
                if (table.Value(row, field) is not var (column, text))
                    continue;
                if (ReadNumber(text) is { } number)
                    numbers[EnumText<ImportField>.Of(field)] = number;
                else if (text.Any(char.IsAsciiDigit))
                    Fault(column, $"“{Normaliser.Text(text, 40)}” is no number that can be read, so the contribution is imported without it. Write digits alone.");
            }

            return numbers;
        }

        private bool IsDone() => WhyNot() is not null;

        /// <summary>The state that keeps a row from counting, whether a column or the kind says it.</summary>
        private string? WhyNot() =>
            new[] { ImportField.Status, ImportField.Kind, ImportField.Review }.Select(field => table.Value(row, field)?.Text).OfType<string>().Select(ImportWords.WhyNot).FirstOrDefault(reason => reason is not null);

        /// <summary>Groups of three may be set apart by a comma, a point, a space or an apostrophe.</summary>
        private static double? ReadNumber(string text)
        {
            var compact = new string([.. text.Where(c => !char.IsWhiteSpace(c) && c is not ('\'' or '’' or '+'))]).TrimStart('~', '>');
            var groups = compact.Split(GroupMarks);
            if (groups.Length > 1 && groups[0].Length is >= 1 and <= 3 && groups.Skip(1).All(group => group.Length == 3) && groups.All(group => group.All(char.IsAsciiDigit)))
                compact = string.Concat(groups);
            return double.TryParse(compact, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= MaxNumber ? number : null;
        }
    }

    private bool IsPrivate(Table table, ImportRow row) =>
        options.Private || (table.Value(row, ImportField.Private)?.Text is { } text && ImportWords.Fold(text) is "true" or "yes" or "1" or "x" or "private" or "ja" or "oui" or "si" or "wahr");
}
