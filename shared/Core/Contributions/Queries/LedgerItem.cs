using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>A contribution as the API returns it: its effective values and what else the ledger knows.</summary>
public sealed record LedgerItem : MeasuredValues
{
    /// <param name="harvested">Whether to include the harvested values when the person has edited the entry.</param>
    [SetsRequiredMembers]
    public LedgerItem(Contribution entry, bool harvested = false)
        : base(entry.Effective(), entry.EffectiveMetrics())
    {
        (Id, Source, Private, Review, Note, Revision) = (entry.Id, entry.Source, entry.Private, entry.Review, entry.Note, entry.Revision);
        Sightings = [.. entry.Sightings.Select(s => new SightingItem(s.Connection, s.Url, s.FirstSeen, s.LastSeen))];
        Edited = entry.Edits.Fields();
        Harvested = harvested && Edited.Count > 0 ? new MeasuredValues(entry.Harvested, entry.Metrics) : null;
    }

    [JsonPropertyOrder(-1)]
    public string Id { get; }

    [JsonPropertyOrder(-1)]
    public string Source { get; }

    [JsonPropertyOrder(2)]
    public IReadOnlyList<SightingItem> Sightings { get; }

    /// <summary>Private entries are only returned to the person.</summary>
    [JsonPropertyOrder(2)]
    public bool Private { get; }

    [JsonPropertyOrder(2)]
    public Review Review { get; }

    [JsonPropertyOrder(2)]
    public string? Note { get; }

    [JsonPropertyOrder(2)]
    public int Revision { get; }

    /// <summary>The names of the fields the person edited.</summary>
    [JsonPropertyOrder(2)]
    public IReadOnlyList<string> Edited { get; }

    [JsonPropertyOrder(2)]
    public MeasuredValues? Harvested { get; }
}

/// <summary>Values with their metrics.</summary>
public record MeasuredValues : ContributionValues
{
    [SetsRequiredMembers]
    public MeasuredValues(ContributionValues values, IReadOnlyDictionary<string, Metric> metrics)
        : base(values) => Metrics = metrics;

    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, Metric> Metrics { get; }
}

public sealed record SightingItem(string Connection, string? Url, DateTimeOffset FirstSeen, DateTimeOffset LastSeen);

/// <summary>One state of an entry; the current one has no <paramref name="Until"/>.</summary>
public sealed record RevisionItem(int Revision, DateTimeOffset? Until, IReadOnlyList<string> Edited, ContributionValues Effective, ContributionValues Harvested)
{
    public static RevisionItem Of(Revision revision) =>
        new(revision.Number, revision.Until, revision.Edits.Fields(), revision.Edits.Over(revision.Harvested), revision.Harvested);
}

/// <param name="Next">The cursor of the next page, or null.</param>
public sealed record ItemList<T>(IReadOnlyList<T> Items, string? Next = null);

/// <summary>Items that are written while they are read.</summary>
public sealed record ItemStream(IAsyncEnumerable<LedgerItem> Items);

/// <summary>JSON responses about a ledger: unknown values are absent, times are ISO 8601 in UTC.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(LedgerItem))]
[JsonSerializable(typeof(ItemList<LedgerItem>))]
[JsonSerializable(typeof(ItemList<RevisionItem>))]
[JsonSerializable(typeof(ItemList<MetricSeries>))]
[JsonSerializable(typeof(ItemStream))]
[JsonSerializable(typeof(SummaryAnswer))]
public sealed partial class QueryJson : JsonSerializerContext
{
    /// <summary>Leaves letters of all scripts unescaped; escapes characters that are special in HTML.</summary>
    public static QueryJson Web => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) });
}

/// <summary>Writes times with Z, and with a fraction only if there is one.</summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime);
}

/// <summary>Removes case and accents, so that "cafe" finds "Café".</summary>
public static class SearchText
{
    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
            return text.ToLowerInvariant();
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormKD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
                continue;
            _ = Replacement(char.ToLowerInvariant(c)) is { } replacement ? folded.Append(replacement) : folded.Append(char.ToLowerInvariant(c));
        }

        return folded.ToString();
    }

    /// <summary>Replacements for letters without a Unicode decomposition.</summary>
    private static string? Replacement(char c) => c switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' or 'ð' => "d",
        'ł' => "l",
        'ı' => "i",
        'þ' => "th",
        _ => null,
    };
}
