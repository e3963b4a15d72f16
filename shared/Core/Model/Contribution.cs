namespace ContributionIngest.Core.Model;

/// <summary>
/// A ledger entry: what places say, what the person says over it, and which connections saw it. Stored whole as one document.
/// </summary>
public sealed record Contribution
{
    public required string Id { get; init; }

    /// <summary>The source of the first sighting; goes into the rollups.</summary>
    public required string Source { get; init; }

    /// <summary>Counts from 1; a changed title, date, state or URL makes a new one.</summary>
    public int Revision { get; init; } = 1;

    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>What the leading sighting says.</summary>
    public required ContributionValues Harvested { get; init; }

    /// <summary>The person's word, laid over the harvested values.</summary>
    public Edits Edits { get; init; } = Edits.None;

    public IReadOnlyList<Sighting> Sightings { get; init; } = [];

    public IReadOnlyDictionary<string, Metric> Metrics { get; init; } = new Dictionary<string, Metric>(StringComparer.Ordinal);

    /// <summary>The topics as the person's aliases spell them; null where that changes nothing.</summary>
    public IReadOnlyList<string>? Folded { get; init; }

    public Review Review { get; init; }

    public bool Private { get; init; }

    public string? Note { get; init; }

    /// <summary>The values that order, counts, filters and exports use.</summary>
    public ContributionValues Effective() => Folded is null ? Said() : Said() with { Topics = Folded };

    /// <summary>The same before the person's aliases.</summary>
    public ContributionValues Said() => Edits.Over(Harvested);

    /// <summary>Measured numbers with the person's own laid over them.</summary>
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

/// <summary>Values of a contribution after tidying: what the ledger compares, keeps and shows.</summary>
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

    /// <summary>True when the other differs in what makes a revision.</summary>
    public bool IsRevisedBy(ContributionValues other) =>
        Kind != other.Kind || Role != other.Role || Status != other.Status || When != other.When || EndsAt != other.EndsAt
        || !string.Equals(Title, other.Title, StringComparison.Ordinal) || !string.Equals(Url, other.Url, StringComparison.Ordinal);
}

/// <summary>What the person changed; null leaves the harvested value in force.</summary>
public sealed record Edits
{
    public static readonly Edits None = new();

    public string? Title { get; init; }

    public Kind? Kind { get; init; }

    public Role? Role { get; init; }

    public DateTimeOffset? When { get; init; }

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
        DatePrecision = When is null ? harvested.DatePrecision : DatePrecision.Exact,
        EndsAt = EndsAt ?? harvested.EndsAt,
        Url = Url ?? harvested.Url,
        Topics = Topics ?? harvested.Topics,
    };

    /// <summary>Names of the fields that are edited, as they are called outside.</summary>
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

    /// <summary>When this connection last told something new about it.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Of the draft it was made from; the same hash again changes nothing.</summary>
    public required string Hash { get; init; }

    /// <summary>The sighting with the lowest rank (ordinal) leads.</summary>
    public required string Rank { get; init; }

    /// <summary>The place's own last-change time; null where it gives none.</summary>
    public DateTimeOffset? Version { get; init; }

    /// <summary>When the place was asked for what stands here, or delivered it: of two versions that give no time of their own, the later one holds.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>How many other ids the place has given it; a place that gives a new one every time is not followed for ever.</summary>
    public int Names { get; init; }
}

/// <param name="At">When it was measured or typed.</param>
public sealed record Metric(double Value, DateTimeOffset At, MetricOrigin How);

/// <summary>An earlier state of a contribution.</summary>
/// <param name="Until">When the next revision took its place; null for the current one.</param>
public sealed record Revision(int Number, DateTimeOffset? Until, ContributionValues Harvested, Edits Edits);

/// <summary>A place began to count a number in another way: what lies on two sides of that day is not compared.</summary>
public sealed record MetricRedefinition(string Source, string Metric, DateTimeOffset At);
