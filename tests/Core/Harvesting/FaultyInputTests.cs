using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>What places and people get wrong, row by row of the table of failures, through the front door.</summary>
public sealed class FaultyInputTests
{
    private const string Feed = "https://one.example/feed.xml";

    public static TheoryData<string, string, string> NoFeeds => new()
    {
        { "<!doctype html><html><head><title>Not found</title></head><body>Sorry, nothing here.</body></html>", "text/html", "page" },
        { "<html><body>Hello</body></html>", "application/rss+xml", "page" },
        { "{\"hello\":1}", "application/json", "JSON" },
        { "", "application/rss+xml", "empty" },
        { "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "image/svg+xml", "one.example answered" },
    };

    [Theory]
    [MemberData(nameof(NoFeeds))]
    public async Task Address_without_a_feed_is_rejected_with_what_was_found(string body, string type, string said)
    {
        var blogs = new Blogs();
        blogs.On("https://one.example/feed-page", HttpStatusCode.OK, body, type);
        blogs.NothingElse("one.example");
        await using var app = await AppFixture.StartAsync(blogs.Web);

        var (status, problem) = await app.PostAsync("/connections", """{"address":"https://one.example/feed-page"}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(said, problem.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Empty((await app.GetAsync("/connections")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Broken_XML_is_read_leniently_and_repairs_are_counted_in_the_report()
    {
        var blogs = new Blogs();
        blogs.On(Feed, HttpStatusCode.OK, "\n junk <?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Tom & Jerry</title><item><title>R&D &nbsp; \u0001 here</title><link>https://one.example/1</link><guid>1</guid></item><item><title>cut o", "application/rss+xml");
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);

        Assert.Contains("R&D", (await app.LedgerAsync()).Select(e => e.GetProperty("title").GetString()!).First(t => t.StartsWith('R')), StringComparison.Ordinal);
        var report = (await app.GetAsync($"/connections/{id}/harvests")).GetProperty("items")[0];
        Assert.NotEmpty(report.GetProperty("repairs").EnumerateArray());
    }

    [Fact]
    public async Task Entity_bomb_and_gzip_bomb_stop_at_the_size_limit()
    {
        var blogs = new Blogs();
        const string Bomb = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
        blogs.On(Feed, HttpStatusCode.OK, Bomb + "<rss version=\"2.0\"><channel><title>x</title><item><guid>1</guid><title>&c;&c;&c;</title><link>https://one.example/1</link></item></channel></rss>", "application/rss+xml");
        blogs.On("https://two.example/feed.xml", _ => Zipped(64 * 1024 * 1024));
        await using var app = await AppFixture.StartAsync(blogs.Web);

        await app.ConnectAsync(Feed);
        var (status, problem) = await app.PostAsync("/connections", """{"address":"https://two.example/feed.xml"}""");

        Assert.True((await app.LedgerAsync())[0].GetProperty("title").GetString()!.Length <= 300);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("large", problem.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Invalid_item_is_skipped_and_named_and_the_rest_is_harvested()
    {
        var blogs = new Blogs();
        blogs.On(Feed, HttpStatusCode.OK, "<rss version=\"2.0\"><channel><title>One</title><item></item><item><title>Good</title><guid>g</guid><link>https://one.example/g</link></item></channel></rss>", "application/rss+xml");
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);

        Assert.Equal(["Good"], (await app.LedgerAsync()).Select(e => e.GetProperty("title").GetString()));
        var report = (await app.GetAsync($"/connections/{id}/harvests")).GetProperty("items")[0];
        Assert.NotEmpty(report.GetProperty("repairs").EnumerateArray());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(429)]
    [InlineData(404)]
    public async Task Temporarily_failing_feed_is_retried_and_loses_nothing(int status)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Feed, _ => ScriptedWeb.Answer(status, [], null, ("Retry-After", "120")));

        await app.HarvestAsync(id);

        var broken = await app.GetAsync($"/connections/{id}");
        Assert.Equal("failing", broken.GetProperty("health").GetString());
        Assert.NotEmpty(broken.GetProperty("problem").GetProperty("message").GetString()!);
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        await app.PassAsync(TimeSpan.FromHours(25));
        Assert.Equal("ok", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Feed_that_leads_to_an_internal_address_is_requested_again_after_a_day()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Feed, _ => ScriptedWeb.Redirect(302, "http://10.0.0.1/feed"));

        await app.HarvestAsync(id);

        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("failing", connection.GetProperty("health").GetString());
        Assert.Equal(TimeSpan.FromDays(1), connection.GetProperty("nextRun").GetDateTimeOffset() - app.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Feed_that_is_gone_is_not_requested_again()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Feed, HttpStatusCode.Gone);
        await app.HarvestAsync(id);
        var asked = blogs.Web.Asked.Count;

        for (var day = 0; day < 5; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Equal("gone", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
        Assert.Equal(asked, blogs.Web.Asked.Count);
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task Pause_that_a_host_asks_for_postpones_its_other_connections_without_a_failure()
    {
        var blogs = new Blogs();
        const string Other = "https://one.example/other.xml";
        blogs.Rss(Feed, [Blogs.Post(1)]);
        blogs.Rss(Other, Enumerable.Range(10, 9).Select(n => Blogs.Post(n) with { Date = new DateTimeOffset(2026, 5, 20, 6, 0, 0, TimeSpan.Zero).AddDays(n - 7) }));
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var (asking, other) = (await app.ConnectAsync(Feed), await app.ConnectAsync(Other));
        blogs.On(Feed, HttpStatusCode.TooManyRequests, "", null, ("Retry-After", "72000"));
        await app.HarvestAsync(asking);

        await app.PassAsync(TimeSpan.FromHours(12));

        var postponed = await app.GetAsync($"/connections/{other}");
        Assert.Equal(("ok", 1), (postponed.GetProperty("health").GetString(), postponed.GetProperty("runs").GetInt32()));
        await app.PassAsync(TimeSpan.FromHours(9));
        Assert.Equal(2, (await app.GetAsync($"/connections/{other}")).GetProperty("runs").GetInt32());
    }

    [Fact]
    public async Task Connection_is_broken_when_it_has_failed_for_seven_days_and_not_a_second_before()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Feed, HttpStatusCode.NotFound);
        await app.HarvestAsync(id);

        app.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await app.HarvestAsync(id);
        Assert.Equal("failing", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await app.HarvestAsync(id);
        Assert.Equal("broken", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
    }

    [Fact]
    public async Task Connection_failing_for_seven_days_is_shown_as_broken()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Feed, HttpStatusCode.InternalServerError);

        for (var day = 0; day < 10; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Equal("broken", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
    }

    [Fact]
    public async Task Store_failure_during_a_harvest_keeps_the_message_queued_and_writes_nothing_partially()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 40).Select(n => Blogs.Post(n)));
        for (var at = 0; at < 12; at++)
        {
            await using var app = await AppFixture.StartAsync(blogs.Web);
            await app.PostAsync("/connections", $$"""{"address":"{{Feed}}"}""");
            app.Table.BreakIn = at;
            await app.DrainAsync(rounds: 1);
            app.Table.BreakIn = null;
            await app.PassAsync(TimeSpan.FromMinutes(20));
            Assert.Equal(40, (await app.LedgerAsync()).Count);
            await InterleavingTests.AssertCountsAsync(app);
        }
    }

    [Fact]
    public async Task Poisoned_message_is_recorded_shown_and_can_be_replayed()
    {
        var blogs = new Blogs();
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.Store.Queue.PutAsync("harvest", "no message of ours", TimeSpan.Zero, CancellationToken.None);
        await app.DrainAsync();

        var poisoned = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal("no message of ours", poisoned.GetProperty("body").GetString());
        var (status, _) = await app.PostAsync($"/status/poisoned/{poisoned.GetProperty("id").GetString()}/replay", "{}");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(1, (await app.GetAsync("/status")).GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Largest_poisoned_message_is_replayed_byte_for_byte_and_shown_in_part()
    {
        var body = string.Concat(Enumerable.Repeat("x<😀\u0001y", IQueue.MaximumBody / 8));
        await using var app = await AppFixture.StartAsync(new Blogs().Web);
        await app.Store.Queue.PutAsync("harvest", body, TimeSpan.Zero, CancellationToken.None);
        await app.DrainAsync();

        var poisoned = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal(body.Length, poisoned.GetProperty("length").GetInt32());
        var shown = poisoned.GetProperty("body").GetString()!;
        Assert.StartsWith(shown, body, StringComparison.Ordinal);
        Assert.InRange(shown.Length, 999, 1000);
        await app.PostAsync($"/status/poisoned/{poisoned.GetProperty("id").GetString()}/replay", "{}");
        Assert.Equal(body, Assert.Single(await app.Store.Queue.ReceiveAsync("harvest", 32, TimeSpan.FromMinutes(1), CancellationToken.None)).Body);
        Assert.Empty((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
    }

    [Fact]
    public async Task Poisoned_message_recorded_by_an_earlier_version_can_be_replayed()
    {
        await using var app = await AppFixture.StartAsync(new Blogs().Web);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["queue"] = "mail", ["body"] = "of before", ["at"] = app.Clock.GetUtcNow() };
        await app.Table.WriteAsync("harvests", TableWrite.Put(new Row("poison", "0000000000000000001|a", values)), CancellationToken.None);

        var poisoned = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal(("of before", 9), (poisoned.GetProperty("body").GetString(), poisoned.GetProperty("length").GetInt32()));
        await app.PostAsync($"/status/poisoned/{poisoned.GetProperty("id").GetString()}/replay", "{}");
        Assert.Equal("of before", Assert.Single(await app.Store.Queue.ReceiveAsync("mail", 32, TimeSpan.FromMinutes(1), CancellationToken.None)).Body);
    }

    [Fact]
    public async Task Interrupted_replay_can_be_repeated()
    {
        await using var app = await AppFixture.StartAsync(new Blogs().Web);
        await app.Store.Queue.PutAsync("harvest", "no message of ours", TimeSpan.Zero, CancellationToken.None);
        await app.DrainAsync();
        var id = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray()).GetProperty("id").GetString();
        app.Table.Step = () => throw new StoreUnavailableException("The store went away.");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.PostAsync($"/status/poisoned/{id}/replay", "{}")).Status);
        app.Table.Step = () => { };

        Assert.Equal(HttpStatusCode.Accepted, (await app.PostAsync($"/status/poisoned/{id}/replay", "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.PostAsync($"/status/poisoned/{id}/replay", "{}")).Status);
        Assert.NotEmpty(await app.Store.Queue.ReceiveAsync("harvest", 32, TimeSpan.FromMinutes(1), CancellationToken.None));
    }

    [Fact]
    public async Task Invalid_parameter_is_reported_with_its_name_value_and_allowed_values()
    {
        await using var app = await AppFixture.StartAsync(new Blogs().Web);
        var (status, problem) = await app.SendAsync(HttpMethod.Get, "/ledger?kind=blogpots&limit=0");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var errors = problem.GetProperty("errors");
        Assert.Contains("blogpots", errors.GetProperty("kind").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("blogPost", errors.GetProperty("kind").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("500", errors.GetProperty("limit").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1/feed")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://localhost:9200/")]
    public async Task Internal_address_is_rejected_before_any_request(string address)
    {
        var blogs = new Blogs();
        await using var app = await AppFixture.StartAsync(blogs.Web);

        var (status, _) = await app.PostAsync("/connections", $$"""{"address":{{JsonEncodedText.Encode(address).ToString().Insert(0, "\"")}}"}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Empty(blogs.Web.Asked);
    }

    [Fact]
    public async Task Missing_or_wrong_key_reveals_nothing()
    {
        await using var app = await AppFixture.StartAsync(new Blogs().Web);
        app.Client.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.SendAsync(HttpMethod.Get, "/ledger")).Status);
        app.Client.DefaultRequestHeaders.Authorization = new("Bearer", "ci_" + new string('a', 52));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.SendAsync(HttpMethod.Get, "/ledger")).Status);
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(method, "/health")).Status);
            Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(method, "/health?ready")).Status);
        }
    }

    private static HttpResponseMessage Zipped(int bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("<rss><channel><title>"));
            var block = Encoding.UTF8.GetBytes(new string('a', 64 * 1024));
            for (var written = 0; written < bytes; written += block.Length)
                gzip.Write(block);
        }

        return ScriptedWeb.Answer(200, packed.ToArray(), "application/rss+xml", ("Content-Encoding", "gzip"));
    }
}
