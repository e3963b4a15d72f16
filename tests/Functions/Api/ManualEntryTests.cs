using System.Globalization;
using System.Text.Json;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

public sealed class ManualEntryTests
{
    private const string Talk = """
        {"title": "  Tables\tare enough ", "kind": "talk", "when": "2026-05-20T18:00:00+02:00", "endsAt": "2026-05-20T17:00:00Z", "url": "https://example.org/talk",
         "topics": ["Azure", "azure"], "metrics": {"attendees": 40}, "private": true, "note": "Slides are late"}
        """;

    [Fact]
    public async Task Contribution_logged_by_hand_is_in_the_ledger()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, entry, response) = await app.SendAsync(HttpMethod.Post, "/ledger", Talk);
        Assert.Equal(201, status);
        Assert.Equal("/api/ledger/" + Text(entry, "id"), response.Headers.Location!.ToString());
        Assert.Equal(("Tables are enough", "talk", "manual", "speaker", "published"), (Text(entry, "title"), Text(entry, "kind"), Text(entry, "source"), Text(entry, "role"), Text(entry, "status")));
        Assert.Equal(("2026-05-20T16:00:00Z", "exact", "Slides are late"), (Text(entry, "when"), Text(entry, "datePrecision"), Text(entry, "note")));
        Assert.Equal(("typed", 40), (Text(entry.GetProperty("metrics").GetProperty("attendees"), "how"), entry.GetProperty("metrics").GetProperty("attendees").GetProperty("value").GetInt32()));
        Assert.True(entry.GetProperty("private").GetBoolean());
        Assert.Equal(1, entry.GetProperty("topics").GetArrayLength());
        Assert.Equal(entry.GetRawText(), (await app.GetAsync("/ledger/" + Text(entry, "id"))).GetRawText());
        Assert.Equal(1, (await app.GetAsync("/ledger/summary")).GetProperty("private").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Date_is_interpreted_in_the_persons_time_zone()
    {
        await using var app = await LedgerFixture.StartAsync("America/New_York");
        var (_, entry, _) = await app.SendAsync(HttpMethod.Post, "/ledger", """{"title": "Helped", "kind": "mentoring", "when": "2026-03-01"}""");
        Assert.Equal(("2026-03-01T12:00:00Z", "day", "mentor"), (Text(entry, "when"), Text(entry, "datePrecision"), Text(entry, "role")));
        var summary = await app.GetAsync("/ledger/summary?by=day");
        Assert.Equal("2026-03-01", Text(summary.GetProperty("public").GetProperty("items")[0], "period"));
    }

    [Fact]
    public async Task Repeated_request_with_an_idempotency_key_logs_once()
    {
        await using var app = await LedgerFixture.StartAsync();
        var key = ("Idempotency-Key", "7f");
        var first = await app.SendAsync(HttpMethod.Post, "/ledger", Talk, headers: key);
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + Text(first.Body, "id"), """{"note": "Slides are there"}""");
        var second = await app.SendAsync(HttpMethod.Post, "/ledger", Talk, headers: key);
        Assert.Equal((201, 201), (first.Status, second.Status));
        Assert.Equal(Text(first.Body, "id"), Text(second.Body, "id"));
        Assert.Equal("Slides are there", Text(second.Body, "note"));
        Assert.Single(await app.WalkAsync(""));
        Assert.Equal(409, (await app.SendAsync(HttpMethod.Post, "/ledger", Talk.Replace("enough", "plenty", StringComparison.Ordinal), headers: key)).Status);
        await app.SendAsync(HttpMethod.Post, "/ledger", Talk);
        Assert.Equal(2, (await app.WalkAsync("")).Count);
    }

    [Theory]
    [InlineData("""{"kind": "talk", "when": "2026-01-01"}""", "title")]
    [InlineData("""{"title": "  ", "kind": "talk", "when": "2026-01-01"}""", "title")]
    [InlineData("""{"title": 5, "kind": "talk", "when": "2026-01-01"}""", "title")]
    [InlineData("""{"title": "a", "kind": "lecture", "when": "2026-01-01"}""", "kind")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "1969-01-01"}""", "when")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "2026-01-02", "endsAt": "2026-01-01"}""", "endsAt")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "2026-01-01", "url": "javascript:alert(1)"}""", "url")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "2026-01-01", "titel": "b"}""", "titel")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "2026-01-01", "topics": "b"}""", "topics")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "2026-01-01", "metrics": {"views": "many"}}""", "metrics.views")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "2026-01-01", "metrics": {"views": 1e999}}""", "metrics.views")]
    [InlineData("""{"title": "a", "kind": "talk", "when": "2026-01-01", "private": "yes"}""", "private")]
    [InlineData("""{"title": "a", "title": "b", "kind": "talk", "when": "2026-01-01"}""", "body")]
    [InlineData("""{"title": "\ud800", "kind": "talk", "when": "2026-01-01"}""", "body")]
    [InlineData("""["a"]""", "body")]
    [InlineData("""{"title": """, "body")]
    public async Task Invalid_fields_of_a_new_contribution_are_named(string json, string field)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, body, _) = await app.SendAsync(HttpMethod.Post, "/ledger", json);
        Assert.Equal(400, status);
        Assert.Contains(field, body.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Empty(await app.WalkAsync(""));
    }

    [Fact]
    public async Task Body_must_be_JSON_and_not_too_large()
    {
        await using var app = await LedgerFixture.StartAsync();
        Assert.Equal(415, (await app.SendAsync(HttpMethod.Post, "/ledger", Talk, "text/plain")).Status);
        Assert.Equal(413, (await app.SendAsync(HttpMethod.Post, "/ledger", $$"""{"note": "{{new string('a', 66000)}}"}""")).Status);
    }

    [Fact]
    public async Task Edits_override_harvested_values_and_null_restores_them()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("post"));
        var path = "/ledger/" + (await app.WalkAsync("")).Single();
        var (status, edited, _) = await app.SendAsync(
            HttpMethod.Patch, path, """{"title": "Mine", "kind": "article", "when": "2026-05-01T00:00:00Z", "metrics": {"views": 7, "likes": 1}, "review": "accepted"}""", "application/merge-patch+json");
        Assert.Equal(200, status);
        Assert.Equal(("Mine", "article", "accepted", "Title of post"), (Text(edited, "title"), Text(edited, "kind"), Text(edited, "review"), Text(edited.GetProperty("harvested"), "title")));
        Assert.Equal(["title", "kind", "when", "metrics"], edited.GetProperty("edited").EnumerateArray().Select(e => e.GetString()));

        await app.HarvestAsync(LedgerFixture.Draft("post") with { Title = "Theirs, changed" });
        var (_, back, _) = await app.SendAsync(HttpMethod.Patch, path, """{"title": null, "metrics": {"likes": null}, "review": null}""");
        Assert.Equal(("Theirs, changed", "article", "new"), (Text(back, "title"), Text(back, "kind"), Text(back, "review")));
        Assert.Equal(["views"], back.GetProperty("metrics").EnumerateObject().Select(m => m.Name));

        var history = (await app.GetAsync(path + "/history")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([.. Enumerable.Range(1, history.Count)], history.Select(h => h.GetProperty("revision").GetInt32()));
        Assert.Equal(("Title of post", "Mine"), (Text(history[0].GetProperty("effective"), "title"), Text(history[1].GetProperty("effective"), "title")));
        Assert.True(history[0].TryGetProperty("until", out _) && !history[^1].TryGetProperty("until", out _));
    }

    [Fact]
    public async Task Note_and_topics_make_no_revision()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("post"));
        var path = "/ledger/" + (await app.WalkAsync("")).Single();
        var (_, noted, _) = await app.SendAsync(HttpMethod.Patch, path, """{"note": "mine", "topics": ["Azure"], "private": true}""");
        Assert.Equal(1, noted.GetProperty("revision").GetInt32());
        Assert.Single((await app.GetAsync(path + "/history")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"summary": "x"}""", "summary")]
    [InlineData("""{"title": ""}""", "title")]
    [InlineData("""{"review": "perhaps"}""", "review")]
    [InlineData("""{"endsAt": "2020-01-01T00:00:00Z"}""", "endsAt")]
    public async Task Fields_that_cannot_be_edited_are_named(string json, string field)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("post"));
        var (status, body, _) = await app.SendAsync(HttpMethod.Patch, "/ledger/" + (await app.WalkAsync("")).Single(), json);
        Assert.Equal(400, status);
        Assert.Contains(field, body.GetProperty("errors").EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task Edit_requires_the_version_the_caller_saw()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("post"));
        var path = "/ledger/" + (await app.WalkAsync("")).Single();
        var tag = (await app.SendAsync(HttpMethod.Get, path)).Response.Headers.ETag!.ToString();
        var changed = await app.SendAsync(HttpMethod.Patch, path, """{"note": "one"}""", headers: ("If-Match", $"\"x\", {tag}"));
        Assert.Equal(200, changed.Status);
        Assert.Equal(412, (await app.SendAsync(HttpMethod.Patch, path, """{"note": "two"}""", headers: ("If-Match", tag))).Status);
        Assert.Equal(412, (await app.SendAsync(HttpMethod.Delete, path, headers: ("If-Match", tag))).Status);
        Assert.Equal("one", Text(await app.GetAsync(path), "note"));
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Patch, path, """{"note": null}""", headers: ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task Only_contributions_logged_by_hand_can_be_deleted()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("post"));
        var harvested = "/ledger/" + (await app.WalkAsync("")).Single();
        var logged = "/ledger/" + Text((await app.SendAsync(HttpMethod.Post, "/ledger", Talk)).Body, "id");
        Assert.Equal(204, (await app.SendAsync(HttpMethod.Delete, logged)).Status);
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Delete, logged)).Status);
        var (status, body, _) = await app.SendAsync(HttpMethod.Delete, harvested);
        Assert.Equal(409, status);
        Assert.Contains("rejected", Text(body, "detail"), StringComparison.Ordinal);
        await app.SendAsync(HttpMethod.Patch, harvested, """{"review": "rejected"}""");
        Assert.Empty(await app.WalkAsync(""));
    }

    [Fact]
    public async Task Read_only_key_changes_nothing()
    {
        await using var app = await LedgerFixture.StartAsync();
        app.Client.DefaultRequestHeaders.Authorization = (await app.AsAsync(ContributionIngest.Core.People.Scope.Read)).DefaultRequestHeaders.Authorization;
        Assert.Equal(403, (await app.SendAsync(HttpMethod.Post, "/ledger", Talk)).Status);
        Assert.Equal(403, (await app.SendAsync(HttpMethod.Delete, "/ledger/" + new string('a', 26))).Status);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
