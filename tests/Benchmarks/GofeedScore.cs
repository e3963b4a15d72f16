using System.Text.Json;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>Golden files of gofeed: the fields we keep. A feed's publication date is not among them.</summary>
internal static class GofeedScore
{
    public static Score Measure(Action<string> report)
    {
        var (right, of) = (0, 0);
        foreach (var test in Corpus.Expected("gofeed").EnumerateObject())
        {
            var path = Corpus.Input("gofeed", test.Name);
            if (!File.Exists(path)) path = Path.ChangeExtension(path, ".json");
            var feed = FeedReader.Read(File.ReadAllBytes(path)).Feed ?? new FeedDocument { Format = "none" };
            foreach (var field in test.Value.GetProperty("feed").EnumerateObject())
            {
                (bool Same, string? Actual)? result = field.Name switch
                {
                    "id" => Text(feed.Id, field),
                    "title" => Text(feed.Title, field),
                    "link" => Text(feed.Link, field),
                    "author" => Text(feed.Author, field),
                    "summary" => Text(feed.Description, field),
                    "updated" => Date(feed.Updated, field),
                    "categories" => List(feed.Categories, field),
                    _ => null,
                };
                Count(result, $"gofeed {test.Name} feed", field);
            }

            var index = 0;
            foreach (var expected in test.Value.GetProperty("entries").EnumerateArray())
            {
                var entry = feed.Entries.ElementAtOrDefault(index++) ?? new FeedEntry();
                foreach (var field in expected.EnumerateObject())
                {
                    (bool Same, string? Actual)? result = field.Name switch
                    {
                        "id" => Text(entry.Id, field),
                        "title" => Text(entry.Title, field),
                        "link" => Text(entry.Link, field),
                        "author" => Text(entry.Author, field),
                        "summary" => Text(entry.Summary, field),
                        "published" => Date(entry.Published, field),
                        "updated" => Date(entry.Updated, field),
                        "categories" => List(entry.Categories, field),
                        _ => null,
                    };
                    Count(result, $"gofeed {test.Name} entry {index}", field);
                }
            }
        }

        return Score.AtLeast(0.95, "gofeed", "golden fields", right, of);

        void Count((bool Same, string? Actual)? result, string where, JsonProperty field)
        {
            if (result is not { } known) return;
            of++;
            if (known.Same) right++;
            else report($"{where} {field.Name}: wanted {field.Value}, got {known.Actual}");
        }
    }

    private static (bool, string?)? Text(string? ours, JsonProperty theirs) => (Corpus.Same(ours, theirs.Value.GetString()), ours);

    private static (bool, string?)? Date(DateTimeOffset? ours, JsonProperty theirs) => (Corpus.SameDate(ours, theirs.Value.GetString()!), ours?.ToString("O"));

    /// <summary>Null when a category has no value there (a label or a scheme alone).</summary>
    private static (bool, string?)? List(IReadOnlyList<string> ours, JsonProperty theirs)
    {
        var wanted = theirs.Value.EnumerateArray().Select(value => value.GetString()).ToList();
        return wanted.Contains(null)
            ? null
            : (ours.Count == wanted.Count && ours.Zip(wanted).All(pair => Corpus.Same(pair.First, pair.Second)), string.Join(", ", ours));
    }
}
