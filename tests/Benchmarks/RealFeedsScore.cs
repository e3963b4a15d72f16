using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>Feeds as blogs publish them, and what at least five of nine parsers agree that they say.</summary>
internal static class RealFeedsScore
{
    public static Score[] Measure(Action<string> report)
    {
        var (read, feeds, counts, counted, right, of) = (0, 0, 0, 0, 0, 0);
        foreach (var test in Corpus.Expected("real-feeds").EnumerateObject())
        {
            feeds++;
            var result = FeedReader.Read(File.ReadAllBytes(Corpus.Input("real-feeds", test.Name)));
            if (result.Feed is { } feed) read++;
            else
            {
                report($"real-feeds {test.Name}: {result.Error?.Message}");
                feed = new FeedDocument { Format = "none" };
            }

            if (!test.Value.TryGetProperty("consensus", out var consensus)) continue;
            counted++;
            var count = consensus.GetProperty("count").GetInt32();
            if (feed.Entries.Count == count) counts++;
            else report($"real-feeds {test.Name}: {feed.Entries.Count} entries, wanted {count}");
            var index = 0;
            foreach (var expected in consensus.GetProperty("entries").EnumerateArray())
            {
                var entry = feed.Entries.ElementAtOrDefault(index++) ?? new FeedEntry();
                foreach (var field in expected.EnumerateObject())
                {
                    of++;
                    var wanted = field.Value.GetString()!;
                    var ours = field.Name switch { "title" => entry.Title, "link" => entry.Link, "id" => entry.Id, "author" => entry.Author, _ => entry.Published?.ToString("O") };
                    if (field.Name == "published" ? Corpus.SameDate(entry.Published, wanted) : Corpus.Same(ours, wanted)) right++;
                    else report($"real-feeds {test.Name} entry {index} {field.Name}: wanted {wanted}, got {ours}");
                }
            }
        }

        return
        [
            Score.AtLeast(1, "real-feeds", "feeds read", read, feeds),
            Score.AtLeast(1, "real-feeds", "entry counts", counts, counted),
            Score.AtLeast(0.999, "real-feeds", "fields of the consensus", right, of),
        ];
    }
}
