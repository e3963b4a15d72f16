using System.Globalization;
using System.Text;
using ExcelDataReader;

namespace ContributionIngest.Core.Import;

/// <summary>
/// Sheets of a workbook (ISO/IEC 29500, Office Open XML). Formulas are the values that were last computed; links to other workbooks are never followed. A date is
/// as exact as its cell shows it.
/// </summary>
internal static class XlsxSheets
{
    private const string Visible = "visible";

    /// <summary>Rows that are looked at in all; most of an almost empty sheet are empty.</summary>
    private const int MaxScanned = 1_100_000;

    /// <exception cref="ImportRefusedException">The workbook is damaged or protected, or there is more in it than is read.</exception>
    public static async Task<ImportFile> ReadAsync(byte[] bytes, CancellationToken cancel)
    {
        await ZipCheck.CheckAsync(bytes, cancel);
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            using var reader = ExcelReaderFactory.CreateOpenXmlReader(new MemoryStream(bytes, writable: false), new ExcelReaderConfiguration { FallbackEncoding = Encoding.UTF8 });
            return Sheets(reader, cancel);
        }
        // The library throws whatever a broken part leads to.
        catch (Exception e) when (e is not (ImportRefusedException or OperationCanceledException or OutOfMemoryException))
        {
            throw new ImportRefusedException("The workbook could not be read; it may be damaged or protected by a password. Open it in a spreadsheet program and save it again as XLSX or CSV.");
        }
    }

    private static ImportFile Sheets(IExcelDataReader reader, CancellationToken cancel)
    {
        var (sheets, notes, scanned, total) = (new List<ImportSheet>(), new List<string>(), 0, 0);
        do
        {
            if (reader.VisibleState is not null and not Visible)
            {
                notes.Add($"The sheet “{reader.Name}” is hidden, so it was left out.");
                continue;
            }

            var rows = new List<ImportRow>();
            for (var number = 1; reader.Read(); number++)
            {
                cancel.ThrowIfCancellationRequested();
                if (++scanned > MaxScanned)
                    throw new ImportRefusedException(ImportFile.TooManyRows);
                if (Cells(reader) is not { Count: > 0 } cells)
                    continue;
                rows.Add(new ImportRow(number, cells));
                if (++total > ImportFile.MaxRows + (ImportFile.MaxSheets * SheetHeader.MaxBefore))
                    throw new ImportRefusedException(ImportFile.TooManyRows);
            }

            if (rows.Count > 0)
                sheets.Add(SheetHeader.Split(reader.Name, rows));
            if (sheets.Count > ImportFile.MaxSheets)
                throw new ImportRefusedException($"The workbook has more than {ImportFile.MaxSheets} sheets. Copy those with contributions into a new one.");
        }
        while (reader.NextResult());
        return new ImportFile("XLSX", sheets, notes);
    }

    /// <summary>Up to the last one that is not empty.</summary>
    private static List<string> Cells(IExcelDataReader reader)
    {
        var cells = new List<string>();
        for (var index = 0; index < reader.FieldCount; index++)
        {
            if (reader.IsDBNull(index) || Text(reader, index) is not { Length: > 0 } text)
                continue;
            if (index >= ImportFile.MaxColumns)
                throw new ImportRefusedException(ImportFile.TooManyColumns);
            while (cells.Count < index)
                cells.Add("");
            cells.Add(text.Length <= ImportFile.MaxCell ? text : text[..ImportFile.MaxCell]);
        }

        return cells;
    }

    private static string? Text(IExcelDataReader reader, int index) => reader.GetValue(index) switch
    {
        string text => text.Trim(),
        DateTime date => Date(date, reader.GetNumberFormatString(index)),
        double number => number.ToString("0.##########", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    /// <summary>A cell that shows "Jan 19" says no day.</summary>
    private static string Date(DateTime date, string? format)
    {
        var shown = WithoutQuoted(format ?? "");
        var (hasDay, hasMonth, hasYear) = (shown.Contains('d', StringComparison.OrdinalIgnoreCase), shown.Contains('m', StringComparison.OrdinalIgnoreCase), shown.Contains('y', StringComparison.OrdinalIgnoreCase));
        var pattern = (hasDay, hasMonth, hasYear) switch
        {
            (false, true, true) => "yyyy-MM",
            (false, false, true) => "yyyy",
            _ when date.TimeOfDay == TimeSpan.Zero => "yyyy-MM-dd",
            _ => "yyyy-MM-ddTHH:mm:ss",
        };
        return date.ToString(pattern, CultureInfo.InvariantCulture);
    }

    /// <summary>Without literal text, escapes, colours and languages.</summary>
    private static string WithoutQuoted(string format)
    {
        var (kept, closing) = (new StringBuilder(), '\0');
        for (var index = 0; index < format.Length; index++)
        {
            var c = format[index];
            if (closing != '\0')
                closing = c == closing ? '\0' : closing;
            else if (c is '"')
                closing = '"';
            else if (c is '[')
                closing = ']';
            else if (c is '\\' or '_' or '*')
                index++;
            else
                kept.Append(c);
        }

        return kept.ToString();
    }
}
