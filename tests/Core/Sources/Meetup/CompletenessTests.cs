using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Meetup;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>Pages of the API and calendars that do not come, or in parts: everything lands in the end, and nothing is called complete before.</summary>
public sealed class CompletenessTests
{
    private const int Many = 60;

    private readonly TestClock clock = new();
    private readonly ScriptedMeetup meetup;

    public CompletenessTests()
    {
        meetup = new ScriptedMeetup(clock) { MaxPerPage = 20 };
        meetup.Fill(Many, coming: 5);
    }

    [Theory]
    [InlineData("second", "502", 2)]
    [InlineData("second", "502", 6)]
    [InlineData("second", "html", 1)]
    [InlineData("second", "half", 1)]
    [InlineData("second", "400", 4)]
    [InlineData("second", "groupNull", 1)]
    [InlineData("second", "partial", 1)]
    [InlineData("second", "partial", 3)]
    [InlineData("second", "nulls", 1)]
    [InlineData("second", "nulls", 3)]
    [InlineData("second", "noId", 1)]
    [InlineData("second", "noDate", 1)]
    [InlineData("second", "empty", 1)]
    [InlineData("second", "empty", 3)]
    [InlineData("second", "emptyEnd", 1)]
    [InlineData("second", "noHasNext", 1)]
    [InlineData("second", "noPageInfo", 1)]
    [InlineData("second", "fewer", 1)]
    [InlineData("first", "empty", 1)]
    [InlineData("first", "nulls", 1)]
    [InlineData("first", "noHasNext", 2)]
    [InlineData("first", "502", 2)]
    public async Task Temporarily_failing_page_loses_nothing_and_the_history_is_not_complete_before_it_is_read(string where, string how, int times)
    {
        meetup.Then = (request, answer) => IsAt(request, where) && times-- > 0 ? Spoilt(answer, how) : answer;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);

        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        await AssertHonestAsync(app, id);
        for (var look = 0; look < 3; look++)
        {
            clock.Advance(TimeSpan.FromHours(25));
            await app.HarvestAsync(id);
            await AssertHonestAsync(app, id);
        }

