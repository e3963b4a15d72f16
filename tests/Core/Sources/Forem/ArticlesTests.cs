using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Forem;

/// <summary>Articles of a profile on dev.to and on another community.</summary>
public sealed class ArticlesTests : IDisposable
{
    private const string Profile = "https://dev.to/juna";

    private readonly List<JsonObject> articles = [];
    private readonly Dictionary<string, string> elsewhere = [];
    private readonly ScriptedWeb web;
    private Func<HttpRequestMessage, HttpResponseMessage?> instead = _ => null;
    private bool hasValidators = true;

    public ArticlesTests() => web = new ScriptedWeb(Answer);

    public void Dispose() => web.Dispose();

    [Fact]
    public async Task Whole_past_is_read_with_reactions_and_comments()
    {
        Fill(230);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "forem");
        Assert.Empty(app.Failures);
        var entries = await app.LedgerAsync();
        Assert.Equal(230, entries.Count);
        Assert.Equal(("blogPost", "Article 1", "https://dev.to/juna/article-1", "DEV"), (Text(entries[0], "kind"), Text(entries[0], "title"), Text(entries[0], "url"), Text(entries[0].GetProperty("container"), "name")));
        Assert.Equal((1, 2), (Number(entries[0], "reactions"), Number(entries[0], "comments")));
        Assert.False(entries[0].GetProperty("metrics").TryGetProperty("views", out _));
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("Juna Ökvist on DEV", Text(connection, "title"));
        Assert.True(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 3)]
    [InlineData(true, 130)]
    public async Task Unchanged_poll_costs_one_request_and_four_operations(bool validators, int count)
    {
        hasValidators = validators;
        Fill(count);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "forem");
        await app.PassAsync(TimeSpan.FromDays(1));
        var (ledger, asked) = (await app.DumpAsync("ledger"), web.Asked.Count);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Table.Forget();

        await app.DrainAsync();

        Assert.InRange(app.Table.Operations.Count, 1, 4);
        Assert.Equal(ledger, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 1, web.Asked.Count);
        Assert.Equal(validators, web.Asked[^1].Headers.Contains("If-None-Match"));
    }

    [Fact]
    public async Task New_articles_and_new_numbers_are_found_and_old_numbers_monthly()
    {
        Fill(120);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "forem");
        articles.Insert(0, Article(500, TestClock.Begin.AddDays(1)));
        articles[1]["public_reactions_count"] = 77;
        articles[^1]["public_reactions_count"] = 99;
        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.HarvestAsync(id);
        var entries = await app.LedgerAsync();
        Assert.Equal((121, 77), (entries.Count, Number(entries[1], "reactions")));
        Assert.NotEqual(99, Number(entries[^1], "reactions"));

        app.Clock.Advance(TimeSpan.FromDays(31));
        await app.HarvestAsync(id);
        Assert.Equal(99, Number((await app.LedgerAsync())[^1], "reactions"));
    }

    [Fact]
    public async Task More_new_articles_than_a_page_shows_are_all_found()
    {
        Fill(2);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "forem");
        articles.InsertRange(0, Enumerable.Range(0, 150).Select(n => Article(1_000 + n, TestClock.Begin.AddMinutes(150 - n))));
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal(152, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Article_and_its_original_are_one_entry_which_the_blog_dates_and_the_copy_measures(bool isBlogFirst)
    {
        const string Feed = "https://deck.example/feed.xml";
        elsewhere[Feed] = """<?xml version="1.0"?><rss version="2.0"><channel><title>Below Deck</title><link>https://deck.example/</link><item><title>The original</title><link>https://deck.example/posts/1</link><pubDate>Fri, 01 May 2026 09:00:00 GMT</pubDate></item></channel></rss>""";
        Fill(1);
        articles[0]["canonical_url"] = "https://deck.example/posts/1";
        await using var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync(isBlogFirst ? Feed : Profile, isBlogFirst ? "feed" : "forem");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var id = await app.ConnectAsync(isBlogFirst ? Profile : Feed, isBlogFirst ? "forem" : "feed");
        if (!isBlogFirst)
            id = (await app.GetAsync("/connections")).GetProperty("items").EnumerateArray().First(item => Text(item, "source") == "forem").GetProperty("id").GetString()!;
        articles[0]["public_reactions_count"] = 12;
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(2, entry.GetProperty("sightings").GetArrayLength());
        Assert.Equal(("The original", "https://deck.example/posts/1", new DateTimeOffset(2026, 5, 1, 9, 0, 0, TimeSpan.Zero)), (Text(entry, "title"), Text(entry, "url"), entry.GetProperty("when").GetDateTimeOffset()));
        Assert.Equal(12, Number(entry, "reactions"));
    }

    [Fact]
    public async Task Articles_that_are_no_longer_listed_stay()
    {
        Fill(3);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "forem");
        articles.Clear();
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        Assert.Contains("no longer lists", (await app.GetAsync($"/connections/{id}")).GetProperty("coverage").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_that_never_ends_is_read_to_a_limit()
    {
        Fill(100);
        instead = request => request.RequestUri!.AbsolutePath == "/api/articles" ? Json(new JsonArray([.. articles.Select(one => one.DeepClone())])) : null;
        await using var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync(Profile, "forem");
        Assert.Equal(100, (await app.LedgerAsync()).Count);
        Assert.InRange(web.Asked.Count, 100, 103);
    }

    [Theory]
    [InlineData(200, "{}", "unreadable")]
    [InlineData(200, "<html>", "unreadable")]
    [InlineData(429, "", "throttled")]
    [InlineData(401, "", "denied")]
    public async Task Trouble_leaves_what_was_read(int status, string body, string code)
    {
        Fill(2);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "forem");
        instead = _ => ScriptedWeb.Answer((HttpStatusCode)status, body, "application/json", ("Retry-After", "90"));
        await app.HarvestAsync(id);
        Assert.Equal(code, Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("juna", "https://dev.to/juna")]
    [InlineData("@juna", "https://dev.to/juna")]
    [InlineData("dev.to/Juna", "https://dev.to/juna")]
    [InlineData("https://dev.to/feed/juna", "https://dev.to/juna")]
    [InlineData("https://dev.to/juna/article-1", "https://dev.to/juna")]
    [InlineData("https://community.example/juna", "https://community.example/juna")]
    public async Task Profile_is_found_by_name_and_by_every_form_of_its_address(string typed, string origin)
    {
        await using var app = await AppFixture.StartAsync(web);
        Assert.Equal(origin, (await app.App.Services.GetRequiredService<SourceCatalog>().Get("forem").ResolveAsync(typed, Credentials.None, default)).Origin);
    }

    [Theory]
    [InlineData("dev.to/nobody", "noAccount")]
    [InlineData("https://dev.to/", "notForem")]
    [InlineData("https://dev.to/t/dotnet", "notForem")]
    [InlineData("https://blog.example/juna", "notForem")]
    [InlineData("two words", "notForem")]
    public async Task What_is_no_profile_is_refused_with_what_to_type(string typed, string code)
    {
        await using var app = await AppFixture.StartAsync(web);
        var refusal = await Assert.ThrowsAsync<SourceException>(() => app.App.Services.GetRequiredService<SourceCatalog>().Get("forem").ResolveAsync(typed, Credentials.None, default));
        Assert.Equal((code, Failure.Terminal), (refusal.Code, refusal.Failure));
        Assert.Contains("dev.to/your-name", refusal.Message, StringComparison.Ordinal);
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static int Number(JsonElement entry, string name) => entry.GetProperty("metrics").GetProperty(name).GetProperty("value").GetInt32();

    private static HttpResponseMessage Json(JsonNode body) => ScriptedWeb.Answer(HttpStatusCode.OK, body.ToJsonString(), "application/json; charset=utf-8");

    private static JsonObject Article(int number, DateTimeOffset published) => new()
    {
        ["id"] = number,
        ["title"] = $"Article {number}",
        ["url"] = $"https://dev.to/juna/article-{number}",
        ["canonical_url"] = $"https://dev.to/juna/article-{number}",
        ["published_at"] = published.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ["public_reactions_count"] = number % 7,
        ["comments_count"] = 2,
        ["tag_list"] = new JsonArray("dotnet"),
        ["user"] = new JsonObject { ["name"] = "Juna Ökvist", ["username"] = "juna" },
    };

    private void Fill(int count)
    {
        for (var n = 1; n <= count; n++)
            articles.Add(Article(n, TestClock.Begin.AddDays(-n)));
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (instead(request) is { } other)
            return other;
        var address = request.RequestUri!;
        if (elsewhere.TryGetValue(address.AbsoluteUri, out var feed))
            return ScriptedWeb.Answer(HttpStatusCode.OK, feed, "application/rss+xml");
        var query = HttpUtility.ParseQueryString(address.Query);
        return (address.Host, address.AbsolutePath) switch
        {
            ("dev.to" or "community.example", "/api/users/by_username") when query["url"]!.Equals("juna", StringComparison.OrdinalIgnoreCase) => Json(new JsonObject { ["username"] = "juna", ["name"] = "Juna Ökvist" }),
            ("dev.to", "/api/articles") when query["username"] == "juna" => Page(request, int.Parse(query["page"]!, CultureInfo.InvariantCulture), int.Parse(query["per_page"]!, CultureInfo.InvariantCulture)),
            ("blog.example", _) => ScriptedWeb.Answer(HttpStatusCode.OK, "<html>Hello", "text/html"),
            _ => ScriptedWeb.Answer(HttpStatusCode.NotFound),
        };
    }

    private HttpResponseMessage Page(HttpRequestMessage request, int page, int size)
    {
        var body = new JsonArray([.. articles.Skip((page - 1) * size).Take(size).Select(one => one.DeepClone())]).ToJsonString();
        var tag = $"W/\"{body.GetHashCode(StringComparison.Ordinal)}\"";
        if (hasValidators && request.Headers.TryGetValues("If-None-Match", out var known) && known.Contains(tag))
            return ScriptedWeb.Answer(304, []);
        return hasValidators ? ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json", ("ETag", tag)) : ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json");
    }
}
