using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench office</c>: the CSV and XLSX exports of a ledger of hostile titles as LibreOffice reads them: their rows, and whether any cell became a
/// formula or lost its title. Ends with 1 if one did.
/// </summary>
internal static class OfficeBench
{
    private const int TitleColumn = 5;
    private static readonly XNamespace Table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0";
    private static readonly XNamespace Text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0";

    public static async Task<int> RunAsync()
    {
        using var folder = new TemporaryFolder();
        await using var app = await LedgerFixture.StartAsync();
        await ExportReader.HarvestHostileAsync(app);
        var titles = (await ExportReader.EntriesAsync(app)).Select(entry => Shown(entry.Effective().Title)).ToList();
        var table = new Table("export", "rows", "of entries", "formulas", "titles that differ");
        var holds = true;
        foreach (var format in (string[])["csv", "xlsx"])
        {
            var file = Path.Combine(folder.FullName, "ledger." + format);
            await File.WriteAllBytesAsync(file, await app.Client.GetByteArrayAsync(new Uri($"/api/ledger?limit=all&format={format}", UriKind.Relative)));
            var document = await ConvertAsync(folder.FullName, file, format);
            var rows = document.Descendants(Table + "table-row").Select(Cells).Where(cells => cells.Any(cell => cell.Length > 0)).Skip(1).ToList();
            var formulas = document.Descendants(Table + "table-cell").Count(cell => cell.Attribute(Table + "formula")?.Value is not (null or "of:=TRUE()" or "of:=FALSE()"));
            // In a CSV an apostrophe keeps what looks like a formula a text.
            var differ = rows.Zip(titles).Count(pair => Shown(pair.First.ElementAtOrDefault(TitleColumn)) != pair.Second && Shown(pair.First.ElementAtOrDefault(TitleColumn)) != "'" + pair.Second);
            holds &= rows.Count == titles.Count && formulas == 0 && differ == 0;
            table.Add(format, Number(rows.Count), Number(titles.Count), Number(formulas), Number(differ));
        }

        table.Print();
        return holds ? 0 : 1;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Without what a sheet does not keep: line breaks, spaces at the ends, and what XML cannot have.</summary>
    private static string Shown(string? text) => string.Join(' ', string.Concat((text ?? "").Where(c => c is not ('\uFFFE' or '\uFFFF'))).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static async Task<XDocument> ConvertAsync(string folder, string file, string format)
    {
        // 44 is the comma, 34 the quote, 76 UTF-8; then the first line, and no detection of numbers.
        string[] filter = format == "csv" ? ["--infilter=CSV:44,34,76,1,,0,false,false"] : [];
        using var office = Process.Start(new ProcessStartInfo("soffice", [$"-env:UserInstallation=file://{folder}/profile", "--headless", .. filter, "--convert-to", "fods", "--outdir", Path.Combine(folder, format), file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        await office.StandardOutput.ReadToEndAsync();
        await office.WaitForExitAsync();
        await using var converted = File.OpenRead(Path.Combine(folder, format, "ledger.fods"));
        return await XDocument.LoadAsync(converted, LoadOptions.None, CancellationToken.None);
    }

    private static List<string> Cells(XElement row) => [.. row.Elements(Table + "table-cell").SelectMany(cell =>
        Enumerable.Repeat(string.Join('\n', cell.Elements(Text + "p").Select(paragraph => paragraph.Value)), Math.Min(100, (int?)cell.Attribute(Table + "number-columns-repeated") ?? 1)))];
}
