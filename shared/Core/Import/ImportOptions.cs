using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Import;

/// <summary>What the person decides about a list.</summary>
/// <param name="Kind">Of what neither its row nor its sheet gives a kind.</param>
/// <param name="Order">Which number of 3/4/2020 is the day; null if only the column may tell.</param>
/// <param name="FirstIsMonth">Days that are the first of a month stand for the month.</param>
/// <param name="Private">All that is new is private.</param>
public sealed record ImportOptions(Kind? Kind = null, DayOrder? Order = null, bool FirstIsMonth = false, bool Private = false)
{
    /// <summary>What the person says of tables' columns, by the signature of their headers; in place of what was said before.</summary>
    public IReadOnlyDictionary<string, ColumnMapping> Mappings { get; init; } = new Dictionary<string, ColumnMapping>(StringComparer.Ordinal);

    /// <summary>What the person says of columns in whatever table they are.</summary>
    public ColumnMapping Columns { get; init; } = ColumnMapping.None;
}

/// <summary>What the columns of a table are, by their headers without case, accents and punctuation. A header that is not in it is recognised by itself; null leaves a column out.</summary>
public sealed record ColumnMapping(IReadOnlyDictionary<string, ImportField?> Fields)
{
    public static readonly ColumnMapping None = new(new Dictionary<string, ImportField?>(StringComparer.Ordinal));

    private const int MaxKey = 60;

    /// <summary>A header as the keys of a mapping have it.</summary>
    public static string Key(string header) => ImportWords.Fold(header) is var folded && folded.Length > MaxKey ? folded[..MaxKey] : folded;

    /// <summary>The same for every sheet with these headers, in this order.</summary>
    public static string Signature(IEnumerable<string> headers) => Identity.Hash(string.Join('\0', headers.Select(Key)));

    /// <summary>This, and what another says of the columns that a table has.</summary>
    public ColumnMapping With(ColumnMapping other, ImportSheet sheet)
    {
        var keys = sheet.Columns.Select(Key).ToHashSet(StringComparer.Ordinal);
        var said = other.Fields.Where(pair => keys.Contains(pair.Key)).ToList();
        if (said.Count == 0)
            return this;
        var fields = new SortedDictionary<string, ImportField?>(Fields.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (key, meant) in said)
            fields[key] = meant;
        return new ColumnMapping(fields);
    }

    /// <summary>The field of each column; null for one that is left out.</summary>
    public IReadOnlyList<ImportField?> Of(ImportSheet sheet)
    {
        var fields = new ImportField?[sheet.Columns.Count];
        var ranks = new Dictionary<ImportField, int>();
        foreach (var (index, header) in sheet.Columns.Index())
        {
            if (Fields.TryGetValue(Key(header), out var chosen))
                fields[index] = chosen;
            else if (ImportWords.Column(header) is var (field, rank))
                (fields[index], ranks[field]) = (field, Math.Min(rank, ranks.GetValueOrDefault(field, int.MaxValue)));
        }

        // Of several columns that could be the title, the date or the kind, the one that is called so is meant.
        foreach (var (index, header) in sheet.Columns.Index())
        {
            if (fields[index] is { } field && IsOne(field) && !Fields.ContainsKey(Key(header))
                && (ImportWords.Column(header)?.Rank > ranks[field] || Fields.Values.Contains(field) || Array.IndexOf(fields, field) < index))
                fields[index] = null;
        }

        return fields;
    }

    private static bool IsOne(ImportField field) => field is not (ImportField.Location or ImportField.Topics or ImportField.Links or ImportField.Slides or ImportField.Recording or ImportField.Summary);
}
