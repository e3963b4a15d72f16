using System.Net;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed class DigestPageTests
{
    [Fact]
    public async Task Opening_every_link_of_a_digest_changes_nothing()
    {
        await using var app = await FilledAsync();
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        var links = await LinksAsync(app);
        Assert.Equal(14, links.Count);
        var before = await StateAsync(app);
        foreach (var link in links)
        {
            using var seen = await app.Site.GetAsync(new Uri(link, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
            Headers(seen);
        }

        Assert.Equal(before, await StateAsync(app));
    }

    [Theory]
    [InlineData("act/not-mine/")]
    [InlineData("act/private/")]
    public async Task Form_is_carried_out_and_can_be_undone(string page)
    {
        await using var app = await FilledAsync();
        var link = (await LinksAsync(app)).First(l => l.StartsWith("/" + page, StringComparison.Ordinal));
        var asked = await LookAsync(app, link);
        Assert.Contains("<p class=\"quote\"><bdi>&lt;b&gt;Title&lt;/b&gt; of &quot;a&quot;</bdi></p>", asked, StringComparison.Ordinal);
        Assert.Contains("<main class=\"alone reading\"", asked, StringComparison.Ordinal);
        Assert.Contains("<button class=\"button main\" name=\"do\" value=\"yes\">", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("<nav", asked, StringComparison.Ordinal);
        var before = await StateAsync(app);
        Assert.Contains("<form", await PostAsync(app, link), StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync(app));

        var done = await PostAsync(app, link, ("do", "yes"));
        var entry = await app.EntryAsync(Id("a"));
        Assert.True(page.Contains("private", StringComparison.Ordinal) ? entry.Private : entry.Review == Review.Rejected);
        Assert.Contains("name=\"was\"", done, StringComparison.Ordinal);
        await PostAsync(app, link, ("do", "undo"), ("was", page.Contains("private", StringComparison.Ordinal) ? "public" : "accepted"));
        entry = await app.EntryAsync(Id("a"));
        Assert.Equal((false, page.Contains("private", StringComparison.Ordinal) ? Review.New : Review.Accepted), (entry.Private, entry.Review));
        await PostAsync(app, link, ("do", "undo"), ("was", "<script>"));
        Assert.False((await app.EntryAsync(Id("a"))).Private);
    }

    [Fact]
    public async Task Missing_contribution_is_logged_from_the_digest_once_and_validated()
    {
        await using var app = await FilledAsync();
        var token = app.App.App.Services.GetRequiredService<SignedLinks>().Make("log", new LinkGrant(app.Person, "talk"));
        var before = await StateAsync(app);
        Assert.Contains("name=\"title\"", await LookAsync(app, "/act/log/" + token), StringComparison.Ordinal);
        using var refused = await app.Site.PostAsync(new Uri("/act/log/" + token, UriKind.Relative), Form(("do", "yes"), ("title", "<i>A talk</i>"), ("when", "soon")));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("&lt;i&gt;A talk", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync(app));

        for (var sent = 0; sent < 2; sent++)
            Assert.DoesNotContain("<form", await PostAsync(app, "/act/log/" + token, ("do", "yes"), ("title", "<i>A talk</i>"), ("when", "2026-06-02"), ("url", "https://talks.example/1")), StringComparison.Ordinal);

        var talk = Assert.Single(await app.App.LedgerAsync("source=manual"));
        Assert.Equal(("talk", "speaker", "2026-06-02T12:00:00Z"), (talk.GetProperty("kind").GetString(), talk.GetProperty("role").GetString(), talk.GetProperty("when").GetString()));
    }

    [Fact]
    public async Task Edits_on_a_page_obey_the_rules_of_the_API()
    {
        await using var app = await FilledAsync();
        var link = (await LinksAsync(app)).First(l => l.StartsWith("/act/edit/", StringComparison.Ordinal));
        Assert.Contains("value=\"2026-06-03\"", await LookAsync(app, link), StringComparison.Ordinal);

        await PostAsync(app, link, ("do", "yes"), ("title", " A better\r\n title "), ("when", "2026-06-03"), ("note", "mine"));
        var entry = await app.EntryAsync(Id("a"));
        Assert.Equal(("A better title", "mine", null), (entry.Edits.Title, entry.Note, entry.Edits.When));

        foreach (var (name, value) in new[] { ("when", "someday"), ("when", "1066-10-14"), ("title", new string('x', 301)) })
        {
            using var refused = await app.Site.PostAsync(new Uri(link, UriKind.Relative), Form(("do", "yes"), (name, value)));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            var page = await refused.Content.ReadAsStringAsync();
            Assert.Contains("role=\"alert\">Not saved. What you typed is still here.<", page, StringComparison.Ordinal);
            Assert.Matches($"<input id=\"{name}\" name=\"{name}\" [^>]*value=\"{value}\" [^>]*aria-invalid=\"true\" aria-describedby=\"{name}-error[^>]* autofocus", page);
            Assert.Matches($"<p class=\"error\" id=\"{name}-error\"><bdi>[^<]+</bdi></p>", page);
        }

        using var both = await app.Site.PostAsync(new Uri(link, UriKind.Relative), Form(("do", "yes"), ("title", new string('x', 301)), ("when", "someday"), ("note", "")));
        var again = await both.Content.ReadAsStringAsync();
        Assert.Equal(2, Regex.Count(again, "aria-invalid=\"true\"", RegexOptions.None, TimeSpan.FromSeconds(5)));
        Assert.Matches("<input id=\"title\" [^>]* autofocus", again);
        Assert.Single(again.Split(" autofocus")[1..]);
        Assert.Matches("<input id=\"note\" name=\"note\" type=\"text\" maxlength=\"2100\" value(=\"\")? ", again);

        await PostAsync(app, link, ("do", "yes"), ("title", ""), ("when", "2026-06-04"), ("note", ""));
        entry = await app.EntryAsync(Id("a"));
        Assert.Equal(("<b>Title</b> of \"a\"", null, DigestFixture.At("2026-06-04T12:00:00Z")), (entry.Effective().Title, entry.Note, entry.Effective().When));
        await PostAsync(app, link, ("do", "yes"), ("when", ""));
        Assert.Null((await app.EntryAsync(Id("a"))).Edits.When);
    }

    [Fact]
    public async Task One_click_unsubscribe_turns_digests_off_and_a_person_is_asked_first()
    {
        await using var app = await FilledAsync();
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"email": "juna@example.org"}""");
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        var header = Assert.Single(app.App.Mail.Letters).Headers["List-Unsubscribe"].Trim('<', '>');
        var link = new Uri(header).PathAndQuery["/sub".Length..];
        Assert.Contains("No more digests?", await LookAsync(app, link), StringComparison.Ordinal);

        await PostAsync(app, link, ("List-Unsubscribe", "One-Click"));
        Assert.True(await IsOffAsync(app));
        await app.MoveToAsync("2026-06-15T06:00:00Z");
        Assert.Single(app.App.Mail.Letters);
        await PostAsync(app, link, ("do", "undo"));
        Assert.False(await IsOffAsync(app));

        using var multipart = new MultipartFormDataContent { { new StringContent("One-Click"), "List-Unsubscribe" } };
        using var answer = await app.Site.PostAsync(new Uri(link, UriKind.Relative), multipart);
        Assert.True(await IsOffAsync(app));
        app.App.Clock.Advance(TimeSpan.FromDays(700));
        Assert.Equal(HttpStatusCode.OK, (await app.Site.GetAsync(new Uri(link, UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Day_hour_and_language_can_be_set_on_a_page()
    {
        await using var app = await FilledAsync();
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"locale": "en-GB"}""");
        var link = (await LinksAsync(app)).First(l => l.StartsWith("/act/settings/", StringComparison.Ordinal));
        Assert.Contains("<option value=\"Monday\" selected>Monday</option>", await LookAsync(app, link), StringComparison.Ordinal);
        var saved = await PostAsync(app, link, ("do", "yes"), ("day", "Sunday"), ("hour", "18"), ("locale", "en"), ("skipQuiet", "yes"));
        Assert.Contains("The next digest comes Sun 7 Jun, 18:00.", saved, StringComparison.Ordinal);
        var me = await app.App.GetAsync("/me");
        Assert.Equal(("en-GB", """{"day":"sunday","hour":18,"skipQuiet":true,"off":false}"""), (me.GetProperty("locale").GetString(), me.GetProperty("digest").ToString()));
        Assert.Contains("Gespeichert.", await PostAsync(app, link, ("do", "yes"), ("day", "Sunday"), ("hour", "7"), ("locale", "de"), ("off", "yes")), StringComparison.Ordinal);
        foreach (var (day, hour) in new[] { ("None", "7"), ("Sunday", "24"), ("Sunday", "-1"), ("8", "7"), ("", "") })
        {
            using var refused = await app.Site.PostAsync(new Uri(link, UriKind.Relative), Form(("do", "yes"), ("day", day), ("hour", hour), ("locale", "en")));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            var page = await refused.Content.ReadAsStringAsync();
            Assert.Contains("<html lang=\"de\">", page, StringComparison.Ordinal);
            Assert.Contains("role=\"alert\"", page, StringComparison.Ordinal);
            Assert.Contains("<option value=\"en\" lang=\"en\" selected>", page, StringComparison.Ordinal);
            Assert.Matches($"<select id=\"{(day == "Sunday" ? "hour" : "day")}\" [^>]*aria-invalid=\"true\" autofocus", page);
        }
    }

    [Fact]
    public async Task Failing_connection_can_be_retried_or_paused_from_the_digest()
    {
        await using var app = await FilledAsync();
        var connection = Assert.Single((await app.App.GetAsync("/connections")).GetProperty("items").EnumerateArray()).GetProperty("id").GetString()!;
        await app.App.SendAsync(HttpMethod.Patch, "/connections/" + connection, """{"paused": false}""");
        await app.App.App.Services.GetRequiredService<ConnectionStore>().ChangeStateAsync(
            app.Person, connection, s => s with { Health = Health.Broken, Problem = new Problem("odd", "It says <b>no</b>.", app.App.Clock.GetUtcNow()) }, CancellationToken.None);
        var link = Assert.Single(await LinksAsync(app), l => l.StartsWith("/act/connection/", StringComparison.Ordinal));
        Assert.Contains("It says &lt;b&gt;no&lt;/b&gt;.", await LookAsync(app, link), StringComparison.Ordinal);
        var waiting = await app.App.Store.Queue.CountAsync("harvest", CancellationToken.None);
        await PostAsync(app, link, ("do", "yes"));
        Assert.Equal(waiting + 1, await app.App.Store.Queue.CountAsync("harvest", CancellationToken.None));
        await PostAsync(app, link, ("do", "pause"));
        Assert.True((await app.App.GetAsync("/connections/" + connection)).GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task Every_invalid_link_shows_the_same_page()
    {
        await using var app = await FilledAsync();
        await using var other = await FilledAsync();
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        var (links, foreign) = (await LinksAsync(app), await LinksAsync(other));
        var edit = links.First(l => l.StartsWith("/act/edit/", StringComparison.Ordinal))["/act/edit/".Length..];
        var ended = new List<string> { "/act/private/" + edit, "/act/not-mine/" + edit, "/act/settings/" + edit, "/unsubscribe/" + edit, "/digest/" + edit, "/act/connection/" + edit };
        ended.AddRange(foreign);
        ended.AddRange(new[] { edit[..^1], edit + "A", edit.Replace("s2.", "s1.", StringComparison.Ordinal), edit[..20] + (edit[20] == 'A' ? 'B' : 'A') + edit[21..], "x", "s1.a.b", "s1.." + edit[3..], new string('A', 5000) }.Select(t => "/act/edit/" + t));
        var pages = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in ended)
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
            {
                if (method == HttpMethod.Post && path.StartsWith("/digest/", StringComparison.Ordinal))
                    continue;
                using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? Form(("do", "yes")) : null };
                using var answer = await app.Site.SendAsync(request);
                Assert.Equal((path, HttpStatusCode.NotFound), (path, answer.StatusCode));
                Headers(answer);
                pages.Add(await answer.Content.ReadAsStringAsync());
            }
        }

        app.App.Clock.Advance(TimeSpan.FromDays(45));
        foreach (var link in links.Where(l => !l.StartsWith("/unsubscribe/", StringComparison.Ordinal)))
        {
            using var answer = await app.Site.GetAsync(new Uri(link, UriKind.Relative));
            pages.Add($"{await answer.Content.ReadAsStringAsync()}");
        }

        Assert.Contains("This link has expired", Assert.Single(pages), StringComparison.Ordinal);
        using var german = new HttpRequestMessage(HttpMethod.Get, "/act/edit/x");
        german.Headers.Add("Accept-Language", "sv, en;q=0.3, de-AT;q=0.8");
        Assert.Contains("Dieser Link gilt nicht mehr", await (await app.Site.SendAsync(german)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_only_link_leads_to_no_page_that_can_change_something()
    {
        await using var app = await FilledAsync();
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        var page = await LookAsync(app, (await LinksAsync(app)).First(l => l.StartsWith("/digest/", StringComparison.Ordinal)));
        Assert.Contains("Title", page, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.Contains("<main class=\"alone reading\"", page, StringComparison.Ordinal);
        Assert.Contains("<span dir=\"auto\" class=\"digest-name\"><a href=\"https://example.org/a\" class=\"digest-title\">&lt;b&gt;Title&lt;/b&gt; of &quot;a&quot;</a></span>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/act/", page, StringComparison.Ordinal);
        Assert.DoesNotContain("ledger.example.org", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_only_key_gets_no_links_that_write()
    {
        await using var app = await FilledAsync();
        var (_, key) = await app.App.PostAsync("/me/keys", """{"name": "reader", "scope": "read"}""");
        foreach (var format in new[] { "html", "text" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/digests/preview?format=" + format);
            request.Headers.Authorization = new("Bearer", key.GetProperty("key").GetString());
            using var answer = await app.Site.SendAsync(request);
            Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
            Assert.DoesNotContain("ledger.example.org", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("text/plain", 100)]
    [InlineData("application/json", 100)]
    [InlineData("application/x-www-form-urlencoded", 70_000)]
    [InlineData("multipart/form-data; boundary=x", 100)]
    public async Task Unreadable_form_changes_nothing_except_that_unsubscribe_links_still_work(string type, int length)
    {
        await using var app = await FilledAsync();
        foreach (var link in await LinksAsync(app))
        {
            var before = await StateAsync(app);
            using var content = new ByteArrayContent([.. Enumerable.Repeat((byte)'a', length)]);
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var answer = await app.Site.PostAsync(new Uri(link, UriKind.Relative), content);
            Assert.InRange((int)answer.StatusCode, 200, 499);
            if (!link.StartsWith("/unsubscribe/", StringComparison.Ordinal))
                Assert.Equal(before, await StateAsync(app));
        }
    }

    private static async Task<DigestFixture> FilledAsync()
    {
        var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(
            DigestFixture.Draft("a", "2026-06-03T10:00:00Z") with { Title = "<b>Title</b> of \"a\"" }, DigestFixture.Draft("b", "2026-06-02T10:00:00Z"),
            DigestFixture.Draft("c", "2026-06-10T10:00:00Z", Kind.Event, Status.Scheduled));
        app.App.Clock.Advance(DigestFixture.At("2026-06-07T12:00:00Z") - app.App.Clock.GetUtcNow());
        return app;
    }

    private static string Id(string native) => ContributionIngest.Core.Model.Identity.Of("github", "juna", native);

    /// <summary>Of W23: three for each new entry, one for what is coming, four kinds to log, the week, the settings, the end.</summary>
    private static async Task<IReadOnlyList<string>> LinksAsync(DigestFixture app) => DigestFixture.Links(await app.ShownAsync("html", "2026-W23"), "");

    private static void Headers(HttpResponseMessage answer)
    {
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal("noindex", Assert.Single(answer.Headers.GetValues("X-Robots-Tag")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.StartsWith("default-src 'none'; style-src 'self';", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", answer.Headers.Select(h => h.Key));
    }

    private static async Task<string> LookAsync(DigestFixture app, string link) => await app.Site.GetStringAsync(new Uri(link, UriKind.Relative));

    private static async Task<string> PostAsync(DigestFixture app, string link, params (string Name, string Value)[] fields)
    {
        using var answer = await app.Site.PostAsync(new Uri(link, UriKind.Relative), Form(fields));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Headers(answer);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    private static async Task<bool> IsOffAsync(DigestFixture app) => (await app.App.GetAsync("/me")).GetProperty("digest").GetProperty("off").GetBoolean();

    private static async Task<string> StateAsync(DigestFixture app) => string.Join('\n', (await app.App.DumpAsync("ledger")).Concat(await app.App.DumpAsync("people")).Concat(await app.App.DumpAsync("schedule")));
}
