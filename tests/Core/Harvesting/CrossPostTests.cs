using System.Net;
using ContributionIngest.Tests.Core.FieldReports;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Posts of one's own blog that appear on a platform as well.</summary>
public sealed class CrossPostTests
{
    private const string Blog = "https://one.example/feed.xml";
    private const string DevTo = "https://dev.to/feed/ann";
    private const string Articles = "https://dev.to/api/articles?username=ann&per_page=";
    private const string Hashnode = "https://ann.hashnode.dev/rss.xml";

    private readonly Blogs blogs = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_on_dev_to_and_its_original_are_one_whichever_is_connected_first(bool isBlogFirst)
    {
        blogs.Rss(Blog, [Blogs.Post(1)]);
        blogs.Rss(DevTo, [Copy(1), Copy(2)]);
        blogs.On(Articles + 2, HttpStatusCode.OK, List((1, "https://one.example/posts/1"), (2, "https://dev.to/ann/post-2-ab1")), "application/json");
        await using var app = await AppFixture.StartAsync(blogs.Web);
        foreach (var address in isBlogFirst ? [Blog, DevTo] : (string[])[DevTo, Blog])
            await app.ConnectAsync(address);
        var entries = await app.LedgerAsync();
        Assert.Equal(
            [("https://dev.to/ann/post-2-ab1", 1), ("https://one.example/posts/1", 2)],
            entries.Select(entry => (entry.At("url")!, entry.GetProperty("sightings").GetArrayLength())).Order());
    }

    [Fact]
    public async Task List_of_dev_to_is_asked_only_when_there_are_new_posts_and_is_not_missed()
    {
        blogs.Rss(DevTo, [Copy(1)]);
        blogs.On(Articles + 1, HttpStatusCode.OK, List((1, "https://one.example/posts/1")), "application/json");
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(DevTo);
        blogs.On(Articles + 1, HttpStatusCode.InternalServerError);
        blogs.Rss(DevTo, [Copy(1) with { Title = "Copy 1, edited" }]);
        await app.HarvestAsync(connection);
        Assert.Equal([("Copy 1, edited", "https://one.example/posts/1")], await EntriesAsync(app));

        // Without an answer the new post comes as it is, and the known one stays as it was.
        blogs.On(Articles + 2, HttpStatusCode.NotFound);
        blogs.Rss(DevTo, [Copy(2), Copy(1)]);
        await app.HarvestAsync(connection);
        Assert.Equal([("Copy 1", "https://one.example/posts/1"), ("Copy 2", "https://dev.to/ann/post-2-ab1")], await EntriesAsync(app));
        Assert.Equal("ok", (await app.GetAsync("/connections/" + connection)).At("health"));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{}")]
    [InlineData("""[null,5,{"url":7},{"url":"https://dev.to/ann/post-1-ab1","canonical_url":"javascript:alert(1)"}]""")]
    [InlineData("""[{"url":"https://dev.to/ann/post-1-ab1","canonical_url":"https://one.example/"}]""")]
    public async Task Unusable_list_leaves_the_posts_as_they_are(string list)
    {
        blogs.Rss(DevTo, [Copy(1)]);
        blogs.On(Articles + 1, HttpStatusCode.OK, list, "application/json");
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(DevTo);
        Assert.Equal([("Copy 1", "https://dev.to/ann/post-1-ab1")], await EntriesAsync(app));
    }

    [Fact]
    public async Task New_post_on_Hashnode_is_its_original()
    {
        blogs.Rss(Blog, [Blogs.Post(1), Blogs.Post(2)]);
        blogs.Rss(Hashnode, [On(1)]);
        blogs.On("https://ann.hashnode.dev/post-1", HttpStatusCode.Forbidden);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Blog);
        var connection = await app.ConnectAsync(Hashnode);
        blogs.Rss(Hashnode, [On(2), On(1)]);
        blogs.On("https://ann.hashnode.dev/post-2", HttpStatusCode.OK, """<title>x</title><link rel="canonical" href="https://one.example/posts/2">""", "text/html");
        await app.HarvestAsync(connection);
        Assert.Equal(
            [("https://ann.hashnode.dev/post-1", 1), ("https://one.example/posts/1", 1), ("https://one.example/posts/2", 2)],
            (await app.LedgerAsync()).Select(entry => (entry.At("url")!, entry.GetProperty("sightings").GetArrayLength())).Order());
    }

    [Fact]
    public async Task Story_at_both_addresses_of_Medium_is_one()
    {
        const string Other = "https://ann.medium.com/feed";
        const string Path = "https://medium.com/feed/@ann";
        blogs.Rss(Path, [new("https://medium.com/p/0123456789ab", "Story", "https://medium.com/@ann/a-story-0123456789ab?source=rss-1------2", Blogs.Day(1))]);
        blogs.Rss(Other, [new("https://medium.com/p/0123456789ab", "Story", "https://ann.medium.com/a-story-0123456789ab?source=rss-2------2", Blogs.Day(1))]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Path);
        await app.ConnectAsync(Other);
        Assert.Equal(2, Assert.Single(await app.LedgerAsync()).GetProperty("sightings").GetArrayLength());
    }

    private static Post Copy(int number) => new($"https://dev.to/ann/post-{number}-ab1", $"Copy {number}", $"https://dev.to/ann/post-{number}-ab1", Blogs.Day(10 + number));

    private static Post On(int number) => new($"hashnode-{number}", $"Copy {number}", $"https://ann.hashnode.dev/post-{number}", Blogs.Day(10 + number));

    private static string List(params (int Number, string Canonical)[] articles) =>
        $"[{string.Join(',', articles.Select(article => $$"""{"id":{{article.Number}},"url":"https://dev.to/ann/post-{{article.Number}}-ab1","canonical_url":"{{article.Canonical}}"}"""))}]";

    private static async Task<IEnumerable<(string, string)>> EntriesAsync(AppFixture app) => (await app.LedgerAsync()).Select(entry => (entry.At("title")!, entry.At("url")!)).Order();
}
