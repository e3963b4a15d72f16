using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes;

/// <summary>How a rule is known. Only what the programme itself published may become a threshold.</summary>
[JsonConverter(typeof(EnumTextConverter<RuleMark>))]
public enum RuleMark
{
    /// <summary>On a page, in a repository or in the form of the programme.</summary>
    Published,

    /// <summary>Told by participants.</summary>
    Reported,

    /// <summary>Advice of reviewers and participants.</summary>
    Advice,
}

/// <summary>What a programme looks for above all.</summary>
[JsonConverter(typeof(EnumTextConverter<Wish>))]
public enum Wish
{
    /// <summary>Nothing is known.</summary>
    None,

    /// <summary>A number of contributions.</summary>
    Count,

    /// <summary>Many in one area.</summary>
    Depth,

    /// <summary>Several kinds.</summary>
    Breadth,

    /// <summary>Something in every month.</summary>
    Regularity,

    /// <summary>Points by a table.</summary>
    Points,
}

/// <summary>What a rule is about.</summary>
[JsonConverter(typeof(EnumTextConverter<RuleCheck>))]
public enum RuleCheck
{
    /// <summary>A sentence without a figure.</summary>
    Text,
    Items,
    Kinds,
    Months,
    Silence,
    Evidence,

    /// <summary>Whether links answer, and let everybody read.</summary>
    Link,

    /// <summary>Whether the person's name and the date stand on the page.</summary>
    Page,
    Numbers,
    Size,
    Window,
    Cap,
    Area,

    /// <summary>The category of the area the person is nominated in, by itself.</summary>
    Category,
    Employer,
    Deadline,
    Points,
}

/// <summary>One rule of a programme, with where it is written.</summary>
public sealed record ProgrammeRule
{
    public required RuleCheck Check { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Text { get; init; }

    public required RuleMark Mark { get; init; }

    /// <summary>Where it is written: an address, or a repository with a path and a commit.</summary>
    public required string Source { get; init; }

    /// <summary>When it was seen there: a year, a month or a day.</summary>
    public required string Seen { get; init; }

    /// <summary>The fewest, in the window; for <see cref="RuleCheck.Months"/> in each month. Only of a published rule.</summary>
    public int? AtLeast { get; init; }

    /// <summary>The most that is taken. Only of a published rule.</summary>
    public int? AtMost { get; init; }

    /// <summary>Days of silence after which something happens, and what. Only of a published rule.</summary>
    public IReadOnlyDictionary<string, string>? Days { get; init; }

    /// <summary>Points for a contribution, by its kind. Only of a published rule.</summary>
    public IReadOnlyDictionary<Kind, int>? Points { get; init; }

    /// <summary>Points a year for each level. Only of a published rule.</summary>
    public IReadOnlyDictionary<string, int>? Levels { get; init; }

    /// <summary>For <see cref="RuleCheck.Kinds"/>, what the programme's own list has, and the kinds that may be it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Kind>>? Criteria { get; init; }

    /// <summary>For <see cref="RuleCheck.Numbers"/>, the number that is asked for, by kind, as the ledger calls it.</summary>
    public IReadOnlyDictionary<Kind, string>? Numbers { get; init; }

    /// <summary>For <see cref="RuleCheck.Size"/>, the least of each number, by kind. Only of a published rule.</summary>
    public IReadOnlyDictionary<Kind, IReadOnlyDictionary<string, int>>? Sizes { get; init; }
}

/// <summary>An award or ambassador programme as a file describes it.</summary>
public sealed record Programme
{
    /// <summary>Lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Url { get; init; }

    public Wish Wish { get; init; }

    /// <summary>The days that count; null if nothing is known.</summary>
    public WindowRule? Window { get; init; }

    /// <summary>Empty if none are published or reported.</summary>
    public IReadOnlyList<ProgrammeRule> Rules { get => field ?? []; init; }

    /// <summary>Words for the programme's own subject. What has none of them in title or topics is not about it. Empty if it has no subject of its own.</summary>
    public IReadOnlyList<string> About { get => field ?? []; init; }

    /// <summary>The list of areas it awards people in; null if it has none.</summary>
    public string? Areas { get; init; }

    /// <summary>What goes on for several months counts in each of them.</summary>
    public bool CountsEachMonth { get; init; }

    /// <summary>What the programme calls our kinds. A kind without a word here has no place in it.</summary>
    public IReadOnlyDictionary<Kind, string> Types { get => field ?? new Dictionary<Kind, string>(); init; }

    /// <summary>What it is handed in with; null for a sheet with what the ledger has.</summary>
    public Form? Form { get; init; }
}

/// <summary>Programme files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Programme))]
internal sealed partial class ProgrammeJson : JsonSerializerContext;
