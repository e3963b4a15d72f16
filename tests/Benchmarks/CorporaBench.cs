using System.Globalization;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench corpora [-v]</c>: how much of the outside test data is read as its makers expect. A row is a line here; <c>-v</c> prints
/// every difference.
/// </summary>
internal static class CorporaBench
{
    public static int Run(string[] arguments)
    {
        Action<string> report = arguments.Contains("-v") ? Console.Error.WriteLine : _ => { };
        Score[] scores =
        [
            FeedparserScore.Measure(report),
            GofeedScore.Measure(report),
            .. RealFeedsScore.Measure(report),
            .. DatesScore.Measure(report),
            .. HostileScore.Measure(report),
            HtmlScore.Measure(report),
            .. CalendarCorpus.Scores(Corpus.Folder, report).Select(score => Score.AtLeast(score.Wanted, "ical, rrule", score.What, score.Right, score.Of)),
        ];
        var table = new Table("corpus", "what", "right", "of", "share", "wanted", "holds");
        foreach (var score in scores)
        {
            table.Add(
                score.Corpus,
                score.What,
                score.Right.ToString(CultureInfo.InvariantCulture),
                score.Of.ToString(CultureInfo.InvariantCulture),
                score.Share.ToString("P2", CultureInfo.InvariantCulture),
                score.Wanted,
                score.Holds ? "yes" : "NO");
        }

        table.Print();
        return Array.TrueForAll(scores, score => score.Holds) ? 0 : 1;
    }
}

/// <param name="Wanted">The target in words.</param>
internal sealed record Score(string Corpus, string What, int Right, int Of, string Wanted, bool Holds)
{
    public double Share => Of == 0 ? 0 : (double)Right / Of;

    public static Score AtLeast(double share, string corpus, string what, int right, int of) =>
        new(corpus, what, right, of, share == 1 ? "all" : string.Create(CultureInfo.InvariantCulture, $"≥ {share:P1}"), of > 0 && (double)right / of >= share);
}
