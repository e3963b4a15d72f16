using ContributionIngest.Tests.Benchmarks;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Formats.Feeds;

/// <summary>The scores of <c>tests/bench corpora</c> must hold.</summary>
public sealed class CorporaTests
{
    [CorporaFact]
    public void Result_agrees_with_feedparser() => AssertHolds(report => [FeedparserScore.Measure(report)]);

    [CorporaFact]
    public void Result_agrees_with_gofeed() => AssertHolds(report => [GofeedScore.Measure(report)]);

    [CorporaFact]
    public void Real_feeds_are_read_as_the_consensus_of_parsers() => AssertHolds(RealFeedsScore.Measure);

    [CorporaFact]
    public void Dates_are_read_or_rejected_as_expected() => AssertHolds(DatesScore.Measure);

    [CorporaFact]
    public void Hostile_documents_are_bounded_and_damaged_ones_yield_their_items() => AssertHolds(HostileScore.Measure);

    [CorporaFact]
    public void HTML_fragments_leave_no_live_tag() => AssertHolds(report => [HtmlScore.Measure(report)]);

    private static void AssertHolds(Func<Action<string>, Score[]> measure)
    {
        var differences = new List<string>();
        var scores = measure(differences.Add);
        Assert.NotEmpty(scores);
        Assert.True(Array.TrueForAll(scores, score => score.Holds && score.Of > 0), string.Join('\n', differences));
    }
}
