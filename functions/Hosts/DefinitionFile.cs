using System.Globalization;
using System.Text.Json;

namespace ContributionIngest.Functions.Hosts;

/// <summary>One <c>host.json</c> or <c>function.json</c>, read with every fault noted instead of thrown.</summary>
internal sealed class DefinitionFile(string file, JsonElement root, List<string> faults)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip };

    public JsonElement Root => root;

    public static DefinitionFile? Open(string folder, string file, List<string> faults)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
        {
            faults.Add($"{file} is missing in {folder}.");
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new DefinitionFile(file, document.RootElement.Clone(), faults);
            faults.Add($"{file} holds no JSON object.");
        }
        catch (JsonException e)
        {
            faults.Add($"{file} is not JSON: line {e.LineNumber + 1}, position {e.BytePositionInLine + 1}.");
        }

        return null;
    }

    public void Fault(string what) => faults.Add($"{file}: {what}");

    /// <summary>The value at a dotted path, or null.</summary>
    public JsonElement? At(string path)
    {
        var at = root;
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                return null;
        }

        return at;
    }

    public string Text(string path, string fallback)
    {
        if (At(path) is not { } value)
            return fallback;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString()!;
        Fault($"{path} is {value.GetRawText()}, not a text.");
        return fallback;
    }

    public int Count(string path, int fallback, int least, int most)
    {
        if (At(path) is not { } value)
            return fallback;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= least && count <= most)
            return count;
        Fault($"{path} is {value.GetRawText()}, allowed is {least} to {most}.");
        return fallback;
    }

    public TimeSpan Span(string path, TimeSpan? fallback, TimeSpan least, TimeSpan most)
    {
        if (fallback is { } known && At(path) is null)
            return known;
        var text = Text(path, "");
        if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span) && span >= least && span <= most)
            return span;
        Fault($"{path} is '{text}', allowed is hh:mm:ss from {least:c} to {most:c}.");
        return least;
    }
}
