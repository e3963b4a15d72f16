using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.OpenCommunityGroups;

/// <summary>A group whose events come from the site's search, and its people from the pages of the events.</summary>
public sealed class GroupTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedGroup group;

    public GroupTests() => group = new ScriptedGroup(clock);

    [Theory]
    [InlineData(ScriptedGroup.Page)]
    [InlineData("ocgroups.dev/cncf/group/abc1234/")]
    [InlineData(ScriptedGroup.Page + "/event/evening-1")]
    [InlineData("https://community.cncf.io/cloud-native-sound/")]
    public async Task Organiser_has_every_event_by_any_address_of_the_group(string typed)
    {
        group.Fill(4, coming: 2);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var (status, connection) = await app.PostAsync("/connections", $$"""{"address":"{{typed}}"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        await app.DrainAsync();
        Assert.Equal(("ocg", "ocg:cncf/abc1234", "Cloud Native Sound"), (Text(connection, "source"), Text(connection, "origin"), Text(connection, "title")));
        Assert.Equal(["Evening 4 scheduled", "Evening 3 scheduled", "Evening 2 published", "Evening 1 published"], await PictureAsync(app));
        var entry = (await app.LedgerAsync())[3];
        Assert.Equal(
            ("organising", "organiser", "Cloud Native Sound", ScriptedGroup.Page + "/event/evening-1", "We meet."),
            (Text(entry, "kind"), Text(entry, "role"), Text(entry.GetProperty("container"), "name"), Text(entry, "url"), Text(entry, "summary")));
        Assert.True((await app.GetAsync($"/connections/{Text(connection, "id")}")).GetProperty("coverage").GetProperty("complete").GetBoolean());
        Assert.Equal(0, group.Web.Addresses.Count(address => address.Contains("/event/", StringComparison.Ordinal) && address != typed));
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Empty(app.Failures);
        Assert.Equal(["Evening 4 scheduled", "Evening 3 published"], (await PictureAsync(app)).Take(2));
    }

    [Fact]
    public async Task Unchanged_poll_costs_one_request_and_four_operations_although_seats_are_taken()
    {
        group.Fill(8, coming: 4);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var id = await app.ConnectAsync(ScriptedGroup.Page, "ocg", new Dictionary<string, string> { ["names"] = "Zoe Angstrom" });
        await app.PassAsync(TimeSpan.FromDays(1));
        var before = await app.DumpAsync("ledger");
        group.Seats--;
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        var asked = group.Web.Asked.Count;
        app.Table.Forget();

        await app.DrainAsync();

        Assert.Equal(["people range", "people write", "people write", "schedule transact"], app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        Assert.Equal(before, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 1, group.Web.Asked.Count);
    }

    [Fact]
    public async Task Cancelled_event_vanishes_from_the_search_and_is_removed_when_it_is_missing_twice()
    {
        group.Fill(3, coming: 2);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var id = await app.ConnectAsync(ScriptedGroup.Page, "ocg");
        group.Change(2, one => one with { IsGone = true });
        group.Change(1, one => one with { IsGone = true });
        var moved = clock.GetUtcNow().AddDays(50);
        group.Change(3, one => one with { Start = moved, Title = "Evening 3, later" });
        await app.PollAsync(id);
        Assert.Equal(["Evening 3, later scheduled", "Evening 2 scheduled", "Evening 1 published"], await PictureAsync(app));
        Assert.Equal(moved, (await app.LedgerAsync())[0].GetProperty("when").GetDateTimeOffset());
        await app.PollAsync(id);
        Assert.Equal(["Evening 3, later scheduled", "Evening 2 removed", "Evening 1 published"], await PictureAsync(app));
    }

    [Fact]
    public async Task Long_past_is_read_page_by_page()
    {
        group.Fill(230, coming: 1);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var id = await app.ConnectAsync(ScriptedGroup.Page, "ocg");
        Assert.Equal(230, (await app.LedgerAsync()).Count);
        Assert.Equal(3, group.CountOf("/explore/events/search"));
        Assert.True((await app.GetAsync($"/connections/{id}")).GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Speaker_has_the_events_that_name_them_and_each_page_is_read_before_and_after()
    {
        group.Fill(4, coming: 1);
        group.Change(4, one => one with { Speaker = "Zoë Ångström" });
        group.Change(3, one => one with { Speaker = "Somebody Else" });
        group.Change(2, one => one with { Text = "In memory of Zoe Angstrom." });
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        await app.ConnectAsync(ScriptedGroup.Page, "ocg", new Dictionary<string, string> { ["role"] = "speaker", ["names"] = "Zoe Angstrom" });
        Assert.Equal(
            ["talk speaker new Evening 4", "talk speaker suggested Evening 2"],
            (await app.LedgerAsync()).Select(e => $"{Text(e, "kind")} {Text(e, "role")} {Text(e, "review")} {Text(e, "title")}"));
        Assert.Equal(4, group.CountOf("/event/"));
        for (var day = 0; day < 20; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal("Evening 4 published", (await PictureAsync(app))[0]);
        Assert.Equal(5, group.CountOf("/event/"));
    }

    [Fact]
    public async Task Speaker_without_a_name_is_told_to_give_it()
    {
        group.Fill(2, coming: 1);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var id = await app.ConnectAsync(ScriptedGroup.Page, "ocg", new Dictionary<string, string> { ["role"] = "speaker" });
        Assert.Empty(await app.LedgerAsync());
        Assert.Contains("set the option names", Text((await app.GetAsync($"/connections/{id}")).GetProperty("coverage"), "reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_of_an_event_that_fails_is_read_later()
    {
        group.Fill(3, coming: 0);
        group.Change(2, one => one with { Speaker = "Zoe Angstrom" });
        group.Before = request => request.RequestUri!.AbsolutePath.EndsWith("/evening-2", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.BadGateway) : null;
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var id = await app.ConnectAsync(ScriptedGroup.Page, "ocg", new Dictionary<string, string> { ["names"] = "Zoe Angstrom" });
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        group.Before = _ => null;
        await app.PollAsync(id);
        Assert.Equal(4, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Search_that_counts_without_end_is_left()
    {
        group.Fill(3, coming: 0);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        group.Before = request => request.RequestUri!.AbsolutePath == "/explore/events/search"
            ? ScriptedWeb.Answer(HttpStatusCode.OK, """{"total":9000000,"events":[{"event_id":"1","group_slug":"abc1234","name":"One","starts_at":1770000000}]}""", "application/json")
            : null;
        await app.ConnectAsync(ScriptedGroup.Page, "ocg");
        Assert.Single(await app.LedgerAsync());
        Assert.Equal(1, group.CountOf("/explore/events/search"));
    }

    [Fact]
    public async Task Events_of_other_groups_are_not_taken_when_the_site_forgets_this_one()
    {
        group.Fill(2, coming: 1);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var id = await app.ConnectAsync(ScriptedGroup.Page, "ocg");
        group.Before = request => request.RequestUri!.AbsolutePath == "/explore/events/search"
            ? ScriptedWeb.Answer(HttpStatusCode.OK, """{"total":900,"events":[{"event_id":"x","group_slug":"other","name":"Not ours","starts_at":1780000000}]}""", "application/json")
            : null;
        await app.PollAsync(id);
        Assert.Equal("unknownGroup", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("<html>busy</html>")]
    [InlineData("{\"events\":7}")]
    [InlineData("{\"events\":[null,7,{}],\"total\":-3}")]
    [InlineData("{\"events\":[{\"event_id\":\"\",\"group_slug\":\"abc1234\",\"starts_at\":99999999999999}],\"total\":1e400}")]
    public async Task Hostile_answers_leave_what_is_known_as_it_is(string body)
    {
        group.Fill(3, coming: 0);
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var id = await app.ConnectAsync(ScriptedGroup.Page, "ocg");
        group.Before = request => request.RequestUri!.AbsolutePath == "/explore/events/search" ? ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json") : null;
        await app.PollAsync(id);
        Assert.Empty(app.Failures);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("https://ocgroups.dev/cncf", "not the page of a group")]
    [InlineData("https://ocgroups.dev/cncf/group/nowhere", "404")]
    [InlineData("https://community.cncf.io/", "not the page of a group")]
    public async Task Address_of_no_group_is_refused_with_what_to_try(string typed, string says)
    {
        group.Before = request => request.RequestUri!.AbsolutePath == "/cncf" ? ScriptedWeb.Answer(HttpStatusCode.OK, "<title>CNCF</title>", "text/html") : null;
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        var (status, body) = await app.PostAsync("/connections", $$"""{"address":"{{typed}}"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(says, Text(body, "detail"), StringComparison.Ordinal);
        Assert.Contains("https://ocgroups.dev/cncf/group/", Text(body, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_alone_asks_nothing()
    {
        await using var app = await AppFixture.StartAsync(group.Web, clock);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await app.PostAsync("/connections", """{"address":"http://","source":"ocg"}""")).Status);
        Assert.Empty(group.Web.Asked);
    }

    private static async Task<List<string>> PictureAsync(AppFixture app) => (await app.LedgerAsync()).ConvertAll(e => $"{Text(e, "title")} {Text(e, "status")}");

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