        Assert.True(times <= 0);
        Assert.Empty(app.Failures);
        await AssertAllAsync(app);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Fact]
    public async Task Missing_events_are_retried_three_times_then_weekly_and_the_coverage_says_how_many()
    {
        var isBad = true;
        meetup.Then = (request, answer) => IsAt(request, "second") && isBad ? Spoilt(answer, "nulls") : answer;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        for (var look = 0; look < 5; look++)
            await app.PollAsync(id);

        // Two of three pages have three such events.
        Assert.Equal(4 * 3, meetup.CountOf(ScriptedMeetup.Api));
        Assert.Equal(Many - 6, (await app.LedgerAsync()).Count);
        var (complete, reason) = await CoverageAsync(app, id);
        Assert.False(complete);
        Assert.Contains("6 events", reason, StringComparison.Ordinal);
        Assert.Contains("once a week", reason, StringComparison.Ordinal);
        Assert.Equal("ok", Text(await app.GetAsync($"/connections/{id}"), "health"));
        clock.Advance(TimeSpan.FromDays(6));
        await app.PollAsync(id);
        Assert.Equal(4 * 3, meetup.CountOf(ScriptedMeetup.Api));

        isBad = false;
        clock.Advance(TimeSpan.FromDays(1));
        await app.PollAsync(id);
        await AssertAllAsync(app);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Fact]
    public async Task History_with_a_disagreeing_count_is_never_complete_and_a_manual_harvest_retries_at_once()
    {
        meetup.Then = (request, answer) => IsAt(request, "any") ? Changed(answer, told => Events(told)["totalCount"] = Many + 2) : answer;
        var cursor = (string?)null;
        for (var look = 0; look < 4; look++)
        {
            var walked = await ReadAsync(cursor);
            Assert.False(walked[^1].Coverage!.Complete);
            Assert.Contains("2 events", walked[^1].Coverage!.Reason, StringComparison.Ordinal);
            cursor = walked[^1].Cursor;
        }

        Assert.Empty(await ReadAsync(cursor));
        meetup.Then = (_, answer) => answer;
        var asked = await ReadAsync(cursor, reading => reading with { IsManual = true });
        Assert.Equal(Many, asked.Sum(page => page.Drafts.Count));
        Assert.True(asked[^1].Coverage!.Complete);
    }

    [Fact]
    public async Task Announced_events_are_harvested_and_published_from_the_calendar_while_the_API_fails_for_weeks()
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);
        await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Then = (request, answer) => IsAt(request, "any") ? Spoilt(answer, "html") : answer;
        meetup.Events.Add(new GroupEvent("399999999", "An evening more", clock.GetUtcNow().AddDays(3)));
        var known = (await app.LedgerAsync()).Where(entry => Text(entry, "title") != "An evening more").Select(entry => (Text(entry, "title"), entry.GetProperty("topics").GetArrayLength())).ToList();

        for (var day = 0; day < 25; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        var ledger = await app.LedgerAsync();
        Assert.Equal("published", Text(Assert.Single(ledger, entry => Text(entry, "title") == "An evening more"), "status"));
        Assert.Equal(known, ledger.Where(entry => Text(entry, "title") != "An evening more").Select(entry => (Text(entry, "title"), entry.GetProperty("topics").GetArrayLength())));
        meetup.Then = (_, answer) => answer;
        for (var day = 0; day < 3; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        await AssertAllAsync(app, Many + 1);
    }

    [Fact]
    public async Task Event_left_out_by_the_API_is_harvested_at_once_from_the_calendar()
    {
        meetup.Then = (request, answer) => IsAt(request, "any") ? Changed(answer, told =>
        {
            if (Edges(told).LastOrDefault(edge => (string?)edge!["node"]!["title"] == "Evening 58") is { } edge)
                edge["node"] = null;
        }) : answer;
        await using var app = await AppFixture.StartAsync(meetup.Web, clock, settings: ScriptedMeetup.WithToken);

        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");

        await AssertAllAsync(app);
        Assert.False((await CoverageAsync(app, id)).Complete);
        for (var day = 0; day < 60; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal("published", Text(Assert.Single(await app.LedgerAsync(), entry => Text(entry, "title") == "Evening 58"), "status"));
    }

    [Fact]
    public async Task Truncated_calendar_is_read_as_far_as_it_goes_and_changes_nothing_else()
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        var first = meetup.Events[^5];
        meetup.Change(first.Id, one => one with { Description = "Somebody else talks." });

        // The latest comes first, and it ends before the event that is next; then there is no calendar any more.
        var isCut = true;
        meetup.Then = (_, answer) => isCut ? ScriptedWeb.Answer(HttpStatusCode.OK, CutOff(Encoding.UTF8.GetString(Bytes(answer))), "text/calendar", ("ETag", "\"cut\"")) : ScriptedWeb.Answer(404, []);
        await app.PassAsync(TimeSpan.FromDays(1));
        var (complete, reason) = await CoverageAsync(app, id);
        Assert.False(complete);
        Assert.Contains("ended before it was complete", reason, StringComparison.Ordinal);
        Assert.Equal(5, (await app.LedgerAsync()).Count);
        isCut = false;
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Equal("published", Text(Assert.Single(await app.LedgerAsync(), entry => Text(entry, "title") == first.Title), "status"));
    }

    [Fact]
    public async Task Calendar_truncated_between_two_events_is_read_again_once_whole()
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        var last = meetup.Events[^1];
        meetup.Events.Add(new GroupEvent("399999999", "An evening more", clock.GetUtcNow().AddDays(5)));
        var isCut = true;
        meetup.Then = (_, answer) => isCut && Encoding.UTF8.GetString(Bytes(answer)) is { Length: > 0 } whole
            ? ScriptedWeb.Answer(HttpStatusCode.OK, whole[..whole.LastIndexOf("BEGIN:VEVENT", StringComparison.Ordinal)], "text/calendar", ("ETag", answer.Headers.ETag!.Tag))
            : answer;
        await app.PollAsync(id);
        Assert.Contains("ended before it was complete", (await CoverageAsync(app, id)).Reason, StringComparison.Ordinal);
        Assert.Single(await app.LedgerAsync(), entry => Text(entry, "title") == "An evening more");

        meetup.Change(last.Id, one => one with { Title = "Another name" });
        isCut = false;
        await app.PollAsync(id);

        Assert.Single(await app.LedgerAsync(), entry => Text(entry, "title") == "Another name");
        Assert.DoesNotContain("ended before it was complete", (await CoverageAsync(app, id)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validators_of_a_truncated_calendar_are_ignored()
    {
        await using var app = await AppFixture.StartAsync(meetup.Web, clock);
        var id = await app.ConnectAsync(ScriptedMeetup.Site, "meetup");
        meetup.Events.Add(new GroupEvent("399999999", "An evening more", clock.GetUtcNow().AddDays(60)));
        var times = 2;
        meetup.Then = (_, answer) => times-- > 0 && Bytes(answer) is { Length: > 0 } whole
            ? ScriptedWeb.Answer(HttpStatusCode.OK, CutOff(Encoding.UTF8.GetString(whole), "An evening more"), "text/calendar", ("ETag", answer.Headers.ETag!.Tag))
            : answer;

        for (var look = 0; look < 3; look++)
            await app.HarvestAsync(id);

        Assert.Single(await app.LedgerAsync(), entry => Text(entry, "title") == "An evening more");
        Assert.DoesNotContain("ended before it was complete", (await CoverageAsync(app, id)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Harvest_from_the_start_returns_all_events_again_with_the_same_ids()
    {
        meetup.Events.Add(new GroupEvent("pwdqjtygcnbfb", "Hack night", clock.GetUtcNow().AddDays(2)));
        var first = await ReadAsync(null);
        var ids = first.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Many + 1, ids.Count);
        Assert.Empty(await ReadAsync(first[^1].Cursor));
        meetup.Change("pwdqjtygcnbfb", one => one with { Id = "310000001" });

        var again = await ReadAsync(first[^1].Cursor, reading => reading with { IsFromStart = true });

        Assert.Equal(ids, again.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Order(StringComparer.Ordinal));
        Assert.False(meetup.Web.Asked.Last(request => request.RequestUri!.AbsoluteUri == ScriptedMeetup.Calendar).Headers.Contains("If-None-Match"));
        Assert.True(again[^1].Coverage!.Complete);
    }

    [Theory]
    [InlineData("""{"address":"https://www.meetup.com/sound-dotnet/events/ical/","asked":"organiser ","events":[],"walk":{"began":"2026-06-01T11:00:00+00:00","pages":1,"tries":2}}""")]
    [InlineData("""{"address":"https://www.meetup.com/sound-dotnet/events/ical/","bodyHash":"x","asked":"organiser ","since":"2026-01-01T00:00:00+00:00","events":[{"i":"300000055","s":"2026-06-15T12:00:00+00:00","t":"Evening 56","w":true}],"refusedAt":"2026-05-01T11:00:00+00:00"}""")]
    public async Task Cursor_of_an_earlier_version_is_continued(string cursor)
    {
        var pages = await ReadAsync(cursor);

        Assert.Equal(Many, pages.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct(StringComparer.Ordinal).Count());
        Assert.True(pages[^1].Coverage!.Complete);
    }

    private async Task<List<SourcePage>> ReadAsync(string? cursor, Func<SourceRequest, SourceRequest>? with = null)
    {
        using var fetcher = new ContributionIngest.Core.Http.Fetcher(meetup.Web, ContributionIngest.Core.Http.AddressPolicy.PublicOnly, clock, "test/1");
        var source = new MeetupSource(fetcher, clock, new MeetupOptions(new Uri(ScriptedMeetup.Api), new Uri("https://www.meetup.com"), ScriptedMeetup.Token));
        var reading = new SourceRequest("meetup:sound-dotnet", ScriptedMeetup.Calendar, cursor, new Dictionary<string, string>(StringComparer.Ordinal), Credentials.None);
        var pages = new List<SourcePage>();
        await foreach (var page in source.ReadAsync(with?.Invoke(reading) ?? reading, default))
            pages.Add(page);
        return pages;
    }

    private async Task AssertAllAsync(AppFixture app, int count = Many)
    {
        var titles = (await app.LedgerAsync()).Select(entry => Text(entry, "title")).ToList();
        Assert.Equal(meetup.Events.Select(one => one.Title).Order(StringComparer.Ordinal), titles.Order(StringComparer.Ordinal));
        Assert.Equal(count, titles.Count);
    }

    private static async Task AssertHonestAsync(AppFixture app, string id)
    {
        var connection = await app.GetAsync($"/connections/{id}");
        if (connection.TryGetProperty("coverage", out var coverage) && coverage.GetProperty("complete").GetBoolean())
            Assert.Equal(Many, (await app.LedgerAsync()).Count);
    }

    private static async Task<(bool Complete, string? Reason)> CoverageAsync(AppFixture app, string id)
    {
        var coverage = (await app.GetAsync($"/connections/{id}")).GetProperty("coverage");
        return (coverage.GetProperty("complete").GetBoolean(), coverage.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }

    private static bool IsAt(HttpRequestMessage request, string where)
    {
        if (request.RequestUri!.AbsoluteUri != ScriptedMeetup.Api)
            return false;
        using var asked = JsonDocument.Parse(request.Content!.ReadAsStringAsync().GetAwaiter().GetResult());
        return where == "any" || asked.RootElement.GetProperty("variables").TryGetProperty("after", out _) == (where == "second");
    }

    private static HttpResponseMessage Spoilt(HttpResponseMessage answer, string how) => how switch
    {
        "502" => ScriptedWeb.Answer(502, []),
        "400" => ScriptedWeb.Answer(400, []),
        "html" => ScriptedMeetup.Json("<html>We will be back</html>"),
        "half" => ScriptedWeb.Answer(200, Bytes(answer)[..(Bytes(answer).Length / 2)], "application/json"),
        "groupNull" => ScriptedMeetup.Json("""{"data":{"groupByUrlname":null}}"""),
        "partial" => Changed(answer, told =>
        {
            Edges(told)[3]!["node"] = null;
            told["errors"] = JsonNode.Parse("""[{"message":"one field broke"}]""");
        }),
        "nulls" => Changed(answer, told =>
        {
            for (var n = 0; n < 3; n++)
                Edges(told)[n]!["node"] = null;
        }),
        "noId" => Changed(answer, told =>
        {
            foreach (var name in (string[])["id", "token", "eventUrl"])
                Edges(told)[3]!["node"]!.AsObject().Remove(name);
        }),
        "noDate" => Changed(answer, told => Edges(told)[3]!["node"]!["dateTime"] = "soon"),
        "empty" => Changed(answer, told =>
        {
            Edges(told).Clear();
            Events(told)["pageInfo"] = new JsonObject { ["hasNextPage"] = false };
        }),
        "noHasNext" => Changed(answer, told => Events(told)["pageInfo"]!.AsObject().Remove("hasNextPage")),
        "noPageInfo" => Changed(answer, told => Events(told).Remove("pageInfo")),
        "emptyEnd" => Changed(answer, told =>
        {
            Edges(told).Clear();
            Events(told).Remove("totalCount");
            Events(told)["pageInfo"] = new JsonObject { ["hasNextPage"] = false };
        }),
        "fewer" => Changed(answer, told =>
        {
            for (var n = Edges(told).Count - 2; n >= 0; n -= 2)
                Edges(told).RemoveAt(n);
        }),
        _ => throw new InvalidOperationException(how),
    };

    /// <summary>Its events in the opposite order, up to the middle of the last one or of the one given.</summary>
    private static string CutOff(string calendar, string? title = null)
    {
        var parts = calendar.Split("BEGIN:VEVENT");
        parts[^1] = parts[^1].Replace("END:VCALENDAR\r\n", "", StringComparison.Ordinal);
        var whole = parts[0] + string.Concat(parts.Skip(1).Reverse().Select(part => "BEGIN:VEVENT" + part));
        return whole[..(title is null ? whole.LastIndexOf("DESCRIPTION", StringComparison.Ordinal) : whole.IndexOf(title, StringComparison.Ordinal))];
    }

    private static JsonObject Events(JsonObject told) => told["data"]!["groupByUrlname"]!["events"]!.AsObject();

    private static JsonArray Edges(JsonObject told) => Events(told)["edges"]!.AsArray();

    private static HttpResponseMessage Changed(HttpResponseMessage answer, Action<JsonObject> change)
    {
        var told = JsonNode.Parse(Bytes(answer))!.AsObject();
        change(told);
        return ScriptedMeetup.Json(told.ToJsonString());
    }

    private static byte[] Bytes(HttpResponseMessage answer)
    {
        using var stream = new MemoryStream();
        answer.Content.CopyTo(stream, null, default);
        return stream.ToArray();
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
