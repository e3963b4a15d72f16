using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Discourse;

/// <summary>Somebody's posts in a forum, where solutions are listed in the order in which they were accepted.</summary>
public sealed class ForumTests : IDisposable
{
    private const string Profile = "https://forum.example/u/Juna";

    private readonly List<GivenPost> posts = [];
    private readonly List<GivenPost> solutions = [];
    private readonly ScriptedWeb web;
    private Func<HttpRequestMessage, HttpResponseMessage?> instead = _ => null;
    private bool hasValidators;
    private bool hasSolutions = true;

    public ForumTests() => web = new ScriptedWeb(Answer);

    public void Dispose() => web.Dispose();

    [Fact]
    public async Task Whole_past_is_read_with_solutions_and_without_own_topics_and_replies_in_them()
    {
        Fill(100);
        posts.Add(new GivenPost(5_000, 1, 200));
        posts.Add(new GivenPost(5_000, 2, 199));
        posts.Add(new GivenPost(5_000, 7, 198));
        Accept(1_099);
        solutions.Add(posts[^1]);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "discourse");

        Assert.Empty(app.Failures);
        var entries = await app.LedgerAsync();
        Assert.Equal(101, entries.Count);
        Assert.Equal(("forumAnswer", "Question 1001", "https://forum.example/t/question-1001/1001/3", "Low Water Forum"), (Text(entries[0], "kind"), Text(entries[0], "title"), Text(entries[0], "url"), Text(entries[0].GetProperty("container"), "name")));
        Assert.Equal(["Question 1099", "Question 5000"], entries.Where(IsAccepted).Select(entry => Text(entry, "title")));
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("Juna Ökvist in Low Water Forum", Text(connection, "title"));
        Assert.True(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unchanged_poll_costs_two_requests_and_four_operations(bool validators)
    {
        hasValidators = validators;
        Fill(40);
        Accept(1_003);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "discourse");
        await app.PassAsync(TimeSpan.FromDays(1));
        var (ledger, asked) = (await app.DumpAsync("ledger"), web.Asked.Count);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Table.Forget();

        await app.DrainAsync();

        Assert.InRange(app.Table.Operations.Count, 1, 4);
        Assert.Equal(ledger, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 2, web.Asked.Count);
        Assert.Equal(validators, web.Asked[^1].Headers.Contains("If-None-Match"));
    }

    [Fact]
    public async Task Reply_that_is_accepted_years_later_stays_one_entry_with_its_own_date()
    {
        Fill(90);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "discourse");
        Accept(1_089);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        var entries = await app.LedgerAsync();
        Assert.Equal(90, entries.Count);
        var accepted = Assert.Single(entries, IsAccepted);
        Assert.Equal(("Question 1089", TestClock.Begin.AddDays(-89)), (Text(accepted, "title"), accepted.GetProperty("when").GetDateTimeOffset()));
        var before = await app.DumpAsync("ledger");
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task More_replies_and_more_solutions_than_a_page_shows_are_all_found()
    {
        Fill(5);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "discourse");
        posts.InsertRange(0, Enumerable.Range(0, 70).Select(n => new GivenPost(2_000 + n, 2, n / 100.0)));
        foreach (var post in posts.ToList())
            solutions.Insert(0, post);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        var entries = await app.LedgerAsync();
        Assert.Equal((75, 75), (entries.Count, entries.Count(IsAccepted)));

