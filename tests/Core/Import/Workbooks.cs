using System.IO.Compression;
using System.Text;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>Workbooks of as few parts as there can be, with whatever else a test puts into them.</summary>
internal static class Workbooks
{
    /// <summary>Styles by number: 1 is a day, 2 shows month and year, 3 day and time.</summary>
    private const string Styles = """
        <styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="mmm\ yyyy"/></numFmts>
        <fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
        <cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>
        """;

    /// <param name="sheets">Name, and the XML of its rows.</param>
    public static byte[] Make(params (string Name, string Rows)[] sheets) => Zip([.. Parts(sheets)]);

    public static byte[] Zip(params (string Name, byte[] Content)[] parts)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in parts)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A row of texts.</summary>
    public static string Texts(int number, params string[] texts) =>
        $"<row r=\"{number}\">{string.Concat(texts.Select((text, index) => $"<c r=\"{(char)('A' + index)}{number}\" t=\"inlineStr\"><is><t>{System.Security.SecurityElement.Escape(text)}</t></is></c>"))}</row>";

    public static IEnumerable<(string Name, byte[] Content)> Parts(params (string Name, string Rows)[] sheets)
    {
        const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        const string Relations = "http://schemas.openxmlformats.org/package/2006/relationships";
        const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        yield return Part("[Content_Types].xml", """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>""");
        yield return Part("_rels/.rels", $"<Relationships xmlns=\"{Relations}\"><Relationship Id=\"rId1\" Type=\"{Office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
        yield return Part("xl/workbook.xml", $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Office}\"><sheets>{string.Concat(sheets.Select((sheet, index) => $"<sheet name=\"{sheet.Name}\" sheetId=\"{index + 1}\" r:id=\"rId{index + 1}\"/>"))}</sheets></workbook>");
        yield return Part("xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"{Relations}\">{string.Concat(sheets.Select((_, index) => $"<Relationship Id=\"rId{index + 1}\" Type=\"{Office}/worksheet\" Target=\"worksheets/sheet{index + 1}.xml\"/>"))}<Relationship Id=\"rId99\" Type=\"{Office}/styles\" Target=\"styles.xml\"/></Relationships>");
        yield return Part("xl/styles.xml", Styles);
        foreach (var (index, sheet) in sheets.Index())
            yield return Part($"xl/worksheets/sheet{index + 1}.xml", $"<worksheet xmlns=\"{Main}\"><sheetData>{sheet.Rows}</sheetData></worksheet>");
    }

    public static (string Name, byte[] Content) Part(string name, string content) => (name, Encoding.UTF8.GetBytes(content));
}
