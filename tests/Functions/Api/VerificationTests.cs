using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>A blog is verified by what its owner alone can publish there.</summary>
public sealed class VerificationTests
{
    private const string Site = "https://one.example/";
    private const string Feed = "https://one.example/feed.xml";

    private static readonly Dictionary<string, string?> Public = new(StringComparer.Ordinal) { ["PublicUrl"] = "https://Ledger.example:443/" };

    [Theory]
    [InlineData("metaTag", """<html><head><META Name="ContributionIngest-Verification" content=" {token} "></head>""")]
    [InlineData("relMe", """<p>I am <a class="x" href="https://ledger.example/verify/{token}" rel="noopener ME">here</a>.""")]
    [InlineData("relMe", """<link href="https://LEDGER.example/verify/{token}/" rel="me authn">""")]
    [InlineData("relMe", """<a rel='me' href="//ledger.example:443/verify/{token}">me</a>""")]
    public async Task Page_proves_it_by_a_meta_tag_or_a_link_to_this_site(string how, string page)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        var token = await TokenAsync(app, id);
        blogs.On(Site, HttpStatusCode.OK, "<p>Nothing yet", "text/html");
        await RefusedAsync(app, id, $"The token was not found on {Site} or in its feed {Feed}. It may take minutes until a site shows a change.");

        blogs.On(Site, HttpStatusCode.OK, page.Replace("{token}", token, StringComparison.Ordinal), "text/html");
        var (status, verified) = await VerifyAsync(app, id);

