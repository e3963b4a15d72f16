using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Programmes;

/// <summary><c>GET /programmes/{id}/readiness</c>. Today is 15 June 2026.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task Checks_say_how_many_which_months_are_empty_what_has_no_link_and_what_is_just_outside()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(
            Draft("a", Kind.Talk, "2026-05-20"), Draft("b", Kind.BlogPost, "2026-03-02"), Draft("c", Kind.BlogPost, "2026-01-12") with { Url = null },
            Draft("another", Kind.BlogPost, "2026-02-11") with { Title = "Notasyncapi, unasyncapis" }, Draft("outside", Kind.BlogPost, "2026-01-10"), Draft("before", Kind.Video, "2025-02-01"), Draft("long ago", Kind.Video, "2024-06-01"));

        var answer = await app.GetAsync("/programmes/asyncapi-ambassador/readiness?accepted=2026-01-11");

        Assert.Equal(("2026-01-11", "2027-01-10"), (answer.GetProperty("from").GetString(), answer.GetProperty("to").GetString()));
        Assert.False(answer.TryGetProperty("needs", out _));
        Assert.Equal(
            [
                "3 contributions so far, 1 of the 4 it asks for is missing.",
                "2 kinds of contribution.",
                "2 months are empty.",
                "The last was 26 days ago. The longest silence is 79 days, from 2 March 2026 to 20 May 2026.",
                "1 has no link.",
                "1 is just outside the window, in the month before it.",
                "209 days are left.",
            ],
            Checks(answer).Select(check => check.GetProperty("text").GetString()));
        var items = Check(answer, "items");
        Assert.Equal((3, 1, 4), (items.GetProperty("count").GetInt32(), items.GetProperty("missing").GetInt32(), items.GetProperty("rules")[0].GetProperty("atLeast").GetInt32()));
        Assert.Equal((4, 1), (answer.GetProperty("total").GetInt32(), answer.GetProperty("notAbout").GetInt32()));
        Assert.Equal(["2026-02-01", "2026-04-01"], Check(answer, "months").GetProperty("months").EnumerateArray().Select(month => month.GetString()));
        Assert.Equal((1, 2), (Check(answer, "kinds").GetProperty("kinds").GetProperty("talk").GetInt32(), Check(answer, "kinds").GetProperty("kinds").GetProperty("blogPost").GetInt32()));
        Assert.Equal(items.GetProperty("entries")[2].GetString(), Assert.Single(Check(answer, "evidence").GetProperty("entries").EnumerateArray()).GetString());
        Assert.Equal("AsyncAPI is at the core, and it is never disguised marketing.", Assert.Single(answer.GetProperty("rules").EnumerateArray()).GetProperty("text").GetString());
    }

    [Fact]
    public async Task Window_that_needs_a_day_says_so_and_the_last_twelve_months_count_until_then()
    {
        await using var app = await LedgerFixture.StartAsync();
        var answer = await app.GetAsync("/programmes/asyncapi-ambassador/readiness");
        Assert.Equal(("accepted", "2025-06-16", "2026-06-15"), (answer.GetProperty("needs").GetString(), answer.GetProperty("from").GetString(), answer.GetProperty("to").GetString()));
        Assert.Equal("No contributions so far, all 4 that it asks for are missing.", Check(answer, "items").GetProperty("text").GetString());
        Assert.Equal("The longest silence is 364 days, from 16 June 2025 to 15 June 2026.", Check(answer, "silence").GetProperty("text").GetString());
        Assert.Equal("No kind of contribution yet.", Check(answer, "kinds").GetProperty("text").GetString());

        answer = await app.GetAsync("/programmes/docker-captain/readiness");
        Assert.False(answer.TryGetProperty("needs", out _));
        Assert.Equal("cohort", (await app.GetAsync("/programmes/graphql-ambassador/readiness")).GetProperty("needs").GetString());
        Assert.Equal("deadline", (await app.GetAsync("/programmes/sitecore-mvp/readiness")).GetProperty("needs").GetString());
    }

    [Fact]
    public async Task Window_that_has_ended_or_not_begun_says_so()
    {
        await using var app = await LedgerFixture.StartAsync();
        var answer = await app.GetAsync("/programmes/sitecore-mvp/readiness?deadline=2026-05-30T12:00:00Z");
        Assert.Equal(("The window ended on 30 May 2026.", false), (Check(answer, "deadline").GetProperty("text").GetString(), Check(answer, "deadline").TryGetProperty("count", out _)));
        answer = await app.GetAsync("/programmes/graphql-ambassador/readiness?cohort=2026-09-01");
        Assert.Equal("The window has not begun.", Check(answer, "silence").GetProperty("text").GetString());
        answer = await app.GetAsync("/programmes/graphql-ambassador/readiness?cohort=2032-09-01");
        Assert.Equal("The window has not begun.", Check(answer, "silence").GetProperty("text").GetString());
        answer = await app.GetAsync("/programmes/microsoft-mvp-renewal/readiness");
        Assert.Equal(("2026-04-01", "289 days are left."), (answer.GetProperty("from").GetString(), Check(answer, "deadline").GetProperty("text").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await app.SendAsync(HttpMethod.Get, "/programmes/microsoft-mvp/readiness?accepted=soon")).Response.StatusCode);
    }

    [Fact]
    public async Task What_was_rejected_cancelled_or_is_still_to_come_does_not_count()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Draft("a", Kind.Talk, "2026-05-20"), Draft("b", Kind.Talk, "2026-05-21"), Draft("c", Kind.Event, "2026-05-22") with { Status = Status.Cancelled }, Draft("d", Kind.Talk, "2026-06-14"), Draft("e", Kind.Talk, "2026-06-20"));
        var newest = Check(await app.GetAsync("/programmes/docker-captain/readiness"), "items").GetProperty("entries")[0].GetString();
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + newest, """{"review":"rejected"}""");
        Assert.Equal(2, Check(await app.GetAsync("/programmes/docker-captain/readiness"), "items").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Window_before_is_counted_by_day_from_the_counts_of_months()
    {
        await using var app = await LedgerFixture.StartAsync("Asia/Tokyo");
        await app.HarvestAsync(Draft("a", Kind.Talk, "2026-05-20"), Draft("b", Kind.Talk, "2025-06-15"), Draft("c", Kind.Video, "2025-06-14"), Draft("d", Kind.Video, "2024-06-16"), Draft("e", Kind.Video, "2024-06-15"));
        var answer = await app.GetAsync("/programmes/docker-captain/readiness");
        Assert.Equal(("2025-06-16", "2026-06-15"), (answer.GetProperty("from").GetString(), answer.GetProperty("to").GetString()));
        Assert.Equal("1 contribution so far, 2 fewer than in the window before.", Check(answer, "items").GetProperty("text").GetString());
        Assert.Equal("talk 1 video 2", string.Join(' ', Check(answer, "kinds").GetProperty("kindsBefore").EnumerateObject().OrderBy(kind => kind.Name).Select(kind => $"{kind.Name} {kind.Value}")));
    }

    [Theory]
    [InlineData("2026-03-18", "The last was 89 days ago.")]
    [InlineData("2026-03-17", "The last was 90 days ago; after 90 days there is a call.")]
    [InlineData("2025-12-17", "The last was 180 days ago; after 180 days there is dismissal.")]
    public async Task Silence_is_held_against_the_days_that_were_published(string last, string text)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Draft("a", Kind.Talk, last));
        Assert.StartsWith(text + " The longest", Check(await app.GetAsync("/programmes/cncf-ambassador/readiness"), "silence").GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kinds_are_held_against_the_programmes_own_list()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Draft("a", Kind.Talk, "2026-05-20"), Draft("b", Kind.Workshop, "2026-05-21"), Draft("c", Kind.Other, "2026-05-22"));
        var check = Criteria(await app.GetAsync("/programmes/cncf-ambassador/readiness"));
        Assert.Equal(("1 of the 5 on its list, 1 is missing.", 2, 0), (check.GetProperty("text").GetString(), check.GetProperty("criteria").GetProperty("Speaking").GetInt32(), check.GetProperty("criteria").GetProperty("Mentoring").GetInt32()));
        await app.HarvestAsync(Draft("d", Kind.Mentoring, "2026-05-23"));
        check = Criteria(await app.GetAsync("/programmes/cncf-ambassador/readiness"));
        Assert.Equal(("2 of the 5 on its list.", 0), (check.GetProperty("text").GetString(), check.GetProperty("missing").GetInt32()));

        static JsonElement Criteria(JsonElement answer) => Checks(answer).Single(check => check.TryGetProperty("criteria", out _));
    }

    [Fact]
    public async Task Entries_without_a_number_or_a_link_that_is_asked_for_are_named_and_zero_is_no_number()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Number("a", Kind.Talk, "attendees", 40), Number("b", Kind.Talk, "attendees", 0), Draft("c", Kind.BlogPost, "2026-05-12") with { Url = null }, Draft("d", Kind.PullRequest, "2026-05-13") with { Url = null });
        var answer = await app.GetAsync("/programmes/microsoft-mvp/readiness");
        Assert.Equal("2 lack the number that it asks for.", Check(answer, "numbers").GetProperty("text").GetString());
        Assert.Equal(["link", "link views", "attendees"], answer.GetProperty("lacking").EnumerateArray().Select(entry => string.Join(' ', entry.GetProperty("lacks").EnumerateArray().Select(what => what.GetString()))));
        Assert.Equal(["AsyncAPI, d", "AsyncAPI, c", "AsyncAPI, b"], answer.GetProperty("lacking").EnumerateArray().Select(entry => entry.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Sizes_points_and_levels_are_counted_by_the_published_table()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(
            Number("elastic a", Kind.Talk, "attendees", 9), Number("elastic b", Kind.Event, "attendees", 10), Draft("elastic c", Kind.BlogPost, "2026-05-12") with { Title = "Kibana" }, Number("d", Kind.Talk, "attendees", 1) with { Title = "Elastically" },
            Number("dataminer", Kind.ForumAnswer, "likes", 1) with { Title = "In DataMiner" });
        var answer = await app.GetAsync("/programmes/elastic-contributor/readiness");
        Assert.Equal("1 is known to be smaller than it asks for; of 1 the size is not known.", Check(answer, "size").GetProperty("text").GetString());
        Assert.Equal("16 points by the part of its table that is on file; 1 contribution is of kinds that are not in it.", Check(answer, "points").GetProperty("text").GetString());
        Assert.Equal("25 points by the part of its table that is on file; 725 more reach Advocate.", Check(await app.GetAsync("/programmes/dataminer-devops/readiness?accepted=2025-09-01"), "points").GetProperty("text").GetString());
    }

    /// <summary>Signed up on 12 April 2023, 5,000 points by November, 4,300 in the second year: an Enabler until 12 April 2025, then an Advocate.</summary>
    [Fact]
    public void Level_is_kept_for_one_more_year_and_falls_by_one()
    {
        var levels = new PointLevels(new ProgrammeCatalog().Find("dataminer-devops")!.Rules[0].Levels!);
        Assert.Equal((null, "Advocate", "Enabler", "Enabler", "Advocate"), (levels.After([749]), levels.After([750]), levels.After([5_000]), levels.After([5_000, 4_300]), levels.After([5_000, 4_300, 0])));
        Assert.Equal(("Enabler", "Catalyst", null), (levels.After([15_000, 0, 0]), levels.After([15_000, 15_000, 0]), levels.After([750, 0, 0])));
        Assert.Equal((("Enabler", 700), null), (levels.Next(4_300), levels.Next(15_000)));
    }

    [Fact]
    public async Task What_goes_on_for_months_counts_in_each_where_the_programme_says_so()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.json"), """{"id":"each-month","name":"A","countsEachMonth":true}""");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "b.json"), """{"id":"once","name":"B"}""");
        await using var app = await AppFixture.StartAsync(new ScriptedWeb(), new TestClock(LedgerFixture.Now), settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Programmes"] = folder.FullName });
        await app.PostAsync("/ledger", """{"kind":"mentoring","title":"Mentoring","when":"2025-05-01","endsAt":"2026-04-30T10:00:00Z"}""");
        Assert.Equal("1 month 2026-05-01", Months(await app.GetAsync("/programmes/each-month/readiness")));
        Assert.Equal("11 month 2025-07-01", Months(await app.GetAsync("/programmes/once/readiness")));

        static string Months(JsonElement answer) => $"{Check(answer, "months").GetProperty("count").GetInt32()} month {Check(answer, "months").GetProperty("months")[0].GetString()}";
    }

    [Fact]
    public async Task Category_of_the_persons_area_is_looked_at_by_itself()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Draft("a", Kind.Talk, "2026-05-20") with { Topics = ["dotnet"] }, Draft("b", Kind.BlogPost, "2026-05-21") with { Topics = ["java"] }, Draft("c", Kind.BlogPost, "2026-04-21") with { Topics = ["excel"] });
        var answer = await app.GetAsync("/programmes/microsoft-mvp/readiness?area=.NET");
        Assert.Equal("In Developer Technologies alone: 2, of 2 kinds; 11 months are empty.", Check(answer, "category").GetProperty("text").GetString());
        Assert.Equal("1 of 3 in .NET, 1 elsewhere in Developer Technologies, 1 other, 0 not placed.", Check(answer, "area").GetProperty("text").GetString());
        Assert.Equal([1, 2], answer.GetProperty("months").EnumerateArray().Select(month => month.GetProperty("count").GetInt32()).Where(count => count > 0));
        Assert.Equal(400, (await app.SendAsync(HttpMethod.Get, "/programmes/microsoft-mvp/readiness?area=Carpentry")).Status);
        Assert.Equal(400, (await app.SendAsync(HttpMethod.Get, "/programmes/docker-captain/readiness?area=.NET")).Status);
    }

    [Fact]
    public async Task What_the_person_said_of_a_programme_counts_until_a_parameter_says_otherwise()
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Put, "/programmes/asyncapi-ambassador/membership", """{"accepted":"2026-01-11"}""")).Status);
        Assert.Equal("2026-01-11", (await app.GetAsync("/programmes/asyncapi-ambassador/readiness")).GetProperty("from").GetString());
        Assert.Equal("2026-03-01", (await app.GetAsync("/programmes/asyncapi-ambassador/readiness?accepted=2026-03-01")).GetProperty("from").GetString());
        var mine = Assert.Single((await app.GetAsync("/programmes?mine=true")).GetProperty("items").EnumerateArray());
        Assert.Equal(("asyncapi-ambassador", "2026-01-11"), (mine.GetProperty("id").GetString(), mine.GetProperty("mine").GetProperty("accepted").GetString()));

        Assert.Equal(200, (await app.SendAsync(HttpMethod.Put, "/programmes/microsoft-mvp/membership", """{"handIn":"2026-08-03"}""")).Status);
        var rolling = await app.GetAsync("/programmes/microsoft-mvp/readiness");
        Assert.Equal(("2025-08-01", "2026-07-31", "You apply in 49 days."), (rolling.GetProperty("from").GetString(), rolling.GetProperty("to").GetString(), Check(rolling, "deadline").GetProperty("text").GetString()));

        Assert.Equal(400, (await app.SendAsync(HttpMethod.Put, "/programmes/asyncapi-ambassador/membership", """{"area":".NET"}""")).Status);
        Assert.Equal(400, (await app.SendAsync(HttpMethod.Put, "/programmes/asyncapi-ambassador/membership", """{"accepted":"0001-01-01"}""")).Status);
        Assert.Equal(204, (await app.SendAsync(HttpMethod.Delete, "/programmes/asyncapi-ambassador/membership")).Status);
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Delete, "/programmes/asyncapi-ambassador/membership")).Status);
        Assert.Equal("accepted", (await app.GetAsync("/programmes/asyncapi-ambassador/readiness")).GetProperty("needs").GetString());
    }

    private static Draft Number(string id, Kind kind, string name, double value) =>
        Draft(id, kind, "2026-05-11") with { Metrics = new Dictionary<string, double>(StringComparer.Ordinal) { [name] = value } };

    private static Draft Draft(string id, Kind kind, string day) => LedgerFixture.Draft(id) with { Title = $"AsyncAPI, {id}", Kind = kind, When = DateTimeOffset.Parse(day + "T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture), DatePrecision = DatePrecision.Day };

    private static IEnumerable<JsonElement> Checks(JsonElement answer) => answer.GetProperty("checks").EnumerateArray();

    private static JsonElement Check(JsonElement answer, string name) => Checks(answer).Single(check => check.GetProperty("check").GetString() == name);
}
