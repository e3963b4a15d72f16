using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes;

/// <summary>An entry that is suggested for a form with little room, and why.</summary>
/// <param name="Reasons">For people, the main one first.</param>
public sealed record ChosenEntry(string Id, string Title, Kind Kind, DateOnly Day, string? Url, AreaPart? Part, double? Reach, string? ReachName, IReadOnlyList<string> Reasons);

/// <summary>
/// Suggests entries where a form has room for some only. One after another it takes the entry that adds most: in the area the person is nominated in, of a kind and of a month that few of
/// those taken have, with evidence, with the widest reach among its kind. Each step has a reason that can be read; what the person changes by hand counts before it.
/// </summary>
public static class Choice
{
    /// <summary>The numbers that tell reach, the most telling first.</summary>
    private static readonly string[] Reach = ["attendees", "views", "plays", "downloads", "copies", "comments", "likes"];

    /// <param name="entries">Of the window.</param>
    /// <param name="room">How many the form takes.</param>
    /// <param name="name">The name of the area the person is nominated in; null if the programme has none or none is chosen.</param>
    /// <returns>In the order in which they were taken.</returns>
    public static IReadOnlyList<ChosenEntry> Suggest(IReadOnlyList<(LedgerLine Line, DateOnly Day, AreaPart? Part)> entries, int room, string? name)
    {
        var left = Candidates(entries);
        var taken = new List<ChosenEntry>();
        while (left.Count > 0 && taken.Count < room)
        {
            var best = left.MaxBy(candidate => Worth(candidate, taken))!;
            left.Remove(best);
            taken.Add(best.Entry with { Reasons = [.. Reasons(best, taken, name)] });
        }

        return taken;
    }

    /// <summary>All entries as they would be listed, without reasons, the newest first.</summary>
    public static IReadOnlyList<ChosenEntry> All(IReadOnlyList<(LedgerLine Line, DateOnly Day, AreaPart? Part)> entries) => [.. Candidates(entries).Select(candidate => candidate.Entry)];

    private static List<Candidate> Candidates(IReadOnlyList<(LedgerLine Line, DateOnly Day, AreaPart? Part)> entries)
    {
        var candidates = new List<Candidate>();
        foreach (var kind in entries.GroupBy(entry => entry.Line.Kind))
        {
            // Numbers of different kinds cannot be compared, so reach is a place among its own kind.
            var known = kind.Select(entry => ReachOf(entry.Line)?.Value).OfType<double>().Order().ToList();
            foreach (var (line, day, part) in kind)
            {
                var reach = ReachOf(line);
                var entry = new ChosenEntry(line.Id, line.Title, line.Kind, day, line.Url, part, reach?.Value, reach?.Name, []);
                candidates.Add(new Candidate(entry, reach is { } value && known.Count > 1 ? (double)known.Count(other => other < value.Value) / (known.Count - 1) : null));
            }
        }

        return [.. candidates.OrderByDescending(candidate => candidate.Entry.Day).ThenBy(candidate => candidate.Entry.Id, StringComparer.Ordinal)];
    }

    private static (string Name, double Value)? ReachOf(LedgerLine line)
    {
        foreach (var name in Reach)
        {
            if (line.Number(name) is >= 1 and var value)
                return (name, value);
        }

        return null;
    }

    private static double Worth(Candidate candidate, IReadOnlyList<ChosenEntry> taken)
    {
        var (entry, rank) = candidate;
        var area = entry.Part switch { null => 0, AreaPart.Area => 3, AreaPart.Category => 1, _ => -1 };
        var kind = 2.0 / (1 + taken.Count(other => other.Kind == entry.Kind));
        var month = 1.5 / (1 + taken.Count(other => (other.Day.Year, other.Day.Month) == (entry.Day.Year, entry.Day.Month)));
        return area + kind + month + (entry.Url is null ? 0 : 1) + (1.5 * (rank ?? 0));
    }

    private static IEnumerable<string> Reasons(Candidate candidate, IReadOnlyList<ChosenEntry> taken, string? area)
    {
        var entry = candidate.Entry;
        if (area is not null && entry.Part == AreaPart.Area)
            yield return $"in {area}";
        if (taken.All(other => other.Kind != entry.Kind))
            yield return "the first of its kind";
        if (taken.All(other => (other.Day.Year, other.Day.Month) != (entry.Day.Year, entry.Day.Month)))
            yield return $"the first of {entry.Day.ToString("MMMM", System.Globalization.CultureInfo.InvariantCulture)}";
        if (candidate.Rank >= 0.75)
            yield return "one of the widest reaching of its kind";
        if (entry.Url is null)
            yield return "has no link";
    }

    /// <param name="Rank">Its place by reach among its kind, from 0 to 1; null if it is not known.</param>
    private sealed record Candidate(ChosenEntry Entry, double? Rank);
}
