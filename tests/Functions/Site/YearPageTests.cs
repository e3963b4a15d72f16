using System.Net;
using System.Text.RegularExpressions;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>The home of who is signed in. Its clock stands at noon of 1 June 2026, a Monday.</summary>
public sealed partial class YearPageTests
{
    private const string Blog = "https://blog.example/feed.xml";

    [Fact]
    public async Task Twelve_months_are_compared_with_the_same_days_a_year_earlier()
    {
        await using var app = await SignInFixture.StartAsync();
        await LogAsync(app, "talk", "2026-06-01", "2026-05-04", "2025-06-02", "2025-06-01", "2024-06-02", "2024-06-01");
        await LogAsync(app, "book", "2026-01-10");

        var page = await HomeAsync(app);

        Assert.Contains("4 contributions in twelve months, 2 more than in the year before", page, StringComparison.Ordinal);
        Assert.Contains("4 of 53 weeks have something.", page, StringComparison.Ordinal);
        Assert.Equal(
            ["3 /ledger?from=2025-06-02&to=2026-06-01&kind=talk", "2 /ledger?from=2024-06-02&to=2025-06-01&kind=talk", "1 more", "1 /ledger?from=2025-06-02&to=2026-06-01&kind=book", "0 /ledger?from=2024-06-02&to=2025-06-01&kind=book", "1 more", "4 /ledger?from=2025-06-02&to=2026-06-01", "2 /ledger?from=2024-06-02&to=2025-06-01", "2 more"],
            Cells().Matches(page[..page.IndexOf("year-narrow", StringComparison.Ordinal)]).Select(cell => $"{cell.Groups["text"].Value} {WebUtility.HtmlDecode(cell.Groups["link"].Value)}".TrimEnd()));
    }

