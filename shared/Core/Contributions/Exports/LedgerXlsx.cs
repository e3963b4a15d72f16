using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;
using SpreadCheetah;
using SpreadCheetah.Styling;
using SpreadCheetah.Worksheets;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>
/// Contributions as a spreadsheet (Office Open XML, ECMA-376), with the columns of <see cref="LedgerCsv"/>. Texts are string cells, which are never run
/// as formulas. Times are in UTC; a bare day has no time. Unknown values are empty cells.
/// </summary>
public static partial class LedgerXlsx
{
    /// <summary>The most characters that a cell can hold.</summary>
    public const int MaxCellLength = 32_767;

    private static readonly StyledCell Empty = new((string?)null, null);

    // Without properties: they would hold the time at which the file was made.
    internal static readonly SpreadCheetahOptions Options = new() { DocumentProperties = null };

    /// <param name="output">The stream is left open.</param>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<Contribution> entries, LedgerOwner owner, CancellationToken cancel)
    {
        await using var stream = new DeferredStream(output, cancel);
        await using (var book = await Spreadsheet.CreateNewAsync(stream, Options, cancel))
        {
            var heading = book.AddStyle(new Style { Font = { Bold = true } });
            var day = book.AddStyle(new Style { Format = NumberFormat.Custom("yyyy-mm-dd") });
            var time = book.AddStyle(new Style { Format = NumberFormat.Custom("yyyy-mm-dd hh:mm:ss") });
            await book.StartWorksheetAsync("Contributions", Sheet(), cancel);
            await book.AddHeaderRowAsync([.. LedgerCsv.Columns], heading, cancel);
            await foreach (var entry in entries.WithCancellation(cancel))
                await book.AddRowAsync(Row(entry, owner, day, time), cancel);
            await book.FinishAsync(cancel);
        }

        await stream.FlushAsync(cancel);
    }

    /// <summary>The header stays in view. Dates are shown only where they fit.</summary>
    private static WorksheetOptions Sheet()
    {
        var options = new WorksheetOptions { FrozenRows = 1 };
        foreach (var (column, width) in (ReadOnlySpan<(string, double)>)[("title", 60), ("when", 20), ("endsAt", 20)])
            options.Column(LedgerCsv.Columns.Index().First(c => c.Item == column).Index + 1).Width = width;
        return options;
    }

    private static StyledCell[] Row(Contribution entry, LedgerOwner owner, StyleId day, StyleId time)
    {
        var values = entry.Effective();
        var metrics = entry.EffectiveMetrics();
        return
        [
            Text(entry.Id), Text(EnumText<Kind>.Of(values.Kind)), Text(entry.Source), Text(EnumText<Role>.Of(values.Role)), Text(EnumText<Status>.Of(values.Status)),
            Text(values.Title), Text(values.Url), Text(values.Summary), Time(values.When), Time(values.EndsAt), Text(EnumText<DatePrecision>.Of(values.DatePrecision)),
            Text(values.Container?.Name), Text(values.Container?.Url), Text(LedgerCsv.Join(values.Topics)),
            .. LedgerCsv.MetricColumns.Select(name => new StyledCell(metrics.TryGetValue(name, out var metric) ? metric.Value : (double?)null, null)),
            Text(LedgerCsv.Join(metrics)), Text(LedgerCsv.Join(entry.Sightings.Select(s => s.Connection))), new(entry.Private, null),
            Text(EnumText<Review>.Of(entry.Review)), Text(entry.Note), new(entry.Revision, null), Text(LedgerCsv.Join(entry.Edits.Fields())),
        ];

        StyledCell Time(DateTimeOffset? at) => at is not { } known ? Empty
            : values.DatePrecision == DatePrecision.Day ? new(owner.Day(known, DatePrecision.Day).ToDateTime(TimeOnly.MinValue), day)
            : new(known.UtcDateTime, time);
    }

    internal static StyledCell Text(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return Empty;
        var valid = XmlText.Of(text);
        if (valid.Length > MaxCellLength)
            valid = valid[..(char.IsHighSurrogate(valid[MaxCellLength - 1]) ? MaxCellLength - 1 : MaxCellLength)];

        // Spreadsheets take _x0041_ for the character with that number (ECMA-376 part 1 section 22.9.2.19), so its first underscore is written as one.
        return new(NumberedCharacter().Replace(valid, "_x005F_"), null);
    }

    [GeneratedRegex("_(?=x[0-9A-Fa-f]{4}_)", RegexOptions.None, 5000)]
    private static partial Regex NumberedCharacter();
}
