using System.Globalization;

namespace ContributionIngest.Drivers.Azure;

/// <summary>Addresses of rows and ranges, and continuations that can pass through strangers' hands.</summary>
internal static class TableAddress
{
    private const string Partition = "x-ms-continuation-NextPartitionKey";
    private const string Key = "x-ms-continuation-NextRowKey";

    public static string Row(string table, string partition, string key) => $"{table}(PartitionKey='{Literal(partition)}',RowKey='{Literal(key)}')";

    public static string Range(string table, string partition, string from, string to, int limit, string? continuation)
    {
        var filter = $"PartitionKey eq '{Quoted(partition)}' and RowKey ge '{Quoted(from)}' and RowKey lt '{Quoted(to)}'";
        var path = string.Create(CultureInfo.InvariantCulture, $"{table}()?$filter={Uri.EscapeDataString(filter)}&$top={limit}");
        if (continuation is null)
            return path;

        // Taken apart and escaped again, so that it can say nothing but where to go on.
        var parts = continuation.Split('&', 2);
        path += "&NextPartitionKey=" + Uri.EscapeDataString(Uri.UnescapeDataString(parts[0]));
        return parts.Length == 1 ? path : path + "&NextRowKey=" + Uri.EscapeDataString(Uri.UnescapeDataString(parts[1]));
    }

    /// <summary>Where the service says the range goes on; the key may be absent.</summary>
    public static string? Continuation(StorageAnswer answer)
    {
        if (answer.Header(Partition) is not { Length: > 0 } partition)
            return null;
        var next = Uri.EscapeDataString(partition);
        return answer.Header(Key) is { Length: > 0 } key ? next + "&" + Uri.EscapeDataString(key) : next;
    }

    private static string Literal(string text) => Uri.EscapeDataString(Quoted(text));

    private static string Quoted(string text) => text.Replace("'", "''", StringComparison.Ordinal);
}
