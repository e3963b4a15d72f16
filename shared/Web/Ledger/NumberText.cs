using ContributionIngest.Core.Model;

namespace ContributionIngest.Web.Ledger;

/// <summary>What the numbers of contributions are called.</summary>
public static class NumberText
{
    private static readonly Dictionary<string, (string Label, string One, string Many)> Names = new(StringComparer.Ordinal)
    {
        ["attendees"] = ("Attended", "attended", "attended"),
        ["rsvps"] = ("Said yes", "said yes", "said yes"),
        ["views"] = ("Views", "view", "views"),
        ["plays"] = ("Plays", "play", "plays"),
        ["downloads"] = ("Downloads", "download", "downloads"),
        ["comments"] = ("Comments", "comment", "comments"),
        ["likes"] = ("Likes", "like", "likes"),
        ["minutes"] = ("Minutes", "minute", "minutes"),
        ["additions"] = ("Lines added", "line added", "lines added"),
        ["deletions"] = ("Lines removed", "line removed", "lines removed"),
    };

    /// <summary>Those of which lists show the first that is known.</summary>
    public static readonly IReadOnlyList<string> Telling = ["attendees", "views", "plays", "downloads", "comments", "likes"];

    /// <summary>Before its number: "Views".</summary>
    public static string Label(string name) => Names.TryGetValue(name, out var known) ? known.Label : char.ToUpperInvariant(name[0]) + Spaced(name)[1..];

    /// <summary>"1,450 views".</summary>
    public static string Count(string name, double value) => $"{Numbers.Of(value)} {Noun(name, value)}";

    /// <summary>"410 more views", "3 fewer views", "25 more attended".</summary>
    public static string Growth(string name, double by) => by == 0 ? $"as many {Noun(name, 0)}" : $"{Numbers.Of(Math.Abs(by))} {(by > 0 ? "more" : "fewer")} {Noun(name, Math.Abs(by))}";

    /// <summary>The number that one would like to know of such a contribution; null if there is none.</summary>
    public static string? Expected(Kind kind) => kind switch
    {
        Kind.Talk or Kind.Event or Kind.Workshop or Kind.Organising => "attendees",
        Kind.Video or Kind.BlogPost or Kind.Article => "views",
        Kind.PodcastEpisode => "plays",
        _ => null,
    };

    /// <summary>In the order in which pages list them.</summary>
    public static IEnumerable<string> Ordered(IEnumerable<string> names)
    {
        var known = Names.Keys.ToList();
        return names.Distinct(StringComparer.Ordinal).OrderBy(name => known.IndexOf(name) is >= 0 and var index ? index : known.Count).ThenBy(name => name, StringComparer.Ordinal);
    }

    private static string Noun(string name, double value) => Names.TryGetValue(name, out var known) ? value == 1 ? known.One : known.Many : Spaced(name);

    private static string Spaced(string name) => string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));
}
