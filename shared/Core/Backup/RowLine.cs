using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>
/// A row as a line of JSON: <c>{"t":"ledger","p":"…","k":"…","v":{"name":["s","text"]}}</c>. The first word of a value is its type: <c>s</c> text, <c>i</c> and
/// <c>l</c> numbers of 32 and 64 bits, <c>d</c> a double as text, <c>b</c> true or false, <c>t</c> a time, <c>x</c> bytes in base64.
/// </summary>
internal static class RowLine
{
    public static void Write(Utf8JsonWriter writer, string table, Row row)
    {
        writer.WriteStartObject();
        writer.WriteString("t"u8, table);
        writer.WriteString("p"u8, row.Partition);
        writer.WriteString("k"u8, row.Key);
        writer.WriteStartObject("v"u8);
        foreach (var (name, value) in row.Values.Where(value => value.Value is not null).OrderBy(value => value.Key, StringComparer.Ordinal))
        {
            writer.WriteStartArray(name);
            WriteValue(writer, name, value!);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <exception cref="FormatException">It is not a row that a store could hold.</exception>
    public static (string Table, Row Row) Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 4 });
            var root = document.RootElement;
            var values = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (var property in root.GetProperty("v"u8).EnumerateObject())
                values.Add(property.Name, ReadValue(property.Value));
            var table = Text(root.GetProperty("t"u8));
            var row = new Row(Text(root.GetProperty("p"u8)), Text(root.GetProperty("k"u8)), values);
            TableLimits.Check(table, TableWrite.Put(row));
            return (table, row);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FormatException("A row cannot be read.", e);
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, object value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue("s"u8);
                writer.WriteStringValue(text);
                break;
            case int number:
                writer.WriteStringValue("i"u8);
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteStringValue("l"u8);
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteStringValue("d"u8);
                writer.WriteStringValue(number.ToString("R", CultureInfo.InvariantCulture));
                break;
            case bool truth:
                writer.WriteStringValue("b"u8);
                writer.WriteBooleanValue(truth);
                break;
            case DateTimeOffset time:
                writer.WriteStringValue("t"u8);
                writer.WriteStringValue(time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                writer.WriteStringValue("x"u8);
                writer.WriteBase64StringValue(bytes);
                break;
            default:
                throw new ArgumentException($"'{name}' has a type that tables cannot store: {value.GetType().Name}.", nameof(value));
        }
    }

    private static object ReadValue(JsonElement pair)
    {
        if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
            throw new FormatException("A value is no pair of its type and itself.");
        var value = pair[1];
        return Text(pair[0]) switch
        {
            "s" => Text(value),
            "i" => value.GetInt32(),
            "l" => value.GetInt64(),
            "d" => double.Parse(Text(value), CultureInfo.InvariantCulture),
            "b" => value.GetBoolean(),
            "t" => DateTimeOffset.ParseExact(Text(value), "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime(),
            "x" => value.GetBytesFromBase64(),
            _ => throw new FormatException("A value has a type that tables do not know."),
        };
    }

    private static string Text(JsonElement value) => value.GetString() ?? throw new FormatException("A text is missing.");
}
