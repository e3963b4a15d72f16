namespace ContributionIngest.Core.Import;

/// <summary>Reads a list of whatever form its content is; its name and its media type say nothing.</summary>
public static class ImportReader
{
    private const int LinesLookedAt = 40;

    /// <exception cref="ImportRefusedException">It is none that can be read, or there is too much in it.</exception>
    public static async Task<ImportFile> ReadAsync(byte[] bytes, CancellationToken cancel)
    {
        if (bytes.Length > ImportFile.MaxBytes)
            throw new ImportRefusedException(ImportFile.TooLarge);
        if (bytes.AsSpan().StartsWith("PK"u8))
            return (await XlsxSheets.ReadAsync(bytes, cancel)).Check();
        if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            throw new ImportRefusedException("The file is a workbook of an old Excel, or one with a password. Open it in a spreadsheet program and save it as XLSX without a password, or as CSV.");
        if (bytes.AsSpan().StartsWith("%PDF"u8))
            throw new ImportRefusedException("The file is a PDF, in which a table is only drawn. Import the spreadsheet it was made of.");
        return Read(ListText.Decode(bytes)).Check();
    }

    private static ImportFile Read(string text)
    {
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty)
            throw new ImportRefusedException("The file has nothing in it.");
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ImportRefusedException("The file is neither a table nor a list that can be read. Save it as CSV, XLSX, YAML or JSON.");
        if (start[0] == '{' && ExportLines.IsLikely(start.ToString()))
            return Lines(text);
        if (start[0] is '{' or '[')
            return new ImportFile("JSON", [TalkList.Read([JsonList.Read(text)])], []);
        if (start[0] == '<')
            throw new ImportRefusedException("The file is a page or XML. Feeds and calendars are connected by their address; import a list as CSV, XLSX, YAML or JSON.");
        if (!IsYaml(text))
            return new ImportFile("CSV", [CsvSheet.Read(text)], []);
        var (documents, note) = YamlList.Read(text);
        return new ImportFile("YAML", [TalkList.Read(documents)], note is null ? [] : [note]);
    }

    private static ImportFile Lines(string text)
    {
        if (ExportLines.Read(text) is { } export)
            return new ImportFile("NDJSON", [export], []);
        var objects = ListNode.Sequence(1);
        foreach (var (index, line) in text.Split('\n').Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)))
        {
            if (objects.Items!.Count == ImportFile.MaxRows)
                throw new ImportRefusedException(ImportFile.TooManyRows);
            objects.Items.Add(At(JsonList.Read(line), index + 1));
        }

        return new ImportFile("NDJSON", [TalkList.Read([objects])], []);
    }

    private static ListNode At(ListNode node, int line) => new(line) { Text = node.Text, Items = node.Items, Fields = node.Fields };

    /// <summary>A line that opens a document, an item, or a name with nothing that separates columns before it.</summary>
    private static bool IsYaml(string text)
    {
        var looked = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (line.IsEmpty || line[0] == '#')
                continue;
            if (line is "---" || line is ['-', ' ', ..] || line.StartsWith("%YAML", StringComparison.Ordinal) || line.StartsWith("- ", StringComparison.Ordinal))
                return true;
            var colon = line.IndexOf(':');
            if (colon > 0 && (colon == line.Length - 1 || line[colon + 1] is ' ' or '\t'))
                return line[..colon].IndexOfAny(',', ';', '\t') < 0;
            if (line.IndexOfAny(',', ';', '\t') >= 0 || ++looked == LinesLookedAt)
                return false;
        }

        return false;
    }
}
