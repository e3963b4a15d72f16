using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>A query on the ledger. An empty set matches everything.</summary>
public sealed record LedgerQuery
{
    public const int MaxItems = 500;
    public const int MaxTextLength = 200;

    /// <summary>Inclusive.</summary>
    public DateOrInstant? From { get; init; }

    /// <summary>Inclusive as a day, exclusive as an instant.</summary>
    public DateOrInstant? To { get; init; }

    public IReadOnlySet<Kind> Kinds { get; init; } = new HashSet<Kind>();

    public IReadOnlySet<string> Sources { get; init; } = new HashSet<string>();

    /// <summary>Connection ids, at least one of which must have seen the entry.</summary>
    public IReadOnlySet<string> Connections { get; init; } = new HashSet<string>();

    /// <summary>Case-insensitive.</summary>
    public IReadOnlySet<string> Topics { get; init; } = new HashSet<string>();

    public IReadOnlySet<Status> Statuses { get; init; } = new HashSet<Status>();

    /// <summary>Rejected entries are excluded unless requested.</summary>
    public IReadOnlySet<Review> Reviews { get; init; } = NotRejected;

    /// <summary>Without case and accents; each must occur in title, summary, container, topics or note.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Only private entries, or only the others; null for both.</summary>
    public bool? Private { get; init; }

    public bool OldestFirst { get; init; }

    public int Limit { get; init; } = 50;

    /// <summary>All pages in one response.</summary>
    public bool All { get; init; }

    /// <summary>The key of the last entry read.</summary>
    public string? After { get; init; }

    private static readonly IReadOnlySet<Review> NotRejected = new HashSet<Review> { Review.New, Review.Accepted };

    /// <summary>Parses the parameters; errors are collected in them.</summary>
    /// <param name="sources">Returns the names of all sources; called only if the parameters name one.</param>
    public static LedgerQuery Parse(Parameters parameters, Func<IReadOnlyList<string>> sources)
    {
        var all = string.Equals(parameters.One("limit"), "all", StringComparison.OrdinalIgnoreCase);
        return new LedgerQuery
        {
            From = parameters.Moment("from"),
            To = parameters.Moment("to"),
            Kinds = parameters.Words<Kind>("kind"),
            Sources = ParseSet(parameters, "source", s => sources().Contains(s, StringComparer.OrdinalIgnoreCase), () => $"one or more of {string.Join(", ", sources())}"),
            Connections = ParseSet(parameters, "connection", c => c is "manual" || Identity.IsWellFormed(c), () => "the id of a connection, or manual"),
            Topics = ParseSet(parameters, "topic", t => t.Length <= Normaliser.TopicLength, () => $"a topic of at most {Normaliser.TopicLength} characters"),
            Statuses = parameters.Words<Status>("status"),
            Reviews = ParseReviews(parameters),
            Words = ParseWords(parameters),
            Private = parameters.One("private") is null ? null : parameters.Choice("private", "true", "false") == "true",
            OldestFirst = parameters.Choice("order", "newest", "oldest") == "oldest",
            All = all,
            Limit = all ? MaxItems : parameters.Number("limit", 1, MaxItems, ", or all") ?? 50,
            After = ReadCursor(parameters),
        };
    }

    /// <summary>All but rejected entries are asked for, as it is without the parameter <c>review</c>.</summary>
    public bool HasUsualReviews => Reviews.SetEquals(NotRejected);

    /// <summary>Replaces the topics according to the person's aliases.</summary>
    public LedgerQuery Folded(TopicAliases aliases) => this with { Topics = Topics.Select(aliases.Fold).ToHashSet(StringComparer.OrdinalIgnoreCase) };

    private static HashSet<string> ParseSet(Parameters parameters, string name, Predicate<string> isValid, Func<string> allowed)
    {
        var values = parameters.Many(name);
        foreach (var value in values.Where(v => !isValid(v)))
            parameters.Refuse(name, value, allowed());
        return values.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static IReadOnlySet<Review> ParseReviews(Parameters parameters)
    {
        var names = parameters.Many("review");
        if (names.Count == 0)
            return NotRejected;
        var words = parameters.Words<Review>("review", "all");
        return names.Contains("all", StringComparer.OrdinalIgnoreCase) ? Enum.GetValues<Review>().ToHashSet() : words;
    }

    private static string[] ParseWords(Parameters parameters)
    {
        var text = parameters.One("q") ?? "";
        if (text.Length > MaxTextLength)
            parameters.Refuse("q", text, $"a search of at most {MaxTextLength} characters");
        return SearchText.Of(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private static string? ReadCursor(Parameters parameters)
    {
        if (parameters.One("cursor") is not { } text)
            return null;
        if (Cursor.TryRead(text, out var key))
            return key;
        parameters.Refuse("cursor", text, "the 'next' of an answer");
        return null;
    }
}

/// <summary>Decides which entries match a query, by their effective values. Pure.</summary>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
public sealed class Filter(LedgerQuery query, DateTimeOffset? from, DateTimeOffset? to)
{
    public bool Matches(Contribution entry)
    {
        if (!query.Reviews.Contains(entry.Review))
            return false;
        var values = entry.Effective();

        // The keys that were read already limit the range, but a forged cursor could lead out of it.
        return (from is null || values.When >= from)
            && (to is null || values.When < to)
            && (query.Private is null || query.Private == entry.Private)
            && Allows(query.Kinds, values.Kind)
            && Allows(query.Statuses, values.Status)
            && Allows(query.Sources, entry.Source)
            && (query.Connections.Count == 0 || entry.Sightings.Any(s => query.Connections.Contains(s.Connection)))
            && (query.Topics.Count == 0 || values.Topics.Any(query.Topics.Contains))
            && (query.Words.Count == 0 || ContainsWords(entry, values));
    }

    private static bool Allows<T>(IReadOnlySet<T> allowed, T value) => allowed.Count == 0 || allowed.Contains(value);

    private bool ContainsWords(Contribution entry, ContributionValues values)
    {
        string?[] parts = [values.Title, values.Summary, values.Container?.Name, entry.Note, .. values.Topics];
        var text = SearchText.Of(string.Join('\n', parts));
        return query.Words.All(word => text.Contains(word, StringComparison.Ordinal));
    }
}
