using System.Text;
using Azure.Core;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>One write as a request: which verb, which condition, which body.</summary>
internal static class TableRequests
{
    // Well-formed and nobody's: stands in for an etag that no row of the service can have, so that it is refused as any stale one.
    private const string NeverETag = "W/\"datetime'1601-01-01T00%3A00%3A00.0000000Z'\"";

    public static readonly (string Name, string Value) Accept = ("Accept", "application/json;odata=minimalmetadata");

    private static readonly (string Name, string Value)[] Common = [Accept, ("DataServiceVersion", "3.0;NetFx"), ("MaxDataServiceVersion", "3.0;NetFx")];

    public static StorageRequest Get(string path) => new(RequestMethod.Get, path) { Headers = Common };

    public static StorageRequest Write(string table, TableWrite write) =>
        new(Method(write.Kind), Path(table, write))
        {
            Headers = [.. Common, .. Conditions(write)],
            Body = write.Kind == WriteKind.Delete ? null : EntityWriter.Write(write.Row),
        };

    public static StorageRequest Create(string table) =>
        new(RequestMethod.Post, "Tables")
        {
            Headers = [.. Common, ("Content-Type", "application/json"), ("Prefer", "return-no-content")],
            Body = Encoding.ASCII.GetBytes($$"""{"TableName":"{{table}}"}"""),
        };

    public static RequestMethod Method(WriteKind kind) => kind switch
    {
        WriteKind.Insert => RequestMethod.Post,
        WriteKind.Delete => RequestMethod.Delete,
        _ => RequestMethod.Put,
    };

    public static string Path(string table, TableWrite write) =>
        write.Kind == WriteKind.Insert ? table : TableAddress.Row(table, write.Row.Partition, write.Row.Key);

    /// <summary>The headers that make a write what it is; the same alone and inside a transaction.</summary>
    public static IEnumerable<(string Name, string Value)> Conditions(TableWrite write)
    {
        if (write.Kind != WriteKind.Delete)
            yield return ("Content-Type", "application/json");
        if (write.Kind == WriteKind.Insert)
            yield return ("Prefer", "return-no-content");
        if (write.Kind is WriteKind.Replace or WriteKind.Delete)
            yield return ("If-Match", Condition(write.Row.ETag));
    }

    private static string Condition(string? etag)
    {
        if (etag is null or "*")
            return "*";
        // It goes into a header, and inside a transaction into a body that looks like headers.
        var ours = etag.StartsWith("W/\"", StringComparison.Ordinal) && etag.EndsWith('"') && etag.Length > 4
            && etag.AsSpan(3, etag.Length - 4).IndexOfAnyExceptInRange('#', '~') < 0;
        return ours ? etag : NeverETag;
    }
}