    [Fact]
    public async Task A_year_before_of_which_nothing_is_known_is_not_compared()
    {
        await using var app = await SignInFixture.StartAsync();
        await LogAsync(app, "talk", "2026-05-20");

        var page = await HomeAsync(app);

        Assert.Contains("1 contribution in twelve months</h1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("year before", page, StringComparison.Ordinal);
        Assert.DoesNotContain("silence", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calendar_year_is_compared_up_to_the_same_day()
    {
        await using var app = await SignInFixture.StartAsync();
        await LogAsync(app, "talk", "2026-05-04", "2025-05-04", "2025-06-01", "2025-06-02", "2024-12-31");

        Assert.Contains("1 contribution in 2026, 1 fewer than by the same day of 2025", await HomeAsync(app, "/?year=2026"), StringComparison.Ordinal);
        Assert.Contains("3 contributions in 2025, 2 more than in the year before", await HomeAsync(app, "/?year=2025"), StringComparison.Ordinal);
        Assert.Contains("1 contribution in 2024<", await HomeAsync(app, "/?year=2024"), StringComparison.Ordinal);
        Assert.Contains("in twelve months", await HomeAsync(app, "/?year=2023"), StringComparison.Ordinal);
        Assert.Contains("in twelve months", await HomeAsync(app, "/?year=none"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_entries_count_and_rejected_ones_do_not()
    {
        await using var app = await SignInFixture.StartAsync();
        var logged = await LogAsync(app, "talk", "2026-05-04", "2026-05-05", "2026-05-06");
        await app.App.SendAsync(HttpMethod.Patch, $"/ledger/{logged[0]}", """{"private":true}""");
        await app.App.SendAsync(HttpMethod.Patch, $"/ledger/{logged[1]}", """{"review":"rejected"}""");

        var page = await HomeAsync(app);

        Assert.Contains("2 contributions in twelve months", page, StringComparison.Ordinal);
        Assert.Contains("private</span>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(logged[1], page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-06-01", "2026-05-04", null)]
    [InlineData("2026-06-01", "2026-05-03", "28 days, 4 May to 31 May")]
    [InlineData("2026-03-01", "2026-02-01", "92 days, 2 March to 1 June")]
    [InlineData("2026-02-01", "2025-11-30", "120 days, 2 February to 1 June")]
    [InlineData("2026-05-20", "2025-11-30", "170 days, 1 December 2025 to 19 May 2026")]
    public async Task Silence_is_told_once_when_it_is_long(string one, string other, string? told)
    {
        await using var app = await SignInFixture.StartAsync();
        await LogAsync(app, "talk", one, other);

        var page = WebUtility.HtmlDecode(Tags().Replace(await HomeAsync(app), ""));

        Assert.Equal(told is not null, page.Contains("The longest silence was", StringComparison.Ordinal));
        Assert.Contains(told ?? "", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Days_are_darker_the_more_they_have_and_the_legend_says_how_many()
    {
        await using var app = await SignInFixture.StartAsync();
        await LogAsync(app, "talk", "2026-05-04");
        await LogAsync(app, "talk", [.. Enumerable.Repeat("2026-05-05", 4)]);
        var few = await HomeAsync(app);
        Assert.Contains("""<title>1 contribution on 4 May 2026</title><rect class="h1" """, few, StringComparison.Ordinal);
        Assert.Contains("""<title>4 contributions on 5 May 2026</title><rect class="h4" """, few, StringComparison.Ordinal);
        Assert.Contains("4 or more", few, StringComparison.Ordinal);
        Assert.Equal(5, Regex.Count(few[..few.IndexOf("year-narrow", StringComparison.Ordinal)], "<rect x=\"\\d+\" y=\"\\d+\" width=\"11\" height=\"4\"", RegexOptions.None, Timeout.InfiniteTimeSpan));

        await LogAsync(app, "talk", [.. Enumerable.Repeat("2026-05-06", 8), .. Enumerable.Repeat("2026-05-07", 10), .. Enumerable.Repeat("2026-05-08", 12)]);
        var many = await HomeAsync(app);
        Assert.Contains("""<title>12 contributions on 8 May 2026</title><rect class="h4" """, many, StringComparison.Ordinal);
        Assert.Contains("""<title>8 contributions on 6 May 2026</title><rect class="h2" """, many, StringComparison.Ordinal);
        Assert.Contains("""<title>4 contributions on 5 May 2026</title><rect class="h1" """, many, StringComparison.Ordinal);
        Assert.Contains("10 or more", many, StringComparison.Ordinal);
        Assert.Contains(""" text-anchor="end">35</text>""", many, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_kinds_are_nine_lanes()
    {
        await using var app = await SignInFixture.StartAsync();
        foreach (var kind in new[] { "blogPost", "pullRequest", "video", "event", "podcastEpisode", "talk", "workshop", "mentoring" })
            await LogAsync(app, kind, "2026-05-04", "2026-05-05");
        await LogAsync(app, "article", "2026-05-04");
        Assert.DoesNotContain("Other kinds", await HomeAsync(app), StringComparison.Ordinal);

        await LogAsync(app, "book", "2026-05-04");

        var page = await HomeAsync(app);
        Assert.Contains("Other kinds", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Articles</span>", page, StringComparison.Ordinal);
        Assert.Contains("kind=article,book", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_fills_while_the_past_is_read_and_says_so()
    {
        await using var app = await SignInFixture.StartAsync(new ScriptedWeb(request => ScriptedWeb.Answer(HttpStatusCode.OK, Feed(request), "application/rss+xml")));
        await app.App.ConnectAsync(Blog);
        using var browser = await app.SignInAsync();
        await app.App.PostAsync("/connections", """{"address":"https://other.example/feed.xml"}""");
        await browser.OpenAsync("/");
        Assert.Contains("2 contributions in twelve months so far", browser.Page, StringComparison.Ordinal);
        Assert.Contains("The past of one place is being read.", browser.Page, StringComparison.Ordinal);
        Assert.Contains("data-live=\"/home/live\"", browser.Page, StringComparison.Ordinal);
        Assert.Contains("<noscript><meta http-equiv=\"refresh\"", browser.Page, StringComparison.Ordinal);
        Assert.Contains("h0 unread", browser.Page, StringComparison.Ordinal);

        await browser.OpenAsync("/home/live");
        browser.Cached = browser.Headers["ETag"];
        Assert.Contains("The past of one place is being read.", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("<html", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/home/live");
        Assert.Equal(HttpStatusCode.NotModified, browser.Status);

        await app.App.DrainAsync();
        await browser.OpenAsync("/home/live");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("4 contributions in twelve months", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("so far", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-live", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_needs_the_person_and_what_is_coming_stand_beside_the_latest()
    {
        var isBroken = false;
        await using var app = await SignInFixture.StartAsync(new ScriptedWeb(request => isBroken ? ScriptedWeb.Answer(HttpStatusCode.Gone) : ScriptedWeb.Answer(HttpStatusCode.OK, Feed(request), "application/rss+xml")));
        var connection = await app.App.ConnectAsync(Blog);
        await app.App.DrainAsync();
        await LogAsync(app, "talk", "2026-06-20");
        var well = await HomeAsync(app);
        Assert.DoesNotContain("needs you", well, StringComparison.Ordinal);
        Assert.Contains(">Coming up<", well, StringComparison.Ordinal);
        Assert.Contains(">20 Jun<", well, StringComparison.Ordinal);
        Assert.Contains("2 contributions in twelve months", well, StringComparison.Ordinal);

        isBroken = true;
        await app.App.HarvestAsync(connection);

        var page = await HomeAsync(app);
        Assert.Contains("1 thing needs you", page, StringComparison.Ordinal);
        Assert.Contains("1 needs care", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/connections/{connection}\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Titles_of_strangers_are_text()
    {
        await using var app = await SignInFixture.StartAsync();
        await app.App.PostAsync("/ledger", """{"title":"<script>alert(1)</script>\u202Egnp","kind":"talk","when":"2026-05-20","url":"https://one.example/\"><img src=x>"}""");

        var page = await HomeAsync(app);

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Contains("<bdi>&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
    }

    /// <summary>Two posts of May 2026, told apart by the host.</summary>
    private static string Feed(HttpRequestMessage request) =>
        $"<rss version=\"2.0\"><channel><title>{request.RequestUri!.Host}</title>{string.Concat(Enumerable.Range(4, 2).Select(day => $"<item><title>Post {day} of {request.RequestUri.Host}</title><link>https://{request.RequestUri.Host}/{day}</link><pubDate>0{day} May 2026 08:00:00 GMT</pubDate></item>"))}</channel></rss>";

    private static async Task<string> HomeAsync(SignInFixture app, string path = "/")
    {
        using var browser = await app.SignInAsync();
        await browser.OpenAsync(path);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        return browser.Page;
    }

    /// <summary>Returns the ids.</summary>
    private static async Task<List<string>> LogAsync(SignInFixture app, string kind, params string[] days)
    {
        var ids = new List<string>();
        foreach (var (number, day) in days.Index())
            ids.Add((await app.App.PostAsync("/ledger", $$"""{"title":"A {{kind}} of {{day}}, number {{number}}","kind":"{{kind}}","when":"{{day}}"}""")).Body.GetProperty("id").GetString()!);
        return ids;
    }

    [GeneratedRegex("<(a class=\"number( total)?\" href=\"(?<link>[^\"]*)\"|span class=\"number\")>(?<text>[^<]*)<", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Cells();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Tags();
}
