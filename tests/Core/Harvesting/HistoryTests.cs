using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Histories of blogs whose older pages fail for a while, through the front door.</summary>
public sealed class HistoryTests
{
    private const string Feed = "https://one.example/feed.xml";
    private const int Pages = 5;
    private const int PerPage = 4;

    public static TheoryData<string, int> Troubles => new()
    {
        { "500", 9 }, { "404", 1 }, { "410", 2 }, { "html", 1 }, { "empty", 3 }, { "half", 1 }, { "half", 3 }, { "reset", 9 }, { "throttled", 1 },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task History_with_a_temporarily_failing_page_is_complete_only_once_everything_is_harvested(string trouble, int requests)
    {
        var blogs = new Blogs();
        Publish(blogs, trouble, requests);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);

        for (var reading = 1; reading < 4; reading++)
        {
            var connection = await app.GetAsync($"/connections/{id}");
            Assert.NotEqual("failing", connection.GetProperty("health").GetString());
            Assert.True((await app.LedgerAsync()).Count == Pages * PerPage || !IsComplete(connection));
            app.Clock.Advance(TimeSpan.FromMinutes(2));
            await app.HarvestAsync(id);
        }

        Assert.Equal(Pages * PerPage, (await app.LedgerAsync()).Count);
        Assert.True(IsComplete(await app.GetAsync($"/connections/{id}")));
        Assert.Empty(app.Failures);
    }

    [Fact]
    public async Task Page_failing_for_weeks_is_retried_weekly_and_finally_harvested()
    {
        var blogs = new Blogs();
        Publish(blogs, "html", int.MaxValue);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await PassAsync(app, days: 3);
        var asked = Asked(blogs);
        Assert.Equal(4, asked);

        await PassAsync(app, days: 28);

        Assert.InRange(Asked(blogs) - asked, 3, 4);
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal(("ok", false), (connection.GetProperty("health").GetString(), IsComplete(connection)));
        Assert.Contains("once a week", connection.GetProperty("coverage").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Publish(blogs, "html", 0);
        await PassAsync(app, days: 8);
        Assert.Equal(Pages * PerPage, (await app.LedgerAsync()).Count);
        Assert.True(IsComplete(await app.GetAsync($"/connections/{id}")));
    }

    [Fact]
    public async Task What_was_read_of_a_history_is_shown_while_the_rest_is_read()
    {
        var blogs = new Blogs();
        Publish(blogs, "html", 0);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var shown = new List<(bool IsBackfilling, int Contributions)>();
        blogs.On(Page(Pages), _ =>
        {
            var connection = app.GetAsync("/connections").GetAwaiter().GetResult().GetProperty("items")[0];
            shown.Add((connection.GetProperty("backfilling").GetBoolean(), connection.GetProperty("contributions").GetInt32()));
            return ScriptedWeb.Answer(HttpStatusCode.OK, Blogs.Rss(Feed, "One", [Blogs.Post(1)]), "application/rss+xml");
        });

        await app.ConnectAsync(Feed);

        Assert.Equal([(true, (Pages - 1) * PerPage)], shown);
    }

    [Fact]
    public async Task Unchanged_poll_costs_four_operations_even_while_a_page_awaits_its_retry()
    {
        var blogs = new Blogs();
        Publish(blogs, "html", int.MaxValue);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        for (var reading = 0; reading < 4; reading++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            await app.CallAsync("Plan");
            await app.Store.Queue.PutAsync("harvest", $$"""{"person":"{{(await app.GetAsync("/me")).GetProperty("id").GetString()}}","connection":"{{id}}"}""", TimeSpan.Zero, CancellationToken.None);
            await app.DrainAsync();
        }

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.Store.Queue.PutAsync("harvest", $$"""{"person":"{{(await app.GetAsync("/me")).GetProperty("id").GetString()}}","connection":"{{id}}"}""", TimeSpan.Zero, CancellationToken.None);
        app.Table.Forget();
        await app.DrainAsync();

        Assert.Equal(["people range", "people write", "people write", "schedule transact"], app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
    }

    private static async Task PassAsync(AppFixture app, int days)
    {
        for (var hour = 0; hour < days * 24; hour += 6)
            await app.PassAsync(TimeSpan.FromHours(6));
    }

    private static int Asked(Blogs blogs) => blogs.Web.Addresses.Count(address => address == Page(3));

    private static bool IsComplete(JsonElement connection) => connection.GetProperty("coverage").GetProperty("complete").GetBoolean();

    private static string Page(int page) => page == 1 ? Feed : $"https://one.example/page{page}.xml";

    private static void Publish(Blogs blogs, string trouble, int requests)
    {
        var left = requests;
        for (var page = 1; page <= Pages; page++)
        {
            var (number, body) = (page, Blogs.Rss(Feed, "One", Enumerable.Range(((Pages - page) * PerPage) + 1, PerPage).Reverse().Select(n => Blogs.Post(n))));
            if (page < Pages)
                body = body.Replace("<item>", $"<atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"next\" href=\"{Page(page + 1)}\"/><item>", StringComparison.Ordinal);
            var etag = $"\"{page}\"";
            blogs.On(Page(page), request => number == 3 && left-- > 0 ? Fail(trouble, body)
                : request.Headers.IfNoneMatch.Any(e => e.Tag == etag) ? ScriptedWeb.Answer(304, [])
                : ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml", ("ETag", etag)));
        }
    }

    private static HttpResponseMessage Fail(string trouble, string body) => trouble switch
    {
        "html" => ScriptedWeb.Answer(HttpStatusCode.OK, "<html><body>Just a moment...</body></html>", "text/html"),
        "empty" => ScriptedWeb.Answer(HttpStatusCode.OK),
        "half" => ScriptedWeb.Answer(HttpStatusCode.OK, body[..(body.Length / 2)], "application/rss+xml"),
        "reset" => throw new HttpRequestException("reset"),
        "throttled" => ScriptedWeb.Answer(HttpStatusCode.TooManyRequests, "", null, ("Retry-After", "60")),
        _ => ScriptedWeb.Answer((HttpStatusCode)int.Parse(trouble, System.Globalization.CultureInfo.InvariantCulture)),
    };
}
