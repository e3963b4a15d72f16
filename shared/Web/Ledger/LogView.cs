using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using NodaTime;

namespace ContributionIngest.Web.Ledger;

/// <summary>The form that logs a contribution.</summary>
/// <param name="Once">Sent twice, the form logs one entry.</param>
/// <param name="Recent">The kinds logged last, with the day of the last one.</param>
public sealed record LogView(string Once, IReadOnlyList<EntryField> Fields, IReadOnlyList<(Kind Kind, DateOnly Last)> Recent)
{
    private const int LastUsed = 3;

    /// <summary>The last used first.</summary>
    public IReadOnlyList<ContributionTemplate> Templates { get; init; } = [];

    /// <summary>The zone in which days are counted.</summary>
    public DateTimeZone Zone { get; init; } = DateTimeZone.Utc;

    /// <summary>The last used ones, then the others by title.</summary>
    public IEnumerable<ContributionTemplate> Again => Templates.Take(LastUsed).Concat(Templates.Skip(LastUsed).OrderBy(template => template.Title, StringComparer.OrdinalIgnoreCase));

    /// <summary>Why nothing was logged, if that is no matter of one field.</summary>
    public string? Problem { get; init; }

    /// <summary>The entries that have the address already, or that the same form logged before.</summary>
    public IReadOnlyList<Contribution> Known { get; init; } = [];

    public EntryField Field(string name) => Fields.First(field => field.Name == name);

    public IReadOnlyList<EntryField> Faults => [.. Fields.Where(known => known.Fault is not null)];
}
