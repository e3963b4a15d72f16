using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>Events that the API no longer shows: they do not take place, and one short answer calls nothing off.</summary>
public sealed class CalledOffTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedMeetup meetup;

    public CalledOffTests()
    {
        meetup = new ScriptedMeetup(clock);
        meetup.Fill(10, coming: 3);
    }

    [Theory]
    [InlineData(14 * 24)]
    [InlineData(9 * 24)]
    [InlineData(2)]
    public async Task Event_deleted_before_its_start_is_removed_and_not_counted(int hoursBefore)
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        var total = await TotalAsync(app);
        var next = meetup.Events[^3];
        clock.Advance(next.Start.AddHours(-hoursBefore) - clock.GetUtcNow());
        await app.PassAsync(TimeSpan.Zero);
        meetup.Events.Remove(next);

        for (var step = 0; step < 40; step++)
            await app.PassAsync(TimeSpan.FromHours(12));

        Assert.Equal("removed", await StatusAsync(app, next.Title));
        Assert.Equal(total - 1, await TotalAsync(app));
        Assert.Equal("scheduled", await StatusAsync(app, meetup.Events[^1].Title));
    }

    [Theory]
    [InlineData(14 * 24)]
    [InlineData(-1)]
    public async Task Event_left_out_by_one_answer_is_neither_removed_nor_lost(int hoursBefore)
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        var next = meetup.Events[^3];
        clock.Advance(next.Start.AddHours(-hoursBefore) - clock.GetUtcNow());
        meetup.Events.Remove(next);
        await app.PollAsync(id);
        Assert.Equal("scheduled", await StatusAsync(app, next.Title));
        meetup.Events.Add(next);

        for (var day = 0; day < 20; day++)
        {
            await app.PassAsync(TimeSpan.FromDays(1));
            Assert.NotEqual("removed", await StatusAsync(app, next.Title));
        }

        Assert.Equal("published", await StatusAsync(app, next.Title));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(4)]
    public async Task Event_of_a_series_that_gets_another_id_and_title_stays_one_event(int maxPerPage)
    {
        meetup.MaxPerPage = maxPerPage;
        var evening = new GroupEvent("pwdqjtygcnbfb", "Dojo", clock.GetUtcNow().AddDays(3));
        meetup.Events.Add(evening);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Change(evening.Id, one => one with { Id = "310000001", Title = "Dojo: parsers by hand" });

        for (var day = 0; day < 10; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Equal("published", await StatusAsync(app, "Dojo: parsers by hand"));
        Assert.Equal(11, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Second_event_at_the_same_minute_stays_when_the_first_is_deleted()
    {
        var start = clock.GetUtcNow().AddDays(3);
        meetup.Events.Add(new GroupEvent("320000001", "Beginners", start));
        meetup.Events.Add(new GroupEvent("320000002", "Experts", start));
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Events.RemoveAll(one => one.Title == "Experts");

        for (var day = 0; day < 10; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Equal(("published", "removed"), (await StatusAsync(app, "Beginners"), await StatusAsync(app, "Experts")));
    }

    [Fact]
    public async Task History_read_in_several_runs_removes_nothing()
    {
        meetup.MaxPerPage = 4;
        meetup.Events.Clear();
        meetup.Fill(20, coming: 8);
        var fails = 0;
        meetup.Then = (request, answer) => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Api && ++fails % 3 != 0
            ? ScriptedMeetup.Json("<html>We will be back</html>")
            : answer;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        for (var day = 0; day < 60; day++)
        {
            await app.PassAsync(TimeSpan.FromDays(1));
            Assert.DoesNotContain(await app.LedgerAsync(), entry => Text(entry, "status") == "removed");
        }
    }

    private static async Task<string> StatusAsync(AppFixture app, string title) =>
        Text(Assert.Single(await app.LedgerAsync(), entry => Text(entry, "title") == title), "status");

    private static async Task<int> TotalAsync(AppFixture app) =>
        (await app.GetAsync("/ledger/summary?from=2020-01-01&to=2027-12-31")).GetProperty("public").GetProperty("total").GetInt32();

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
