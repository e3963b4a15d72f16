using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>The outside test data: where it lies, and how values of others are compared with ours.</summary>
internal static partial class Corpus
{
    public static string Folder => Environment.GetEnvironmentVariable("CORPORA")
        ?? throw new InvalidOperationException("Set CORPORA to the folder of the outside test data.");

    public static string Input(string corpus, string file) => Path.Combine(Folder, corpus, "input", file);

    public static JsonElement Expected(string corpus)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, corpus, "expected.json")));
        return document.RootElement.Clone();
    }

    /// <summary>
    /// We keep plain text where others keep HTML, so tags are stripped and references decoded on both sides, and white space does not count.
    /// Links, ids and dates are not touched by that.
    /// </summary>
    public static bool Same(string? ours, string? theirs) => Normal(ours) == Normal(theirs);

    public static bool SameDate(DateTimeOffset? ours, string theirs) =>
        ours is { } time && DateTimeOffset.TryParse(theirs, System.Globalization.CultureInfo.InvariantCulture, out var expected)
        && time.ToUnixTimeSeconds() == expected.ToUnixTimeSeconds();

    private static string Normal(string? text)
    {
        if (text is null) return "";
        for (var i = 0; i < 4; i++)
        {
            var plain = WebUtility.HtmlDecode(Tag().Replace(text, ""));
            if (plain == text) break;
            text = plain;
        }

        return Space().Replace(text, "");
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Space();
}
