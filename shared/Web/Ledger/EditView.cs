using ContributionIngest.Core.Model;

namespace ContributionIngest.Web.Ledger;

/// <summary>A field of a form about an entry.</summary>
/// <param name="Name">As the API has it.</param>
/// <param name="Label">Above it.</param>
/// <param name="Value">What is shown, and sent back.</param>
public sealed record EntryField(string Name, string Label, string Value)
{
    /// <summary>What stood there when the form was made; sent back as well, to tell what was touched.</summary>
    public string Original { get; init; } = "";

    public string? Hint { get; init; }

    /// <summary>What is wrong with the value.</summary>
    public string? Fault { get; init; }

    /// <summary>What the ledger has meanwhile, if somebody else changed the same field.</summary>
    public string? Now { get; init; }

    /// <summary>The id of the element.</summary>
    public string Id => Name.Replace('.', '-');

    /// <summary>The ids of what is said about it; null if nothing is.</summary>
    public string? DescribedBy => string.Join(' ', new[] { Fault is null ? null : $"{Id}-error", Now is null ? null : $"{Id}-now", Hint is null ? null : $"{Id}-hint" }.OfType<string>()) is { Length: > 0 } ids ? ids : null;
}

/// <summary>The form that edits an entry.</summary>
/// <param name="Tag">Of the entry as the form knows it.</param>
/// <param name="IsConflict">Somebody else changed the same fields meanwhile.</param>
public sealed record EditView(Contribution Entry, string Tag, IReadOnlyList<EntryField> Fields, bool IsConflict = false)
{
    public EntryField Field(string name) => Fields.First(field => field.Name == name);

    /// <summary>Numbers by name.</summary>
    public IEnumerable<EntryField> NumberFields => Fields.Where(known => known.Name.StartsWith("metrics.", StringComparison.Ordinal));

    public IReadOnlyList<EntryField> Faults => [.. Fields.Where(known => known.Fault is not null)];
}
