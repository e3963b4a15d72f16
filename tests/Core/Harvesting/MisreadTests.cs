using System.IO.Compression;
using System.Net;
using System.Text;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Support.ScriptedWeb;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Answers and documents of real places that are easily misread.</summary>
public sealed class MisreadTests
{
    private const string Feed = "https://one.example/feed.xml";

    private readonly Blogs blogs = new();

    [Fact]
    public async Task Compressed_feed_without_a_header_is_read()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(Blogs.Rss(Feed, "One", [Blogs.Post(1)])));
        blogs.On(Feed, _ => Answer(200, packed.ToArray(), "application/xml"));
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        Assert.Single(await app.LedgerAsync());
    }

    [Theory]
    [InlineData("UTF-8")]
    [InlineData("aws-chunked")]
    public async Task Name_that_is_no_content_encoding_is_ignored(string name)
    {
        blogs.On(Feed, HttpStatusCode.OK, Blogs.Rss(Feed, "One", [Blogs.Post(1)]), "application/xml", ("Content-Encoding", name));
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task Body_that_is_not_what_its_encoding_says_is_a_failure_of_the_place()
    {
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(Feed);
        blogs.On(Feed, HttpStatusCode.OK, Blogs.Rss(Feed, "One", [Blogs.Post(2)]), "application/xml", ("Content-Encoding", "br"));
        await app.HarvestAsync(connection);
        Assert.Empty(app.Failures);
        var problem = (await app.GetAsync("/connections/" + connection)).GetProperty("problem");
        Assert.Equal("badEncoding", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Server_that_answers_not_modified_for_ever_is_read_whole_once_a_week()
    {
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(Feed);
        var body = Blogs.Rss(Feed, "One", [Blogs.Post(2), Blogs.Post(1)]);
        blogs.On(Feed, request => request.Headers.IfNoneMatch.Count > 0 ? Answer(304, []) : Answer(HttpStatusCode.OK, body, "application/xml"));
        await app.HarvestAsync(connection);
        Assert.Single(await app.LedgerAsync());
        app.Clock.Advance(TimeSpan.FromDays(8));
        await app.HarvestAsync(connection);
        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Other_author_option_reads_the_feed_again()
    {
        var body = Blogs.Rss(Feed, "One", [Blogs.Post(1), Blogs.Post(2)])
            .Replace("<title>Post 1</title>", "<title>Post 1</title><author>Ada</author>", StringComparison.Ordinal)
            .Replace("<title>Post 2</title>", "<title>Post 2</title><author>Ben</author>", StringComparison.Ordinal);
        blogs.On(Feed, request => request.Headers.IfNoneMatch.Count > 0 ? Answer(304, []) : Answer(HttpStatusCode.OK, body, "application/xml", ("ETag", "\"1\"")));
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(Feed, options: new Dictionary<string, string> { ["author"] = "Ada" });
        Assert.Single(await app.LedgerAsync());
        await app.SendAsync(HttpMethod.Patch, "/connections/" + connection, """{"options":{"author":"Ada, Ben"}}""");
        await app.HarvestAsync(connection);
        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Items_that_share_id_and_link_stay_apart_as_they_come_and_go()
    {
        static Post Episode(int number) => new("N/A", $"Episode {number}", "https://one.example/show", Blogs.Day(number));
        blogs.Rss(Feed, [Episode(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(Feed);
        blogs.Rss(Feed, [Episode(2), Episode(1)]);
        await app.HarvestAsync(connection);
        blogs.Rss(Feed, [Episode(3), Episode(2)]);
        await app.HarvestAsync(connection);
        blogs.Rss(Feed, [Episode(3)]);
        await app.HarvestAsync(connection);
        Assert.Equal(["Episode 3", "Episode 2", "Episode 1"], (await app.LedgerAsync()).Select(entry => entry.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Post_with_another_id_and_address_is_recognised_once_the_old_one_is_gone()
    {
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(Feed);
        var moved = Blogs.Post(1) with { Guid = "moved", Link = "https://other.example/first" };
        blogs.Rss(Feed, [moved, Blogs.Post(1), Blogs.Post(2)]);
        await app.HarvestAsync(connection);
        Assert.Equal(3, (await app.LedgerAsync()).Count);

        blogs.Rss(Feed, [Blogs.Post(2) with { Guid = "moved too", Link = "https://other.example/second" }]);
        await app.HarvestAsync(connection);
        Assert.Empty(app.Failures);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        Assert.Contains("https://other.example/second", (await app.LedgerAsync()).Select(entry => entry.GetProperty("url").GetString()));
    }

    [Fact]
    public async Task Feed_that_is_too_large_is_refused_with_what_to_do_instead()
    {
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(Feed);
        blogs.On(Feed, HttpStatusCode.OK, Blogs.Rss(Feed, "One", [Blogs.Post(2) with { Summary = new string('x', 11 * 1024 * 1024) }]), "application/xml");
        await app.HarvestAsync(connection);
        var state = await app.GetAsync("/connections/" + connection);
        var problem = state.GetProperty("problem");
        Assert.Equal(("failing", "tooLarge"), (state.GetProperty("health").GetString(), problem.GetProperty("code").GetString()));
        Assert.Equal(
            "one.example sent more than 10 MB, which is the most that is read. Connect a feed with fewer entries: that of a section or an author, one in pages, or one with summaries alone.",
            problem.GetProperty("message").GetString());
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task Time_of_the_last_build_is_the_date_of_no_entry()
    {
        static string Entry(int number) => $"<entry><id>{number}</id><title>Post {number}</title><link href=\"https://one.example/2024/0{number}/09/post\"/><updated>2026-05-01T10:00:0{number}Z</updated></entry>";
        blogs.On(Feed, HttpStatusCode.OK, $"<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>One</title><updated>2026-05-01T10:00:00Z</updated>{Entry(1)}{Entry(2)}</feed>", "application/xml");
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        Assert.Equal(["2024-02-09T00:00:00Z", "2024-01-09T00:00:00Z"], (await app.LedgerAsync()).Select(entry => entry.GetProperty("when").GetString()));
    }
}
