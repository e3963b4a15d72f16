using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Functions.Templates;

/// <summary><c>/api/templates</c>. It is 15 June 2026.</summary>
public sealed class TemplateTests
{
    private const string Meetup = """{"title":"Monthly meetup","kind":"organising","topics":["Azure"],"metrics":{"attendees":40,"talks":2},"note":"At the library"}""";

    [Fact]
    public async Task Template_is_kept_logged_replaced_and_deleted()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, kept, response) = await app.SendAsync(HttpMethod.Post, "/templates", Meetup);
        var id = kept.GetProperty("id").GetString()!;
        Assert.Equal((201, $"/api/templates/{id}"), (status, response.Headers.Location!.OriginalString));
        Assert.False(kept.TryGetProperty("lastUsed", out _));

        app.Clock.Advance(TimeSpan.FromHours(1));
        var (logged, entry, made) = await app.SendAsync(HttpMethod.Post, $"/templates/{id}/log");
        Assert.Equal((201, "/api/ledger/" + entry.GetProperty("id").GetString()), (logged, made.Headers.Location!.OriginalString));
        Assert.Equal(("Monthly meetup", "organising", "organiser", "2026-06-15T12:00:00Z", "day", "At the library"), (Text(entry, "title"), Text(entry, "kind"), Text(entry, "role"), Text(entry, "when"), Text(entry, "datePrecision"), Text(entry, "note")));
        Assert.Equal((40, 2), (Number(entry, "attendees"), Number(entry, "talks")));
        var listed = Assert.Single((await app.GetAsync("/templates")).GetProperty("items").EnumerateArray());
        Assert.Equal(LedgerFixture.Now.AddHours(1), listed.GetProperty("lastUsed").GetDateTimeOffset());

        var (replaced, now, _) = await app.SendAsync(HttpMethod.Put, $"/templates/{id}", """{"title":"Meetup on Tuesdays","kind":"event"}""");
        Assert.Equal((200, "Meetup on Tuesdays", 0), (replaced, Text(now, "title"), now.GetProperty("topics").GetArrayLength()));
        Assert.Equal(listed.GetProperty("lastUsed").GetRawText(), now.GetProperty("lastUsed").GetRawText());
        Assert.Equal(204, (await app.SendAsync(HttpMethod.Delete, $"/templates/{id}")).Status);
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Delete, $"/templates/{id}")).Status);
        Assert.Empty((await app.GetAsync("/templates")).GetProperty("items").EnumerateArray());
        Assert.Equal("Monthly meetup", Text(Assert.Single((await app.GetAsync("/ledger")).GetProperty("items").EnumerateArray()), "title"));
    }

    [Fact]
    public async Task Another_day_an_end_and_other_numbers_win_over_the_template()
    {
        await using var app = await LedgerFixture.StartAsync();
        var id = await KeepAsync(app);
        var (_, entry, _) = await app.SendAsync(HttpMethod.Post, $"/templates/{id}/log", """{"when":"2026-01-01","endsAt":"2026-12-31","metrics":{"attendees":38,"talks":null},"note":null,"private":true}""");
        Assert.Equal(("2026-01-01T12:00:00Z", "2026-12-31T12:00:00Z"), (Text(entry, "when"), Text(entry, "endsAt")));
        Assert.Equal(38, Number(entry, "attendees"));
        Assert.False(entry.GetProperty("metrics").TryGetProperty("talks", out _));
        Assert.False(entry.TryGetProperty("note", out _));
        Assert.True(entry.GetProperty("private").GetBoolean());
    }

    [Fact]
    public async Task Day_is_today_where_the_person_is()
    {
        await using var app = await LedgerFixture.StartAsync("Pacific/Auckland");
        var (_, entry, _) = await app.SendAsync(HttpMethod.Post, $"/templates/{await KeepAsync(app)}/log");
        Assert.StartsWith("2026-06-1", Text(entry, "when"), StringComparison.Ordinal);
        var summary = await app.GetAsync("/ledger/summary?by=day&from=2026-06-16&to=2026-06-16");
        Assert.Contains("\"total\":1", summary.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Same_key_logs_once()
    {
        await using var app = await LedgerFixture.StartAsync();
        var id = await KeepAsync(app);
        var first = await app.SendAsync(HttpMethod.Post, $"/templates/{id}/log", "{}", headers: ("Idempotency-Key", "june"));
        var again = await app.SendAsync(HttpMethod.Post, $"/templates/{id}/log", "{}", headers: ("Idempotency-Key", "june"));
        Assert.Equal((201, first.Body.GetProperty("id").GetString()), (again.Status, again.Body.GetProperty("id").GetString()));
        Assert.Equal(409, (await app.SendAsync(HttpMethod.Post, $"/templates/{id}/log", """{"when":"2026-05-01"}""", headers: ("Idempotency-Key", "june"))).Status);
        Assert.Single((await app.GetAsync("/ledger")).GetProperty("items").EnumerateArray());
        await app.SendAsync(HttpMethod.Post, $"/templates/{id}/log");
        Assert.Equal(2, (await app.GetAsync("/ledger")).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("", """{"title":"Meetup"}""", "kind", "'kind' is missing: one of blogPost,")]
    [InlineData("", """{"title":"","kind":"talk"}""", "title", "is not text of 1 to 300 characters")]
    [InlineData("", """{"title":"Meetup","kind":"talk","when":"2026-05-20"}""", "when", "There is no field 'when' to write.")]
    [InlineData("", """{"title":"Meetup","kind":"talk","metrics":{"attendees":-1}}""", "metrics.attendees", "is not a number")]
    [InlineData("/log", """{"title":"Another"}""", "title", "'title' is the template's. Valid names are when,")]
    [InlineData("/log", """{"when":"soon"}""", "when", "is not ")]
    [InlineData("/log", """{"when":"2026-05-20","endsAt":"2026-05-19"}""", "endsAt", "'endsAt' is before 'when'.")]
    [InlineData("/log", """{"metrics":7}""", "metrics", "is not an object of numbers")]
    public async Task Fault_names_the_field(string path, string body, string field, string message)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, problem, _) = await app.SendAsync(HttpMethod.Post, path.Length == 0 ? "/templates" : $"/templates/{await KeepAsync(app)}{path}", body);
        Assert.Equal(400, status);
        Assert.Contains(message, problem.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
        Assert.Empty((await app.GetAsync("/ledger")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task The_last_used_comes_first_and_a_hundred_are_enough()
    {
        await using var app = await LedgerFixture.StartAsync();
        var ids = new List<string>();
        for (var n = 0; n < TemplateStore.MaxTemplates; n++)
            ids.Add(await KeepAsync(app));
        Assert.Equal(409, (await app.SendAsync(HttpMethod.Post, "/templates", Meetup)).Status);
        foreach (var id in new[] { ids[7], ids[3] })
        {
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            await app.SendAsync(HttpMethod.Post, $"/templates/{id}/log");
        }

        Assert.Equal([ids[3], ids[7]], (await app.GetAsync("/templates")).GetProperty("items").EnumerateArray().Take(2).Select(item => Text(item, "id")));
    }

    [Fact]
    public async Task Templates_of_others_are_as_unknown_ones()
    {
        await using var app = await LedgerFixture.StartAsync();
        var id = await KeepAsync(app);
        await app.EnterAsync();
        foreach (var known in new[] { id, "aaaaaaaaaaaaaaaaaaaaaaaaaa", "..%2F..%2Fp" })
        {
            Assert.Equal(404, (await app.SendAsync(HttpMethod.Put, $"/templates/{known}", Meetup)).Status);
            Assert.Equal(404, (await app.SendAsync(HttpMethod.Delete, $"/templates/{known}")).Status);
            Assert.Equal(404, (await app.SendAsync(HttpMethod.Post, $"/templates/{known}/log")).Status);
        }

        Assert.Empty((await app.GetAsync("/templates")).GetProperty("items").EnumerateArray());
    }

    private static async Task<string> KeepAsync(LedgerFixture app) => Text((await app.SendAsync(HttpMethod.Post, "/templates", Meetup)).Body, "id")!;

    private static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();

    private static int Number(JsonElement entry, string name) => entry.GetProperty("metrics").GetProperty(name).GetProperty("value").GetInt32();
}
