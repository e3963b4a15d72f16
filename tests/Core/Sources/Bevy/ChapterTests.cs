using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Bevy;

/// <summary>A chapter whose events come from its page, the site's sitemaps and the pages of the events.</summary>
public sealed class ChapterTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedChapter chapter;

    public ChapterTests() => chapter = new ScriptedChapter(clock);

    [Fact]
    public async Task Organiser_has_every_event_of_the_chapter_and_coming_ones_take_place()
    {
        chapter.Fill(6, coming: 2);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync("gdg.community.dev/gdg-sound", "bevy");
        Assert.Equal(["Evening 6 scheduled", "Evening 5 scheduled", "Evening 4 published", "Evening 3 published", "Evening 2 published", "Evening 1 published"], await PictureAsync(app));
        var entry = (await app.LedgerAsync())[2];
        Assert.Equal(
            ("organising", "organiser", "GDG Sound", ScriptedChapter.PageOf("evening-4"), "We meet."),
            (Text(entry, "kind"), Text(entry, "role"), Text(entry.GetProperty("container"), "name"), Text(entry, "url"), Text(entry, "summary")));
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("bevy", Text(connection, "source"));
        Assert.All(await app.LedgerAsync(), one => Assert.Equal(1, one.GetProperty("revision").GetInt32()));
        Assert.Contains("log older ones by hand", Text(connection.GetProperty("coverage"), "reason"), StringComparison.Ordinal);

        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Empty(app.Failures);
        Assert.Equal(["Evening 6 scheduled", "Evening 5 published"], (await PictureAsync(app)).Take(2));
        Assert.DoesNotContain(chapter.Web.Addresses, address => address.Contains("/api/", StringComparison.Ordinal) || address.Contains("gdg-other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_event_page_is_read_once_at_first_and_requests_are_as_far_apart_as_the_site_asks()
    {
        chapter.Fill(6, coming: 2);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var began = clock.GetUtcNow();
        await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        Assert.Equal(6, chapter.CountOf("/events/details/"));

        // Two requests find the chapter, two read it; all others wait for two seconds.
        Assert.Equal(TimeSpan.FromSeconds(2 * (chapter.Web.Asked.Count - 4)), clock.GetUtcNow() - began);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unchanged_poll_costs_one_request_and_four_operations(bool validators)
    {
        chapter.HasValidators = validators;
        chapter.Fill(8, coming: 4);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        await app.PassAsync(TimeSpan.FromDays(1));
        var before = await app.DumpAsync("ledger");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        var asked = chapter.Web.Asked.Count;
        app.Table.Forget();

        await app.DrainAsync();

        Assert.Equal(["people range", "people write", "people write", "schedule transact"], app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        Assert.Equal(before, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 1, chapter.Web.Asked.Count);
        Assert.Equal(validators, chapter.Web.Asked[^1].Headers.Contains("If-None-Match"));
    }

    [Fact]
    public async Task Daily_look_at_the_sitemaps_reads_no_page_again_and_writes_nothing_to_the_ledger()
    {
        chapter.Fill(8, coming: 2);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        var (pages, before) = (chapter.CountOf("/events/details/"), await app.DumpAsync("ledger"));
        clock.Advance(TimeSpan.FromHours(25));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Table.Forget();

        await app.DrainAsync();

        Assert.Equal(["people range", "people write", "people write", "schedule transact"], app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        Assert.Equal(pages, chapter.CountOf("/events/details/"));
        Assert.Equal(before, await app.DumpAsync("ledger"));
        Assert.Equal(2, chapter.CountOf("/sitemap.xml"));
    }

    [Fact]
    public async Task Event_that_is_new_moved_or_cancelled_is_noticed_and_past_ones_are_kept()
    {
        chapter.Fill(4, coming: 2);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        var moved = clock.GetUtcNow().AddDays(40);
        chapter.Change("evening-4", one => one with { Start = moved });
        chapter.Change("evening-3", one => one with { IsCancelled = true, IsUnlisted = true });
        chapter.Change("evening-1", one => one with { IsGone = true });
        chapter.Events.Add(new ChapterEvent("extra", "Extra", clock.GetUtcNow().AddDays(3)));
        await app.PollAsync(id);
        Assert.Equal(["Evening 1 published", "Evening 2 published", "Evening 3 cancelled", "Evening 4 scheduled", "Extra scheduled"], (await PictureAsync(app)).Order(StringComparer.Ordinal));
        Assert.Equal(moved, (await app.LedgerAsync()).Find(one => Text(one, "title") == "Evening 4").GetProperty("when").GetDateTimeOffset());
        for (var day = 0; day < 30; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Contains("Evening 3 cancelled", await PictureAsync(app));
        Assert.Contains("Extra published", await PictureAsync(app));
        Assert.Equal(5, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Coming_event_whose_page_is_gone_twice_is_removed()
    {
        chapter.Fill(2, coming: 2);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        chapter.Change("evening-1", one => one with { IsGone = true });
        await app.PollAsync(id);
        Assert.Contains("Evening 1 scheduled", await PictureAsync(app));
        await app.PollAsync(id);
        Assert.Contains("Evening 1 removed", await PictureAsync(app));
    }

    [Fact]
    public async Task Past_event_whose_page_was_changed_is_read_again_and_what_contradicts_itself_is_not_believed()
    {
        chapter.Fill(5, coming: 1);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        chapter.Change("evening-4", one => one with { Title = "Evening 4, at last", Modified = "2026-06-02" });
        chapter.Change("evening-3", one => one with { Title = "Evening 3, twice", OtherTitle = "Something else", Modified = "2026-06-02" });
        clock.Advance(TimeSpan.FromDays(2));
        await app.PollAsync(id);
        Assert.Equal(["Evening 5 scheduled", "Evening 4, at last published", "Evening 3 published"], (await PictureAsync(app)).Take(3));
    }

    [Fact]
    public async Task Page_that_never_agrees_with_itself_is_tried_once_a_day()
    {
        chapter.Fill(3, coming: 1);
        chapter.Change("evening-1", one => one with { OtherTitle = "Something else" });
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        Assert.Equal(["Evening 3 scheduled", "Evening 2 published"], await PictureAsync(app));
        var asked = chapter.CountOf("/events/details/");
        for (var hour = 0; hour < 20; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await app.PollAsync(id);
        }

        Assert.Equal(asked, chapter.CountOf("/events/details/"));
        clock.Advance(TimeSpan.FromHours(5));
        await app.PollAsync(id);
        Assert.Equal(asked + 1, chapter.CountOf("/events/details/"));
    }

    [Fact]
    public async Task Speaker_has_the_events_that_name_them_and_a_mention_is_a_suggestion()
    {
        chapter.Fill(4, coming: 1);
        chapter.Change("evening-4", one => one with { Speaker = "Zoë Ångström" });
        chapter.Change("evening-3", one => one with { Speaker = "Dr. Zoe Angstrom" });
        chapter.Change("evening-2", one => one with { Text = "After a book by Zoe Angstrom." });
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        await app.ConnectAsync(ScriptedChapter.Address, "bevy", new Dictionary<string, string> { ["role"] = "speaker", ["names"] = "Zoe Angstrom" });
        Assert.Equal(
            ["talk speaker new Evening 4", "talk speaker new Evening 3", "talk speaker suggested Evening 2"],
            (await app.LedgerAsync()).Select(e => $"{Text(e, "kind")} {Text(e, "role")} {Text(e, "review")} {Text(e, "title")}"));
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal("Evening 4 published", (await PictureAsync(app))[0]);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Who_organises_and_speaks_did_both()
    {
        chapter.Fill(1, coming: 0);
        chapter.Change("evening-1", one => one with { Speaker = "Zoe Angstrom" });
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy", new Dictionary<string, string> { ["names"] = "Zoe Angstrom" });
        Assert.Equal(["organising organiser", "talk speaker"], (await app.LedgerAsync()).Select(e => $"{Text(e, "kind")} {Text(e, "role")}").Order(StringComparer.Ordinal));
        var before = await app.DumpAsync("ledger");
        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"names":"Zoë Ångström"}}""");
        await app.HarvestAsync(id);
        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Long_past_is_read_in_slices_and_a_pause_is_kept()
    {
        chapter.Fill(30, coming: 0);
        var asked = 0;
        chapter.Before = request => request.RequestUri!.AbsolutePath.StartsWith("/events/", StringComparison.Ordinal) && ++asked == 13
            ? ScriptedWeb.Answer(HttpStatusCode.TooManyRequests, "", null, ("Retry-After", "600"))
            : null;
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        Assert.Equal(12, (await app.LedgerAsync()).Count);
        await app.PassAsync(TimeSpan.FromMinutes(12));
        Assert.Equal(30, (await app.LedgerAsync()).Count);
        Assert.Equal(31, asked);
    }

    [Fact]
    public async Task Site_without_a_sitemap_shows_what_is_coming()
    {
        chapter.Fill(3, coming: 1);
        chapter.HasSitemap = false;
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        Assert.Equal(["Evening 3 scheduled"], await PictureAsync(app));
        Assert.Contains("does not list its past events", Text((await app.GetAsync($"/connections/{id}")).GetProperty("coverage"), "reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_shows_what_is_coming_and_reads_two_pages_of_events_at_most()
    {
        chapter.Fill(5, coming: 3);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var (_, preview) = await app.PostAsync("/preview", $$"""{"address":"{{ScriptedChapter.PageOf("evening-2")}}"}""");
        Assert.Equal(["Evening 3", "Evening 4"], preview.GetProperty("items").EnumerateArray().Select(one => Text(one, "title")).Order(StringComparer.Ordinal));
        Assert.True(preview.GetProperty("more").GetBoolean());
        Assert.Equal(3, chapter.CountOf("/events/details/"));
    }

    [Fact]
    public async Task Event_whose_page_cannot_be_read_is_announced_as_the_chapter_shows_it_and_completed_later()
    {
        chapter.Fill(2, coming: 2);
        chapter.Before = request => request.RequestUri!.AbsolutePath.StartsWith("/events/", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.BadGateway) : null;
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        Assert.Equal(["Evening 2 scheduled", "Evening 1 scheduled"], await PictureAsync(app));
        Assert.False((await app.LedgerAsync())[0].TryGetProperty("summary", out _));
        Assert.Contains("could not be read", Text((await app.GetAsync($"/connections/{id}")).GetProperty("coverage"), "reason"), StringComparison.Ordinal);
        chapter.Before = _ => null;
        clock.Advance(TimeSpan.FromHours(25));
        await app.PollAsync(id);
        Assert.Equal(["We meet.", "We meet."], (await app.LedgerAsync()).Select(entry => Text(entry, "summary")));
    }

    [Theory]
    [InlineData("User-agent: *\nDisallow: /", "robots.txt")]
    [InlineData("User-agent: ContributionIngest\nDisallow: /gdg-sound", "robots.txt")]
    public async Task Site_that_wants_no_programs_is_not_read(string robots, string says)
    {
        chapter.Fill(1, coming: 1);
        chapter.Robots = robots;
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var (status, body) = await app.PostAsync("/connections", $$"""{"address":"{{ScriptedChapter.Address}}"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(says, Text(body, "detail"), StringComparison.Ordinal);
        Assert.Equal([ScriptedChapter.Host + "/robots.txt"], chapter.Web.Addresses);
    }

    [Fact]
    public async Task Site_that_closes_later_is_not_read_any_more_and_one_without_the_file_is()
    {
        chapter.Fill(1, coming: 1);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        chapter.Robots = "User-agent: *\nDisallow: /";
        clock.Advance(TimeSpan.FromHours(25));
        var asked = chapter.CountOf("/gdg-sound/");
        await app.PollAsync(id);
        Assert.Equal("robots", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        Assert.Equal(asked, chapter.CountOf("/gdg-sound/"));

        chapter.Before = request => request.RequestUri!.AbsolutePath == "/robots.txt" ? ScriptedWeb.Answer(HttpStatusCode.NotFound) : null;
        clock.Advance(TimeSpan.FromHours(25));
        await app.PollAsync(id);
        Assert.False((await app.GetAsync($"/connections/{id}")).TryGetProperty("problem", out var problem) && problem.ValueKind == JsonValueKind.Object);
    }

    [Theory]
    [InlineData("https://gdg.community.dev/events/", "not of a chapter")]
    [InlineData("https://gdg.community.dev/gdg-nowhere/", "404")]
    [InlineData("https://gdg.community.dev/gdg-odd/", "titled “Odd”")]
    public async Task Address_of_no_chapter_is_refused_with_what_to_try(string typed, string says)
    {
        chapter.Before = request => request.RequestUri!.AbsolutePath switch
        {
            "/gdg-nowhere/" => ScriptedWeb.Answer(HttpStatusCode.NotFound),
            "/gdg-odd/" => ScriptedWeb.Answer(HttpStatusCode.OK, "<title>Odd</title>", "text/html"),
            _ => null,
        };
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var (status, body) = await app.PostAsync("/connections", $$"""{"address":"{{typed}}"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(says, Text(body, "detail"), StringComparison.Ordinal);
        Assert.Contains("https://gdg.community.dev/gdg-anytown/", Text(body, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_pages_leave_what_is_known_as_it_is()
    {
        chapter.Fill(3, coming: 1);
        await using var app = await AppFixture.StartAsync(chapter.Web, clock);
        var id = await app.ConnectAsync(ScriptedChapter.Address, "bevy");
        var before = await PictureAsync(app);
        string[] bodies =
        [
            "", "<script id=__NEXT_DATA__>" + new string('[', 100_000), "<script id=__NEXT_DATA__>{\"props\":{\"pageProps\":{\"chapterData\":7}}}</script>",
            "<script id=__NEXT_DATA__>{\"props\":{\"pageProps\":{\"chapterData\":{},\"prerenderData\":{\"upcomingEvents\":{\"results\":[null,7,{\"url\":\"//\"},{\"url\":\"javascript:1\",\"start_date\":\"x\"}]}}}}}</script>",
        ];
        foreach (var body in bodies)
        {
            chapter.Before = request => request.RequestUri!.AbsolutePath == "/robots.txt" ? null : ScriptedWeb.Answer(HttpStatusCode.OK, body, "text/html");
            clock.Advance(TimeSpan.FromHours(25));
            await app.PollAsync(id);
            Assert.Equal(before, await PictureAsync(app));
        }

        Assert.Empty(app.Failures);
    }

    private static async Task<List<string>> PictureAsync(AppFixture app) => (await app.LedgerAsync()).ConvertAll(e => $"{Text(e, "title")} {Text(e, "status")}");

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
