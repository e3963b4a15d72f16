using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Areas;

/// <summary>Where an entry is, seen from the area the person is nominated in.</summary>
[JsonConverter(typeof(EnumTextConverter<AreaPart>))]
public enum AreaPart
{
    /// <summary>In the area itself.</summary>
    Area,

    /// <summary>In another area of the same category, or in the category without an area.</summary>
    Category,

    /// <summary>In an area of another category.</summary>
    Other,

    /// <summary>Nothing decides.</summary>
    NotPlaced,
}

/// <summary>What decided where an entry is, or why nothing did.</summary>
[JsonConverter(typeof(EnumTextConverter<AreaReason>))]
public enum AreaReason
{
    /// <summary>The person placed the entry.</summary>
    Person,

    /// <summary>The person placed a topic of it.</summary>
    PersonTopic,

    /// <summary>The table has a topic of it.</summary>
    Topic,

    /// <summary>A topic names a category only.</summary>
    Category,

    /// <summary>A topic is likely to belong to an area; the person is asked.</summary>
    Suggested,

    /// <summary>A topic fits the clouds of several makers.</summary>
    Neutral,

    /// <summary>No topic of it belongs anywhere.</summary>
    Unknown,
}

/// <summary>Where an entry is, and the words that decided.</summary>
/// <param name="Area">The area, by its current name; the suggested one if it is only suggested; null if there is none.</param>
/// <param name="Words">The topics that decided or suggest, as the entry has them.</param>
public sealed record AreaPlace(AreaPart Part, AreaReason Reason, string? Area, string? Category, IReadOnlyList<string> Words)
{
    /// <summary>Areas that other topics of it belong to.</summary>
    public IReadOnlyList<string> More { get; init; } = [];
}

/// <summary>
/// Places entries by their topics, whole topics only: the person's word on the entry, then the person's word on a topic, then the table. Of several areas the one that
/// most topics name is the entry's, the first of them if they are equal.
/// </summary>
/// <param name="nominated">The area the person is nominated in; null if none is chosen.</param>
public sealed class AreaPlacer(AreaList list, AreaChoices choices, string? nominated)
{
    private readonly string? nominated = nominated is null ? null : list.Current(nominated);
    private readonly string? category = nominated is null ? null : list.CategoryOf(nominated);


    // The same few topics come again and again, and so do the same lists of them.
    private readonly Dictionary<string, (string Folded, AreaTopics? Of, string? Chosen)> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AreaPlace> byTopics = new(StringComparer.Ordinal);

    /// <summary>How entries spread over the areas.</summary>
    /// <param name="places">Of every entry, with its topics.</param>
    public AreaShare ShareOf(IReadOnlyList<(AreaPlace Place, IReadOnlyList<string> Topics)> places) =>
        AreaShare.Of(nominated, category, places, ToPlace(places));

    public AreaPlace Place(string entry, IReadOnlyList<string> topics)
    {
        if (choices.Entries.TryGetValue(entry, out var set))
            return In(list.Current(set), AreaReason.Person, []);
        var key = string.Join('\n', topics);
        return byTopics.TryGetValue(key, out var found) ? found : byTopics[key] = ByTopics(topics);
    }

    private AreaPlace ByTopics(IReadOnlyList<string> topics)
    {
        var (person, table) = (new List<(string Area, string Word)>(), new List<(string Area, string Word)>());
        (AreaTopics Of, string Word)? categoryOnly = null, neutral = null, suggested = null;
        foreach (var topic in topics)
        {
            var (_, of, chosen) = Known(topic);
            if (chosen is not null)
            {
                if (chosen.Length > 0)
                    person.Add((list.Current(chosen), topic));
            }
            else if (of is not null)
            {
                if (of.Basis == AreaBasis.Judgement)
                    suggested ??= (of, topic);
                else if (of.Area is null)
                    categoryOnly ??= (of, topic);
                else if (of.IsNeutral && of.Area != nominated)
                    neutral ??= (of, topic);
                else
                    table.Add((of.Area, topic));
            }
        }

        if (person.Count > 0)
            return Decided(person, AreaReason.PersonTopic, table);
        if (table.Count > 0)
            return Decided(table, AreaReason.Topic, []);
        if (categoryOnly is var (only, word))
            return new AreaPlace(only.Category == category ? AreaPart.Category : AreaPart.Other, AreaReason.Category, null, only.Category, [word]);
        if (suggested is var (likely, hint))
            return new AreaPlace(AreaPart.NotPlaced, AreaReason.Suggested, likely.Area, likely.Category, [hint]);
        return neutral is var (several, by)
            ? new AreaPlace(AreaPart.NotPlaced, AreaReason.Neutral, several.Area, several.Category, [by])
            : new AreaPlace(AreaPart.NotPlaced, AreaReason.Unknown, null, null, []);
    }

    private (string Folded, AreaTopics? Of, string? Chosen) Known(string topic)
    {
        if (known.TryGetValue(topic, out var found))
            return found;
        var folded = AreaList.Fold(topic);
        return known[topic] = (folded, list.Of(folded), choices.Topics.GetValueOrDefault(folded));
    }

    /// <summary>Topics of entries that are not placed, of which the person has said nothing yet.</summary>
    private IReadOnlyList<TopicToPlace> ToPlace(IReadOnlyList<(AreaPlace Place, IReadOnlyList<string> Topics)> places)
    {
        var topics = places.Where(item => item.Place.Part == AreaPart.NotPlaced).SelectMany(item => item.Topics.DistinctBy(topic => Known(topic).Folded)).Where(topic => Known(topic).Chosen is null);
        return
        [
            .. topics.GroupBy(topic => Known(topic).Folded, StringComparer.Ordinal).Select(group => new TopicToPlace(group.First(), Known(group.First()).Of?.Area, Known(group.First()).Of?.Category, group.Count()))
                .OrderByDescending(topic => topic.Category is not null).ThenByDescending(topic => topic.Count).ThenBy(topic => topic.Topic, StringComparer.Ordinal).Take(AreaShare.MaxToPlace),
        ];
    }

    private AreaPlace Decided(IReadOnlyList<(string Area, string Word)> named, AreaReason reason, IReadOnlyList<(string Area, string Word)> others)
    {
        // Groups come in the order of their first topic, and sorting keeps it among equals.
        var groups = named.GroupBy(item => item.Area, item => item.Word, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ToList();
        var more = groups.Skip(1).Select(group => group.Key).Concat(others.Select(other => other.Area)).Where(area => area != groups[0].Key).Distinct(StringComparer.Ordinal);
        return In(groups[0].Key, reason, [.. groups[0]]) with { More = [.. more] };
    }

    private AreaPlace In(string area, AreaReason reason, IReadOnlyList<string> words)
    {
        var of = list.CategoryOf(area);
        if (area == nominated)
            return new AreaPlace(AreaPart.Area, reason, area, of, words);
        return new AreaPlace(of is not null && of == category ? AreaPart.Category : AreaPart.Other, reason, area, of, words);
    }
}
