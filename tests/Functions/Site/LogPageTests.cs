using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary><c>/log</c>.</summary>
public sealed class LogPageTests
{
    private const string Post = "https://blog.example/posts/tables";

    private readonly Dictionary<string, string> pages = new(StringComparer.Ordinal)
    {
        [Post] = """
            <!doctype html><title>Tables are enough</title><meta property="og:title" content="Tables are enough"><meta property="og:type" content="article">
            <meta property="article:published_time" content="2026-05-20T16:00:00Z">
            """,
        ["https://blog.example/undated"] = """<!doctype html><title>Undated</title><meta property="og:title" content="Undated"><meta property="og:type" content="article">""",
    };

    [Fact]
    public async Task Link_alone_is_enough()
    {
        await using var site = await StartAsync();
        await site.OpenAsync("/log");

        await LogAsync(site, ("url", Post));

        Assert.StartsWith("/ledger/", site.Browser.Path, StringComparison.Ordinal);
        Assert.Contains("“Tables are enough” is in the ledger.", site.Text, StringComparison.Ordinal);
        var entry = Assert.Single(await site.App.LedgerAsync());
        Assert.Equal(("Tables are enough", "article"), (entry.GetProperty("title").GetString(), entry.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task What_no_page_shows_is_logged_by_hand()
    {
        await using var site = await StartAsync();
        await site.OpenAsync("/log");

        await LogAsync(site, ("title", "An hour of answering"), ("kind", "mentoring"), ("when", "8 Oct 2025"), ("topics", "Azure, SQLite"), ("attendees", "2"), ("note", "By phone"), ("private", "true"));

        var entry = Assert.Single(await site.App.LedgerAsync());
        Assert.Equal(("An hour of answering", "mentoring", "2025-10-08T12:00:00Z", "By phone"), (entry.GetProperty("title").GetString(), entry.GetProperty("kind").GetString(), entry.GetProperty("when").GetString(), entry.GetProperty("note").GetString()));
        Assert.Equal((2, 2, true), (entry.GetProperty("topics").GetArrayLength(), entry.GetProperty("metrics").GetProperty("attendees").GetProperty("value").GetInt32(), entry.GetProperty("private").GetBoolean()));
    }

    [Fact]
    public async Task Form_that_is_sent_twice_logs_once()
    {
        await using var site = await StartAsync();
        await site.OpenAsync("/log");
        var form = site.Form("/log");
        form["title"] = "An hour of answering";
        form["kind"] = "mentoring";
        form["when"] = "8 Oct 2025";
        var (token, fields) = (site.Browser.Token, form.Select(field => (field.Key, field.Value)).ToArray());
        await site.Browser.PostAsync("/log", [("csrf", token), .. fields]);
        var first = site.Browser.Path;
        await site.Browser.PostAsync("/log", [("csrf", token), .. fields]);
        Assert.Equal(first, site.Browser.Path);
        Assert.Single(await site.App.LedgerAsync());

        form["title"] = "Another hour";
        await site.Browser.PostAsync("/log", [("csrf", token), .. form.Select(field => (field.Key, field.Value))]);
        Assert.Equal(HttpStatusCode.Conflict, site.Browser.Status);
        Assert.Contains("This form was sent before, with something else in it.", site.Text, StringComparison.Ordinal);
        await LogAsync(site);
        Assert.Equal(2, (await site.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Link_that_is_sent_twice_is_logged_once_and_later_said_to_be_there()
    {
        await using var site = await StartAsync();
        await site.OpenAsync("/log");
        var (token, once) = (site.Browser.Token, site.Value("once"));
        foreach (var _ in new[] { 1, 2 })
        {
            await site.Browser.PostAsync("/log", ("csrf", token), ("once", once), ("url", Post));
            Assert.Contains("“Tables are enough” is in the ledger.", site.Text, StringComparison.Ordinal);
        }

        var id = Assert.Single(await site.App.LedgerAsync()).GetProperty("id").GetString();
        foreach (var title in new[] { "", "A title of mine" })
        {
            await site.OpenAsync("/log");
            await LogAsync(site, ("url", Post + "/"), ("title", title));
            Assert.Contains("It is in the ledger already: Tables are enough article", site.Text, StringComparison.Ordinal);
            Assert.Equal("/ledger/" + id, site.Link("Tables are enough"));
        }

        Assert.Single(await site.App.LedgerAsync());
    }

    [Theory]
    [InlineData("", "", "", "", "Say what it was, or paste a link.", "Choose what it was.", "Type the day, such as 20 May 2026.")]
    [InlineData("", "T", "talk", "31 June 2026", "June has 30 days.")]
    [InlineData("", "T", "talk", "May 2026", "a month alone has none")]
    [InlineData("ftp://x", "", "", "", "is not an absolute http or https address")]
    [InlineData("https://blog.example/undated", "", "", "", "The page says no day. Type it, such as 20 May 2026.")]
    public async Task Fault_stands_at_its_field(string url, string title, string kind, string when, params string[] faults)
    {
        await using var site = await StartAsync();
        await site.OpenAsync("/log");
        await LogAsync(site, ("url", url), ("title", title), ("kind", kind), ("when", when));
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.All(faults, fault => Assert.Contains(fault, site.Text, StringComparison.Ordinal));
        Assert.Equal((url, when), (site.Value("url"), site.Value("when")));
        Assert.Empty(await site.App.LedgerAsync());
    }

    [Fact]
    public async Task What_the_page_says_fills_the_form_in_when_more_is_needed()
    {
        await using var site = await StartAsync();
        await site.OpenAsync("/log");
        await LogAsync(site, ("url", "https://blog.example/undated"));
        Assert.Equal("Undated", site.Value("title"));
        Assert.Contains("<option value=\"article\" selected", site.Browser.Page, StringComparison.Ordinal);
        await LogAsync(site, ("when", "20 May 2026"));
        Assert.Equal("Undated", Assert.Single(await site.App.LedgerAsync()).GetProperty("title").GetString());
    }

    [Fact]
    public async Task Page_that_cannot_be_read_says_why_and_what_can_be_typed()
    {
        await using var site = await StartAsync();
        await site.OpenAsync("/log");
        await LogAsync(site, ("url", "https://blog.example/gone"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, site.Browser.Status);
        Assert.Contains("Type title, kind and day; then the page is not needed.", site.Text, StringComparison.Ordinal);
        Assert.Equal("https://blog.example/gone", site.Value("url"));
    }

    [Theory]
    [InlineData("title=A+talk&url=https://talk.example/1", "A talk", "https://talk.example/1", "")]
    [InlineData("text=Look+at+this+https://talk.example/1+now", "", "https://talk.example/1", "Look at this now")]
    [InlineData("title=%3Cb%3EA%3C/b%3E&text=x", "<b>A</b>", "", "x")]
    [InlineData("url=javascript:alert(1)", "", "", "")]
    public async Task Shared_page_fills_the_form_in_and_writes_nothing(string query, string title, string url, string note)
    {
        await using var site = await StartAsync();
        var before = await site.App.DumpAsync("ledger");
        await site.OpenAsync("/log?" + query);
        Assert.Equal(HttpStatusCode.OK, site.Browser.Status);
        var form = site.Form("/log");
        Assert.Equal((title, url, note), (form["title"], form["url"], form["note"]));
        Assert.DoesNotContain("<b>", site.Browser.Page, StringComparison.Ordinal);
        Assert.Equal(before, await site.App.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Three_kinds_logged_last_are_offered()
    {
        await using var site = await StartAsync();
        foreach (var (kind, day) in new[] { ("talk", "2026-01-05"), ("book", "2026-05-30"), ("workshop", "2026-01-02"), ("mentoring", "2026-01-01") })
        {
            await site.LogAsync("Some " + kind, kind, day);
            site.App.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await site.OpenAsync("/log");
        Assert.Contains("Mentoring last on 1 Jan 2026 Workshop last on 2 Jan 2026 Book last on 30 May 2026", site.Text, StringComparison.Ordinal);
        await site.OpenAsync("/log?kind=workshop");
        Assert.Contains("<option value=\"workshop\" selected", site.Browser.Page, StringComparison.Ordinal);
    }

    private Task<LedgerSiteFixture> StartAsync() => LedgerSiteFixture.StartAsync(new ScriptedWeb(request => pages.TryGetValue(request.RequestUri!.AbsoluteUri, out var page)
        ? ScriptedWeb.Answer(HttpStatusCode.OK, page, "text/html; charset=utf-8")
        : ScriptedWeb.Answer(HttpStatusCode.NotFound)));

    private static async Task LogAsync(LedgerSiteFixture site, params (string Name, string Value)[] typed)
    {
        var fields = site.Form("/log");
        foreach (var (name, value) in typed)
            fields[name] = value;
        await site.Browser.SubmitAsync("/log", [.. fields.Select(field => (field.Key, field.Value))]);
    }
}
