using System.Buffers;
using System.Globalization;
using System.Text;
using Azure.Core;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Writes as one entity group transaction (https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions): a
/// multipart body around a multipart body around requests.
/// </summary>
internal static class EntityBatch
{
    public static StorageRequest Write(string root, string table, IReadOnlyList<TableWrite> writes)
    {
        var id = Guid.NewGuid().ToString("N");
        var buffer = new ArrayBufferWriter<byte>(1024 * writes.Count);
        using var json = EntityWriter.On(buffer);
        Text(buffer, $"--batch_{id}\r\nContent-Type: multipart/mixed; boundary=changeset_{id}\r\n\r\n");
        foreach (var write in writes)
        {
            Text(
                buffer,
                $"--changeset_{id}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
                $"{TableRequests.Method(write.Kind)} {root}{TableRequests.Path(table, write)} HTTP/1.1\r\n" +
                $"{TableRequests.Accept.Name}: {TableRequests.Accept.Value}\r\nDataServiceVersion: 3.0;\r\n");
            foreach (var (name, value) in TableRequests.Conditions(write))
                Text(buffer, $"{name}: {value}\r\n");
            Text(buffer, "\r\n");
            if (write.Kind != WriteKind.Delete)
            {
                json.Reset();
                EntityWriter.Write(json, write.Row);
            }

            Text(buffer, "\r\n");
        }

        Text(buffer, $"--changeset_{id}--\r\n--batch_{id}--\r\n");
        return new StorageRequest(RequestMethod.Post, "$batch")
        {
            Headers =
            [
                ("Content-Type", $"multipart/mixed; boundary=batch_{id}"),
                TableRequests.Accept,
                ("DataServiceVersion", "3.0;"),
                ("MaxDataServiceVersion", "3.0;NetFx"),
            ],
            Body = buffer.WrittenMemory,
            TryAgain = a => Read(a) is [{ Status: 408 or 429 or >= 500 }, ..],
        };
    }

    /// <summary>The answers inside: one for each write, or the one that refused.</summary>
    public static List<Inner> Read(StorageAnswer answer)
    {
        var answers = new List<Inner>();
        var body = answer.Body.Span;
        while (Next(ref body, out var line))
        {
            if (line.StartsWith("HTTP/1."u8))
                answers.Add(ReadOne(int.Parse(line[9..12], NumberStyles.None, CultureInfo.InvariantCulture), ref body));
        }

        return answers;
    }

    private static Inner Make(int status, string? etag, ReadOnlySpan<byte> body)
    {
        if (status < 400)
            return new Inner(status, etag, StorageError.None, -1);
        var error = StorageError.Read(body);
        // The message begins with the index of the write that refused: "1:The specified entity already exists."
        var digits = error.Message?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var index = digits > 0 && int.TryParse(error.Message.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var i) ? i : 0;
        return new Inner(status, etag, error, index);
    }

    private static Inner ReadOne(int status, ref ReadOnlySpan<byte> body)
    {
        string? etag = null;
        while (Next(ref body, out var line) && !line.IsEmpty)
        {
            if (line.Length > 5 && Ascii.EqualsIgnoreCase(line[..5], "etag:"u8))
                etag = Encoding.ASCII.GetString(line[5..]).Trim();
        }

        // What follows, up to the next boundary, is the inner body.
        var end = body.IndexOf("\r\n--"u8);
        var content = end < 0 ? body : body[..end];
        return Make(status, etag, content.Trim("\r\n"u8));
    }

    private static bool Next(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var end = rest.IndexOf((byte)'\n');
        line = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
        var any = !rest.IsEmpty;
        rest = end < 0 ? [] : rest[(end + 1)..];
        return any;
    }

    private static void Text(ArrayBufferWriter<byte> buffer, string text) => Encoding.UTF8.GetBytes(text, buffer);

    /// <param name="Index">Of the write that refused; -1 when none did.</param>
    internal sealed record Inner(int Status, string? ETag, StorageError Error, int Index);
}
