using System.Globalization;

namespace ContributionIngest.Core.Programmes.Areas;

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

    /// <param name="places">Of every entry of the window, with its topics.</param>
    public static AreaShare Of(AreaList list, AreaChoices choices, string? nominated, IReadOnlyList<(AreaPlace Place, IReadOnlyList<string> Topics)> places)
    {
        var area = nominated is null ? null : list.Current(nominated);
        var category = area is null ? null : list.CategoryOf(area);
        var parts = Enum.GetValues<AreaPart>().Select(part => (Part: part, Count: places.Count(item => item.Place.Part == part))).ToDictionary(item => item.Part, item => item.Count);
        var areas = places.Where(item => item.Place.Part != AreaPart.NotPlaced).GroupBy(item => (item.Place.Part, item.Place.Area, item.Place.Category))
            .Select(group => new AreaNumber(group.Key.Part, group.Key.Area, group.Key.Category ?? "", group.Count(), Frequent(group.SelectMany(item => item.Place.Words))))
            .OrderBy(number => number.Part).ThenByDescending(number => number.Count).ThenBy(number => number.Area, StringComparer.Ordinal);
        return new AreaShare(
            area, category, places.Count, Sentence(area, category, places.Count, parts), [.. parts.Select(part => new AreaCount(part.Key, part.Value, places.Count == 0 ? 0 : (int)Math.Round(100.0 * part.Value / places.Count)))], [.. areas], ToPlaceOf(list, choices, places));
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

    private static IReadOnlyList<TopicToPlace> ToPlaceOf(AreaList list, AreaChoices choices, IReadOnlyList<(AreaPlace Place, IReadOnlyList<string> Topics)> places) =>
    [
        .. places.Where(item => item.Place.Part == AreaPart.NotPlaced).SelectMany(item => item.Topics.DistinctBy(AreaList.Fold)).GroupBy(AreaList.Fold)
            .Where(group => !choices.Topics.ContainsKey(group.Key)).Select(group => new TopicToPlace(group.First(), list.Of(group.Key)?.Area, list.Of(group.Key)?.Category, group.Count()))
            .OrderByDescending(topic => topic.Category is not null).ThenByDescending(topic => topic.Count).ThenBy(topic => topic.Topic, StringComparer.Ordinal).Take(MaxToPlace),
    ];

    private static IReadOnlyList<string> Frequent(IEnumerable<string> words) =>
        [.. words.GroupBy(AreaList.Fold).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(MaxTopics).Select(group => group.First())];

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
