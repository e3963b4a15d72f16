using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;

namespace ContributionIngest.Tests.Support;

/// <summary>Everything that a store holds, decoded: a text for each row, blob, message and file. It does not go through the product's own ways of looking.</summary>
internal static partial class StoreScan
{
    public static async Task<IReadOnlyList<string>> OfAsync(SqliteStore store, string folder)
    {
        var (found, names, blobs) = (new List<string>(), new List<string>(), new List<(string Container, string Name)>());
        using (var connection = new Connection(Path.Combine(folder, "store.db"), readOnly: true))
        {
            using (var tables = connection.Query("SELECT DISTINCT tbl FROM rows"))
            {
                while (tables.Read())
                    names.Add(tables.GetString(0));
            }

            using (var messages = connection.Query("SELECT queue, body FROM messages"))
            {
                while (messages.Read())
                    found.Add($"queue {messages.GetString(0)}: {Decoded(Encoding.UTF8.GetBytes(messages.GetString(1)))}");
            }

            using var listed = connection.Query("SELECT container, name FROM blobs");
            while (listed.Read())
                blobs.Add((listed.GetString(0), listed.GetString(1)));
        }

        foreach (var name in names)
            found.AddRange((await Dumps.RowsAsync(store.Table, name, folder)).Select(row => Text(name, row.Partition, row.Key, row.Values)));
        foreach (var (container, name) in blobs)
            found.Add($"blob {container} {name}: {Decoded((await store.Blobs.GetAsync(container, name, CancellationToken.None))!)}");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder), "*.eml", SearchOption.AllDirectories))
            found.Add($"file {Path.GetFileName(file)}: {Decoded(await File.ReadAllBytesAsync(file))}");
        return found;
    }

    public static async Task<IReadOnlyList<string>> OfAsync(string connectionString)
    {
        var found = new List<string>();
        var tables = new TableServiceClient(connectionString);
        await foreach (var table in tables.QueryAsync())
        {
            await foreach (var row in tables.GetTableClient(table.Name).QueryAsync<TableEntity>())
                found.Add(Text(table.Name, row.PartitionKey, row.RowKey, row.ToDictionary(value => value.Key, object? (value) => value.Value, StringComparer.Ordinal)));
        }

        var blobs = new BlobServiceClient(connectionString);
        await foreach (var container in blobs.GetBlobContainersAsync())
        {
            await foreach (var blob in blobs.GetBlobContainerClient(container.Name).GetBlobsAsync())
                found.Add($"blob {container.Name} {blob.Name}: {Decoded((await blobs.GetBlobContainerClient(container.Name).GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToArray())}");
        }

        var queues = new QueueServiceClient(connectionString);
        await foreach (var queue in queues.GetQueuesAsync())
        {
            foreach (var message in (await queues.GetQueueClient(queue.Name).PeekMessagesAsync(QueueLimits.MessagesPerReceive)).Value)
                found.Add($"queue {queue.Name}: {Decoded(message.Body.ToArray())}");
        }

        return found;
    }

    private static string Text(string table, string partition, string key, IReadOnlyDictionary<string, object?> values) =>
        $"row {table} {partition} {key}: " + string.Join(' ', values.OrderBy(value => value.Key, StringComparer.Ordinal)
            .Select(value => $"{value.Key}={(value.Value is byte[] bytes ? Decoded(bytes) : Convert.ToString(value.Value, CultureInfo.InvariantCulture))}"));

    /// <summary>As text, with everything that stands packed, escaped or encoded in it.</summary>
    private static string Decoded(byte[] bytes)
    {
        if (bytes is [0x1f, 0x8b, ..])
        {
            using var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            packed.CopyTo(plain);
            bytes = plain.ToArray();
        }

        var text = Encoding.UTF8.GetString(bytes);
        text = Escape().Replace(text, match => ((char)int.Parse(match.Groups["code"].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString());
        return text + string.Concat(Base64().Matches(text).Select(match => Convert.TryFromBase64String(match.Value, new byte[match.Length], out _) ? " " + Decoded(Convert.FromBase64String(match.Value)) : ""));
    }

    [GeneratedRegex(@"\\u(?<code>[0-9A-Fa-f]{4})", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Escape();

    [GeneratedRegex("[A-Za-z0-9+/]{24,}={0,2}", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Base64();
}
