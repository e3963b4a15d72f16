using System.Net;
using System.Text.RegularExpressions;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Connections;

/// <summary><c>GET /connections</c> as a page, and the part of it that changes by itself.</summary>
public sealed partial class ConnectionListTests
{
    [Fact]
    public async Task Harvest_asked_for_is_followed_until_the_list_says_what_it_brought()
    {
        var blogs = new Blogs();
        blogs.Rss(Address(1), [Blogs.Post(1)]);
        await using var app = await SignInFixture.StartAsync(blogs.Web);
        using var browser = await app.SignInAsync();
        await ConnectAsync(app, 1);
        blogs.Rss(Address(1), [Blogs.Post(2), Blogs.Post(1)]);
        app.App.Clock.Advance(TimeSpan.FromHours(1));

        await browser.OpenAsync("/connections");
        Assert.Null(Live(browser));
        await browser.SubmitAsync(Regex.Match(browser.Page, "formaction=\"(?<path>/connections/[^/\"]*/harvest)\"", RegexOptions.None, Timeout.InfiniteTimeSpan).Groups["path"].Value);
        Assert.Contains("Waiting to be read", browser.Page, StringComparison.Ordinal);
        var live = Live(browser)!;

        await browser.OpenAsync(live);
        Assert.DoesNotContain("<html", browser.Page, StringComparison.Ordinal);
        browser.Cached = browser.Headers["ETag"];
        Assert.Equal(HttpStatusCode.NotModified, (await browser.OpenAsync(live)).Status);

        await app.App.DrainAsync();
        Assert.Equal(HttpStatusCode.OK, (await browser.OpenAsync(live)).Status);
        Assert.Contains("<span class=\"report\" role=\"status\">1 new</span>", browser.Page, StringComparison.Ordinal);
        Assert.Null(Live(browser));
    }

