using System.Globalization;
using System.Text;
using ContributionIngest.Core.Contributions.Exports;
using CsvHelper;
using SpreadCheetah;
using SpreadCheetah.Styling;
using SpreadCheetah.Worksheets;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>A form as a table: a column for each field of any of its groups, a row for each entry. What is not known, or not asked of an entry, is empty.</summary>
internal sealed class FormTable
{
    private readonly IReadOnlyList<FilledEntry> entries;
    private readonly IReadOnlyList<string> labels;

    public FormTable(FilledForm form, IReadOnlyList<FilledEntry> entries)
    {
        this.entries = entries;
        labels = [.. entries.SelectMany(entry => entry.Fields).Select(filled => filled.Field.Label).Distinct(StringComparer.OrdinalIgnoreCase)];
        Programme = form.Programme.Name;
        Person = [.. form.Person.Where(filled => filled.Values.Count > 0)];
    }

    private string Programme { get; }

    private IReadOnlyList<FilledField> Person { get; }

    /// <summary>RFC 4180, safe to open in a spreadsheet as <see cref="LedgerCsv"/> is.</summary>
    public async Task WriteCsvAsync(Stream output, CancellationToken cancel)
    {
        // Excel reads a file without a byte order mark in the code page of the system.
        await output.WriteAsync(Encoding.UTF8.GetPreamble(), cancel);
        await using var csv = CsvWriter.Create(output, LedgerCsv.Options, leaveOpen: true);
        csv.WriteHeader([.. labels]);
        foreach (var entry in entries)
        {
            foreach (var label in labels)
            {
                if (Find(entry, label) is not { Values.Count: > 0 } filled)
                    csv.WriteField("");
                else if (filled.Field.Type == FieldType.Whole)
                    csv.WriteField(long.Parse(filled.Values[0], CultureInfo.InvariantCulture));
                else
                    csv.WriteField(LedgerCsv.Cell(filled.Text));
            }

            await csv.EndRecordAsync(cancel);
        }
    }

    /// <summary>Texts are string cells, which are never run as formulas.</summary>
    public async Task WriteXlsxAsync(Stream output, CancellationToken cancel)
    {
        await using var book = await Spreadsheet.CreateNewAsync(output, LedgerXlsx.Options, cancel);
        var heading = book.AddStyle(new Style { Font = { Bold = true } });
        await book.StartWorksheetAsync("Contributions", new WorksheetOptions { FrozenRows = 1 }, cancel);
        await book.AddHeaderRowAsync([.. labels], heading, cancel);
        foreach (var entry in entries)
        {
            var cells = labels.Select(label => Find(entry, label) is { Field.Type: FieldType.Whole, Values.Count: > 0 } filled
                ? new StyledCell(double.Parse(filled.Values[0], CultureInfo.InvariantCulture), null)
                : LedgerXlsx.Text(Find(entry, label)?.Text));
            await book.AddRowAsync(cells.ToArray(), cancel);
        }

        if (Person.Count > 0)
        {
            await book.StartWorksheetAsync("About you", token: cancel);
            foreach (var filled in Person)
                await book.AddRowAsync([LedgerXlsx.Text(filled.Field.Label), LedgerXlsx.Text(filled.Text)], cancel);
        }

        await book.FinishAsync(cancel);
    }

    /// <summary>CommonMark: a heading for each entry, and its fields below it. Text from outside stays text.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# ").Append(Escape(Programme)).Append('\n');
        if (Person.Count > 0)
            Append(text, "About you", Person);
        foreach (var entry in entries)
            Append(text, entry.Entry.Effective().Title, entry.Fields.Where(filled => filled.Values.Count > 0));
        return text.ToString();
    }

    private static FilledField? Find(FilledEntry entry, string label) => entry.Fields.FirstOrDefault(filled => filled.Field.Label.Equals(label, StringComparison.OrdinalIgnoreCase));

    private static void Append(StringBuilder text, string title, IEnumerable<FilledField> fields)
    {
        text.Append("\n## ").Append(Escape(title)).Append("\n\n");
        foreach (var filled in fields)
        {
            var value = filled.Field.Type == FieldType.Address && FormText.Address(filled.Values[0]) is { } address ? LedgerMarkdown.Link(address, address) : LedgerMarkdown.Escape(filled.Text!);
            text.Append("- ").Append(filled.Field.Label).Append(": ").Append(value).Append('\n');
        }
    }

    /// <summary>Number signs at the end of a heading are not part of it.</summary>
    private static string Escape(string text) => LedgerMarkdown.Escape(text).Replace("#", "\\#", StringComparison.Ordinal);
}
