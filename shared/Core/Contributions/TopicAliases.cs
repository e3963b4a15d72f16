using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// A person's topics and their alternative spellings: <c>{"JavaScript": ["js", "ecmascript"]}</c>. All of these are
/// case-insensitive.
/// </summary>
public sealed class TopicAliases
{
    public const int MaxSpellings = 1_000;

    /// <summary>The maximum length of all aliases as JSON; one property of a row holds 32,768 characters.</summary>
    public const int MaxCharacters = 30_000;

    public static readonly TopicAliases None = new(new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal));

    private readonly Dictionary<string, string> bySpelling = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ArgumentException">A spelling belongs to two topics; the message names it.</exception>
    public TopicAliases(IReadOnlyDictionary<string, IReadOnlyList<string>> topics)
    {
        Topics = topics;
        foreach (var (topic, spellings) in topics)
        {
            foreach (var spelling in spellings.Append(topic))
            {
                if (!bySpelling.TryAdd(spelling, topic) && bySpelling[spelling] != topic)
                    throw new ArgumentException($"'{spelling}' would mean both '{bySpelling[spelling]}' and '{topic}'.", nameof(topics));
            }
        }
    }

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Topics { get; }

    public static TopicAliases Parse(string? json) =>
        string.IsNullOrEmpty(json) ? None : new(JsonSerializer.Deserialize(json, TopicAliasesJson.Default.SortedDictionaryStringIReadOnlyListString)!);

    public string ToText() => JsonSerializer.Serialize(
        new SortedDictionary<string, IReadOnlyList<string>>(Topics.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
        TopicAliasesJson.Default.SortedDictionaryStringIReadOnlyListString);

    public string Fold(string topic) => bySpelling.GetValueOrDefault(topic, topic);

    /// <summary>Each topic once, as the person spells it; null when that changes nothing.</summary>
    public IReadOnlyList<string>? Fold(IReadOnlyList<string> topics)
    {
        if (bySpelling.Count == 0)
            return null;
        List<string> folded = [.. topics.Select(Fold).Distinct(StringComparer.OrdinalIgnoreCase)];
        return folded.SequenceEqual(topics, StringComparer.Ordinal) ? null : folded;
    }
}

[JsonSerializable(typeof(SortedDictionary<string, IReadOnlyList<string>>))]
internal sealed partial class TopicAliasesJson : JsonSerializerContext;

/// <summary>A person's topic aliases. <see cref="RollupRebuilder"/> applies changes to existing entries.</summary>
public sealed class TopicFolding(LedgerTransactions transactions, RollupRebuilder rebuilder)
{
    public async Task<TopicAliases> GetAsync(string person, CancellationToken cancel) =>
        TopicAliases.Parse((await RollupSettings.ReadAsync(transactions.Table, person, cancel)).Topics);

    /// <summary>Replaces the person's aliases. New entries use them at once, existing entries after the recount that this starts.</summary>
    public Task SetAsync(string person, TopicAliases aliases, CancellationToken cancel) =>
        rebuilder.StartAsync(person, settings => settings with { Topics = aliases.ToText() }, cancel);
}
