using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>What a digest says of numbers, with 0, 1 and 2 in it, and in which order.</summary>
public sealed class DigestWordsTests
{
    private static readonly WeekDigest Full = Sample.All["full"];

    [Theory]
    [InlineData("en", 0, "", "A quiet week")]
    [InlineData("en", 1, "talk", "1 contribution: a talk")]
    [InlineData("en", 1, "", "1 contribution")]
    [InlineData("en", 2, "video pullRequest", "2 contributions: a pull request and a video")]
    [InlineData("en", 3, "talk talk video", "3 contributions: 2 talks and a video")]
    [InlineData("en", 2, "talk talk", "2 talks")]
    [InlineData("en", 3, "talk talk", "3 contributions: 2 talks and 1 more")]
    [InlineData("en", 7, "blogPost video video talk event", "7 contributions: 2 videos, a blog post, an event and 3 more")]
    [InlineData("de", 2, "video pullRequest", "2 Beiträge: ein Pull Request und ein Video")]
    [InlineData("de", 2, "mentoring", "2 Beiträge: Mentoring und 1 weiterer")]
    [InlineData("de", 0, "", "Eine ruhige Woche")]
    public void Headline_counts_everything_and_names_what_may_be_named(string locale, int total, string kinds, string expected)
    {
        var items = kinds.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(kind => Full.New[0] with { Kind = EnumText<Kind>.TryParse(kind, out var known) ? known : default });
        Assert.Equal(expected, Parts(Full with { Locale = locale, Total = total, New = [.. items], Changed = [], Late = [] }).Headline);
    }

    [Theory]
    [InlineData(1, 0, "Nothing new, 1 change")]
    [InlineData(2, 1, "Nothing new, 2 changes")]
    [InlineData(0, 1, "1 contribution of an earlier week")]
    [InlineData(0, 2, "2 contributions of earlier weeks")]
    public void Headline_of_a_week_without_anything_new_says_what_else_there_was(int changed, int late, string expected) => Assert.Equal(
        expected,
        Parts(Full with { Total = 0, Private = 0, New = [], Changed = [.. Full.Changed.Take(changed)], Late = [.. Enumerable.Repeat(Full.Late[0], late)] }).Headline);

    [Theory]
    [InlineData(null, 9, 0, "")]
    [InlineData(null, 10, 0, "This year has 10 so far.")]
    [InlineData(0.0, 10, 10, "The four weeks before had none. This year has 10 so far, as many as at this time last year.")]
    [InlineData(0.25, 10, 9, "The four weeks before had 1. This year has 10 so far, 1 more than at this time last year.")]
    [InlineData(2.25, 58, 47, "The four weeks before had 9. This year has 58 so far, 11 more than at this time last year.")]
    [InlineData(2.25, 1, 2_000, "The four weeks before had 9. This year has 1 so far, 1,999 fewer than at this time last year.")]
    public void Week_is_compared_with_what_is_known(double? average, int thisYear, int lastYear, string expected) => Assert.Equal(
        expected, string.Join(' ', Parts(Full with { Private = 0, Average = average, ThisYear = thisYear, LastYear = lastYear }).Opening));

    [Fact]
    public void Order_is_new_needs_you_changed_coming_and_what_nobody_sees_and_a_quiet_week_begins_with_what_is_coming()
    {
        Assert.Equal(["New", "From earlier weeks, found late", "1 thing needs you", "Changed", "Coming up", "Not seen by any connection?"], Parts(Full).Sections.Select(section => section.Heading));
        var quiet = Full with { Total = 0, New = [], Changed = [], Late = [] };
        Assert.Equal(["Coming up", "1 thing needs you", "Changed", "Not seen by any connection?"], Parts(quiet).Sections.Select(section => section.Heading));
    }

    [Fact]
    public void Kind_that_is_missed_is_offered_once()
    {
        var unseen = Parts(Full).Sections[^1];
        Assert.Equal(("No answer since 20 April; one usually comes every 9 days.", "Log it"), (unseen.Lines[0].Title, Assert.Single(unseen.Lines[0].Acts).Text));
        Assert.Equal(["A talk", "Mentoring", "Something else"], unseen.Acts.Select(act => act.Text));
        Assert.Equal(["An answer", "A talk", "Mentoring", "Something else"], Parts(Full with { Gaps = [] }).Sections[^1].Acts.Select(act => act.Text));
    }

    [Fact]
    public void At_most_three_things_need_the_person_with_one_act_each()
    {
        Assert.DoesNotContain(Parts(Full with { Care = [] }).Sections, section => section.Heading.Contains("need", StringComparison.Ordinal));
        var five = Enumerable.Range(0, 5).Select(i => new DigestCare("c" + i, "Blog " + i, Health.Broken, null));
        var needs = Assert.Single(Parts(Full with { Care = [.. five] }).Sections, section => section.Heading == "5 things need you");
        Assert.Equal(["Blog 0", "Blog 1", "Blog 2"], needs.Lines.Select(line => line.Title));
        Assert.All(needs.Lines, line => Assert.Equal("See what is wrong", Assert.Single(line.Acts).Text));
        Assert.Equal("and 2 more connections need you", needs.More);
    }

    [Fact]
    public void Three_acts_stand_under_new_entries_alone_and_at_most_one_elsewhere()
    {
        foreach (var section in Parts(Full).Sections)
        {
            var isNew = section.Heading is "New" or "From earlier weeks, found late";
            Assert.All(section.Lines, line => Assert.InRange(line.Acts.Count, isNew ? 3 : 0, isNew ? 3 : 1));
        }
    }

    private static DigestParts Parts(WeekDigest digest) => DigestParts.Of(digest, Sample.Links);
}
