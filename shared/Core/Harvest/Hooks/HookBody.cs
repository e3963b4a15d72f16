using System.Net;
using System.Text.Json;

namespace ContributionIngest.Core.Harvest.Hooks;

/// <summary>What GitHub puts into a body: the JSON itself, or a form whose field <c>payload</c> is the JSON.</summary>
internal static class HookBody
{
    private static readonly byte[] Field = "payload="u8.ToArray();

    /// <summary>Null when there is no JSON object in it.</summary>
    public static byte[]? Json(byte[] body, string? contentType)
    {
        var json = IsForm(contentType) ? Payload(body) : body;
        return json is not null && IsObject(json) ? json : null;
    }

    private static bool IsForm(string? contentType) =>
        contentType?.Split(';')[0].Trim().Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    private static byte[]? Payload(byte[] form)
    {
        foreach (var range in form.AsSpan().Split((byte)'&'))
        {
            var (at, length) = range.GetOffsetAndLength(form.Length);
            if (form.AsSpan(range).StartsWith(Field))
                return WebUtility.UrlDecodeToBytes(form, at + Field.Length, length - Field.Length);
        }

        return null;
    }

    private static bool IsObject(byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
