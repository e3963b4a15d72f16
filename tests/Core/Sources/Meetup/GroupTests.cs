using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>A Meetup group without a token: its public calendar, which shows what is to come and nothing else.</summary>
public sealed class GroupTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedMeetup meetup;

    public GroupTests() => meetup = new ScriptedMeetup(clock);

    [Fact]
    public async Task Upcoming_events_are_scheduled_and_published_once_begun_although_the_calendar_drops_them()
    {
        meetup.Fill(5, coming: 3);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        Assert.Equal(["Evening 5 scheduled", "Evening 4 scheduled", "Evening 3 scheduled"], await PictureAsync(app));
        var coverage = (await app.GetAsync($"/connections/{id}")).GetProperty("coverage");
        Assert.False(coverage.GetProperty("complete").GetBoolean());
        Assert.Contains("MeetupToken", coverage.GetProperty("reason").GetString(), StringComparison.Ordinal);

        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Empty(app.Failures);
        Assert.Equal(["Evening 5 scheduled", "Evening 4 scheduled", "Evening 3 published"], await PictureAsync(app));
        var begun = (await app.LedgerAsync())[^1];
        Assert.Equal((ScriptedMeetup.Site + "events/300000002/", "We meet, somebody talks, everybody asks.", 2), (Text(begun, "url"), Text(begun, "summary"), begun.GetProperty("revision").GetInt32()));
        Assert.Equal(("event", "organiser", "Sound .NET"), (Text(begun, "kind"), Text(begun, "role"), Text(begun.GetProperty("container"), "name")));
        Assert.Equal(ScriptedMeetup.Site + "events/300000002/", Text(begun.GetProperty("sightings")[0], "url"));
        Assert.DoesNotContain("Kajkatalogen", begun.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("info@meetup.com", begun.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unchanged_poll_costs_one_request_and_four_operations(bool validators)
    {
        meetup.HasValidators = validators;
        meetup.Fill(8, coming: 4);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        await app.PassAsync(TimeSpan.FromDays(1));
        var before = await app.DumpAsync("ledger");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        var asked = meetup.Web.Asked.Count;
        app.Table.Forget();

        await app.DrainAsync();

        Assert.Equal(["people range", "people write", "people write", "schedule transact"], app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        Assert.Equal(before, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 1, meetup.Web.Asked.Count);
        Assert.Equal(validators, meetup.Web.Asked[^1].Headers.Contains("If-None-Match"));
    }

    [Fact]
    public async Task Cancelled_event_stays_cancelled_when_its_time_comes()
    {
        meetup.Fill(3, coming: 3);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Change("300000000", e => e with { Status = "CANCELLED" });
        await app.PassAsync(TimeSpan.FromDays(1));
        meetup.Change("300000000", e => e with { IsGone = true });
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(["Evening 3 scheduled", "Evening 2 scheduled", "Evening 1 cancelled"], await PictureAsync(app));
    }

    [Fact]
    public async Task Event_that_vanishes_beforehand_is_removed_and_one_that_comes_back_takes_place()
    {
        meetup.Fill(3, coming: 3);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Change("300000000", e => e with { IsGone = true });
        for (var day = 0; day < 30; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(["Evening 3 scheduled", "Evening 2 scheduled", "Evening 1 removed"], await PictureAsync(app));

        meetup.Change("300000001", e => e with { IsGone = true });
        await app.PassAsync(TimeSpan.FromDays(1));
        meetup.Change("300000001", e => e with { IsGone = false });
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(["Evening 3 scheduled", "Evening 2 published", "Evening 1 removed"], await PictureAsync(app));
    }

    [Fact]
    public async Task Calendar_that_stays_empty_removes_announced_events()
    {
        meetup.Fill(1, coming: 1);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Change("300000000", e => e with { IsGone = true });
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(["Evening 1 removed"], await PictureAsync(app));
    }

    [Fact]
    public async Task Begun_event_is_published_even_when_the_calendar_can_no_longer_be_read()
    {
        meetup.Fill(1, coming: 1);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Before = _ => ScriptedWeb.Answer(404, []);
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(["Evening 1 published"], await PictureAsync(app));
        Assert.Contains("sound-dotnet", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("event_pwdqjtygcnbfb@meetup.com")]
    [InlineData(null)]
    public async Task Series_event_whose_id_becomes_numeric_stays_one_contribution(string? uidAfter)
    {
        var start = clock.GetUtcNow().AddDays(10);
        meetup.Events.Add(new GroupEvent("pwdqjtygcnbfb", "Hack night", start));
        meetup.Events.Add(new GroupEvent("pwdqjtygcnbmb", "Hack night", start.AddDays(7)));
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        var ids = (await app.LedgerAsync()).ConvertAll(e => Text(e, "id"));

        meetup.Change("pwdqjtygcnbfb", e => e with { Id = "310000001", Uid = uidAfter, Title = uidAfter is null ? "Hack  Night!" : "Hack night in June" });
        for (var day = 0; day < 12; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        var ledger = await app.LedgerAsync();
        Assert.Equal(ids, ledger.ConvertAll(e => Text(e, "id")));
        Assert.Equal((ScriptedMeetup.Site + "events/310000001/", "published"), (Text(ledger[1], "url"), Text(ledger[1], "status")));
    }

    [Fact]
    public async Task More_upcoming_events_than_the_cursor_holds_are_all_published_on_time()
    {
        for (var n = 0; n < 10; n++)
            meetup.Events.Add(new GroupEvent($"{320_000_000 + n}", $"Evening {n} {new string('x', 3_000)}", clock.GetUtcNow().AddDays(n + 1)) { Uid = new string('u', 300) + n });
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        for (var day = 0; day < 14; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Empty(app.Failures);
        Assert.Equal(10, (await app.LedgerAsync("status=published")).Count);
    }

    [Fact]
    public async Task Speaker_gets_only_the_events_that_name_her()
    {
        meetup.Fill(4, coming: 4);
        meetup.Change("300000001", e => e with { Description = "With Juna Okvist on stage." });
        meetup.Change("300000002", e => e with { Description = "The Junas of this world." });
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var options = new Dictionary<string, string> { ["role"] = "speaker", ["match"] = "juna okvist, juna" };
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup", options);
        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(("Evening 2", "speaker"), (Text(entry, "title"), Text(entry, "role")));

        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"role":"organiser"}}""");
        await app.HarvestAsync(id);
        Assert.Equal(4, (await app.LedgerAsync()).Count);
        Assert.All(await app.LedgerAsync(), e => Assert.Equal("organiser", Text(e, "role")));
    }

    [Fact]
    public async Task Event_in_a_group_and_in_a_community_calendar_is_one_contribution_with_two_sightings()
    {
        meetup.Fill(1, coming: 1);
        const string Own = "https://community.example/events.ics";
        meetup.Elsewhere = request => request.RequestUri!.AbsoluteUri == Own
            ? ScriptedWeb.Answer(System.Net.HttpStatusCode.OK, "BEGIN:VCALENDAR\nX-WR-CALNAME:All of us\nBEGIN:VEVENT\nUID:77@community.example\nDTSTART:"
                + clock.GetUtcNow().AddDays(14).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'")
                + "\nSUMMARY:Sound .NET: Evening 1\nURL:https://www.meetup.com/de-DE/Sound-DotNet/events/300000000/?eventOrigin=home\nEND:VEVENT\nEND:VCALENDAR\n", "text/calendar")
            : null;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        clock.Advance(TimeSpan.FromMinutes(1));
        await app.ConnectAsync(Own, "meetup");
        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(2, entry.GetProperty("sightings").GetArrayLength());
        Assert.Equal("Evening 1", Text(entry, "title"));
    }

    internal static async Task<List<string>> PictureAsync(AppFixture app) => (await app.LedgerAsync()).ConvertAll(e => $"{Text(e, "title")} {Text(e, "status")}");

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
