using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Core.Storage;

/// <summary>A document inside a row: JSON in UTF-8, cut over several properties where one cannot hold it.</summary>
public static class RowDocument
{
    private const string First = "doc";

    public static Row Write<T>(string partition, string key, T document, JsonTypeInfo<T> type, string? etag = null)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document, type);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (bytes.Length <= TableLimits.BytesPerBinary)
        {
            values[First] = bytes;
        }
        else
        {
            foreach (var (index, piece) in bytes.Chunk(TableLimits.BytesPerBinary).Index())
                values[index == 0 ? First : First + index] = piece;
        }

        return new Row(partition, key, values, etag);
    }

    public static T Read<T>(Row row, JsonTypeInfo<T> type)
    {
        var bytes = (byte[])row.Values[First]!;
        for (var i = 1; row.Values.TryGetValue(First + i, out var more); i++)
            bytes = [.. bytes, .. (byte[])more!];
        return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException($"Row '{row.Key}' holds no document.");
    }
}
