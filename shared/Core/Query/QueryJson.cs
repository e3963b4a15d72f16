using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace ContributionIngest.Core.Query;

/// <summary>Answers about a ledger: what is unknown is absent, times are ISO 8601 in UTC.</summary>
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
    /// <summary>Letters of all scripts as they are; what means something in HTML escaped.</summary>
    public static QueryJson Web => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) });
}

/// <summary>A time is written with Z, and with a fraction only where it has one.</summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime);
}
