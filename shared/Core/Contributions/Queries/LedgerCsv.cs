using System.Globalization;
using ContributionIngest.Core.Model;
using CsvHelper;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>
/// Contributions as CSV (RFC 4180, UTF-8, with a header), safe to open in a spreadsheet: a text cell that starts like a formula gets an
/// apostrophe in front. Columns are only ever added, at the end. <c>topics</c>, <c>connections</c> and <c>edited</c> are separated by "; ",
/// <c>metrics</c> holds all numbers as <c>name=value</c>, and the common ones have columns of their own. Unknown is an empty cell.
/// </summary>
public sealed class LedgerCsv : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> Columns =
    [
        "id", "kind", "source", "role", "status", "title", "url", "summary", "when", "endsAt", "datePrecision", "container", "containerUrl",
        "topics", "views", "likes", "comments", "attendees", "minutes", "metrics", "connections", "private", "review", "note", "revision", "edited",
    ];

    private static readonly string[] Numbers = ["views", "likes", "comments", "attendees", "minutes"];

    private static readonly CsvWriterOptions Options =
        new() { Injection = CsvInjection.Escape, TrueValue = "true", FalseValue = "false", BufferSize = 32 * 1024 };

    private readonly CsvWriter writer;

    /// <param name="output">Stays open.</param>
    public LedgerCsv(Stream output)
    {
        writer = CsvWriter.Create(output, Options, leaveOpen: true);
        writer.WriteHeader([.. Columns]);
    }

    /// <summary>Writes one record; what is written leaves when the buffer is full, or at the end.</summary>
    public async ValueTask WriteAsync(Contribution entry, CancellationToken cancel)
    {
        var values = entry.Effective();
        var metrics = entry.EffectiveMetrics();
        foreach (var text in (ReadOnlySpan<string>)
            [entry.Id, EnumText<Kind>.Of(values.Kind), entry.Source, EnumText<Role>.Of(values.Role), EnumText<Status>.Of(values.Status), values.Title])
            writer.WriteField(text);
        writer.WriteField(values.Url);
        writer.WriteField(values.Summary);
        Time(values.When);
        Time(values.EndsAt);
        writer.WriteField(EnumText<DatePrecision>.Of(values.DatePrecision));
        writer.WriteField(values.Container?.Name);
        writer.WriteField(values.Container?.Url);
        writer.WriteField(List(values.Topics));
        foreach (var name in Numbers)
            writer.WriteField<double>(metrics.TryGetValue(name, out var metric) ? metric.Value : null);
        writer.WriteField(List(metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key}={m.Value.Value}"))));
        writer.WriteField(List(entry.Sightings.Select(s => s.Connection)));
        writer.WriteField(entry.Private);
        writer.WriteField(EnumText<Review>.Of(entry.Review));
        writer.WriteField(entry.Note);
        writer.WriteField(entry.Revision);
        writer.WriteField(List(entry.Edits.Fields()));
        await writer.EndRecordAsync(cancel);
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private static string List(IEnumerable<string> texts) => string.Join("; ", texts.Select(t => t.Replace(';', ',')));

    /// <summary>A date is no text: nothing is put in front of it.</summary>
    private void Time(DateTimeOffset? time) => writer.WriteField<DateTime>(time?.UtcDateTime, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'");
}
