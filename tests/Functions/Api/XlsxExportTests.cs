using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Model;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>The ledger as a workbook, read back by the Open XML SDK.</summary>
public sealed partial class XlsxExportTests
{
    private static readonly LedgerOwner Owner = new("p", null, DateTimeZone.Utc);

    [Fact]
    public Task XLSX_contains_the_whole_ledger_each_value_with_its_type() => Properties.HoldAsync(8, async (app, seed) =>
    {
        await new Scenario(seed).FillAsync(app, 30);
        var rows = await ExportAsync(app);
        Assert.Equal(LedgerCsv.Columns, rows[0].Select(c => c.Text));
        var entries = await ExportReader.EntriesAsync(app);
        Assert.Equal(entries.Count, rows.Count - 1);
        foreach (var (row, entry) in rows.Skip(1).Zip(entries))
        {
            var cells = LedgerCsv.Columns.Zip(row).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal);
            var values = entry.Effective();
            AssertText(entry.Id, cells["id"]);
            AssertText(EnumText<Kind>.Of(values.Kind), cells["kind"]);
            AssertText(entry.Source, cells["source"]);
            AssertText(EnumText<Role>.Of(values.Role), cells["role"]);
            AssertText(EnumText<Status>.Of(values.Status), cells["status"]);
            AssertText(values.Title, cells["title"]);
            AssertText(values.Url, cells["url"]);
            AssertText(values.Summary, cells["summary"]);
            AssertTime(values.When, cells["when"]);
            AssertTime(values.EndsAt, cells["endsAt"]);
            AssertText(EnumText<DatePrecision>.Of(values.DatePrecision), cells["datePrecision"]);
            AssertText(values.Container?.Name, cells["container"]);
            AssertText(values.Container?.Url, cells["containerUrl"]);
            AssertText(string.Join("; ", values.Topics), cells["topics"]);
            foreach (var name in (string[])["views", "likes", "comments", "attendees", "minutes"])
                AssertNumber(entry.EffectiveMetrics().TryGetValue(name, out var metric) ? metric.Value : null, cells[name]);
            AssertText(entry.EffectiveMetrics().TryGetValue("views", out var views) ? $"views={views.Value}" : null, cells["metrics"]);
            AssertText(string.Join("; ", entry.Sightings.Select(s => s.Connection)), cells["connections"]);
            Assert.Equal(("b", entry.Private ? "1" : "0"), (cells["private"].Type, cells["private"].Text));
            AssertText(EnumText<Review>.Of(entry.Review), cells["review"]);
            AssertText(entry.Note, cells["note"]);
            AssertNumber(entry.Revision, cells["revision"]);
            AssertText(string.Join("; ", entry.Edits.Fields()), cells["edited"]);
        }
    });

    [Fact]
    public async Task Hostile_texts_are_text_in_XLSX_and_never_a_formula()
    {
        await using var app = await LedgerFixture.StartAsync();
        await ExportReader.HarvestHostileAsync(app);
        var rows = await ExportAsync(app);
        foreach (var (row, entry) in rows.Skip(1).Zip(await ExportReader.EntriesAsync(app)))
        {
            AssertText(Valid(entry.Effective().Title), row[5]);
            AssertText(Valid(entry.Effective().Container!.Name), row[11]);
        }
    }

    [Fact]
    public async Task Header_of_XLSX_is_bold_and_stays_in_view()
    {
        await using var app = await LedgerFixture.StartAsync();
        using var book = Open(await BytesAsync(app));
        var part = book.WorkbookPart!;
        var pane = part.WorksheetParts.Single().Worksheet.Descendants<Pane>().Single();
        Assert.Equal((1.0, PaneStateValues.Frozen), (pane.VerticalSplit!.Value, pane.State!.Value));
        var styles = part.WorkbookStylesPart!.Stylesheet;
        Assert.All(part.WorksheetParts.Single().Worksheet.Descendants<Row>().First().Elements<Cell>(), cell =>
        {
            var format = styles.CellFormats!.Elements<CellFormat>().ElementAt((int)cell.StyleIndex!.Value);
            Assert.NotNull(styles.Fonts!.Elements<Font>().ElementAt((int)format.FontId!.Value).Bold);
        });
    }

    [Theory]
    [InlineData("America/New_York")]
    [InlineData("Europe/Berlin")]
    [InlineData("Pacific/Auckland")]
    public async Task Day_without_a_time_is_a_date_without_a_time_in_XLSX(string zone)
    {
        await using var app = await LedgerFixture.StartAsync(zone);
        await app.HarvestAsync(LedgerFixture.Draft("theirs", "2026-05-20T00:00:00Z") with { DatePrecision = DatePrecision.Day });
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Mine","kind":"talk","when":"2026-05-20"}""");
        var rows = await ExportAsync(app);
        Assert.All(rows.Skip(1), row => Assert.Equal(("n", "yyyy-mm-dd", new DateTime(2026, 5, 20).ToOADate().ToString(CultureInfo.InvariantCulture)), (row[8].Type, row[8].Format, row[8].Text)));
        Assert.Equal(3, rows.Count);
    }

    [Fact]
    public async Task Characters_that_XML_cannot_hold_and_too_long_texts_do_not_break_XLSX()
    {
        await using var output = new MemoryStream();
        var text = "a\0\u0001\u001F\uFFFE\uFFFF\uD83D" + new string('b', LedgerXlsx.MaxCellLength - 2) + "🎉c";
        await LedgerXlsx.WriteAsync(output, ExportReader.RawAsync(text), Owner, CancellationToken.None);
        var cell = Rows(output.ToArray())[1][5];
        AssertText("a" + new string('b', LedgerXlsx.MaxCellLength - 2), cell);
    }

    private static void AssertText(string? expected, CellRead cell) => Assert.Equal(string.IsNullOrEmpty(expected) ? ("", "", "") : ("inlineStr", expected, ""), (cell.Type, cell.Text, cell.Format));

    private static void AssertNumber(double? expected, CellRead cell) =>
        Assert.Equal(expected is { } number ? ("n", number.ToString(CultureInfo.InvariantCulture), "") : ("", "", ""), (cell.Type, cell.Text, cell.Format));

    private static void AssertTime(DateTimeOffset? expected, CellRead cell)
    {
        Assert.Equal(expected is null ? ("", "") : ("n", "yyyy-mm-dd hh:mm:ss"), (cell.Type, cell.Format));
        if (expected is { } time)
            Assert.Equal(time.UtcDateTime, DateTime.FromOADate(double.Parse(cell.Text, CultureInfo.InvariantCulture)), TimeSpan.FromMilliseconds(1));
    }

    private static string Valid(string text) => text.Replace("\uFFFE", "", StringComparison.Ordinal).Replace("\uFFFF", "", StringComparison.Ordinal);

    private static async Task<byte[]> BytesAsync(LedgerFixture app) => await app.Client.GetByteArrayAsync(new Uri("/api/ledger?format=xlsx&limit=all&review=all", UriKind.Relative));

    private static async Task<List<CellRead[]>> ExportAsync(LedgerFixture app) => Rows(await BytesAsync(app));

    private static SpreadsheetDocument Open(byte[] bytes)
    {
        var book = SpreadsheetDocument.Open(new MemoryStream(bytes), isEditable: false);
        Assert.Empty(new OpenXmlValidator().Validate(book).Select(fault => fault.Description));
        return book;
    }

    private static List<CellRead[]> Rows(byte[] bytes)
    {
        using var book = Open(bytes);
        var styles = book.WorkbookPart!.WorkbookStylesPart!.Stylesheet;
        var formats = styles.CellFormats!.Elements<CellFormat>().Select(format => styles.NumberingFormats!.Elements<NumberingFormat>()
            .SingleOrDefault(f => f.NumberFormatId!.Value == format.NumberFormatId!.Value)?.FormatCode!.Value ?? "").ToList();
        var sheet = book.WorkbookPart.WorksheetParts.Single().Worksheet;
        Assert.Empty(sheet.Descendants<CellFormula>());
        return [.. sheet.Descendants<Row>().Select(row => row.Elements<Cell>().Select(cell => CellRead.Of(cell, formats)).ToArray())];
    }

    /// <param name="Type">The cell's type in the file; of a number <c>n</c>, of an empty cell nothing.</param>
    private sealed partial record CellRead(string Type, string Text, string Format)
    {
        public static CellRead Of(Cell cell, IReadOnlyList<string> formats)
        {
            var format = cell.StyleIndex is { } style ? formats[(int)style.Value] : "";
            var type = cell.DataType?.InnerText ?? (cell.CellValue is null ? "" : "n");
            var text = type == "inlineStr" ? cell.InlineString!.Text!.Text : cell.CellValue?.Text ?? "";
            return new CellRead(type, Numbered().Replace(text, m => ((char)Convert.ToInt32(m.Groups["code"].Value, 16)).ToString()), format);
        }

        /// <summary>What spreadsheets take for one character (ECMA-376 part 1 section 22.9.2.19).</summary>
        [GeneratedRegex("_x(?<code>[0-9A-Fa-f]{4})_", RegexOptions.ExplicitCapture, Timeout.Infinite)]
        private static partial Regex Numbered();
    }
}
