using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Connections;

/// <summary>The pages that connect places, without script.</summary>
public sealed partial class ConnectPagesTests
{
    private const string Blog = "https://deck.example/feed.xml";

    [Fact]
    public async Task Each_line_is_answered_by_itself_in_its_order_and_those_that_fail_stay_with_what_to_try()
    {
        await using var app = await SignInFixture.StartAsync(Web());
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/connections/add");
        await browser.SubmitAsync("/connections/look", ("places", $"https://nothing.example/\n{Blog}\n\n{Blog}"));

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("1 of 2 places found, with 3 contributions", browser.Page, StringComparison.Ordinal);
        Assert.Equal(["https://nothing.example/", Blog], Labels(browser));
        Assert.Contains("href=\"/log?url=https%3A%2F%2Fnothing.example%2F\"", browser.Page, StringComparison.Ordinal);
        Assert.Empty(await ConnectedAsync(app));
    }

    [Fact]
    public async Task One_line_asked_for_by_itself_is_answered_without_the_page_around_it()
    {
        await using var app = await SignInFixture.StartAsync(Web());
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/connections/add");
        var token = browser.Token;
        await browser.PostAsync("/connections/look/line", ("csrf", token), ("places", Blog));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.StartsWith("<section class=\"found\">", browser.Page.Trim(), StringComparison.Ordinal);
        Assert.Equal([Blog], Labels(browser));
        await browser.PostAsync("/connections/look/line", ("csrf", token), ("places", $"{Blog}\n{Blog}2"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
    }

    [Theory]
    [InlineData(null, "", false)]
    [InlineData("Bo Lind", "", false)]
    [InlineData("juna okvist", "Juna Okvist", true)]
    public async Task Blog_of_several_people_asks_whose_posts_and_is_chosen_only_for_who_writes_there(string? name, string selected, bool isChosen)
    {
        await using var app = await SignInFixture.StartAsync(Web());
        using var browser = await app.SignInAsync();
        await app.Get<PeopleStore>().ChangeAsync((await app.OwnerAsync()).Id, person => person with { Name = name }, CancellationToken.None);
        await browser.OpenAsync("/connections/add");
        await browser.SubmitAsync("/connections/look", ("places", Blog));

        Assert.Equal(["", "Juna Okvist", "Nils Berg"], Option().Matches(browser.Page).Select(option => option.Groups["value"].Value));
        Assert.Equal(selected, Option().Matches(browser.Page).FirstOrDefault(option => option.Groups["selected"].Success)?.Groups["value"].Value ?? "");
        Assert.Equal(isChosen, Box().Match(browser.Page).Groups["checked"].Success);

        var select = Regex.Match(browser.Page, "<select id=\"[^\"]*\" name=\"(?<name>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan).Groups["name"].Value;
        // Where an author is chosen already, an unticked box means that the place is not wanted.
        Assert.Equal(!isChosen, browser.Page.Contains("name=\"offered\"", StringComparison.Ordinal));

        // Without script, choosing an author does not tick the box.
        await browser.SubmitAsync("/connections", isChosen ? ("place", $"feed {Blog}") : ("offered", $"feed {Blog}"), (select, "Nils Berg"));
        var connected = Assert.Single(await ConnectedAsync(app));
        Assert.Equal("Nils Berg", connected.GetProperty("options").GetProperty("author").GetString());
    }

    [Fact]
    public async Task Name_is_looked_for_in_every_place_that_has_names_and_none_is_chosen_where_there_are_several()
    {
        await using var app = await SignInFixture.StartAsync(new ScriptedWeb(request => (request.RequestUri!.Host, request.RequestUri.AbsolutePath) switch
        {
            ("api.github.com", "/users/juna-okvist") => Json("""{"id":4711,"login":"juna-okvist","type":"User","name":"Juna Okvist","html_url":"https://github.com/juna-okvist"}"""),
            ("api.github.com", "/search/issues") => Json("""{"total_count":0,"incomplete_results":false,"items":[]}"""),
            ("www.meetup.com", "/juna-okvist/events/ical/") => ScriptedWeb.Answer(HttpStatusCode.OK, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n", "text/calendar"),
            _ => ScriptedWeb.Answer(HttpStatusCode.NotFound),
        }));
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/connections/add");

        await browser.SubmitAsync("/connections/look", ("places", "juna-okvist"));
        Assert.Contains("2 places found", browser.Page, StringComparison.Ordinal);
        Assert.Equal(2, Box().Count(browser.Page));
        Assert.DoesNotContain(Box().Matches(browser.Page), box => box.Groups["checked"].Success);

        await browser.SubmitAsync("/connections/look", ("places", "nobody-at-all"));
        Assert.Contains("Nothing is called “nobody-at-all” at github.com or youtube.com or meetup.com.", WebUtility.HtmlDecode(browser.Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_of_an_opml_file_stand_in_the_field_each_once()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/connections/add");
        await UploadAsync(browser, """
            <?xml version="1.0"?><!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]>
            <opml version="2.0"><body><outline text="Mine"><outline type="rss" xmlUrl="https://one.example/feed" htmlUrl="https://one.example/"/>
            <outline xmlUrl=" https://one.example/feed "/><outline text="&lt;b&gt;" htmlUrl="https://two.example/?a=1&amp;b=2"/></outline>
            <outline text="nothing"/><outline xmlUrl="https://three.example/
            feed"/></body>
            """);

        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Equal("https://one.example/feed\nhttps://two.example/?a=1&b=2\nhttps://three.example/ feed", Typed(browser).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Opml_file_of_a_reader_with_many_feeds_is_for_choosing_from()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/connections/add");
        await UploadAsync(browser, $"<opml>{string.Concat(Enumerable.Range(1, 21).Select(n => $"<outline xmlUrl=\"https://{n}.example/\"/>"))}</opml>");
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("The file has 21 addresses. Keep those where you publish yourself, at most 20, and look.", browser.Page, StringComparison.Ordinal);
        Assert.Equal(21, Typed(browser).Split('\n').Length);

        await UploadAsync(browser, "not an OPML file");
        Assert.Contains("There are no feeds in this file.", browser.Page, StringComparison.Ordinal);
    }

    private static async Task UploadAsync(Browser browser, string file)
    {
        using var content = new MultipartFormDataContent { { new StringContent(browser.Token), "csrf" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "file", "feeds.opml" } };
        await browser.SendAsync(HttpMethod.Post, "/connections/opml", content);
    }

    private static string Typed(Browser browser) => WebUtility.HtmlDecode(Area().Match(browser.Page).Groups["text"].Value);

    private static IEnumerable<string> Labels(Browser browser) => Label().Matches(browser.Page).Select(label => WebUtility.HtmlDecode(label.Groups["text"].Value)).Where(label => label.Length > 0);

    private static async Task<IReadOnlyList<System.Text.Json.JsonElement>> ConnectedAsync(SignInFixture app) => [.. (await app.App.GetAsync("/connections")).GetProperty("items").EnumerateArray()];

    private static HttpResponseMessage Json(string body) => ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json");

    private static ScriptedWeb Web() => new(request => request.RequestUri!.AbsoluteUri == Blog
        ? ScriptedWeb.Answer(HttpStatusCode.OK, Feed, "application/rss+xml; charset=utf-8")
        : ScriptedWeb.Answer(HttpStatusCode.NotFound));

    private const string Feed = """
        <?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Below Deck</title><link>https://deck.example/</link>
        <item><title>One</title><link>https://deck.example/1</link><dc:creator>Juna Okvist</dc:creator><pubDate>Fri, 01 May 2026 09:00:00 GMT</pubDate></item>
        <item><title>Two</title><link>https://deck.example/2</link><dc:creator>Nils Berg</dc:creator><pubDate>Sat, 02 May 2026 09:00:00 GMT</pubDate></item>
        <item><title>Three</title><link>https://deck.example/3</link><dc:creator>Juna Okvist</dc:creator><pubDate>Sun, 03 May 2026 09:00:00 GMT</pubDate></item>
        </channel></rss>
        """;

    [GeneratedRegex("<p class=\"label\"><bdi>(?<text>[^<]*)</bdi>", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Label();

    [GeneratedRegex("<option value(=\"(?<value>[^\"]*)\")?(?<selected> selected)?", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Option();

    [GeneratedRegex("<input type=\"checkbox\" id=\"[^\"]*\" name=\"place\" value=\"[^\"]*\"(?<checked> checked)?", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Box();

    [GeneratedRegex("<textarea[^>]*>(?<text>[^<]*)</textarea>", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Area();
}
