using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Feeds;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

public sealed class FeedDraftsTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset May = new(2026, 5, 17, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Entry_becomes_a_post_by_its_author_in_its_blog()
    {
        var draft = One(new FeedEntry
        {
            Id = "g1",
            Title = "Hello",
            Link = "https://blog.example/hello",
            Published = May,
            Author = "Ann",
            Summary = "Words.",
            Categories = ["Testing", "testing", "Net"],
        });

        Assert.Equal(("g1", false, Kind.BlogPost, Role.Author, Status.Published), (draft.NativeId, draft.IdIsReliable, draft.Kind, draft.Role, draft.Status));
        Assert.Equal((May, DatePrecision.Exact), (draft.When, draft.DatePrecision));
        Assert.Equal(new Container("Ann's blog", "https://blog.example/"), draft.Container);
        Assert.Equal(["Testing", "Net"], draft.Topics);
        Assert.Null(draft.Version);
    }

    [Fact]
    public void Id_is_the_guid_then_the_link_then_title_and_date()
    {
        Assert.Equal("https://blog.example/a", One(new FeedEntry { Link = "https://blog.example/a" }).NativeId);
        var first = One(new FeedEntry { Title = "A", Published = May, Summary = "x" }).NativeId;
        Assert.Equal(first, One(new FeedEntry { Title = "A", Published = May, Summary = "y" }).NativeId);
        Assert.NotEqual(first, One(new FeedEntry { Title = "B", Published = May }).NativeId);
        Assert.NotEqual(first, One(new FeedEntry { Title = "A", Published = May.AddDays(1) }).NativeId);
    }

    [Fact]
    public void Empty_entry_is_skipped_and_the_rest_is_harvested()
    {
        var drafts = Of([new FeedEntry(), new FeedEntry { Id = "g" }]);

        Assert.Equal("g", Assert.Single(drafts.Drafts).NativeId);
        Assert.Equal(new Repair("itemSkipped", 1), Assert.Single(drafts.Repairs));
    }

    [Fact]
    public void Guid_shared_by_two_links_is_two_entries_and_one_repeated_for_one_link_is_one()
    {
        var drafts = Of(
        [
            new FeedEntry { Id = "same", Link = "https://blog.example/a" },
            new FeedEntry { Id = "same", Link = "https://blog.example/b" },
            new FeedEntry { Id = "twice", Link = "https://blog.example/c/" },
            new FeedEntry { Id = "twice", Link = "http://blog.example/c" },
        ]);

        Assert.Equal(["same\nhttps://blog.example/a", "same\nhttps://blog.example/b", "twice"], drafts.Drafts.Select(draft => draft.NativeId));
        Assert.Equal(new Repair("itemRepeated", 1), Assert.Single(drafts.Repairs));
    }

    [Theory]
    [InlineData("audio/mpeg", "https://cdn.example/1", Kind.PodcastEpisode)]
    [InlineData("Video/mp4", "https://cdn.example/1", Kind.PodcastEpisode)]
    [InlineData(null, "https://cdn.example/1.mp3?x=1", Kind.PodcastEpisode)]
    [InlineData("image/png", "https://cdn.example/1.mp3", Kind.BlogPost)]
    [InlineData(null, "https://cdn.example/1.png", Kind.BlogPost)]
    public void Audio_or_video_enclosure_makes_an_episode(string? type, string url, Kind kind) =>
        Assert.Equal(kind, One(new FeedEntry { Id = "g", Enclosures = [new Enclosure(url, type, null)] }).Kind);

    [Fact]
    public void Episode_without_a_page_has_the_address_of_its_recording() =>
        Assert.Equal(
            "https://cdn.example/1.mp3",
            One(new FeedEntry { Id = "g", Enclosures = [new Enclosure("https://cdn.example/1.mp3", "audio/mpeg", 1)] }).Url);

    [Fact]
    public void Page_behind_a_tracking_link_is_the_URL() =>
        Assert.Equal(
            "https://blog.example/a",
            One(new FeedEntry { Id = "g", Link = "https://feeds.example/~r/a", OriginalLink = "https://blog.example/a" }).Url);

    [Theory]
    [InlineData("urn:x:1")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/relative")]
    public void Only_a_web_address_is_a_URL(string link) => Assert.Null(One(new FeedEntry { Id = "g", Link = link }).Url);

    [Fact]
    public void Date_is_taken_from_the_best_evidence()
    {
        Assert.Equal((May, DatePrecision.Exact), Date(new FeedEntry { Published = May, Updated = May.AddDays(1) }));
        Assert.Equal((May, DatePrecision.Day), Date(new FeedEntry { Published = May, PublishedIsDay = true }));
        Assert.Equal((May, DatePrecision.Derived), Date(new FeedEntry { Updated = May }));
        Assert.Equal((May, DatePrecision.Derived), Date(new FeedEntry { Published = May, Updated = May, PublishedIsUpdate = true }));
        Assert.Equal((May, DatePrecision.Derived), Date(new FeedEntry { Published = new DateTimeOffset(1, 1, 1, 0, 0, 0, TimeSpan.Zero), Updated = May }));
        Assert.Null(Date(new FeedEntry { Published = Now.AddYears(4) }).When);
        Assert.Null(Date(new FeedEntry()).When);
    }

    [Theory]
    [InlineData("https://blog.example/2026/05/17/title/", "2026-05-17")]
    [InlineData("https://blog.example/2026/5/7/title", "2026-05-07")]
    [InlineData("https://blog.example/posts/2026-05-17-title", "2026-05-17")]
    [InlineData("https://blog.example/2026/05/title", "2026-05-01")]
    [InlineData("https://blog.example/2026/02/30/title", "2026-02-01")]
    [InlineData("https://blog.example/2026/13/title", null)]
    [InlineData("https://blog.example/2026/title", null)]
    [InlineData("https://blog.example/1234/05/17/", null)]
    [InlineData("https://blog.example/id/20260517", null)]
    public void Date_in_the_address_is_evidence(string link, string? day)
    {
        var (when, precision) = Date(new FeedEntry { Link = link });

        Assert.Equal(day, when?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(day is null ? default : DatePrecision.Derived, precision);
    }

    [Fact]
    public void Post_with_a_future_date_is_scheduled() =>
        Assert.Equal(Status.Scheduled, One(new FeedEntry { Id = "g", Published = Now.AddMinutes(1) }).Status);

    [Fact]
    public void Untitled_post_is_named_by_its_first_words()
    {
        var words = string.Join(' ', Enumerable.Repeat("word", 40));

        Assert.Equal(words[..99] + "…", One(new FeedEntry { Id = "g", Summary = words }).Title);
        Assert.Equal("short", One(new FeedEntry { Id = "g", Summary = "short" }).Title);
        Assert.Equal(99, One(new FeedEntry { Id = "g", Summary = "x" + string.Concat(Enumerable.Repeat("😀", 80)) }).Title!.TrimEnd('…').Length);
    }

    [Theory]
    [InlineData("Ann  Example", true)]
    [InlineData("ANN EXAMPLE", true)]
    [InlineData("Bob and Ann Example", true)]
    [InlineData("Bob, Ann Example & Cleo", true)]
    [InlineData("Dörte Übel", true)]
    [InlineData("Do\u0308rte U\u0308bel", true)]
    [InlineData("By Ann Example", true)]
    [InlineData("by: Ann Example and Bob", true)]
    [InlineData("Written by Ann Example", true)]
    [InlineData("BOB AND ANN EXAMPLE", true)]
    [InlineData("Bob with Ann Example", true)]
    [InlineData("Bob/Ann Example", true)]
    [InlineData("Bob w/ Ann Example", true)]
    [InlineData("Bob, Cleo, and Ann Example", true)]
    [InlineData("Bob + Ann Example", true)]
    [InlineData("Ann Example (she/her)", true)]
    [InlineData("Ann Example, PhD", true)]
    [InlineData("Bob Ann Example", false)]
    [InlineData("Ann Example-Smith", false)]
    [InlineData("Bob, not by Ann Example", false)]
    [InlineData("Ann Examples", false)]
    [InlineData("Bob", false)]
    public void Only_the_persons_own_posts_of_a_shared_blog_are_harvested(string author, bool lands)
    {
        var drafts = Of([new FeedEntry { Id = "g", Author = author }], ("author", " ann example , dörte  übel"), feedAuthor: null);

        Assert.Equal(lands, drafts.Drafts.Count == 1);
        Assert.Equal(lands ? [] : [new Repair("itemByOthers", 1)], drafts.Repairs);
    }

    [Fact]
    public void Post_without_an_author_is_left_out_by_an_author_filter_and_reported()
    {
        Assert.Equal(new Repair("itemWithoutAuthor", 1), Assert.Single(Of([new FeedEntry { Id = "g" }], ("author", "Ann"), feedAuthor: null).Repairs));
        Assert.Single(Of([new FeedEntry { Id = "g" }], ("author", "Ann"), feedAuthor: "Ann").Drafts);
    }

    [Fact]
    public void Role_is_chosen_by_the_connection() =>
        Assert.Equal(Role.Host, Assert.Single(Of([new FeedEntry { Id = "g" }], ("role", "host")).Drafts).Role);

    [Theory]
    [InlineData("2026-05-20", "2026-05-17", true)]
    [InlineData("2026-05-17", "2026-05-17", true)]
    [InlineData("2026-05-16", "2026-05-17", true)]
    [InlineData("2026-05-15", "2026-05-17", false)]
    [InlineData("2026-06-02", "2026-05-17", true)]
    [InlineData("2026-06-03", "2026-05-17", false)]
    [InlineData("1990-01-01", null, true)]
    [InlineData("1989-12-31", null, false)]
    [InlineData(null, "2026-05-17", false)]
    public void Version_is_the_entrys_update_time_if_plausible(string? updated, string? published, bool isVersion)
    {
        static DateTimeOffset? Day(string? day) => day is null ? null : DateTimeOffset.Parse($"{day}T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture);

        var draft = One(new FeedEntry { Id = "g", Updated = Day(updated), Published = Day(published) });

        Assert.Equal(isVersion ? Day(updated) : null, draft.Version);
    }

    [Fact]
    public void Newer_version_of_an_entry_repeated_in_a_document_wins()
    {
        var drafts = Of(
        [
            new FeedEntry { Id = "g", Link = "https://blog.example/a", Title = "old", Published = May, Updated = May },
            new FeedEntry { Id = "g", Link = "https://blog.example/a", Title = "new", Published = May, Updated = May.AddDays(2) },
            new FeedEntry { Id = "g", Link = "https://blog.example/a", Title = "older", Published = May, Updated = May.AddDays(1) },
        ]);

        Assert.Equal("new", Assert.Single(drafts.Drafts).Title);
        Assert.Equal(new Repair("itemRepeated", 2), Assert.Single(drafts.Repairs));
    }

    private static (DateTimeOffset? When, DatePrecision Precision) Date(FeedEntry entry)
    {
        var draft = One(entry with { Id = "g" });
        return (draft.When, draft.DatePrecision);
    }

    private static Draft One(FeedEntry entry) => Assert.Single(Of([entry]).Drafts);

    private static FeedDrafts Of(FeedEntry[] entries, (string Name, string Value)? option = null, string? feedAuthor = "Ann") => FeedDrafts.Of(
        new FeedDocument { Format = "rss2.0", Title = "Ann's blog", Link = "https://blog.example/", Author = feedAuthor, Entries = entries },
        new Uri("https://blog.example/feed"),
        option is { } chosen ? new Dictionary<string, string> { [chosen.Name] = chosen.Value } : new Dictionary<string, string>(),
        Now);
}
