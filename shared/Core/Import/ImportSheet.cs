namespace ContributionIngest.Core.Import;

/// <summary>A list as a table, whatever file it came in. A cell is the text that a person sees in it; an empty one is an empty string.</summary>
/// <param name="Name">Of the sheet of a workbook; empty where a file has only one.</param>
/// <param name="Columns">The headers, as they are written.</param>
/// <param name="Unit">What a row's number counts: "row" of a table, "line" of a text.</param>
public sealed record ImportSheet(string Name, IReadOnlyList<string> Columns, IReadOnlyList<ImportRow> Rows, string Unit = ImportSheet.Row)
{
    public const string Row = "row";
    public const string Line = "line";

    /// <summary>The kind of what has none of its own, where the form of the list says it: a list of talks.</summary>
    public Model.Kind? UsualKind { get; init; }

    /// <summary>The columns are the fields of our own export, and their cells its JSON.</summary>
    public bool IsExport { get; init; }
}

/// <param name="Number">Where it is in the file, from 1.</param>
/// <param name="Cells">As many as there are columns, or fewer.</param>
public sealed record ImportRow(int Number, IReadOnlyList<string> Cells)
{
    public string Cell(int column) => column < Cells.Count ? Cells[column] : "";

    public bool IsEmpty => Cells.All(string.IsNullOrWhiteSpace);
}

/// <summary>What a file holds.</summary>
/// <param name="Format">For people: "CSV", "XLSX", "NDJSON", "YAML", "JSON".</param>
/// <param name="Notes">What had to be repaired or was passed over, as sentences.</param>
public sealed record ImportFile(string Format, IReadOnlyList<ImportSheet> Sheets, IReadOnlyList<string> Notes)
{
    public const int MaxBytes = 10 * 1024 * 1024;
    public const int MaxRows = 5000;
    public const int MaxColumns = 100;
    public const int MaxSheets = 50;

    /// <summary>Characters of a cell; what is longer than anything the ledger keeps is cut.</summary>
    public const int MaxCell = 32 * 1024;

    public const string TooLarge = "The file is larger than 10 MB, so nothing of it was read. Split it, for example by year, and import the parts one after the other.";
    public const string TooManyRows = "The file has more than 5,000 rows, so nothing was imported. Split it, for example by year, and import the parts one after the other.";
    public const string TooManyColumns = "A table has more than 100 columns, so nothing was imported. Delete the columns that do not describe the contributions, and save it again.";

    /// <exception cref="ImportRefusedException">There are more rows or columns than are read.</exception>
    public ImportFile Check()
    {
        if (Sheets.Sum(sheet => sheet.Rows.Count) > MaxRows)
            throw new ImportRefusedException(TooManyRows);
        return Sheets.Any(sheet => sheet.Columns.Count > MaxColumns) ? throw new ImportRefusedException(TooManyColumns) : this;
    }
}

/// <summary>A file cannot be imported as it is.</summary>
/// <param name="message">What was found, and what to do.</param>
public sealed class ImportRefusedException(string message) : Exception(message);