        posts.InsertRange(0, Enumerable.Range(0, 70).Select(n => new GivenPost(3_000 + n, 2, -(1 - (n / 100.0)))));
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal(145, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("solutions", 1)]
    [InlineData("replies", 10)]
    public async Task Person_chooses_whether_only_solutions_are_taken(string what, int count)
    {
        Fill(10);
        Accept(1_003);
        await using var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync(Profile, "discourse", new Dictionary<string, string> { ["what"] = what });
        Assert.Equal(count, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Forum_without_solutions_has_replies()
    {
        hasSolutions = false;
        Fill(3);
        await using var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync(Profile, "discourse");
        Assert.Equal(3, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData(404, "missing")]
    [InlineData(403, "denied")]
    [InlineData(429, "throttled")]
    [InlineData(200, "unreadable")]
    public async Task Trouble_leaves_what_was_read_and_says_what_it_is(int status, string code)
    {
        Fill(3);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Profile, "discourse");
        posts.Clear();
        instead = _ => ScriptedWeb.Answer((HttpStatusCode)status, "<html>", "application/json", ("Retry-After", "600"));
        await app.HarvestAsync(id);
        Assert.Equal(code, Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        if (status != 429)
            return;
        var asked = web.Asked.Count;
        await app.HarvestAsync(id);
        Assert.Equal(asked, web.Asked.Count);
    }

    [Fact]
    public async Task Lists_that_never_end_are_read_to_a_limit()
    {
        Fill(30);
        instead = request => request.RequestUri!.AbsolutePath == "/user_actions.json" ? Json(new JsonObject { ["user_actions"] = new JsonArray([.. posts.Select(post => (JsonNode)Action(post))]) }) : null;
        await using var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync(Profile, "discourse");
        Assert.Equal(30, (await app.LedgerAsync()).Count);
        Assert.InRange(web.Asked.Count, 1_000, 1_040);
    }

    [Theory]
    [InlineData(Profile, "https://forum.example/u/juna")]
    [InlineData("forum.example/u/juna/summary", "https://forum.example/u/juna")]
    [InlineData("https://forum.example/u/juna/activity/replies", "https://forum.example/u/juna")]
    public async Task Profile_is_found_by_its_address_without_naming_the_source(string typed, string origin)
    {
        await using var app = await AppFixture.StartAsync(web);
        var catalog = app.App.Services.GetRequiredService<SourceCatalog>();
        Assert.Equal("discourse", catalog.FindByAddress(typed)?.Info.Name);
        Assert.Equal(origin, (await catalog.Get("discourse").ResolveAsync(typed, Credentials.None, default)).Origin);
    }

    [Theory]
    [InlineData("https://forum.example/t/question/1", "notDiscourse", "profile")]
    [InlineData("https://blog.example/u/juna", "notDiscourse", "feed")]
    [InlineData("https://forum.example/u/nobody", "noAccount", "hidden")]
    [InlineData("https://members.example/u/juna", "denied", "signing in")]
    public async Task What_is_no_profile_that_anybody_can_read_is_refused_with_what_to_try(string typed, string code, string hint)
    {
        await using var app = await AppFixture.StartAsync(web);
        var refusal = await Assert.ThrowsAsync<SourceException>(() => app.App.Services.GetRequiredService<SourceCatalog>().Get("discourse").ResolveAsync(typed, Credentials.None, default));
        Assert.Equal((code, Failure.Terminal), (refusal.Code, refusal.Failure));
        Assert.Contains(hint, refusal.Message, StringComparison.Ordinal);
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static bool IsAccepted(JsonElement entry) => entry.TryGetProperty("metrics", out var metrics) && metrics.TryGetProperty("accepted", out _);

    private static HttpResponseMessage Json(JsonNode body) => ScriptedWeb.Answer(HttpStatusCode.OK, body.ToJsonString(), "application/json; charset=utf-8");

    private static JsonObject Action(GivenPost post) => Row(post, "title", "excerpt", new JsonObject { ["action_type"] = post.Number == 1 ? 4 : 5 });

    private static JsonObject Row(GivenPost post, string title, string text, JsonObject row)
    {
        row["created_at"] = post.Created.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        row["topic_id"] = post.Topic;
        row["post_number"] = post.Number;
        row["slug"] = $"question-{post.Topic}";
        row[title] = $"Question {post.Topic}";
        row[text] = "<p>By the table.</p>";
        return row;
    }

    /// <summary>So many replies, a day apart, the newest first a day ago.</summary>
    private void Fill(int count) => posts.AddRange(Enumerable.Range(1, count).Select(n => new GivenPost(1_000 + n, 3, n)));

    private void Accept(int topic) => solutions.Insert(0, posts.Find(post => post.Topic == topic)!);

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (instead(request) is { } other)
            return other;
        var address = request.RequestUri!;
        var query = HttpUtility.ParseQueryString(address.Query);
        return (address.Host, address.AbsolutePath) switch
        {
            ("forum.example", "/site/basic-info.json") => Json(new JsonObject { ["title"] = "Low Water Forum" }),
            ("forum.example", "/u/Juna.json" or "/u/juna.json") => Json(new JsonObject { ["user"] = new JsonObject { ["username"] = "Juna", ["name"] = "Juna Ökvist" } }),
            ("forum.example", "/user_actions.json") => List(request, "user_actions", [.. posts.Where(post => query["filter"]!.Contains(post.Number == 1 ? '4' : '5', StringComparison.Ordinal)).OrderByDescending(post => post.Created)], int.Parse(query["offset"]!, CultureInfo.InvariantCulture), Action),
            ("forum.example", "/solution/by_user.json") when hasSolutions => List(request, "user_solved_posts", solutions, int.Parse(query["offset"]!, CultureInfo.InvariantCulture), post => Row(post, "topic_title", "cooked", new JsonObject { ["post_id"] = post.Topic + 70_000 })),
            ("members.example", _) => ScriptedWeb.Answer(HttpStatusCode.Forbidden, """{"errors":["You need to be logged in to do that."],"error_type":"not_logged_in"}""", "application/json"),
            _ => ScriptedWeb.Answer(HttpStatusCode.NotFound),
        };
    }

    private HttpResponseMessage List(HttpRequestMessage request, string name, IReadOnlyList<GivenPost> all, int offset, Func<GivenPost, JsonObject> row)
    {
        var body = new JsonObject { [name] = new JsonArray([.. all.Skip(offset).Take(30).Select(post => (JsonNode)row(post))]) }.ToJsonString();
        var tag = $"W/\"{body.GetHashCode(StringComparison.Ordinal)}\"";
        if (hasValidators && request.Headers.TryGetValues("If-None-Match", out var known) && known.Contains(tag))
            return ScriptedWeb.Answer(304, []);
        return hasValidators ? ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json", ("ETag", tag)) : ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json");
    }

    /// <param name="Ago">Days.</param>
    private sealed record GivenPost(int Topic, int Number, double Ago)
    {
        public DateTimeOffset Created => TestClock.Begin.AddDays(-Ago);
    }
}
