using System.Text;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Import;

/// <summary>What the person decides about a list.</summary>
/// <param name="Kind">Of what neither its row nor its sheet gives a kind.</param>
/// <param name="Order">Which number of 3/4/2020 is the day; null if only the column may tell.</param>
/// <param name="FirstIsMonth">Days that are the first of a month stand for the month.</param>
/// <param name="Private">All that is new is private.</param>
public sealed record ImportOptions(Kind? Kind = null, DayOrder? Order = null, bool FirstIsMonth = false, bool Private = false)
{
    /// <summary>Columns mapped by hand, by the signature of their sheet's headers.</summary>
    public IReadOnlyDictionary<string, ColumnMapping> Mappings { get; init; } = new Dictionary<string, ColumnMapping>(StringComparer.Ordinal);

    /// <summary>The same decisions always give the same text.</summary>
    internal string Text
    {
        get
        {
            var text = new StringBuilder().Append(Kind).Append('\0').Append(Order).Append('\0').Append(FirstIsMonth).Append('\0').Append(Private);
            foreach (var (signature, mapping) in Mappings.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                text.Append('\0').Append(signature);
                foreach (var (header, meant) in mapping.Fields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    text.Append('\0').Append(header).Append('\0').Append(meant);
            }

            return text.ToString();
        }
    }
}

/// <summary>What the columns of a table are, by their headers without case, accents and punctuation. A header that is not in it is recognised by itself; null leaves a column out.</summary>
public sealed record ColumnMapping(IReadOnlyDictionary<string, ImportField?> Fields)
{
    public static readonly ColumnMapping None = new(new Dictionary<string, ImportField?>(StringComparer.Ordinal));

    /// <summary>A header as the keys of a mapping have it.</summary>
    public static string Key(string header) => ImportWords.Fold(header);

    /// <summary>The same for every sheet with these headers, in this order.</summary>
    public static string Signature(IEnumerable<string> headers) => Identity.Hash(string.Join('\0', headers.Select(Key)));

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
