using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Functions.Programmes;

/// <summary>Forms over HTTP.</summary>
internal static class FormApp
{
    /// <summary>A contribution in May 2026, which is in the window of every programme here.</summary>
    public static Draft Draft(string id, Kind kind = Kind.BlogPost, string? title = null) =>
        LedgerFixture.Draft(id, "2026-05-20T10:00:00Z", kind) with { Title = title ?? "Title of " + id, Role = kind == Kind.Talk ? Role.Speaker : Role.Author };

    public static Task<JsonElement> FormAsync(this LedgerFixture app, string programme, string query = "") => app.GetAsync($"/programmes/{programme}/form{query}");

    public static async Task<(int Status, JsonElement Body)> AnswerAsync(this LedgerFixture app, string programme, string json)
    {
        var (status, body, _) = await app.SendAsync(HttpMethod.Put, $"/programmes/{programme}/answers", json);
        return (status, body);
    }

    public static async Task<JsonElement> AnsweredAsync(this LedgerFixture app, string programme, string json)
    {
        var (status, body) = await app.AnswerAsync(programme, json);
        Assert.True(status == 200, body.ToString());
        return body;
    }

    public static async Task<(int Status, byte[] Content, HttpResponseMessage Response)> ExportAsync(this LedgerFixture app, string programme, string query = "")
    {
        var response = await app.Client.GetAsync(new Uri($"/api/programmes/{programme}/export{query}", UriKind.Relative));
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response);
    }

    public static JsonElement Json(this byte[] content) => JsonDocument.Parse(content).RootElement;

    public static string Text(this byte[] content) => Encoding.UTF8.GetString(content);

    public static IEnumerable<JsonElement> Entries(this JsonElement form) => form.GetProperty("entries").EnumerateArray();

    public static JsonElement Entry(this JsonElement form, string title) => form.Entries().Single(entry => entry.GetProperty("title").GetString() == title);

    public static string Id(this JsonElement entry) => entry.GetProperty("id").GetString()!;

    public static string? Value(this JsonElement entry, string name) => entry.GetProperty("values").TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>As "fault title: It has …".</summary>
    public static IReadOnlyList<string> Findings(this JsonElement part) =>
        [.. part.GetProperty("findings").EnumerateArray().Select(finding => $"{finding.GetProperty("kind").GetString()} {finding.GetProperty("field").GetString()}: {finding.GetProperty("text").GetString()}")];

    public static string? ErrorOf(this JsonElement problem, string field) =>
        problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(field, out var messages) ? messages[0].GetString() : null;

    /// <summary>What the JSON Schema and the AsyncAPI programme want to know of everybody.</summary>
    public const string Profile = """
        {"person": {"name": "Ada Lovelace", "title": "Analyst", "bio": "Writes programs.", "img": "https://example.org/ada.png", "github": "ada-l", "company": "Engines", "country": "Sweden"}}
        """;
}
