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
        Assert.Equal(3, (await app.LedgerAsync()).Count);
    }
}
