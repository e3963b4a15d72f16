using System.Globalization;
using ContributionIngest.Core.Model;
using CsvHelper;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>
/// Contributions as CSV (RFC 4180, UTF-8, with a header), safe to open in a spreadsheet: a text cell that looks like a formula is prefixed
/// with an apostrophe. New columns are only ever added at the end. <c>topics</c>, <c>connections</c> and <c>edited</c> are separated by "; ".
/// <c>metrics</c> holds all metrics as <c>name=value</c>; common ones also have their own columns. Unknown values are empty cells.
/// </summary>
public sealed class LedgerCsv : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Columns =
    [
        "id", "kind", "source", "role", "status", "title", "url", "summary", "when", "endsAt", "datePrecision", "container", "containerUrl",
        "topics", "views", "likes", "comments", "attendees", "minutes", "metrics", "connections", "private", "review", "note", "revision", "edited",
    ];

    internal static readonly string[] MetricColumns = ["views", "likes", "comments", "attendees", "minutes"];

    internal static readonly CsvWriterOptions Options =
        new() { Injection = CsvInjection.Escape, TrueValue = "true", FalseValue = "false", BufferSize = 32 * 1024 };

    private readonly CsvWriter writer;

    /// <param name="output">The stream is left open.</param>
    public LedgerCsv(Stream output)
    {
        writer = CsvWriter.Create(output, Options, leaveOpen: true);
        writer.WriteHeader([.. Columns]);
    }

    /// <summary>Writes one record. Output is flushed when the buffer is full, and at the end.</summary>
    public async ValueTask WriteAsync(Contribution entry, CancellationToken cancel)
    {
        var values = entry.Effective();
        var metrics = entry.EffectiveMetrics();
        foreach (var text in (ReadOnlySpan<string>)
            [entry.Id, EnumText<Kind>.Of(values.Kind), entry.Source, EnumText<Role>.Of(values.Role), EnumText<Status>.Of(values.Status), values.Title])
            WriteText(text);
        WriteText(values.Url);
        WriteText(values.Summary);
        WriteTime(values.When);
        WriteTime(values.EndsAt);
        writer.WriteField(EnumText<DatePrecision>.Of(values.DatePrecision));
        WriteText(values.Container?.Name);
        WriteText(values.Container?.Url);
        WriteText(Join(values.Topics));
        foreach (var name in MetricColumns)
            writer.WriteField<double>(metrics.TryGetValue(name, out var metric) ? metric.Value : null);
        writer.WriteField(Join(metrics));
        writer.WriteField(Join(entry.Sightings.Select(s => s.Connection)));
        writer.WriteField(entry.Private);
        writer.WriteField(EnumText<Review>.Of(entry.Review));
        WriteText(entry.Note);
        writer.WriteField(entry.Revision);
        writer.WriteField(Join(entry.Edits.Fields()));
        await writer.EndRecordAsync(cancel);
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    internal static string Join(IEnumerable<string> texts) => string.Join("; ", texts.Select(t => t.Replace(';', ',')));

    internal static string Join(IReadOnlyDictionary<string, Metric> metrics) =>
        Join(metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key}={m.Value.Value}")));

    /// <summary>
    /// CsvHelper escapes the signs that begin a formula. Spreadsheets also skip invisible characters before them, and take full-width forms for them.
    /// </summary>
    internal static string? Cell(string? text) => text is not null && IsDisguisedFormula(text) ? "'" + text : text;

    private void WriteText(string? text) => writer.WriteField(Cell(text));

    private static bool IsDisguisedFormula(string text)
    {
        foreach (var (index, c) in text.Index())
        {
            if (char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.Control)
                continue;
            return c is '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20' || (index > 0 && c is ('=' or '+' or '-' or '@'));
        }

        return false;
    }

    /// <summary>A date is not text, so it never gets an apostrophe.</summary>
    private void WriteTime(DateTimeOffset? time) => writer.WriteField<DateTime>(time?.UtcDateTime, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'");
}