    [Fact]
    public async Task All_are_harvested_at_once_but_those_that_are_paused()
    {
        var blogs = new Blogs();
        foreach (var n in Enumerable.Range(1, 3))
            blogs.Rss(Address(n), [Blogs.Post(n)], title: $"Blog {n}");
        await using var app = await SignInFixture.StartAsync(blogs.Web);
        using var browser = await app.SignInAsync();
        foreach (var n in Enumerable.Range(1, 3))
            await ConnectAsync(app, n);
        var paused = await app.App.ConnectAsync(Address(3));
        await app.App.SendAsync(HttpMethod.Patch, $"/connections/{paused}", """{"paused":true}""");
        var before = blogs.Web.Asked.Count;
        app.App.Clock.Advance(TimeSpan.FromHours(1));

        await browser.OpenAsync("/connections");
        await browser.SubmitAsync("/connections/harvest");
        Assert.Equal(2, Waiting().Count(browser.Page));
        await app.App.DrainAsync();
        Assert.Equal([Address(1), Address(2)], blogs.Web.Addresses.Skip(before).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        await browser.OpenAsync("/connections");
        Assert.Contains("2 of 3 connections are well, 1 is paused", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Harvest_that_never_begins_is_not_waited_for_longer_than_two_minutes()
    {
        var blogs = new Blogs();
        blogs.Rss(Address(1), [Blogs.Post(1)]);
        await using var app = await SignInFixture.StartAsync(blogs.Web);
        using var browser = await app.SignInAsync();
        await ConnectAsync(app, 1);
        await browser.OpenAsync("/connections");
        app.App.Clock.Advance(TimeSpan.FromMinutes(5));
        var at = app.App.Clock.GetUtcNow().ToUnixTimeSeconds();
        await browser.OpenAsync($"/connections?at={at}");
        Assert.NotNull(Live(browser));
        app.App.Clock.Advance(TimeSpan.FromMinutes(2));
        await browser.OpenAsync($"/connections?at={at}");
        Assert.Null(Live(browser));
        foreach (var senseless in (string[])["at=-1", "at=99999999999999999", "at=x&asked=y", "asked=%22%3E"])
            Assert.Equal(HttpStatusCode.OK, (await browser.OpenAsync("/connections?" + senseless)).Status);
    }

    [Fact]
    public async Task Last_two_weeks_stand_as_marks_and_say_what_they_mean()
    {
        var blogs = new Blogs();
        blogs.Rss(Address(1), [Blogs.Post(1)]);
        await using var app = await SignInFixture.StartAsync(blogs.Web);
        using var browser = await app.SignInAsync();
        await ConnectAsync(app, 1);
        for (var day = 2; day <= 16; day++)
        {
            if (day == 5)
                blogs.Rss(Address(1), [Blogs.Post(2), Blogs.Post(1)]);
            if (day == 15)
                blogs.On(Address(1), HttpStatusCode.InternalServerError);
            await app.App.PassAsync(TimeSpan.FromDays(1));
        }

        await browser.OpenAsync("/connections");
        Assert.Contains("aria-label=\"Something new on 5 Jun. Failed on 15 Jun, 16 Jun\"", browser.Page, StringComparison.Ordinal);
        // The legend has one of each.
        Assert.Equal((2, 1, 11), (Failed().Count(browser.Page) - 1, New().Count(browser.Page) - 1, Nothing().Count(browser.Page) - 1));
    }

    [Fact]
    public async Task Many_connections_can_be_searched_and_those_in_need_come_first()
    {
        var blogs = new Blogs();
        foreach (var n in Enumerable.Range(1, 20))
            blogs.Rss(Address(n), [Blogs.Post(n)], title: $"Blog {n:D2}");
        await using var app = await SignInFixture.StartAsync(blogs.Web);
        using var browser = await app.SignInAsync();
        foreach (var n in Enumerable.Range(1, 19))
            await app.App.ConnectAsync(Address(n));
        await browser.OpenAsync("/connections");
        Assert.DoesNotContain("Find a connection", browser.Page, StringComparison.Ordinal);
        await app.App.ConnectAsync(Address(20));
        blogs.On(Address(17), HttpStatusCode.InternalServerError);
        await app.App.PassAsync(TimeSpan.FromDays(1));

        await browser.OpenAsync("/connections");
        Assert.Contains("Find a connection", browser.Page, StringComparison.Ordinal);
        Assert.Equal("Blog 17", Names(browser)[0]);
        await browser.OpenAsync("/connections?q=log%2007");
        Assert.Equal(["Blog 07"], Names(browser));
        await browser.OpenAsync("/connections?q=b3.example");
        Assert.Equal(["Blog 03"], Names(browser));
        await browser.OpenAsync("/connections?q=%3Cb%3E");
        Assert.Empty(Names(browser));
        Assert.Contains("No connection has “<bdi>&lt;b&gt;</bdi>” in its name or address.", browser.Page, StringComparison.Ordinal);
    }

    private static string Address(int n) => $"https://b{n}.example/feed.xml";

    private static Task ConnectAsync(SignInFixture app, int n) => app.App.ConnectAsync(Address(n));

    private static string? Live(Browser browser) => LiveAddress().Match(browser.Page) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups["path"].Value) : null;

    private static List<string> Names(Browser browser) => [.. Name().Matches(browser.Page).Select(name => name.Groups["name"].Value)];

    [GeneratedRegex("data-live=\"(?<path>[^\"]+)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex LiveAddress();

    [GeneratedRegex("Waiting to be read", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Waiting();

    [GeneratedRegex("class=\"mark-failed\"", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Failed();

    [GeneratedRegex("class=\"mark-new\"", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex New();

    [GeneratedRegex("class=\"mark-none\"", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Nothing();

    [GeneratedRegex("<section class=\"place[^\"]*\">.*?<h2>(<a [^>]*>)?<bdi>(?<name>[^<]*)", RegexOptions.ExplicitCapture | RegexOptions.Singleline, Timeout.Infinite)]
    private static partial Regex Name();
}
