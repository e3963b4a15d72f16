using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Import;

/// <summary>What becomes of a row.</summary>
[JsonConverter(typeof(EnumTextConverter<ImportOutcome>))]
public enum ImportOutcome
{
    New,

    /// <summary>The ledger has the contribution; the row is recorded as more evidence of it.</summary>
    Evidence,

    /// <summary>The row was imported before, or is in the ledger under its own id.</summary>
    Known,

    /// <summary>Probably one that the ledger has: it is suggested, and counts nowhere until the person says.</summary>
    Likely,

    /// <summary>It says itself that it did not take place, or repeats another row.</summary>
    LeftOut,

    /// <summary>Something that is needed is missing or cannot be read.</summary>
    Wrong,
}

/// <summary>Something about a cell.</summary>
/// <param name="Column">Its header; null if it is about the whole row.</param>
/// <param name="IsLeftOut">The whole row is left out for it.</param>
public sealed record ImportFault(string Sheet, int Row, string? Column, string Message, bool IsLeftOut);

/// <summary>A row as it would be imported.</summary>
/// <param name="Sheet">Its name; empty where a file has only one.</param>
public sealed record ImportItem(string Sheet, int Row, ImportOutcome Outcome, string? Title, DateTimeOffset? When, DatePrecision Precision, Kind? Kind)
{
    /// <summary>Why it is left out, in a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>The id of its entry, which a new one has only after the import.</summary>
    public string? Entry { get; init; }

    /// <summary>The entry that it is, or resembles.</summary>
    public ResembledEntry? Same { get; init; }

    /// <summary>Null for a row that is left out.</summary>
    [JsonIgnore]
    internal ImportDraft? Draft { get; init; }
}

public sealed record ResembledEntry(string Id, string Title, DateTimeOffset When, DatePrecision Precision, Kind Kind);

/// <summary>What a row says about a contribution.</summary>
internal sealed record ImportDraft(Draft Draft, string Id)
{
    /// <summary>The row says the kind itself, or its sheet does.</summary>
    public bool IsKindStated { get; init; }

    /// <summary>The numbers, which are the person's word.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    public string? Note { get; init; }

    public bool Private { get; init; }

    /// <summary>The canonical address; null if it has none of its own.</summary>
    public string? Address { get; init; }

    /// <summary>An entry of our own export, which is restored whole.</summary>
    public Contribution? Restored { get; init; }

    /// <summary>The id that the row gives its entry, in our own tables.</summary>
    public string? StatedId { get; init; }
}
