using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Core.Storage;

/// <summary>A document stored in a row: JSON in UTF-8, split over several properties when it is too large for one.</summary>
public static class RowDocument
{
    private const string PropertyName = "doc";

    public static Row Write<T>(string partition, string key, T document, JsonTypeInfo<T> type, string? etag = null)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document, type);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (bytes.Length <= TableLimits.BytesPerBinary)
        {
            values[PropertyName] = bytes;
        }
        else
        {
            foreach (var (index, chunk) in bytes.Chunk(TableLimits.BytesPerBinary).Index())
                values[index == 0 ? PropertyName : PropertyName + index] = chunk;
        }

        return new Row(partition, key, values, etag);
    }

    public static T Read<T>(Row row, JsonTypeInfo<T> type)
    {
        var bytes = (byte[])row.Values[PropertyName]!;
        for (var i = 1; row.Values.TryGetValue(PropertyName + i, out var next); i++)
            bytes = [.. bytes, .. (byte[])next!];
        return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException($"Row '{row.Key}' has no document.");
    }
}
