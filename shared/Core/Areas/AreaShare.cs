using System.Globalization;

namespace ContributionIngest.Core.Areas;

/// <summary>A part of the entries, and its share of all of them.</summary>
/// <param name="Percent">Of all entries, also those that are not placed; rounded.</param>
public sealed record AreaCount(AreaPart Part, int Count, int Percent);

/// <summary>How many entries are in an area.</summary>
/// <param name="Area">Null for a category without an area.</param>
/// <param name="Topics">The topics that placed them there, the most frequent first, at most five.</param>
public sealed record AreaNumber(AreaPart Part, string? Area, string Category, int Count, IReadOnlyList<string> Topics);

/// <summary>A topic that would place entries if the person said where it belongs.</summary>
/// <param name="Area">Where it is likely to belong; null if nothing is known, or only the category.</param>
/// <param name="Count">Entries with it that are not placed.</param>
public sealed record TopicToPlace(string Topic, string? Area, string? Category, int Count);

/// <summary>How entries spread over areas. Every entry counts once, by its first area.</summary>
/// <param name="Area">The area the person is nominated in, by its current name; null if none is chosen.</param>
/// <param name="Text">For people.</param>
/// <param name="Parts">All four, also those without entries.</param>
/// <param name="Areas">The areas that have entries, the largest first.</param>
/// <param name="ToPlace">Topics of entries that are not placed, the most frequent first, at most <see cref="MaxToPlace"/>.</param>
public sealed record AreaShare(string? Area, string? Category, int Total, string Text, IReadOnlyList<AreaCount> Parts, IReadOnlyList<AreaNumber> Areas, IReadOnlyList<TopicToPlace> ToPlace)
{
    public const int MaxToPlace = 30;

    private const int MaxTopics = 5;

    internal static AreaShare Of(string? area, string? category, IReadOnlyList<(AreaPlace Place, IReadOnlyList<string> Topics)> places, IReadOnlyList<TopicToPlace> toPlace)
    {
        // Entries with the same topics share one place.
        var counted = places.GroupBy(item => item.Place, ReferenceEqualityComparer.Instance).Select(group => (Place: (AreaPlace)group.Key!, Count: group.Count())).ToList();
        var parts = Enum.GetValues<AreaPart>().ToDictionary(part => part, part => counted.Where(item => item.Place.Part == part).Sum(item => item.Count));
        var areas = counted.Where(item => item.Place.Part != AreaPart.NotPlaced).GroupBy(item => (item.Place.Part, item.Place.Area, item.Place.Category))
            .Select(group => new AreaNumber(group.Key.Part, group.Key.Area, group.Key.Category ?? "", group.Sum(item => item.Count), Frequent(group.SelectMany(item => item.Place.Words.Select(word => (word, item.Count))))))
            .OrderBy(number => number.Part).ThenByDescending(number => number.Count).ThenBy(number => number.Area, StringComparer.Ordinal);
        return new AreaShare(
            area, category, places.Count, Sentence(area, category, places.Count, parts), [.. parts.Select(part => new AreaCount(part.Key, part.Value, places.Count == 0 ? 0 : (int)Math.Round(100.0 * part.Value / places.Count)))], [.. areas], toPlace);
    }

    private static string Sentence(string? area, string? category, int total, Dictionary<AreaPart, int> parts)
    {
        if (total == 0)
            return "Nothing to place yet.";
        var notPlaced = $"{Number(parts[AreaPart.NotPlaced])} not placed";
        return area is null
            ? $"{Number(total - parts[AreaPart.NotPlaced])} of {Number(total)} are placed in areas, {notPlaced}. No area is chosen."
            : $"{Number(parts[AreaPart.Area])} of {Number(total)} in {area}, {Number(parts[AreaPart.Category])} elsewhere in {category ?? "its category"}, {Number(parts[AreaPart.Other])} other, {notPlaced}.";
    }

    private static IReadOnlyList<string> Frequent(IEnumerable<(string Word, int Count)> words) =>
        [.. words.GroupBy(item => item.Word, item => item.Count, StringComparer.OrdinalIgnoreCase).OrderByDescending(group => group.Sum()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(MaxTopics).Select(group => group.Key)];

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
