using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>A Meetup group with a token: the API tells its past and its numbers.</summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private readonly TestClock clock = new();

    [Fact]
    public async Task History_of_300_events_is_harvested_once_with_one_request_per_page()
    {
        var meetup = new ScriptedMeetup(clock);
        meetup.Fill(300, coming: 4);
        meetup.Change("300000100", e => e with { Status = "CANCELLED" });
        meetup.Change("300000101", e => e with { Status = "DRAFT" });
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");

        Assert.Empty(app.Failures);
        var ledger = await app.LedgerAsync();
        Assert.Equal(299, ledger.Count);
        Assert.Equal(["scheduled", "scheduled", "scheduled", "scheduled", "published"], ledger.Take(5).Select(e => Text(e, "status")));
        Assert.Equal("Evening 101", Text(Assert.Single(ledger, e => Text(e, "status") == "cancelled"), "title"));
        Assert.Equal(("measured", 10), (Text(ledger[10].GetProperty("metrics").GetProperty("rsvps"), "how"), ledger[10].GetProperty("metrics").GetProperty("rsvps").GetProperty("value").GetInt32()));
        Assert.Equal([".NET"], ledger[10].GetProperty("topics").EnumerateArray().Select(t => t.GetString()));
        Assert.True((await app.GetAsync($"/connections/{id}")).GetProperty("coverage").GetProperty("complete").GetBoolean());

        // One to verify what was typed, one for the calendar, three pages of a hundred.
        Assert.Equal((2, 3), (meetup.CountOf(ScriptedMeetup.Calendar), meetup.CountOf(ScriptedMeetup.Api)));
        Assert.DoesNotContain(ScriptedMeetup.Token, string.Concat(await app.DumpAsync("people")) + string.Concat(await app.DumpAsync("ledger")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unchanged_poll_costs_one_conditional_request_and_four_operations()
    {
        var meetup = new ScriptedMeetup(clock);
        meetup.Fill(30, coming: 2);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
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
        Assert.True(meetup.Web.Asked[^1].Headers.Contains("If-None-Match"));
    }

    [Fact]
    public async Task Event_is_published_with_its_attendance_once_it_has_begun()
    {
        var meetup = new ScriptedMeetup(clock);
        meetup.Fill(30, coming: 2);
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        var asked = meetup.CountOf(ScriptedMeetup.Api);
        meetup.Change("300000028", e => e with { Rsvps = 57 });
        for (var day = 0; day < 15; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        var evening = (await app.LedgerAsync())[1];
        Assert.Equal(("published", 57), (Text(evening, "status"), evening.GetProperty("metrics").GetProperty("rsvps").GetProperty("value").GetInt32()));
        Assert.InRange(meetup.CountOf(ScriptedMeetup.Api) - asked, 1, 4);
    }

    [Fact]
    public async Task Group_is_harvested_completely_and_once_despite_kills_and_bad_answers()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var meetup = new ScriptedMeetup(clock) { MaxPerPage = 20 };
        meetup.Fill(300, coming: 5);
        const int Least = 15;
        var (bad, good, isDead) = (0, 0, false);
        meetup.Before = request => isDead ? throw new KilledException() : request.RequestUri!.AbsoluteUri != ScriptedMeetup.Api ? null : random.Next(8) switch
        {
            0 => Bad(ref bad, ScriptedWeb.Answer(502, [])),
            1 => Bad(ref bad, ScriptedWeb.Answer(400, [])),
            2 => Bad(ref bad, ScriptedMeetup.Json("""{"errors":[{"message":"Too many requests, please try again shortly.","extensions":{"code":"RATE_LIMITED"}}]}""")),
            3 => Bad(ref bad, ScriptedMeetup.Json("""{"errors":[{"message":"Internal server error"}],"data":{"groupByUrlname":{"name":"Sound .NET","events":null}}}""")),
            4 => Bad(ref bad, ScriptedMeetup.Json("<html>We will be back</html>")),
            _ => Good(ref good),
        };
        using var folder = new TemporaryFolder();
        var (kills, isDone, id) = (0, false, "");
        while (!isDone)
        {
            var app = await AppFixture.StartAsync(meetup.Web, clock, folder, ScriptedMeetup.WithToken);
            var lives = random.Next(3, 60);
            var writes = 0;
            isDead = false;
            app.Table.Step = () =>
            {
                isDead |= ++writes > lives;
                if (isDead)
                    throw new KilledException();
            };
            try
            {
                if (id.Length == 0)
                    id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
                for (var hour = 0; hour < 40 && !isDone; hour++)
                {
                    await app.PassAsync(TimeSpan.FromMinutes(45));
                    if (app.Failures.Count > 0)
                        throw new KilledException();
                    var connection = await app.GetAsync($"/connections/{id}");
                    isDone = connection.TryGetProperty("coverage", out var coverage) && coverage.GetProperty("complete").GetBoolean() && Text(connection, "health") == "ok";
                }
            }
            catch (Exception e) when (e is KilledException or InvalidOperationException or HttpRequestException)
            {
                kills++;
                if (id.Length == 0 && (await app.GetAsync("/connections")).GetProperty("items") is var items && items.GetArrayLength() > 0)
                    id = Text(items[0], "id");
            }

            (app.Table.Step, isDead) = (() => { }, false);
            Assert.True(kills < 200, "It never came through.");
            if (isDone)
            {
                var ledger = await app.LedgerAsync();
                Assert.Equal(Enumerable.Range(1, 300).Reverse().Select(n => $"Evening {n}"), ledger.Select(e => Text(e, "title")));
                Assert.All(ledger, e => Assert.Single(e.GetProperty("sightings").EnumerateArray()));
            }

            await app.DisposeAsync();
        }

        // A page whose cursor was not saved before the kill is asked for again; nothing else is.
        output.WriteLine($"{kills} kills, {bad} bad answers, {good} good ones, least possible {Least}");
        Assert.InRange(good, Least, Least + kills);
    }

    [Fact]
    public async Task Bad_answers_make_no_page_be_read_twice()
    {
        var meetup = new ScriptedMeetup(clock) { MaxPerPage = 20 };
        meetup.Fill(300, coming: 5);
        var (bad, turn) = (0, 0);
        meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Api && ++turn % 3 == 0 ? Bad(ref bad, ScriptedWeb.Answer(turn % 2 == 0 ? 502 : 503, [])) : null;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        for (var hour = 0; hour < 48; hour++)
            await app.PassAsync(TimeSpan.FromMinutes(45));
        Assert.Equal(300, (await app.LedgerAsync()).Count);
        Assert.True(bad > 5);
        Assert.InRange(meetup.CountOf(ScriptedMeetup.Api) - bad, 15, 16);
    }

    [Fact]
    public async Task Page_with_errors_in_place_of_events_is_retried_but_not_for_ever()
    {
        var meetup = new ScriptedMeetup(clock);
        const string Partial = """{"errors":[{"message":"one field broke"}],"data":{"groupByUrlname":{"name":"Sound .NET","events":{"pageInfo":{"hasNextPage":false},"edges":[{"node":null},{"node":{"id":"300000009","title":"Whole","dateTime":"2026-05-02T18:30:00+02:00","status":"PAST"}}]}}}}""";
        meetup.Fill(1, coming: 0);
        meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Api ? ScriptedMeetup.Json(Partial) : null;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        Assert.Empty(await app.LedgerAsync());
        Assert.Equal("partialAnswer", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        for (var day = 0; day < 5; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal("Whole", Text(Assert.Single(await app.LedgerAsync()), "title"));
    }

    [Fact]
    public async Task Walk_restarts_when_the_API_repeatedly_rejects_its_cursor()
    {
        var meetup = new ScriptedMeetup(clock) { MaxPerPage = 20 };
        meetup.Fill(60, coming: 2);
        var refused = 0;
        meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Api && refused < 8
            && request.Content!.ReadAsStringAsync().GetAwaiter().GetResult().Contains("\"after\"", StringComparison.Ordinal) ? Bad(ref refused, ScriptedWeb.Answer(400, [])) : null;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        for (var day = 0; day < 10; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(60, (await app.LedgerAsync()).Count);
        Assert.Equal(1 + 3, meetup.CountOf(ScriptedMeetup.Api) - refused);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("null")]
    [InlineData("schema")]
    public async Task Calendar_is_used_where_the_API_has_no_answer(string what)
    {
        var meetup = new ScriptedMeetup(clock) { IsUnknownToApi = what == "null" };
        meetup.Fill(4, coming: 2);
        if (what == "schema")
            meetup.Before = request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Api
                ? ScriptedMeetup.Json("""{"errors":[{"message":"Cannot query field \"token\"","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}""") : null;
        var settings = new Dictionary<string, string?> { ["MeetupToken"] = what == "token" ? "expired-token" : ScriptedMeetup.Token };
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: settings);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        Assert.Equal(2, (await app.LedgerAsync()).Count);
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("ok", Text(connection, "health"));
        Assert.Contains("Meetup", Text(connection.GetProperty("coverage"), "reason"), StringComparison.Ordinal);
        Assert.DoesNotContain("expired-token", connection.GetRawText(), StringComparison.Ordinal);

        // It is not asked again with every poll.
        var asked = meetup.CountOf(ScriptedMeetup.Api);
        await app.HarvestAsync(id);
        await app.HarvestAsync(id);
        Assert.Equal(asked, meetup.CountOf(ScriptedMeetup.Api));
    }

    [Fact]
    public async Task Token_added_later_adds_the_past_and_duplicates_nothing()
    {
        var meetup = new ScriptedMeetup(clock);
        meetup.Fill(40, coming: 3);
        meetup.Events.Add(new GroupEvent("pwdqjtygcnbfb", "Hack night", clock.GetUtcNow().AddDays(2)));
        using var folder = new TemporaryFolder();
        string id;
        await using (var app = await AppFixture.StartAsync(meetup.Web, clock, folder))
        {
            id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
            Assert.Equal(4, (await app.LedgerAsync()).Count);
        }

        meetup.Change("pwdqjtygcnbfb", e => e with { Id = "310000001" });
        await using (var app = await AppFixture.StartAsync(meetup.Web, clock, folder, ScriptedMeetup.WithToken))
        {
            await app.HarvestAsync(id);
            Assert.Empty(app.Failures);
            var ledger = await app.LedgerAsync();
            Assert.Equal(41, ledger.Count);
            Assert.Equal(ScriptedMeetup.Site + "events/310000001/", Text(Assert.Single(ledger, e => Text(e, "title") == "Hack night"), "url"));
        }
    }

    private static HttpResponseMessage Bad(ref int count, HttpResponseMessage answer)
    {
        count++;
        return answer;
    }

    private static HttpResponseMessage? Good(ref int count)
    {
        count++;
        return null;
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private sealed class KilledException : Exception;
}
