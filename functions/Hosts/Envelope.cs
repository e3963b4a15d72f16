using System.Globalization;
using System.Text.Json;

namespace ContributionIngest.Functions.Hosts;

/// <summary>
/// What the Functions host posts to a custom handler for a timer or a queue message
/// (https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers#request-payload; the strings in it arrive encoded twice).
/// </summary>
internal sealed record Envelope(string? Message, int Attempt)
{
    public const int MaximumBytes = 1024 * 1024;

    // With a retry policy the host puts a whole exception tree into the metadata.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    /// <returns>Null for what is no envelope of a function with this trigger.</returns>
    public static async Task<Envelope?> Read(Stream body, FunctionDefinition function, CancellationToken cancel)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(body, Deep, cancel);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("Data", out var data) || data.ValueKind != JsonValueKind.Object)
                return null;
            if (function.Queue is null)
                return new Envelope(null, 1);
            // One input binding, therefore one value.
            return data.EnumerateObject().ToList() is [var only] ? new Envelope(Text(only.Value), Attempts(root)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The host serialises a text to JSON and sends that as a string. A text that does not hold one more string is the message itself.
    private static string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return value.GetRawText();
        var outer = value.GetString()!;
        if (!outer.StartsWith('"'))
            return outer;
        try
        {
            using var inner = JsonDocument.Parse(outer);
            return inner.RootElement.ValueKind == JsonValueKind.String ? inner.RootElement.GetString()! : outer;
        }
        catch (JsonException)
        {
            return outer;
        }
    }

    // The message's own properties stand among the metadata and win over the host's, so anything may be here; a message started by hand says 0.
    private static int Attempts(JsonElement root)
    {
        if (!root.TryGetProperty("Metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object
            || !metadata.TryGetProperty("DequeueCount", out var count))
        {
            return 1;
        }

        return int.TryParse(count.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) && attempt > 0 ? attempt : 1;
    }
}
