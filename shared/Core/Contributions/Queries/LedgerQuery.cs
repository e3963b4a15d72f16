using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>What is asked of the ledger. Empty sets ask for everything.</summary>
public sealed record LedgerQuery
{
    public const int MostItems = 500;
    public const int LongestText = 200;

    /// <summary>Inclusive.</summary>
    public DateOrInstant? From { get; init; }

    /// <summary>Inclusive as a day, exclusive as an instant.</summary>
    public DateOrInstant? To { get; init; }

    public IReadOnlySet<Kind> Kinds { get; init; } = new HashSet<Kind>();

    public IReadOnlySet<string> Sources { get; init; } = new HashSet<string>();

    /// <summary>Ids of connections any of which has seen the entry.</summary>
    public IReadOnlySet<string> Connections { get; init; } = new HashSet<string>();

    /// <summary>Blind to case.</summary>
    public IReadOnlySet<string> Topics { get; init; } = new HashSet<string>();

    public IReadOnlySet<Status> Statuses { get; init; } = new HashSet<Status>();

    /// <summary>Rejected ones are left out unless they are asked for.</summary>
    public IReadOnlySet<Review> Reviews { get; init; } = NotRejected;

    /// <summary>Folded; each has to occur in title, summary, container, topics or note.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public bool OldestFirst { get; init; }

    public int Limit { get; init; } = 50;

    /// <summary>All pages in one answer.</summary>
    public bool All { get; init; }

    /// <summary>Key of the last entry looked at.</summary>
    public string? After { get; init; }

    private static readonly IReadOnlySet<Review> NotRejected = new HashSet<Review> { Review.New, Review.Accepted };

    /// <summary>What is wrong with the parameters is kept in them.</summary>
    /// <param name="sources">Names of all sources; asked for only if the parameters name one.</param>
    public static LedgerQuery Parse(Parameters parameters, Func<IReadOnlyList<string>> sources)
    {
        var all = string.Equals(parameters.One("limit"), "all", StringComparison.OrdinalIgnoreCase);
        return new LedgerQuery
        {
            From = parameters.Moment("from"),
            To = parameters.Moment("to"),
            Kinds = parameters.Words<Kind>("kind"),
            Sources = Text(parameters, "source", s => sources().Contains(s, StringComparer.OrdinalIgnoreCase), () => $"one or more of {string.Join(", ", sources())}"),
            Connections = Text(parameters, "connection", c => c is "manual" || Identity.IsWellFormed(c), () => "the id of a connection, or manual"),
            Topics = Text(parameters, "topic", t => t.Length <= Normaliser.TopicLength, () => $"a topic of at most {Normaliser.TopicLength} characters"),
            Statuses = parameters.Words<Status>("status"),
            Reviews = Asked(parameters),
            Words = Search(parameters),
            OldestFirst = parameters.Choice("order", "newest", "oldest") == "oldest",
            All = all,
            Limit = all ? MostItems : parameters.Number("limit", 1, MostItems, ", or all") ?? 50,
            After = Place(parameters),
        };
    }

    /// <summary>Asks for the topics that the person's aliases make of those asked for.</summary>
    public LedgerQuery Folded(TopicAliases aliases) => this with { Topics = Topics.Select(aliases.Fold).ToHashSet(StringComparer.OrdinalIgnoreCase) };

    private static HashSet<string> Text(Parameters parameters, string name, Predicate<string> fits, Func<string> allowed)
    {
        var values = parameters.Many(name);
        foreach (var value in values.Where(v => !fits(v)))
            parameters.Refuse(name, value, allowed());
        return values.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static IReadOnlySet<Review> Asked(Parameters parameters)
    {
        var asked = parameters.Many("review");
        if (asked.Count == 0)
            return NotRejected;
        var words = parameters.Words<Review>("review", "all");
        return asked.Contains("all", StringComparer.OrdinalIgnoreCase) ? Enum.GetValues<Review>().ToHashSet() : words;
    }

    private static string[] Search(Parameters parameters)
    {
        var text = parameters.One("q") ?? "";
        if (text.Length > LongestText)
            parameters.Refuse("q", text, $"a search of at most {LongestText} characters");
        return ContributionIngest.Core.Contributions.Queries.SearchText.Of(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private static string? Place(Parameters parameters)
    {
        if (parameters.One("cursor") is not { } text)
            return null;
        if (Cursor.TryRead(text, out var key))
            return key;
        parameters.Refuse("cursor", text, "the 'next' of an answer");
        return null;
    }
}

/// <summary>Which entries a query means, by their effective values. Pure.</summary>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
public sealed class Filter(LedgerQuery query, DateTimeOffset? from, DateTimeOffset? to)
{
    public bool Holds(Contribution entry)
    {
        if (!query.Reviews.Contains(entry.Review))
            return false;
        var values = entry.Effective();

        // The range is read by keys already; a made-up cursor must not lead out of it.
        return (from is null || values.When >= from)
            && (to is null || values.When < to)
            && Has(query.Kinds, values.Kind)
            && Has(query.Statuses, values.Status)
            && Has(query.Sources, entry.Source)
            && (query.Connections.Count == 0 || entry.Sightings.Any(s => query.Connections.Contains(s.Connection)))
            && (query.Topics.Count == 0 || values.Topics.Any(query.Topics.Contains))
            && (query.Words.Count == 0 || Says(entry, values));
    }

    private static bool Has<T>(IReadOnlySet<T> allowed, T value) => allowed.Count == 0 || allowed.Contains(value);

    private bool Says(Contribution entry, ContributionValues values)
    {
        string?[] said = [values.Title, values.Summary, values.Container?.Name, entry.Note, .. values.Topics];
        var text = SearchText.Of(string.Join('\n', said));
        return query.Words.All(word => text.Contains(word, StringComparison.Ordinal));
    }
}
