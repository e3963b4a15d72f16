using ContributionIngest.Formats.Dates;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>Date strings: a known instant must be met or, once, missed, but never be another; the others must parse, or must not.</summary>
internal static class DatesScore
{
    public static Score[] Measure(Action<string> report)
    {
        var (met, known, wrong, parsed, asserted, refused, refusable) = (0, 0, 0, 0, 0, 0, 0);
        foreach (var test in Corpus.Expected("dates").EnumerateArray())
        {
            var input = test.GetProperty("input").GetString()!;
            var expected = test.GetProperty("expected_utc").GetString();
            var date = FeedDates.Parse(input);
            switch (expected)
            {
                case "?":
                    break;
                case "*":
                    asserted++;
                    if (date is not null) parsed++;
                    else report($"dates \"{input}\": not parsed");
                    break;
                case null:
                    refusable++;
                    if (date is null) refused++;
                    else report($"dates \"{input}\": one format function must refuse it, got {date.Value.Instant:O}");
                    break;
                default:
                    known++;
                    if (Corpus.SameDate(date?.Instant, expected)) met++;
                    else report($"dates \"{input}\": wanted {expected}, got {date?.Instant:O}");
                    if (date is not null && !Corpus.SameDate(date.Value.Instant, expected)) wrong++;
                    break;
            }
        }

        return
        [
            new Score("dates", "known instants", met, known, "at most one missed", known - met <= 1),
            new Score("dates", "known instants read wrong", wrong, known, "none", wrong == 0),
            new Score("dates", "must parse", parsed, asserted, "–", true),
            new Score("dates", "refused by one format there, by us as a whole", refused, refusable, "–", true),
        ];
    }
}
