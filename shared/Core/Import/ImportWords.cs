using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Import;

/// <summary>What a column of a list can be.</summary>
[JsonConverter(typeof(EnumTextConverter<ImportField>))]
public enum ImportField
{
    Title,
    When,
    EndsAt,
    Kind,
    Url,
    Event,
    EventUrl,
    Location,
    Role,
    Summary,
    Note,
    Topics,
    Status,
    Slides,
    Recording,
    Links,
    Views,
    Reach,
    Attendees,
    Readers,
    Downloads,
    Quantity,
    Sessions,
    Minutes,
    Likes,
    Comments,
    Private,
    Review,
    DatePrecision,
    Id,
}

/// <summary>
/// The words that lists use for columns, kinds, roles and states, in the languages that people keep them in: <c>Data/words.json</c>. Words are compared
/// without case, accents, spaces and punctuation.
/// </summary>
internal static class ImportWords
{
    private static readonly WordFile File = Load();

    /// <summary>The aliases of a field, the one that is meant first in front.</summary>
    private static readonly IReadOnlyDictionary<ImportField, string[]> Aliases = Parse<ImportField>(File.Columns);
    private static readonly IReadOnlyDictionary<string, Kind> Kinds = ByWord(Parse<Kind>(File.Kinds));
    private static readonly IReadOnlyDictionary<string, Role> Roles = ByWord(Parse<Role>(File.Roles));
    private static readonly Dictionary<string, string> NotDone = File.NotDone.SelectMany(pair => pair.Value.Select(word => (word, pair.Key))).ToDictionary(pair => pair.word, pair => pair.Key, StringComparer.Ordinal);
    private static readonly IReadOnlyDictionary<string, Relation> Labels = ByWord(Parse<Relation>(File.Labels));
    private static readonly IReadOnlyDictionary<ImportField, int> Order = Aliases.Keys.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
    private static readonly HashSet<string> WithoutValue = new(File.Without, StringComparer.OrdinalIgnoreCase);

    private static readonly (string Host, Relation Relation)[] Hosts =
        [.. Parse<Relation>(File.Hosts).SelectMany(pair => pair.Value.Select(host => (host, pair.Key)))];

    /// <summary>The fields whose cells are numbers about a contribution.</summary>
    public static readonly IReadOnlyList<ImportField> Numbers =
    [
        ImportField.Views, ImportField.Reach, ImportField.Attendees, ImportField.Readers, ImportField.Downloads, ImportField.Quantity, ImportField.Sessions,
        ImportField.Minutes, ImportField.Likes, ImportField.Comments,
    ];

    /// <summary>Without case, accents, spaces and punctuation. Text that has nothing else stays as it is.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in SearchText.Of(text).Where(char.IsLetterOrDigit))
            folded.Append(c);
        return folded.Length > 0 ? folded.ToString() : text.Trim();
    }

    /// <summary>The words of a text, folded; numbers and short words count.</summary>
    public static HashSet<string> WordsOf(string text) =>
        new(SearchText.Of(text).Split([.. text.Where(c => !char.IsLetterOrDigit(c)).Distinct()], StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    /// <summary>Null for a placeholder, such as "TBA", "tk", "#" or "n/a", and for nothing.</summary>
    public static string? Value(string? text)
    {
        var trimmed = text?.Trim() ?? "";
        return WithoutValue.Contains(trimmed) || WithoutValue.Contains(trimmed.TrimEnd('.', '!')) ? null : trimmed;
    }

    /// <summary>The field that a header names, and how surely: 0 for the word that is meant first.</summary>
    public static (ImportField Field, int Rank)? Column(string header)
    {
        var word = Fold(header);
        foreach (var (field, aliases) in Aliases.OrderBy(pair => Order[pair.Key]))
        {
            if (Array.IndexOf(aliases, word) is >= 0 and var rank)
                return (field, rank);
        }

        return null;
    }

    public static Kind? Kind(string text) => Kinds.TryGetValue(Fold(text), out var kind) ? kind : null;

    public static Role? Role(string text) => Roles.TryGetValue(Fold(text), out var role) ? role : null;

    /// <summary>Why something does not count, for a state such as "rejected" or "submitted"; null for any other.</summary>
    public static string? WhyNot(string text) => NotDone.GetValueOrDefault(Fold(text));

    /// <summary>What a page is, by what it is called, or else by its host.</summary>
    public static Relation Relation(string? label, string url)
    {
        if (label is not null)
        {
            if (Labels.TryGetValue(Fold(label), out var whole))
                return whole;
            foreach (var word in WordsOf(label))
            {
                if (Labels.TryGetValue(word, out var relation) && relation is not (Model.Relation.Page or Model.Relation.Other))
                    return relation;
            }
        }

        return ByHost(url) ?? Model.Relation.Other;
    }

    /// <summary>What a host has only; null for the others.</summary>
    public static Relation? ByHost(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            return null;
        var place = uri.Host + uri.AbsolutePath;
        return Array.FindIndex(Hosts, known => place.StartsWith(known.Host, StringComparison.OrdinalIgnoreCase) || place.StartsWith("www." + known.Host, StringComparison.OrdinalIgnoreCase)
            || uri.Host.EndsWith("." + known.Host, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index ? Hosts[index].Relation : null;
    }

    /// <summary>Lists of these names hold talks, those of the others the deliveries of one.</summary>
    public static bool IsTalks(string name) => File.Lists["talks"].Contains(Fold(name));

    public static bool IsDeliveries(string name) => File.Lists["deliveries"].Contains(Fold(name));

    /// <summary>Lists of these names hold neither.</summary>
    public static bool IsOther(string name) => File.Lists["ignored"].Contains(Fold(name));

    /// <summary>A name of a part of a list, which is no event.</summary>
    public static bool IsPart(string name) => File.Lists["upcoming"].Contains(Fold(name)) || IsTalks(name);

    private static Dictionary<T, string[]> Parse<T>(Dictionary<string, string[]> words)
        where T : struct, Enum
    {
        var parsed = new Dictionary<T, string[]>();
        foreach (var (name, aliases) in words)
        {
            // Words of a kind that this version does not know are passed over.
            if (EnumText<T>.TryParse(name, out var value))
                parsed[value] = [.. aliases.Append(Fold(name)).Distinct(StringComparer.Ordinal)];
        }

        return parsed;
    }

    private static Dictionary<string, T> ByWord<T>(Dictionary<T, string[]> words)
        where T : struct, Enum
    {
        var byWord = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (value, aliases) in words)
        {
            foreach (var alias in aliases)
                byWord.TryAdd(alias, value);
        }

        return byWord;
    }

    private static WordFile Load()
    {
        using var stream = typeof(ImportWords).Assembly.GetManifestResourceStream("import/words.json")!;
        return JsonSerializer.Deserialize(stream, WordJson.Default.WordFile)!;
    }
}

internal sealed record WordFile(
    Dictionary<string, string[]> Columns,
    string[] Without,
    Dictionary<string, string[]> Kinds,
    Dictionary<string, string[]> Roles,
    Dictionary<string, string[]> NotDone,
    Dictionary<string, string[]> Labels,
    Dictionary<string, string[]> Hosts,
    Dictionary<string, string[]> Lists);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WordFile))]
internal sealed partial class WordJson : JsonSerializerContext;
