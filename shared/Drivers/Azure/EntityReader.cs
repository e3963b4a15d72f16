using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Rows from the table service's JSON with minimal metadata: types that JSON does not tell stand in a property of their own,
/// <c>Name@odata.type</c>, before or after the value.
/// </summary>
internal sealed class EntityReader
{
    private const string TypeSuffix = "@odata.type";

    private readonly PropertyNames names = new();

    /// <exception cref="JsonException">It is no row.</exception>
    public Row Row(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        return Row(ref reader);
    }

    /// <exception cref="JsonException">It is no page of rows.</exception>
    public List<Row> Page(ReadOnlySpan<byte> body)
    {
        var rows = new List<Row>();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isValue = reader.ValueTextEquals("value"u8);
            reader.Read();
            if (!isValue)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                rows.Add(Row(ref reader));
        }

        return rows;
    }

    private Row Row(ref Utf8JsonReader reader)
    {
        var values = new Dictionary<string, object?>(16, StringComparer.Ordinal);
        string partition = "", key = "";
        string? etag = null, typed = null, type = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueIsEscaped ? reader.GetString()! : names[reader.ValueSpan];
            reader.Read();
            if (name == "PartitionKey")
                partition = reader.GetString()!;
            else if (name == "RowKey")
                key = reader.GetString()!;
            else if (name == "odata.etag")
                etag = reader.GetString();
            else if (name == "Timestamp" || name.StartsWith("odata.", StringComparison.Ordinal))
                reader.Skip();
            else if (name.EndsWith(TypeSuffix, StringComparison.Ordinal))
                (typed, type) = (name, Retype(values, name, names[reader.ValueSpan]));
            else
                values[name] = Value(ref reader, IsTypeOf(typed, name) ? type : null);
        }

        return new Row(partition, key, values, etag);
    }

    private static bool IsTypeOf(string? typed, string name) =>
        typed is not null && typed.Length == name.Length + TypeSuffix.Length && typed.StartsWith(name, StringComparison.Ordinal);

    private static string Retype(Dictionary<string, object?> values, string typed, string type)
    {
        var known = values.GetAlternateLookup<ReadOnlySpan<char>>();
        var name = typed.AsSpan(0, typed.Length - TypeSuffix.Length);
        if (known.TryGetValue(name, out var value))
            known[name] = Late(value, type);
        return type;
    }

    private static object? Value(ref Utf8JsonReader reader, string? type) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        JsonTokenType.Number when type != "Edm.Double" && reader.TryGetInt32(out var number) => number,
        JsonTokenType.Number => reader.GetDouble(),
        JsonTokenType.String => type switch
        {
            "Edm.DateTime" => reader.GetDateTimeOffset().ToUniversalTime(),
            "Edm.Binary" => reader.GetBytesFromBase64(),
            _ => Late(reader.GetString(), type),
        },
        _ => throw new JsonException("A property of a row is neither text, number nor truth."),
    };

    private static object? Late(object? value, string? type) => (type, value) switch
    {
        ("Edm.Int64", string s) => long.Parse(s, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        ("Edm.Int64", int i) => (long)i,
        ("Edm.Double", string s) => EdmDouble.Read(s),
        ("Edm.Double", int i) => (double)i,
        ("Edm.DateTime", string s) => DateTimeOffset.Parse(s, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal),
        ("Edm.Binary", string s) => Convert.FromBase64String(s),
        _ => value,
    };
}
