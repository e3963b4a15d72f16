using System.Text;
using CsvHelper;

namespace ContributionIngest.Core.Import;

/// <summary>Tables of text with commas, semicolons or tabs (RFC 4180).</summary>
internal static class CsvSheet
{
    private const int LinesForSeparator = 20;
    private static readonly char[] Separators = [',', ';', '\t', '|'];

    /// <exception cref="ImportRefusedException">There are too many rows or columns, or one that is too long.</exception>
    public static ImportSheet Read(string text)
    {
        var separator = Separator(ref text);
        var options = new CsvReaderOptions
        {
            Separator = separator, HasHeader = false, SkipEmptyLines = false, MaxRecordSize = ImportFile.MaxBytes,
        };
        var rows = new List<ImportRow>();
        try
        {
            using var reader = CsvReader.Create(Encoding.UTF8.GetBytes(text), options);
            for (var number = 1; reader.Read(); number++)
            {
                var row = new ImportRow(number, Cells(reader));
                if (!row.IsEmpty)
                    rows.Add(row);
                if (rows.Count > ImportFile.MaxRows + SheetHeader.MaxBefore)
                    throw new ImportRefusedException(ImportFile.TooManyRows);
            }
        }
        catch (CsvFormatException e)
        {
            throw new ImportRefusedException($"The table is not well-formed from line {e.LineNumber} on; a quotation mark may not be closed. Correct it there, or save the list as XLSX.");
        }

        return SheetHeader.Split("", rows);
    }

    /// <summary>Whether the first lines look like a table.</summary>
    public static bool IsLikely(string text) => Counts(text).Any(count => count > 0);

    private static List<string> Cells(CsvReader reader)
    {
        var cells = new List<string>(Math.Min(reader.FieldCount, ImportFile.MaxColumns));
        for (var index = 0; index < reader.FieldCount; index++)
        {
            var cell = reader.GetString(index) ?? "";
            if (index >= ImportFile.MaxColumns)
            {
                if (!string.IsNullOrWhiteSpace(cell))
                    throw new ImportRefusedException(ImportFile.TooManyColumns);
                continue;
            }

            cells.Add(cell.Length <= ImportFile.MaxCell ? cell : cell[..ImportFile.MaxCell]);
        }

        return cells;
    }

    /// <summary>The separator that the file names (<c>sep=;</c>), or the one that its first lines have most, outside of quotes.</summary>
    private static char Separator(ref string text)
    {
        if (text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 4)
        {
            var named = text[4];
            // The line stays, so that the numbers of rows are those of the file.
            text = text[5..];
            return named;
        }

        var counts = Counts(text);
        return Separators[Array.IndexOf(counts, counts.Max())];
    }

    /// <summary>Of each separator, how many the line of the first ones has that has most of any.</summary>
    private static int[] Counts(string text)
    {
        var best = new int[Separators.Length];
        var (counts, lines, isQuoted) = (new int[Separators.Length], 0, false);
        foreach (var c in text)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (c == '\n' && !isQuoted)
            {
                if (counts.Max() > best.Max())
                    best = counts;
                counts = new int[Separators.Length];
                if (++lines == LinesForSeparator)
                    return best;
            }
            else if (!isQuoted && Array.IndexOf(Separators, c) is >= 0 and var index)
            {
                counts[index]++;
            }
        }

        return counts.Max() > best.Max() ? counts : best;
    }
}

/// <summary>Which row of a table has the names of its columns.</summary>
internal static class SheetHeader
{
    /// <summary>Rows that may stand above the header, such as a title.</summary>
    public const int MaxBefore = 10;

    /// <param name="rows">Those that are not empty.</param>
    public static ImportSheet Split(string name, List<ImportRow> rows)
    {
        var header = rows.Take(MaxBefore).FirstOrDefault(row => Named(row) >= 2)
            ?? rows.Take(MaxBefore).FirstOrDefault(row => Filled(row) >= 2)
            ?? rows.FirstOrDefault();
        if (header is null)
            return new ImportSheet(name, [], []);

        // A first row that is already an entry has nothing that names a column.
        var hasNames = Named(header) > 0 || header.Cells.All(cell => !IsData(cell));
        var width = rows.SkipWhile(row => row != header).Max(row => Width(row));
        IReadOnlyList<string> columns = hasNames
            ? [.. Enumerable.Range(0, width).Select(index => header.Cell(index).Trim() is { Length: > 0 } named ? named : $"Column {index + 1}")]
            : [.. Enumerable.Range(0, width).Select(index => $"Column {index + 1}")];
        return new ImportSheet(name, columns, [.. rows.SkipWhile(row => row != header).Skip(hasNames ? 1 : 0)]);
    }

    private static int Named(ImportRow row) => row.Cells.Count(cell => cell.Length < 60 && ImportWords.Value(cell) is not null && ImportWords.Column(cell) is not null);

    private static int Filled(ImportRow row) => row.Cells.Count(cell => !string.IsNullOrWhiteSpace(cell));

    private static int Width(ImportRow row)
    {
        var width = row.Cells.Count;
        while (width > 0 && string.IsNullOrWhiteSpace(row.Cells[width - 1]))
            width--;
        return width;
    }

    private static bool IsData(string cell) => Uri.TryCreate(cell.Trim(), UriKind.Absolute, out var uri) ? uri.Scheme is "http" or "https" : ListDate.IsDate(cell);
}