        Assert.Equal((HttpStatusCode.OK, true, how), (status, verified.GetProperty("verified").GetBoolean(), verified.GetProperty("verifiedBy").GetString()));
        Assert.Equal(app.Clock.GetUtcNow(), verified.GetProperty("verifiedAt").GetDateTimeOffset());
        Assert.False(verified.TryGetProperty("verificationToken", out _));
    }

    [Theory]
    [InlineData("<p>contributioningest-verification={token}")]
    [InlineData("<!-- contributioningest-verification={token} -->")]
    [InlineData("""<!-- <meta name="contributioningest-verification" content="{token}"> -->""")]
    [InlineData("""<textarea><meta name="contributioningest-verification" content="{token}"></textarea>""")]
    [InlineData("""<meta name="contributioningest-verification" content="{token}x">""")]
    [InlineData("""<meta name="description" content="{token}">""")]
    [InlineData("""<a rel="me ugc" href="https://ledger.example/verify/{token}">a guest</a>""")]
    [InlineData("""<a rel="external NOFOLLOW me" href="https://ledger.example/verify/{token}">a guest</a>""")]
    [InlineData("""<a rel="menu" href="https://ledger.example/verify/{token}">no</a>""")]
    [InlineData("""<a href="https://ledger.example/verify/{token}">no</a>""")]
    [InlineData("""<a rel="me" href="https://ledger.example/verify/{token}x">no</a>""")]
    [InlineData("""<a rel="me" href="https://ledger.example.evil.example/verify/{token}">no</a>""")]
    [InlineData("""<a rel="me" href="https://ledger.example:8443/verify/{token}">no</a>""")]
    public async Task What_a_guest_may_write_on_the_page_proves_nothing(string page)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Site, HttpStatusCode.OK, page.Replace("{token}", await TokenAsync(app, id), StringComparison.Ordinal), "text/html");
        await RefusedAsync(app, id, "not found");
    }

    [Theory]
    [InlineData("<description>About lamps. {text}</description>", true)]
    [InlineData("<item><guid>1</guid><title>Hello</title><author>Juna</author><description>&lt;p&gt;{text}&lt;/p&gt;</description></item><item><guid>2</guid><title>Older</title><author>juna</author></item>", true)]
    [InlineData("<item><guid>1</guid><title>{text}</title><author>Juna</author></item>", true)]
    [InlineData("<item><guid>1</guid><title>{text}</title><author>Juna</author></item><item><guid>2</guid><title>Older</title><author>Else</author></item>", false)]
    [InlineData("<item><guid>1</guid><title>{text}</title></item>", false)]
    [InlineData("<title>Search results for {text}</title>", false)]
    [InlineData("<description>{token}</description>", false)]
    public async Task Feed_proves_it_by_its_description_or_by_a_post_of_its_only_author(string channel, bool isProof)
    {
        var blogs = new Blogs();
        Channel(blogs, "");
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        var token = await TokenAsync(app, id);
        blogs.On(Site, HttpStatusCode.NotFound);
        Channel(blogs, channel.Replace("{text}", "contributioningest-verification=" + token, StringComparison.Ordinal).Replace("{token}", token, StringComparison.Ordinal));

        var (status, answer) = await VerifyAsync(app, id);

        Assert.Equal(isProof ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal(isProof ? "feedText" : null, answer.TryGetProperty("verifiedBy", out var how) ? how.GetString() : null);
    }

    [Fact]
    public async Task Page_on_another_site_proves_nothing_and_is_not_requested()
    {
        const string Elsewhere = "https://blog.example.org/";
        var blogs = new Blogs();
        Channel(blogs, "", Elsewhere);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Elsewhere, HttpStatusCode.OK, $"<meta name=\"contributioningest-verification\" content=\"{await TokenAsync(app, id)}\">", "text/html");

        await RefusedAsync(
            app,
            id,
            $"The token was not found in the feed {Feed}. {Elsewhere} does not count, because it is on another site than the feed. It may take minutes until a site shows a change.");
        Assert.DoesNotContain(Elsewhere, blogs.Web.Addresses);
    }

    [Theory]
    [InlineData("https://evil.example/", false)]
    [InlineData("http://one.example/page", false)]
    [InlineData("https://one.example:8443/page", false)]
    [InlineData("/page", true)]
    [InlineData("https://www.ONE.example/page", true)]
    public async Task Redirect_counts_only_within_the_site(string target, bool isProof)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        var page = $"<meta name=\"contributioningest-verification\" content=\"{await TokenAsync(app, id)}\">";
        blogs.On(Site, _ => ScriptedWeb.Redirect(302, target));
        blogs.On(new Uri(new Uri(Site), target).AbsoluteUri, HttpStatusCode.OK, page, "text/html");

        var (status, answer) = await VerifyAsync(app, id);

        Assert.Equal(isProof ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, status);
        if (!isProof)
            Assert.Contains($"{Site} redirects to {new Uri(target).GetLeftPart(UriPartial.Authority)}, which does not count.", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_of_a_stranger_behind_an_open_redirect_proves_nothing()
    {
        const string Open = "https://one.example/go?to=evil";
        var blogs = new Blogs();
        string? token = null;
        blogs.On(Open, _ => ScriptedWeb.Redirect(302, "https://evil.example/feed.xml"));
        blogs.On("https://evil.example/feed.xml", _ => ScriptedWeb.Answer(
            HttpStatusCode.OK, $"<rss version=\"2.0\"><channel><title>Evil</title><link>{Site}</link><description>contributioningest-verification={token}</description><item><guid>1</guid><title>A</title></item></channel></rss>", "application/rss+xml"));
        blogs.On(Site, HttpStatusCode.OK, "<p>The victim's blog", "text/html");
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Open);
        token = await TokenAsync(app, id);
        await RefusedAsync(app, id, $"{Open} redirects to https://evil.example, which does not count.");
    }

    [Fact]
    public async Task Feed_that_has_moved_to_another_site_has_to_be_connected_there()
    {
        const string Moved = "https://two.example/feed.xml";
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Feed, _ => ScriptedWeb.Redirect(301, Moved));
        blogs.Rss(Moved, [Blogs.Post(2)]);
        for (var day = 0; day < 10 && (await app.GetAsync($"/connections/{id}")).GetProperty("address").GetString() != Moved; day++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            await app.HarvestAsync(id);
        }

        await RefusedAsync(app, id, "The feed has moved from one.example to two.example. Disconnect it, connect its new address, and verify that.");
    }

    [Fact]
    public async Task Page_that_is_too_large_is_refused_with_a_sentence()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        blogs.On(Site, HttpStatusCode.OK, "<p>" + new string('x', 3 * 1024 * 1024), "text/html");
        await RefusedAsync(app, id, "one.example sent more than 2 MB");
    }

    [Fact]
    public async Task Site_that_does_not_answer_is_given_up_on()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        var asked = new TaskCompletionSource();
        using var client = new HttpMessageInvoker(blogs.Web);
        var web = new ScriptedWeb(async (request, cancel) =>
        {
            if (request.RequestUri!.AbsoluteUri != Site)
                return await client.SendAsync(request, cancel);
            asked.SetResult();
            return await new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(cancel);
        });
        await using var app = await AppFixture.StartAsync(web, settings: Public);
        var id = await app.ConnectAsync(Feed);
        var refused = RefusedAsync(app, id, "one.example did not answer within 25 seconds. Check again later.");
        await asked.Task;
        app.Clock.Advance(TimeSpan.FromSeconds(25));
        await refused;
    }

    [Fact]
    public async Task Verified_connection_stays_so_and_what_is_harvested_then_leads_before_other_feeds()
    {
        const string Mirror = "https://two.example/feed.xml";
        var blogs = new Blogs();
        var post = Blogs.Post(1);
        blogs.Rss(Feed, [post with { Title = "As the first one calls it" }]);
        blogs.Rss(Mirror, [Blogs.Post(9)]);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Public);
        await app.ConnectAsync(Feed);
        var id = await app.ConnectAsync(Mirror);
        blogs.On("https://two.example/", HttpStatusCode.OK, $"<meta name=\"contributioningest-verification\" content=\"{await TokenAsync(app, id)}\">", "text/html");
        await VerifyAsync(app, id);

        // The token is taken away again; nobody looks.
        blogs.On("https://two.example/", HttpStatusCode.Gone);
        var (status, again) = await VerifyAsync(app, id);
        Assert.Equal((HttpStatusCode.OK, true), (status, again.GetProperty("verified").GetBoolean()));

        blogs.Rss(Mirror, [post with { Guid = "mirror-1", Title = "As the verified one calls it" }]);
        await app.HarvestAsync(id);
        Assert.Contains("As the verified one calls it", (await app.LedgerAsync()).Select(entry => entry.GetProperty("title").GetString()));
        Assert.Single((await app.GetAsync("/me/audit")).GetProperty("items").EnumerateArray(), entry => entry.GetProperty("what").GetString() == "verified");
    }

    [Fact]
    public async Task Tokens_differ_by_connection_and_go_with_it()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        blogs.Rss("https://two.example/feed.xml", [Blogs.Post(2)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var (one, two) = (await app.ConnectAsync(Feed), await app.ConnectAsync("https://two.example/feed.xml"));
        var tokens = new[] { await TokenAsync(app, one), await TokenAsync(app, two) };
        Assert.All(tokens, token => Assert.Matches("^[a-z2-7]{26}$", token));
        Assert.Equal(2, tokens.Distinct(StringComparer.Ordinal).Count());

        await app.SendAsync(HttpMethod.Delete, $"/connections/{one}");
        Assert.NotEqual(tokens[0], await TokenAsync(app, await app.ConnectAsync(Feed)));
    }

    [Fact]
    public async Task Other_sources_are_told_what_to_do()
    {
        var blogs = new Blogs();
        blogs.On("https://community.example/events.ics", HttpStatusCode.OK, ContributionIngest.Tests.Core.Sources.Meetup.ListingSite.Calendar(ContributionIngest.Tests.Core.Sources.Meetup.ListingSite.Event("1", "20260601T150000Z")), "text/calendar");
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync("https://community.example/events.ics", "meetup");
        Assert.False((await app.GetAsync($"/connections/{id}")).TryGetProperty("verificationToken", out _));
        var (status, problem) = await VerifyAsync(app, id);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("only a feed is verified by a token", problem.GetProperty("errors").GetProperty("source")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_of_the_connection_shows_what_to_publish_and_then_that_it_is_verified()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        blogs.On(Site, HttpStatusCode.OK, "<p>Nothing yet", "text/html");
        await using var app = await SignInFixture.StartAsync(blogs.Web, ("PublicUrl", "http://localhost"));
        var id = await app.App.ConnectAsync(Feed);
        var token = await TokenAsync(app.App, id);
        using var browser = await app.SignInAsync();
        await browser.OpenAsync($"/connections/{id}");
        var text = WebUtility.HtmlDecode(browser.Page);
        Assert.Contains($"<meta name=\"contributioningest-verification\" content=\"{token}\">", text, StringComparison.Ordinal);
        Assert.Contains($"<a rel=\"me\" href=\"http://localhost/verify/{token}\">", text, StringComparison.Ordinal);
        Assert.Contains($"contributioningest-verification={token}<", text, StringComparison.Ordinal);

        await browser.SubmitAsync($"/connections/{id}/verify");
        Assert.Equal($"/connections/{id}", browser.Path);
        Assert.Contains($"The token was not found on {Site} or in its feed {Feed}.", browser.Page, StringComparison.Ordinal);

        blogs.On(Site, HttpStatusCode.OK, $"<a rel=\"me\" href=\"http://localhost/verify/{token}\">me</a>", "text/html");
        await browser.SubmitAsync($"/connections/{id}/verify");
        Assert.Contains("One is verified.", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Since 1 Jun 2026, by a rel=me link on its page.", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("Check now", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/connections");
        Assert.Contains("<span class=\"chip\">verified</span>", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/settings");
        Assert.Contains($"Verified: <bdi>{Feed}</bdi>", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_that_blogs_link_to_answers_the_same_for_every_token()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await SignInFixture.StartAsync(blogs.Web);
        var token = await TokenAsync(app.App, await app.App.ConnectAsync(Feed));
        using var browser = app.Browser();
        await browser.OpenAsync($"/verify/{token}");
        var page = browser.Page;
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("belongs to one of its accounts", page, StringComparison.Ordinal);
        await browser.OpenAsync($"/verify/{new string('a', 26)}");
        Assert.Equal(page, browser.Page);
        await browser.OpenAsync("/verify/nothing");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> VerifyAsync(AppFixture app, string id) => app.PostAsync($"/connections/{id}/verify", "{}");

    private static async Task RefusedAsync(AppFixture app, string id, string sentence)
    {
        var (status, problem) = await VerifyAsync(app, id);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "urn:contributioningest:problem:notVerified"), (status, problem.GetProperty("type").GetString()));
        Assert.Contains(sentence, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False((await app.GetAsync($"/connections/{id}")).GetProperty("verified").GetBoolean());
    }

    private static async Task<string> TokenAsync(AppFixture app, string id) => (await app.GetAsync($"/connections/{id}")).GetProperty("verificationToken").GetString()!;

    private static void Channel(Blogs blogs, string channel, string link = Site) => blogs.On(
        Feed, HttpStatusCode.OK, $"<rss version=\"2.0\"><channel>{channel}<title>One</title><link>{link}</link><item><guid>old</guid><title>Old</title><author>Juna</author></item></channel></rss>", "application/rss+xml");
}
