using System.Text.Json;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>Assertions of Python feedparser about the fields we keep; text is compared as plain text (see <see cref="Corpus.Same"/>).</summary>
internal static class FeedparserScore
{
    public static Score Measure(Action<string> report)
    {
        var (right, of) = (0, 0);
        foreach (var test in Corpus.Expected("feedparser").EnumerateObject())
        {
            if (!test.Value.GetProperty("reference_agrees").GetBoolean()) continue;
            FeedDocument? feed = null;
            foreach (var assertion in test.Value.GetProperty("asserts").EnumerateArray())
            {
                if (!assertion.TryGetProperty("field", out var name) || !IsOurs(name.GetString()!)) continue;
                feed ??= Read(test.Name, test.Value);
                of++;
                var expected = assertion.GetProperty("value").ToString();
                var actual = Value(feed, name.GetString()!);
                var agrees = assertion.GetProperty("op").GetString() == "==" ? Corpus.Same(actual, expected) : actual is not null;
                if (agrees) right++;
                else report($"feedparser {test.Name} {name}: wanted {expected}, got {actual}");
            }
        }

        return Score.AtLeast(0.95, "feedparser", "asserted fields", right, of);
    }

    private static bool IsOurs(string field)
    {
        var name = field[(field.IndexOf('.', StringComparison.Ordinal) + 1)..].Split('[')[0];
        return name is "id" or "title" or "link" or "published" or "updated" or "author" or "summary" or "subtitle" or "categories";
    }

    private static FeedDocument Read(string file, JsonElement test)
    {
        var address = test.TryGetProperty("base_url", out var given) ? new Uri(given.GetString()!) : null;
        string? charset = null;
        if (test.TryGetProperty("headers", out var headers))
        {
            foreach (var header in headers.EnumerateObject())
            {
                var value = header.Value.GetString()!;
                if (header.Name.Equals("content-location", StringComparison.OrdinalIgnoreCase)) address = address is null ? new Uri(value) : new Uri(address, value);
                if (header.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase) && value.IndexOf("charset=", StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
                    charset = value[(at + 8)..].Trim('"', ' ', ';');
            }
        }

        return FeedReader.Read(File.ReadAllBytes(Corpus.Input("feedparser", file)), charset, address).Feed ?? new FeedDocument { Format = "none" };
    }

    private static string? Value(FeedDocument feed, string field)
    {
        var name = field[(field.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (field.StartsWith("feed.", StringComparison.Ordinal))
        {
            return name switch
            {
                "id" => feed.Id,
                "title" => feed.Title,
                "link" => feed.Link,
                "updated" or "published" => Text(feed.Updated),
                "author" => feed.Author,
                "subtitle" or "summary" => feed.Description,
                _ => feed.Categories.ElementAtOrDefault(Index(name)),
            };
        }

        if (feed.Entries.ElementAtOrDefault(Index(field)) is not { } entry) return null;
        return name switch
        {
            "id" => entry.Id,
            "title" => entry.Title,
            "link" => entry.Link,
            "published" => Text(entry.Published),
            "updated" => Text(entry.Updated),
            "author" => entry.Author,
            "summary" => entry.Summary,
            _ => entry.Categories.ElementAtOrDefault(Index(name)),
        };
    }

    private static int Index(string path) =>
        path.IndexOf('[', StringComparison.Ordinal) is >= 0 and var open ? int.Parse(path[(open + 1)..path.IndexOf(']', StringComparison.Ordinal)]) : 0;

    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
