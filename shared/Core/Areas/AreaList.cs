using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Areas;

/// <summary>Why a topic belongs to an area.</summary>
[JsonConverter(typeof(EnumTextConverter<AreaBasis>))]
public enum AreaBasis
{
    /// <summary>It is the area's own name.</summary>
    LeafName,

    /// <summary>The area's own name has it in parentheses.</summary>
    LeafParenthesis,

    /// <summary>Another spelling of a topic, as the public page of that topic says.</summary>
    TagAlias,

    /// <summary>Its topic page names the other as related.</summary>
    TagRelated,

    /// <summary>The area was called so.</summary>
    Renamed,

    /// <summary>It was an area of its own in an older list.</summary>
    FormerLeaf,
    ShortLabel,

    /// <summary>It names the category only.</summary>
    CategoryOnly,

    /// <summary>No source says so; the person is asked once.</summary>
    Judgement,
}

/// <summary>Topics that belong to the same area for the same reason.</summary>
/// <param name="Area">Null if they name the category only.</param>
/// <param name="IsNeutral">The topics belong to no maker of clouds: they count only for who is nominated in that area.</param>
/// <param name="Also">Areas that would be as plausible.</param>
public sealed record AreaTopics(string Category, AreaBasis Basis, string Source, IReadOnlyList<string> Topics, string? Area = null, bool IsNeutral = false, IReadOnlyList<string>? Also = null);

/// <summary>The list of areas as it was at one time.</summary>
/// <param name="Categories">The areas of each category; only the current version has all of them.</param>
/// <param name="Names">What areas of the current list were called.</param>
/// <param name="Without">Areas of the current list that it did not have.</param>
public sealed record AreaVersion(string Seen, string Source, IReadOnlyDictionary<string, IReadOnlyList<string>>? Categories = null, IReadOnlyDictionary<string, string>? Names = null, IReadOnlyList<string>? Without = null);

/// <summary>An area that has another name now.</summary>
public sealed record AreaRenaming(string From, string To, string Source);

internal sealed record AreaFile(string Id, string Name, IReadOnlyList<AreaVersion> Versions, IReadOnlyList<AreaRenaming> Renamed, IReadOnlyList<AreaTopics> Topics);

/// <summary>The areas in which a programme awards people, as a file in <c>Data</c> has them: the current list first, then older ones, and which topics belong where.</summary>
public sealed class AreaList
{
    private const string Prefix = "areas/";

    private static readonly Lazy<IReadOnlyDictionary<string, AreaList>> Lists = new(() => typeof(AreaList).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(Read).ToDictionary(list => list.Id, StringComparer.Ordinal));

    private readonly Dictionary<string, AreaTopics> byTopic = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> categories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> successors = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<AreaVersion> versions;

    internal AreaList(AreaFile file)
    {
        (Id, Name, versions, Topics) = (file.Id, file.Name, file.Versions, file.Topics);
        Categories = file.Versions[0].Categories!;
        foreach (var (category, areas) in Categories)
        {
            foreach (var area in areas)
                categories[area] = category;
        }

        foreach (var renamed in file.Renamed)
            successors[renamed.From] = renamed.To;

        // What a source says comes before a judgement on the same topic.
        foreach (var topics in file.Topics.OrderBy(topics => topics.Basis == AreaBasis.Judgement))
        {
            foreach (var topic in topics.Topics)
                byTopic.TryAdd(Fold(topic), topics);
        }
    }

    public string Id { get; }

    public string Name { get; }

    /// <summary>The current areas by category.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Categories { get; }

    public IReadOnlyList<AreaTopics> Topics { get; }

    /// <summary>When the current list was seen.</summary>
    public string Seen => versions[0].Seen;

    /// <summary>Null if there is no such list.</summary>
    public static AreaList? Find(string? id) => id is null ? null : Lists.Value.GetValueOrDefault(id);

    /// <summary>A topic without what people spell differently: case, blanks, hyphens, underscores, a leading number sign.</summary>
    public static string Fold(string topic) =>
        string.Concat(topic.TrimStart('#').Where(c => c is not ('-' or '_') && !char.IsWhiteSpace(c)).Select(char.ToLowerInvariant));

    /// <summary>Where a topic belongs; null if the table has no row for it.</summary>
    /// <param name="folded">As <see cref="Fold"/> makes it.</param>
    public AreaTopics? Of(string folded) => byTopic.GetValueOrDefault(folded);

    /// <summary>Whether the current list has it.</summary>
    public bool Has(string area) => categories.ContainsKey(area);

    /// <summary>The area of the current list with that name, however it is cased; null if there is none.</summary>
    public string? Named(string typed) => categories.Keys.FirstOrDefault(area => area.Equals(typed, StringComparison.OrdinalIgnoreCase));

    /// <summary>The name in the current list; the area itself if it has no other.</summary>
    public string Current(string area) => !Has(area) && successors.TryGetValue(area, out var name) ? name : area;

    /// <summary>The category of an area, also of one that has another name now; null if no list has it.</summary>
    public string? CategoryOf(string area) => categories.GetValueOrDefault(Current(area));

    /// <summary>What an area of the current list is called in the list of that time; null if that list does not have it.</summary>
    public string? NameIn(string seen, string area)
    {
        var version = versions.FirstOrDefault(version => version.Seen == seen);
        if (version is null || version.Without?.Contains(area) == true)
            return null;
        return version.Names?.GetValueOrDefault(area) ?? area;
    }

    private static AreaList Read(string name)
    {
        using var stream = typeof(AreaList).Assembly.GetManifestResourceStream(name)!;
        return new AreaList(JsonSerializer.Deserialize(stream, AreaJson.Default.AreaFile)!);
    }
}

/// <summary>Files of areas, and what people have said about them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AreaFile))]
[JsonSerializable(typeof(AreaChoices.TopicDocument))]
[JsonSerializable(typeof(AreaChoices.EntryDocument))]
internal sealed partial class AreaJson : JsonSerializerContext;
