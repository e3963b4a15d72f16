using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Core.Sources.Meetup;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>Logging an address: <c>POST /api/ledger {"url": …}</c>.</summary>
public sealed class LogByAddressTests
{
    private const string Post = "https://blog.example/posts/tables";
    private const string PostPage = """
        <!doctype html><title>Tables are enough | Blog</title><meta property="og:title" content="Tables are enough"><meta property="og:type" content="article">
        <meta property="og:site_name" content="The Blog"><meta property="article:published_time" content="2026-05-20T16:00:00Z"><meta property="article:tag" content="Azure">
        <meta name="description" content="Why one store will do."><link rel="canonical" href="https://blog.example/posts/tables/">
        """;

    private readonly TestClock clock = new();
    private readonly Dictionary<string, Func<HttpResponseMessage>> pages = new(StringComparer.Ordinal);
    private readonly ScriptedMeetup web;

    public LogByAddressTests()
    {
        web = new ScriptedMeetup(clock) { Elsewhere = request => pages.TryGetValue(request.RequestUri!.AbsoluteUri, out var answer) ? answer() : null };
        Page(Post, PostPage);
    }

    [Fact]
    public async Task Address_alone_is_logged_with_the_metadata_of_its_page()
    {
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (status, entry) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}?utm_source=x"}""".Replace("?utm_source=x", "", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("Tables are enough", "article", "author", "published", "manual"), (Text(entry, "title"), Text(entry, "kind"), Text(entry, "role"), Text(entry, "status"), Text(entry, "source")));
        Assert.Equal(("2026-05-20T16:00:00Z", "Why one store will do.", Post + "/"), (Text(entry, "when"), Text(entry, "summary"), Text(entry, "url")));
        Assert.Equal("Azure", entry.GetProperty("topics")[0].GetString());
        Assert.Equal(entry.GetRawText(), (await app.GetAsync("/ledger/" + Text(entry, "id"))).GetRawText());
    }

    [Fact]
    public async Task Equivalent_addresses_are_one_entry_and_one_page_request()
    {
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (_, first) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}"}""");
        var asked = web.Web.Asked.Count;
        var (status, second) = await app.PostAsync("/ledger", $$"""{"url":"http://blog.example/posts/tables/?utm_source=feed#top"}""");
        Assert.Equal((HttpStatusCode.OK, Text(first, "id")), (status, Text(second, "id")));
        Assert.Equal(asked, web.Web.Asked.Count);

        // A short link leads to the same page.
        pages["https://short.example/1"] = () => ScriptedWeb.Redirect(302, Post);
        (status, second) = await app.PostAsync("/ledger", """{"url":"https://short.example/1"}""");
        Assert.Equal((HttpStatusCode.OK, Text(first, "id")), (status, Text(second, "id")));
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task Entered_values_win_and_the_pages_values_stay_visible()
    {
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (status, entry) = await app.PostAsync(
            "/ledger", $$"""{"url":"{{Post}}","title":"My talk","kind":"talk","topics":["Storage"],"metrics":{"attendees":40},"private":true,"note":"Slides"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("My talk", "talk", "speaker", "2026-05-20T16:00:00Z", "Slides"), (Text(entry, "title"), Text(entry, "kind"), Text(entry, "role"), Text(entry, "when"), Text(entry, "note")));
        Assert.Equal(("Tables are enough", "Storage"), (Text(entry.GetProperty("harvested"), "title"), entry.GetProperty("topics")[0].GetString()));
        Assert.True(entry.GetProperty("private").GetBoolean());
        Assert.Equal(40, entry.GetProperty("metrics").GetProperty("attendees").GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Values_for_an_existing_address_conflict_naming_the_entry_and_another_kind_is_a_new_entry()
    {
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (_, first) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}"}""");
        var (status, problem) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}","title":"Better"}""");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains(Text(first, "id"), Text(problem, "detail"), StringComparison.Ordinal);
        (status, var talk) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}","kind":"talk"}""");
        Assert.Equal((HttpStatusCode.Created, "talk"), (status, Text(talk, "kind")));
        Assert.Equal(2, (await app.LedgerAsync()).Count);
        (status, var again) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}","kind":"talk"}""");
        Assert.Equal((HttpStatusCode.OK, Text(talk, "id")), (status, Text(again, "id")));
    }

    [Fact]
    public async Task Idempotency_key_logs_one_address_once_and_no_other()
    {
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        app.Client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var (_, first) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}","note":"a"}""");
        var (status, second) = await app.PostAsync("/ledger", $$"""{"url":"{{Post}}","note":"a"}""");
        Assert.Equal((HttpStatusCode.Created, Text(first, "id")), (status, Text(second, "id")));
        Page("https://blog.example/other", PostPage.Replace("/posts/tables/", "/other", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Conflict, (await app.PostAsync("/ledger", """{"url":"https://blog.example/other"}""")).Status);
        Assert.Single(await app.LedgerAsync());
    }

    [Theory]
    [InlineData("<!doctype html><title>A page</title>", "when", "A page")]
    [InlineData("<!doctype html><meta name=date content=2026-05-20>", "title", "article")]
    public async Task Values_missing_from_both_page_and_request_are_asked_for(string html, string field, string found)
    {
        Page("https://blog.example/x", html);
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (status, problem) = await app.PostAsync("/ledger", """{"url":"https://blog.example/x"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var fault = Assert.Single(problem.GetProperty("errors").EnumerateObject());
        Assert.Equal(field, fault.Name);
        Assert.Contains(found, fault.Value[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(await app.LedgerAsync());

        (status, var entry) = await app.PostAsync("/ledger", """{"url":"https://blog.example/x","when":"2026-05-21","title":"Typed"}""");
        Assert.Equal((HttpStatusCode.Created, "Typed"), (status, Text(entry, "title")));
        Assert.Equal("day", Text(entry, "datePrecision"));
        Assert.StartsWith("2026-05-21", Text(entry, "when"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://blog.example/404", "status")]
    [InlineData("https://blog.example/500", "status")]
    [InlineData("https://blog.example/image", "notAPage")]
    [InlineData("http://127.0.0.1/x", "refusedAddress")]
    [InlineData("http://169.254.169.254/latest/meta-data/", "refusedAddress")]
    public async Task Unreadable_page_is_reported_with_the_reason_and_what_can_be_entered(string url, string code)
    {
        pages["https://blog.example/404"] = () => ScriptedWeb.Answer(404, []);
        pages["https://blog.example/500"] = () => ScriptedWeb.Answer(500, []);
        pages["https://blog.example/image"] = () => ScriptedWeb.Answer(200, [0x89, 0x50], "image/png");
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (status, problem) = await app.PostAsync("/ledger", $$"""{"url":"{{url}}"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.EndsWith(":" + code, Text(problem, "type"), StringComparison.Ordinal);
        Assert.Contains("Title, kind and when can be typed", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Empty(await app.LedgerAsync());
    }

    [Fact]
    public async Task Complete_request_causes_no_page_request()
    {
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (status, _) = await app.PostAsync("/ledger", """{"url":"https://blog.example/unknown","title":"T","kind":"talk","when":"2026-05-20"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Empty(web.Web.Asked);
    }

    [Fact]
    public async Task Event_logged_by_address_is_looked_up_by_its_source_and_later_merged_with_and_led_by_the_groups()
    {
        web.Fill(1, coming: 1);
        Page(ScriptedMeetup.Site + "events/300000000/", """
            <!doctype html><title>Evening 1, Mon | Meetup</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"SocialEvent","name":"Evening 1",
            "url":"https://www.meetup.com/sound-dotnet/events/300000000/","startDate":"2026-06-15T14:00+02:00","endDate":"2026-06-15T16:00+02:00","organizer":{"@type":"Organization","name":"Sound .NET"}}</script>
            """);
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (status, entry) = await app.PostAsync("/ledger", """{"url":"https://www.meetup.com/fr-FR/Sound-DotNet/events/300000000/?eventOrigin=home","role":"speaker"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("event", "Evening 1", "scheduled", "speaker", ScriptedMeetup.Site + "events/300000000/"), (Text(entry, "kind"), Text(entry, "title"), Text(entry, "status"), Text(entry, "role"), Text(entry, "url")));

        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        for (var day = 0; day < 16; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        var after = Assert.Single(await app.LedgerAsync());
        Assert.Equal((Text(entry, "id"), "published", "speaker", 2), (Text(after, "id"), Text(after, "status"), Text(after, "role"), after.GetProperty("sightings").GetArrayLength()));
    }

    [Fact]
    public async Task Address_already_harvested_returns_the_existing_entry()
    {
        web.Fill(1, coming: 1);
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        var before = await app.DumpAsync("ledger");
        var (status, entry) = await app.PostAsync("/ledger", """{"url":"https://www.meetup.com/sound-dotnet/events/300000000"}""");
        Assert.Equal((HttpStatusCode.OK, "Evening 1"), (status, Text(entry, "title")));
        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Event_page_without_an_event_is_rejected()
    {
        Page(ScriptedMeetup.Site + "events/300000000/", "<!doctype html><title>Log in</title>");
        await using var app = await AppFixture.StartAsync(web.Web, clock);
        var (status, problem) = await app.PostAsync("/ledger", $$"""{"url":"{{ScriptedMeetup.Site}}events/300000000/"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.EndsWith(":noEvent", Text(problem, "type"), StringComparison.Ordinal);
    }

    private void Page(string address, string html) => pages[address] = () => ScriptedWeb.Answer(HttpStatusCode.OK, html, "text/html; charset=utf-8");

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
