using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Signs requests with the account's key (https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key): tables in the
/// form named Lite, blobs and queues in the full one.
/// </summary>
internal sealed class SharedKeyPolicy(string account, byte[] key, bool lite) : HttpPipelineSynchronousPolicy
{
    private static readonly string[] Signed =
    [
        "Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date",
        "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range",
    ];

    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        var text = lite ? TableText(request) : FullText(request);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        request.Headers.SetValue("Authorization", $"{(lite ? "SharedKeyLite" : "SharedKey")} {account}:{signature}");
    }

    private string TableText(Request request) => $"{Header(request, "x-ms-date")}\n/{account}{request.Uri.ToUri().AbsolutePath}";

    private string FullText(Request request)
    {
        var text = new StringBuilder(request.Method.Method);
        foreach (var name in Signed)
            text.Append('\n').Append(name == "Content-Length" ? Length(request) : Header(request, name));
        text.Append('\n');
        foreach (var header in request.Headers.Where(h => h.Name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)).OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase))
            text.Append(CultureInfo.InvariantCulture, $"{header.Name.ToLowerInvariant()}:{header.Value.Trim()}\n");
        var uri = request.Uri.ToUri();
        text.Append('/').Append(account).Append(uri.AbsolutePath);
        var parameters = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2));
        foreach (var parameter in parameters.OrderBy(p => p[0], StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"\n{parameter[0].ToLowerInvariant()}:{Uri.UnescapeDataString(parameter.ElementAtOrDefault(1) ?? "")}");
        return text.ToString();
    }

    private static string Length(Request request) =>
        request.Content is not null && request.Content.TryComputeLength(out var length) && length > 0
            ? length.ToString(CultureInfo.InvariantCulture)
            : "";

    private static string Header(Request request, string name) => request.Headers.TryGetValue(name, out var value) ? value : "";
}
