using System.Text.Json;
using System.Xml;

namespace ContributionIngest.Drivers.Azure;

/// <summary>What a storage service says when it refuses: JSON from tables, XML from blobs and queues.</summary>
internal sealed record StorageError(string? Code, string? Message)
{
    public static readonly StorageError None = new(null, null);

    public static StorageError Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return body switch
            {
                [(byte)'{', ..] => Json(body),
                [(byte)'<', ..] or [0xEF, 0xBB, 0xBF, (byte)'<', ..] => Xml(body),
                _ => None,
            };
        }
        catch (Exception e) when (e is JsonException or XmlException)
        {
            // Something between us and the service answered in its own words.
            return None;
        }
    }

    private static StorageError Json(ReadOnlySpan<byte> body)
    {
        // {"odata.error":{"code":"…","message":{"lang":"…","value":"…"}}}
        var reader = new Utf8JsonReader(body);
        string? code = null, message = null;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            if (reader.ValueTextEquals("code"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                code = reader.GetString();
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("value"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                message = reader.GetString();
        }

        return new StorageError(code, message);
    }

    private static StorageError Xml(ReadOnlySpan<byte> body)
    {
        using var reader = XmlReader.Create(new MemoryStream(body.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        string? code = null, message = null;
        while (reader.Read())
        {
            if (reader is { NodeType: XmlNodeType.Element, LocalName: "Code" })
                code = reader.ReadElementContentAsString();
            if (reader is { NodeType: XmlNodeType.Element, LocalName: "Message" })
                message = reader.ReadElementContentAsString();
        }

        return new StorageError(code, message);
    }
}
