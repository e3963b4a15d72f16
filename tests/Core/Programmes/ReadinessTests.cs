using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
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
            Draft("outside", Kind.BlogPost, "2026-01-10"), Draft("before", Kind.Video, "2025-02-01"), Draft("long ago", Kind.Video, "2024-06-01"));

        var answer = await app.GetAsync("/programmes/asyncapi-ambassador/readiness?accepted=2026-01-11");

        Assert.Equal(("2026-01-11", "2027-01-10"), (answer.GetProperty("from").GetString(), answer.GetProperty("to").GetString()));
        Assert.False(answer.TryGetProperty("needs", out _));
        Assert.Equal(
            [
                "3 contributions so far, 1 more than in the window before.",
                "2 kinds of contribution.",
                "3 months are empty.",
                "The longest silence is 79 days, from 2 March 2026 to 20 May 2026.",
                "1 has no link.",
                "1 is just outside the window, in the month before it.",
                "209 days are left.",
            ],
            Checks(answer).Select(check => check.GetProperty("text").GetString()));
        var items = Check(answer, "items");
        Assert.Equal((3, 2, 4), (items.GetProperty("count").GetInt32(), items.GetProperty("before").GetInt32(), items.GetProperty("rules")[0].GetProperty("atLeast").GetInt32()));
        Assert.Equal(["2026-02-01", "2026-04-01", "2026-06-01"], Check(answer, "months").GetProperty("months").EnumerateArray().Select(month => month.GetString()));
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
        Assert.Equal("No contributions so far.", Check(answer, "items").GetProperty("text").GetString());
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

    private static Draft Draft(string id, Kind kind, string day) => LedgerFixture.Draft(id) with { Kind = kind, When = DateTimeOffset.Parse(day + "T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture), DatePrecision = DatePrecision.Day };

    private static IEnumerable<JsonElement> Checks(JsonElement answer) => answer.GetProperty("checks").EnumerateArray();

    private static JsonElement Check(JsonElement answer, string name) => Checks(answer).Single(check => check.GetProperty("check").GetString() == name);
}
