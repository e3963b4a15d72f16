using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>An API that refuses, and a group without a calendar: what is public is read meanwhile, and the connection says what is not.</summary>
public sealed class RefusalTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedMeetup meetup;

    public RefusalTests()
    {
        meetup = new ScriptedMeetup(clock);
        meetup.Fill(10, coming: 3);
    }

    [Theory]
    [InlineData(401, "")]
    [InlineData(403, "<html>no</html>")]
    [InlineData(404, "")]
    [InlineData(410, "")]
    [InlineData(405, "")]
    [InlineData(200, """{"errors":[{"message":"Validation error (FieldUndefined@[groupByUrlname/events]) : Field 'events' in type 'Group' is undefined","extensions":{"classification":"ValidationError"}}]}""")]
    [InlineData(200, """{"data":null,"errors":[{"message":"Cannot query field","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}""")]
    [InlineData(200, """{"errors":[{"message":"Cannot query field \"yesCount\"","extensions":{"code":"ValidationError"}}]}""")]
    [InlineData(200, """{"errors":[{"message":"gone","errorType":"InvalidSyntax","extensions":{"classification":"InvalidSyntax"}}]}""")]
    public async Task Public_calendar_is_read_while_the_API_refuses_and_the_coverage_says_so(int status, string body)
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        Assert.True((await CoverageAsync(app, id)).Complete);
        meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Api ? ScriptedWeb.Answer((System.Net.HttpStatusCode)status, body, "application/json") : null;

        // The calendar is as before: only the weekly scan finds out.
        clock.Advance(TimeSpan.FromDays(8));
        await app.PollAsync(id);
        await AssertSaidAsync(app, id);

        meetup.Events.Add(new GroupEvent("399999999", "An evening more", clock.GetUtcNow().AddDays(3)));
        await app.PollAsync(id);
        await AssertSaidAsync(app, id);
        Assert.Equal("scheduled", Text(Assert.Single(await app.LedgerAsync(), entry => Text(entry, "title") == "An evening more"), "status"));
        Assert.Equal(11, (await app.LedgerAsync()).Count);

        meetup.Before = _ => null;
        clock.Advance(TimeSpan.FromDays(2));
        await app.PollAsync(id);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Theory]
    [InlineData(404, "calendar")]
    [InlineData(410, "calendar")]
    [InlineData(403, "calendar")]
    [InlineData(200, "<!doctype html><title>Log in</title>")]
    public async Task Group_without_a_calendar_is_read_from_the_data_of_its_page(int status, string body)
    {
        meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Calendar ? ScriptedWeb.Answer((System.Net.HttpStatusCode)status, body, "text/html") : null;
        meetup.Elsewhere = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Site ? ScriptedWeb.Answer(System.Net.HttpStatusCode.OK, Page(), "text/html; charset=utf-8") : null;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");

        var ledger = await app.LedgerAsync();
        Assert.Equal(["Evening 10 scheduled", "Evening 9 scheduled", "Evening 8 cancelled", "Evening 7 published"], ledger.Select(entry => $"{Text(entry, "title")} {Text(entry, "status")}"));
        Assert.Equal((ScriptedMeetup.Site + "events/300000009/", "Sound .NET", "We meet & talk."), (Text(ledger[0], "url"), Text(ledger[0].GetProperty("container"), "name"), Text(ledger[0], "summary")));
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal(("ok", "meetup:sound-dotnet", "Sound .NET"), (Text(connection, "health"), Text(connection, "origin"), Text(connection, "title")));

        meetup.Change("300000008", one => one with { IsGone = true });
        for (var day = 0; day < 40; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(["Evening 10 scheduled", "Evening 9 removed", "Evening 8 cancelled", "Evening 7 published"], (await app.LedgerAsync()).Select(entry => $"{Text(entry, "title")} {Text(entry, "status")}"));
    }

    [Fact]
    public async Task Page_that_shows_no_events_removes_none()
    {
        var page = Page();
        meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Calendar ? ScriptedWeb.Answer(404, []) : null;
        meetup.Elsewhere = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Site ? ScriptedWeb.Answer(System.Net.HttpStatusCode.OK, page, "text/html") : null;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        page = Page(shown: 0);
        for (var day = 0; day < 30; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.DoesNotContain(await app.LedgerAsync(), entry => Text(entry, "status") == "removed");
    }

    [Fact]
    public async Task Calendar_that_is_gone_is_replaced_by_the_page_under_the_same_ids()
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Calendar ? ScriptedWeb.Answer(404, []) : null;
        meetup.Elsewhere = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Site ? ScriptedWeb.Answer(System.Net.HttpStatusCode.OK, Page(), "text/html") : null;
        meetup.Events.Add(new GroupEvent("399999999", "An evening more", clock.GetUtcNow().AddDays(60)));
        await app.PollAsync(id);
        Assert.Equal(["An evening more", "Evening 10", "Evening 9", "Evening 8", "Evening 7"], (await app.LedgerAsync()).Select(entry => Text(entry, "title")));
        Assert.Equal("ok", Text(await app.GetAsync($"/connections/{id}"), "health"));
    }

    /// <summary>As Next.js sends it: entries of a cache that refer to each other, also of other groups.</summary>
    private string Page(int shown = 10)
    {
        var events = meetup.Events.Where(one => !one.IsGone).SkipWhile(one => one.Start < clock.GetUtcNow().AddDays(-22)).Take(shown).ToList();
        var entries = string.Concat(events.Select(one =>
            $$$"""
            "Event:{{{one.Id}}}":{"__typename":"Event","id":"{{{one.Id}}}","title":"{{{one.Title}}}","dateTime":"{{{one.Start:yyyy-MM-dd'T'HH:mm:sszzz}}}","endTime":"{{{one.Start.AddHours(2):yyyy-MM-dd'T'HH:mm:sszzz}}}",
            "eventUrl":"{{{ScriptedMeetup.Site}}}events/{{{one.Id}}}/","description":"We meet \u0026 talk.","status":"{{{(one.Title == "Evening 8" ? "CANCELLED" : one.Start > clock.GetUtcNow() ? "ACTIVE" : "PAST")}}}","group":{"__ref":"Group:1"},"going":{"totalCount":12}},
            """));
        return $$$"""
            <!doctype html><html><head><title>Sound .NET | Meetup</title></head><body><div id="__next"></div>
            <script id="__NEXT_DATA__" type="application/json" nonce="{{{clock.GetUtcNow().Ticks}}}">{"props":{"pageProps":{"__APOLLO_STATE__":{"ROOT_QUERY":{"__typename":"Query"},
            "Group:1":{"__typename":"Group","id":"1","name":"Sound .NET","urlname":"sound-dotnet","timezone":"Europe/Stockholm"},
            "Group:2":{"__typename":"Group","id":"2","name":"Another","urlname":"another"},
            {{{entries}}}
            "Event:5":{"__typename":"Event","id":"5","title":"Elsewhere","dateTime":"2026-07-01T18:00:00+02:00","eventUrl":"https://www.meetup.com/another/events/5000000/","status":"ACTIVE","group":{"__ref":"Group:2"}}
            } } },"page":"/[slug]","buildId":"{{{clock.GetUtcNow().Ticks}}}"}</script></body></html>
            """;
    }

    private static async Task AssertSaidAsync(AppFixture app, string id)
    {
        var (complete, reason) = await CoverageAsync(app, id);
        Assert.False(complete);
        Assert.Contains("past", reason, StringComparison.Ordinal);
        Assert.Contains("API", reason, StringComparison.Ordinal);
        Assert.Equal("ok", Text(await app.GetAsync($"/connections/{id}"), "health"));
    }

    private static async Task<(bool Complete, string? Reason)> CoverageAsync(AppFixture app, string id)
    {
        var coverage = (await app.GetAsync($"/connections/{id}")).GetProperty("coverage");
        return (coverage.GetProperty("complete").GetBoolean(), coverage.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
