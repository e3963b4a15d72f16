using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Sessionize;

/// <summary>A speaker's events are suggested talks, one each, and never one for each talk of the catalogue.</summary>
public sealed class SpeakerTests : IDisposable
{
    private const string Data = "https://sessionize.com/api/speaker/json/k3el5haul7";

    private readonly List<JsonObject> events = [];
    private readonly List<string> talks = ["Two phones, no network", "Clocks lie"];
    private readonly ScriptedWeb web;
    private HttpResponseMessage? instead;
    private bool hasValidators = true;

    public SpeakerTests() => web = new ScriptedWeb(Answer);

    public void Dispose() => web.Dispose();

    [Fact]
    public async Task Each_dated_event_is_one_suggested_talk_that_counts_nowhere_yet()
    {
        Event(1, "Tide Conf", "2026-04-18T00:00:00");
        Event(2, "Low Water Days", "2026-06-20T00:00:00");
        Event(3, "Someday Summit", null);
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync("https://sessionize.com/api/speaker/json/k3el5haul7", "sessionize");

        Assert.Empty(await app.LedgerAsync(""));
        var entries = await app.LedgerAsync("review=suggested");
        Assert.Equal(["Low Water Days scheduled", "Tide Conf published"], entries.ConvertAll(entry => $"{Text(entry, "title")} {Text(entry, "status")}"));
        Assert.Equal(("talk", "speaker", "day", "Tide Conf"), (Text(entries[1], "kind"), Text(entries[1], "role"), Text(entries[1], "datePrecision"), Text(entries[1].GetProperty("container"), "name")));
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("Juna Ökvist on Sessionize", Text(connection, "title"));
        Assert.Contains("no date for some", connection.GetProperty("coverage").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unchanged_poll_costs_one_request_and_four_operations(bool validators)
    {
        hasValidators = validators;
        Event(1, "Tide Conf", "2026-04-18T00:00:00");
        Event(2, "Low Water Days", "2026-06-20T00:00:00");
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Data, "sessionize");
        await app.PassAsync(TimeSpan.FromDays(1));
        var (ledger, asked) = (await app.DumpAsync("ledger"), web.Asked.Count);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Table.Forget();

        await app.DrainAsync();

        Assert.InRange(app.Table.Operations.Count, 1, 4);
        Assert.Equal(ledger, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 1, web.Asked.Count);
        Assert.Equal(validators, web.Asked[^1].Headers.Contains("If-None-Match"));
    }

    [Fact]
    public async Task Coming_event_is_published_on_its_day_and_removed_if_it_is_taken_out_before()
    {
        Event(1, "Tide Conf", "2026-06-04T00:00:00");
        Event(2, "Low Water Days", "2026-06-20T00:00:00");
        await using var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync(Data, "sessionize");
        for (var day = 0; day < 5; day++)
            await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(["Low Water Days scheduled", "Tide Conf published"], (await app.LedgerAsync("review=all")).ConvertAll(entry => $"{Text(entry, "title")} {Text(entry, "status")}"));
        events.RemoveAll(one => one["id"]!.GetValue<int>() == 2);
        for (var day = 0; day < 25; day++)
            await app.PassAsync(TimeSpan.FromDays(1));

        Assert.Empty(app.Failures);
        Assert.Equal(["Low Water Days removed", "Tide Conf published"], (await app.LedgerAsync("review=all")).ConvertAll(entry => $"{Text(entry, "title")} {Text(entry, "status")}"));
    }

    [Fact]
    public async Task Past_event_that_disappears_stays_and_a_rejected_one_does_not_come_back()
    {
        Event(1, "Tide Conf", "2026-04-18T00:00:00");
        Event(2, "Low Water Days", "2026-03-20T00:00:00");
        await using var app = await AppFixture.StartAsync(web);
        await app.ConnectAsync(Data, "sessionize");
        var rejected = (await app.LedgerAsync("review=suggested"))[1];
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{Text(rejected, "id")}", """{"review":"rejected"}""");
        events.RemoveAt(0);
        events[0]["location"] = "Elsewhere";
        await app.PassAsync(TimeSpan.FromDays(2));
        Assert.Equal(["Tide Conf"], (await app.LedgerAsync("review=suggested")).ConvertAll(entry => Text(entry, "title")));
    }

    [Theory]
    [InlineData("https://sessionize.com/juna-okvist", "noSpeaker")]
    [InlineData("https://elsewhere.example/api/speaker/json/k3el5haul7", "notSessionize")]
    [InlineData("nobody", "notSessionize")]
    [InlineData("https://sessionize.com/api/speaker/json/unknown1", "missing")]
    public async Task What_is_no_speakers_data_is_refused_with_how_to_get_there(string typed, string code)
    {
        await using var app = await AppFixture.StartAsync(web);
        var refusal = await Assert.ThrowsAsync<SourceException>(() => app.App.Services.GetRequiredService<SourceCatalog>().Get("sessionize").ResolveAsync(typed, Credentials.None, default));
        Assert.Equal((code, Failure.Terminal), (refusal.Code, refusal.Failure));
        Assert.Contains("switch on the API / Embed option", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("k3el5haul7")]
    [InlineData("sessionize.com/api/speaker/json/k3el5haul7")]
    [InlineData("https://www.sessionize.com/api/speaker/events/k3el5haul7/")]
    public async Task Speaker_is_found_by_every_form_of_the_address(string typed)
    {
        await using var app = await AppFixture.StartAsync(web);
        Assert.Equal("sessionize/k3el5haul7", (await app.App.Services.GetRequiredService<SourceCatalog>().Get("sessionize").ResolveAsync(typed, Credentials.None, default)).Origin);
    }

    [Theory]
    [InlineData(200, "[]", "unreadable")]
    [InlineData(200, "<html>", "unreadable")]
    [InlineData(404, "", "missing")]
    [InlineData(403, "", "denied")]
    public async Task Data_that_are_switched_off_or_damaged_leave_what_was_read(int status, string body, string code)
    {
        Event(1, "Tide Conf", "2026-04-18T00:00:00");
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync(Data, "sessionize");
        instead = ScriptedWeb.Answer((HttpStatusCode)status, body, "application/json");
        await app.HarvestAsync(id);
        Assert.Equal(code, Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        Assert.Single(await app.LedgerAsync("review=suggested"));
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private void Event(int id, string name, string? start) =>
        events.Add(new JsonObject { ["id"] = id, ["name"] = name, ["eventStartDate"] = start, ["eventEndDate"] = start, ["location"] = "Malmö", ["website"] = $"https://events.example/{id}" });

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (instead is not null)
            return instead;
        if (request.RequestUri!.AbsoluteUri != Data)
            return ScriptedWeb.Answer(HttpStatusCode.NotFound);
        var body = new JsonObject
        {
            ["speaker"] = new JsonObject { ["firstName"] = "Juna", ["lastName"] = "Ökvist", ["speakerProfileUrl"] = "https://sessionize.com/juna-okvist/" },
            ["sessions"] = new JsonArray([.. talks.Select((title, n) => (JsonNode)new JsonObject { ["id"] = n, ["title"] = title })]),
            ["events"] = new JsonArray([.. events.Select(one => one.DeepClone())]),
        }.ToJsonString();
        var tag = $"\"{body.GetHashCode(StringComparison.Ordinal)}\"";
        if (hasValidators && request.Headers.TryGetValues("If-None-Match", out var known) && known.Contains(tag))
            return ScriptedWeb.Answer(304, []);
        return hasValidators ? ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json", ("ETag", tag)) : ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json");
    }
}
