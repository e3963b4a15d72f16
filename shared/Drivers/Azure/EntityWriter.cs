using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>Rows as the table service's JSON (https://learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations).</summary>
internal static class EntityWriter
{
    // The emulator spoils characters of several bytes that arrive in two pieces, unless they come in a transaction: a row by itself is all ASCII.
    private static readonly JsonWriterOptions Alone = new() { Encoder = JavaScriptEncoder.Default, SkipValidation = true };

    private static readonly JsonWriterOptions Together = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A writer for the rows of a transaction, one after the other; to be reset before each.</summary>
    public static Utf8JsonWriter On(IBufferWriter<byte> buffer) => new(buffer, Together);

    public static ReadOnlyMemory<byte> Write(Row row)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, Alone);
        Write(json, row);
        return buffer.WrittenMemory;
    }

    public static void Write(Utf8JsonWriter json, Row row)
    {
        json.WriteStartObject();
        json.WriteString("PartitionKey"u8, row.Partition);
        json.WriteString("RowKey"u8, row.Key);
        foreach (var (name, value) in row.Values)
        {
            if (value is not null)
                WriteValue(json, name, value);
        }

        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case string s:
                json.WriteString(name, s);
                break;
            case int i:
                json.WriteNumber(name, i);
                break;
            case bool b:
                json.WriteBoolean(name, b);
                break;
            case long l:
                WriteType(json, name, "Edm.Int64");
                json.WriteString(name, l.ToString(CultureInfo.InvariantCulture));
                break;
            case double d:
                // As text, since a whole number would be taken for an integer, and some have no number in JSON.
                WriteType(json, name, "Edm.Double");
                json.WriteString(name, EdmDouble.Write(d));
                break;
            case DateTimeOffset t:
                WriteType(json, name, "Edm.DateTime");
                json.WriteString(name, t.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
                break;
            case byte[] b:
                WriteType(json, name, "Edm.Binary");
                json.WriteBase64String(name, b);
                break;
        }
    }

    private static void WriteType(Utf8JsonWriter json, string name, string type) => json.WriteString(name + "@odata.type", type);
}
