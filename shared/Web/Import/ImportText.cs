using ContributionIngest.Core.Import;
using ContributionIngest.Core.Model;
using ContributionIngest.Web.Ledger;
using NodaTime;

namespace ContributionIngest.Web.Import;

/// <summary>What pages say about imports.</summary>
public static class ImportText
{
    /// <summary>"12 new contributions, 3 that the ledger has and 1 that may be one of them".</summary>
    public static string Would(ImportCounts counts)
    {
        if (counts.New + counts.Likely + counts.Evidence == 0)
            return counts.Known == 0 && counts.Wrong > 0 ? "Nothing of this list can be imported yet" : "Nothing of this list is new";
        return Joined([
            counts.New > 0 ? Numbers.Count(counts.New, "new contribution", "new contributions") : null,
            counts.Likely > 0 ? $"{Numbers.Whole(counts.Likely)} that may be in the ledger" : null,
            counts.Evidence > 0 ? $"{Numbers.Whole(counts.Evidence)} that the ledger has" : null,
        ]);
    }

    /// <summary>The rest, in a sentence; null if there is none.</summary>
    public static string? Rest(ImportCounts counts)
    {
        string?[] parts =
        [
            counts.Known > 0 ? $"{Numbers.Count(counts.Known, "row was", "rows were")} imported before" : null,
            counts.LeftOut > 0 ? $"{Numbers.Count(counts.LeftOut, "row is", "rows are")} left out" : null,
            counts.Wrong > 0 ? $"{Numbers.Count(counts.Wrong, "row has", "rows have")} something wrong" : null,
        ];
        return parts.Any(part => part is not null) ? $"Of {Numbers.Count(counts.Rows, "row", "rows")}, {Joined(parts)}." : null;
    }

    public static string Done(ImportCounts counts) => counts.New + counts.Likely + counts.Evidence == 0
        ? "Nothing of the list was new. The ledger is as it was."
        : $"Imported: {Joined([counts.New > 0 ? Numbers.Count(counts.New, "new contribution", "new contributions") : null, counts.Likely > 0 ? Numbers.Count(counts.Likely, "suggestion", "suggestions") : null, counts.Evidence > 0 ? $"evidence of {Numbers.Count(counts.Evidence, "contribution", "contributions")} that the ledger had" : null])}.{(counts.Wrong > 0 ? $" {Numbers.Capital(Numbers.Count(counts.Wrong, "row was", "rows were"))} left out, because something is wrong in {(counts.Wrong == 1 ? "it" : "them")}." : "")}";

    public static string Undone(UndoneImport undone) =>
        $"The import is taken back: {Numbers.Count(undone.Removed, "contribution is", "contributions are")} gone.{(undone.Kept.Count > 0 ? $" {Numbers.Capital(Numbers.Count(undone.Kept.Count, "contribution that you had changed stays", "contributions that you had changed stay"))}." : "")}";

    /// <summary>What an import in the list did.</summary>
    public static string Facts(ImportBatch batch) => Joined([
        batch.Created.Count > 0 ? Numbers.Count(batch.Created.Count, "new contribution", "new contributions") : null,
        batch.Evidence.Count > 0 ? $"evidence of {Numbers.Count(batch.Evidence.Count, "contribution", "contributions")}" : null,
        batch.Counts.LeftOut + batch.Counts.Wrong > 0 ? $"{Numbers.Count(batch.Counts.LeftOut + batch.Counts.Wrong, "row", "rows")} left out" : null,
    ]);

    public static string When(ImportItem item, DateTimeZone zone) => item.When is not { } when ? "no date" : Date(when, item.Precision, zone);

    public static string When(ResembledEntry entry, DateTimeZone zone) => Date(entry.When, entry.Precision, zone);

    /// <summary>"row 12", with the name of its sheet if there are several.</summary>
    public static string Place(string sheet, int row, bool isLine) => $"{(sheet.Length == 0 ? "" : sheet + ", ")}{(isLine ? "line" : "row")} {Numbers.Whole(row)}";

    /// <summary>What a field is called where it is chosen.</summary>
    public static string Name(ImportField field) => field switch
    {
        ImportField.When => "Date",
        ImportField.EndsAt => "End",
        ImportField.Url => "Link",
        ImportField.EventUrl => "Link of the event",
        ImportField.Location => "Place",
        ImportField.Summary => "Description",
        ImportField.Links => "Other links",
        ImportField.DatePrecision => "How exact the date is",
        ImportField.Id => "Id in the ledger",
        _ => Numbers.Capital(CamelCase.ToWords(EnumText<ImportField>.Of(field))),
    };

    private static string Date(DateTimeOffset when, DatePrecision precision, DateTimeZone zone) => precision switch
    {
        DatePrecision.Month => $"{Numbers.ShortMonth(DateOnly.FromDateTime(when.UtcDateTime))} {when.Year}",
        DatePrecision.Year => when.Year.ToString(Numbers.English),
        _ => EntryText.Day(when, zone),
    };

    private static string Joined(IEnumerable<string?> parts)
    {
        var said = parts.OfType<string>().ToList();
        return said.Count < 2 ? string.Concat(said) : $"{string.Join(", ", said.SkipLast(1))} and {said[^1]}";
    }
}
