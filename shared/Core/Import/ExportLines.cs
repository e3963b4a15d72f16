using System.Text.Json;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Import;

/// <summary>Our own export, a JSON object a line (<c>format=ndjson</c>), as a table: a column for each property, and its JSON in the cells.</summary>
internal static class ExportLines
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ListNode.MaxDepth, AllowDuplicateProperties = false };
    private static readonly string[] Known = ["id", "kind", "title", "when", "sightings", "review", "revision"];

    /// <summary>Null if the lines are objects of something else.</summary>
    /// <exception cref="ImportRefusedException">There are too many lines.</exception>
    public static ImportSheet? Read(string text)
    {
        var (columns, rows, number) = (new List<string>(), new List<ImportRow>(), 0);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range).Trim();
            if (line.IsEmpty)
                continue;
            if (rows.Count == ImportFile.MaxRows)
                throw new ImportRefusedException(ImportFile.TooManyRows);
            if (Cells(line.ToString(), columns) is { } cells)
                rows.Add(new ImportRow(number, cells));
            else if (rows.Count == 0)
                return null;
            else
                rows.Add(new ImportRow(number, []));
        }

        return rows.Count == 0 ? null : new ImportSheet("", columns, rows, ImportSheet.Line) { IsExport = true };
    }

    /// <summary>Whether the text is objects, each on a line of its own.</summary>
    public static bool IsLikely(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var line = (end < 0 ? text : text[..end]).Trim();
        if (line is not ['{', .., '}'])
            return false;
        try
        {
            using var document = JsonDocument.Parse(line, Options);
            return end < 0 || text.AsSpan(end).Trim() is [] or ['{', ..];
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The line as the object that it was.</summary>
    public static string Json(ImportSheet sheet, ImportRow row)
    {
        var properties = sheet.Columns.Select((name, index) => (name, json: row.Cell(index))).Where(property => property.json.Length > 0);
        return $"{{{string.Join(',', properties.Select(property => $"\"{JsonEncodedText.Encode(property.name)}\":{property.json}"))}}}";
    }

    /// <summary>Null for a line of something else, or a damaged one.</summary>
    private static List<string>? Cells(string line, List<string> columns)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Options);
            var item = document.RootElement;
            if (item.ValueKind != JsonValueKind.Object || !Known.All(name => item.TryGetProperty(name, out _)) || !Identity.IsWellFormed(item.GetProperty("id").ValueKind == JsonValueKind.String ? item.GetProperty("id").GetString() : null))
                return null;
            var cells = Enumerable.Repeat("", columns.Count).ToList();
            foreach (var property in item.EnumerateObject())
            {
                var index = columns.IndexOf(property.Name);
                if (index < 0)
                {
                    if (columns.Count == ImportFile.MaxColumns)
                        throw new ImportRefusedException(ImportFile.TooManyColumns);
                    index = columns.Count;
                    columns.Add(property.Name);
                    cells.Add("");
                }

                cells[index] = property.Value.GetRawText();
            }

            return cells;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
