using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Model;

/// <summary>
/// A ledger entry: the harvested values, the person's edits, and the connections that saw it. Stored as a single document.
/// </summary>
public sealed record Contribution
{
    public required string Id { get; init; }

    /// <summary>The source of the first sighting; counted in the rollups.</summary>
    public required string Source { get; init; }

    /// <summary>Starts at 1; a change of kind, role, status, title, date or URL makes a new one.</summary>
    public int Revision { get; init; } = 1;

    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>The values from the leading sighting.</summary>
    public required ContributionValues Harvested { get; init; }

    /// <summary>The person's edits, which override the harvested values.</summary>
    public Edits Edits { get; init; } = Edits.None;

    public IReadOnlyList<Sighting> Sightings { get; init; } = [];

    public IReadOnlyDictionary<string, Metric> Metrics { get; init; } = new Dictionary<string, Metric>(StringComparer.Ordinal);

    /// <summary>The topics after the person's aliases are applied; null when the aliases change nothing.</summary>
    public IReadOnlyList<string>? Folded { get; init; }

    public Review Review { get; init; }

    public bool Private { get; init; }

    public string? Note { get; init; }

    /// <summary>The values used for sorting, counting, filtering and exporting.</summary>
    public ContributionValues Effective() => Folded is null ? WithEdits() : WithEdits() with { Topics = Folded };

    /// <summary>When the ledger last learned something about it from a place.</summary>
    public DateTimeOffset Updated() => Sightings.Select(s => s.LastSeen).Append(FirstSeen).Max();

    /// <summary>The effective values before the person's topic aliases are applied.</summary>
    public ContributionValues WithEdits() => Edits.Over(Harvested);

    /// <summary>The measured metrics, overridden by the person's own.</summary>
    public IReadOnlyDictionary<string, Metric> EffectiveMetrics()
    {
        if (Edits.Metrics is null)
            return Metrics;
        var all = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
        foreach (var (name, metric) in Metrics.Concat(Edits.Metrics))
            all[name] = metric;
        return all;
    }
}

/// <summary>A contribution's values after normalisation, as the ledger compares, stores and shows them.</summary>
public record ContributionValues
{
    public required Kind Kind { get; init; }

    public Role Role { get; init; }

    public Status Status { get; init; }

    public required string Title { get; init; }

    public string? Url { get; init; }

    public string? Summary { get; init; }

    /// <summary>When it happened or will happen.</summary>
    public required DateTimeOffset When { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public DatePrecision DatePrecision { get; init; }

    public Container? Container { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>True when the other values differ in a field that makes a new revision.</summary>
    public bool IsRevisedBy(ContributionValues other) =>
        Kind != other.Kind || Role != other.Role || Status != other.Status || When != other.When || EndsAt != other.EndsAt
        || !string.Equals(Title, other.Title, StringComparison.Ordinal) || !string.Equals(Url, other.Url, StringComparison.Ordinal);
}

/// <summary>The fields the person changed; null keeps the harvested value.</summary>
public sealed record Edits
{
    public static readonly Edits None = new();

    public string? Title { get; init; }

    public Kind? Kind { get; init; }

    public Role? Role { get; init; }

    public DateTimeOffset? When { get; init; }

    /// <summary><see cref="When"/> was given as a day.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WhenIsDay { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public string? Url { get; init; }

    public IReadOnlyList<string>? Topics { get; init; }

    public IReadOnlyDictionary<string, Metric>? Metrics { get; init; }

    public ContributionValues Over(ContributionValues harvested) => harvested with
    {
        Title = Title ?? harvested.Title,
        Kind = Kind ?? harvested.Kind,
        Role = Role ?? harvested.Role,
        When = When ?? harvested.When,
        DatePrecision = When is null ? harvested.DatePrecision : WhenIsDay ? DatePrecision.Day : DatePrecision.Exact,
        EndsAt = EndsAt ?? harvested.EndsAt,
        Url = Url ?? harvested.Url,
        Topics = Topics ?? harvested.Topics,
    };

    /// <summary>The names of the edited fields, as the API spells them.</summary>
    public IReadOnlyList<string> Fields()
    {
        var fields = new List<string>();
        if (Title is not null) fields.Add("title");
        if (Kind is not null) fields.Add("kind");
        if (Role is not null) fields.Add("role");
        if (When is not null) fields.Add("when");
        if (EndsAt is not null) fields.Add("endsAt");
        if (Url is not null) fields.Add("url");
        if (Topics is not null) fields.Add("topics");
        if (Metrics is not null) fields.Add("metrics");
        return fields;
    }
}

/// <summary>One connection's view of a contribution.</summary>
public sealed record Sighting
{
    public required string Connection { get; init; }

    public required string Source { get; init; }

    public string? Url { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When this connection last reported something new about it.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Hash of the draft it was made from; a draft with the same hash changes nothing.</summary>
    public required string Hash { get; init; }

    /// <summary>The sighting with the lowest rank (ordinal comparison) leads.</summary>
    public required string Rank { get; init; }

    /// <summary>The source's own last-change time; null when it gives none.</summary>
    public DateTimeOffset? Version { get; init; }

    /// <summary>When the source was queried or delivered this. Of two versions without a time of their own, the later one wins.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>A delivery brought it, not a read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDelivered { get; init; }

    /// <summary>How many other ids the source has given it. The number is capped, because a source may assign a new id every time.</summary>
    public int Names { get; init; }
}

/// <param name="At">When it was measured or entered.</param>
public sealed record Metric(double Value, DateTimeOffset At, MetricOrigin How);

/// <summary>An earlier state of a contribution.</summary>
/// <param name="Until">When the next revision replaced it; null for the current one.</param>
public sealed record Revision(int Number, DateTimeOffset? Until, ContributionValues Harvested, Edits Edits);

/// <summary>A source changed how it counts a metric; values from before and after it are not compared.</summary>
public sealed record MetricRedefinition(string Source, string Metric, DateTimeOffset At);
