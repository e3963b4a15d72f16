using System.Globalization;
using System.Text;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;

namespace ContributionIngest.Tests.Support;

/// <summary>Whole tables as text, for "not one row changed". Reads the database file beside the running store.</summary>
internal static class Dumps
{
    public static async Task<IReadOnlyList<string>> OfAsync(ITable table, string name, string folder) => [.. (await RowsAsync(table, name, folder)).Select(Line)];

    public static async Task<IReadOnlyList<Row>> RowsAsync(ITable table, string name, string folder)
    {
        var rows = new List<Row>();
        foreach (var partition in Partitions(name, folder))
            rows.AddRange(await table.RangeAsync(name, partition, "\u0020", "\uffff", null, CancellationToken.None).ToListAsync());
        return rows;
    }

    private static string Line(Row row)
    {
        var values = row.Values.OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => $"{v.Key}={(v.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(v.Value, CultureInfo.InvariantCulture))}");
        return $"{row.Partition} {row.Key} {row.ETag} {string.Join(' ', values)}";
    }

    private static List<string> Partitions(string name, string folder)
    {
        var file = Directory.EnumerateFiles(folder, "store.db").Single();
        using var connection = new Connection(file, readOnly: true);
        using var reader = connection.Query("SELECT DISTINCT partition FROM rows WHERE tbl = ?1 ORDER BY 1", name);
        var partitions = new List<string>();
        while (reader.Read())
            partitions.Add(Encoding.UTF8.GetString(reader.GetBytes(0)));
        return partitions;
    }
}
