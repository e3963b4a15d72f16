using System.Globalization;
using Azure.Data.Tables;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Azure;

/// <summary>Converts rows to table entities and back.</summary>
internal static class RowEntity
{
    public static TableEntity Write(Row row)
    {
        var entity = new TableEntity(row.Partition, row.Key);
        foreach (var (name, value) in row.Values)
        {
            if (value is double number && !double.IsFinite(number))
            {
                // JSON has no such number; the service accepts it as text with a type, and returns it so.
                entity.Add(name, number.ToString(CultureInfo.InvariantCulture));
                entity.Add(name + "@odata.type", "Edm.Double");
            }
            else if (value is not null)
            {
                entity.Add(name, value);
            }
        }

        return entity;
    }

    public static Row Read(TableEntity entity)
    {
        var values = new Dictionary<string, object?>(entity.Count, StringComparer.Ordinal);
        foreach (var (name, value) in entity)
        {
            if (name is not ("PartitionKey" or "RowKey" or "Timestamp") && !name.StartsWith("odata.", StringComparison.Ordinal))
                values.Add(name, value);
        }

        return new Row(entity.PartitionKey, entity.RowKey, values, entity.ETag.ToString());
    }

    /// <summary>Whether two rows have the same values, ignoring absent ones.</summary>
    public static bool Same(IReadOnlyDictionary<string, object?> one, IReadOnlyDictionary<string, object?> other)
    {
        foreach (var (name, value) in one)
        {
            if (value is not null && !(other.TryGetValue(name, out var counterpart) && Same(value, counterpart)))
                return false;
        }

        return one.Count(v => v.Value is not null) == other.Count(v => v.Value is not null);
    }

    private static bool Same(object value, object? counterpart) =>
        value is byte[] bytes ? counterpart is byte[] others && bytes.AsSpan().SequenceEqual(others) : value.Equals(counterpart);
}
