using System.Globalization;
using System.Text.Json;
using ContributionIngest.Formats.Calendars;
using ContributionIngest.Tests.Benchmarks;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

public sealed class CalendarCorpusTests
{
    [CorporaFact]
    public void Corpus_of_calendars_and_rules_is_read_as_well_as_promised()
    {
        foreach (var score in CalendarCorpus.Scores(Corpora.Folder!, _ => { }))
        {
            Assert.NotEqual(0, score.Of);
            Assert.True(score.Share >= score.Wanted, $"{score.What}: {score.Right} of {score.Of}\n{string.Join('\n', score.Wrong)}");
        }
    }

    [CorporaFact]
    public void Hostile_calendars_are_read_and_expanded_within_bounds()
    {
        var folder = Corpora.Path("hostile-xml");
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        var calendars = 0;
        foreach (var file in expected.RootElement.EnumerateObject())
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var result = CalendarReader.Read(File.ReadAllBytes(Path.Combine(folder, "input", file.Name)));
            if (result.Calendar is { } calendar)
            {
                calendars++;
                Assert.Single(calendar.Events);
                foreach (var must in file.Value.GetProperty("must").EnumerateArray().Select(m => m.GetString()!.Split("==")).Where(m => m.Length == 2))
                    Assert.Equal(must[1], must[0] == "items" ? calendar.Events.Count.ToString(CultureInfo.InvariantCulture) : calendar.Events[0].Summary);
                Assert.True(new CalendarExpansion(calendar, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 1_000).Count() <= 1_000);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 100_000_000, $"{file.Name} took {allocated} bytes.");
        }

        Assert.NotEqual(0, calendars);
    }
}
