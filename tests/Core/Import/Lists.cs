using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>Lists as somebody sends them to the API, and what the ledger has of them.</summary>
internal static class Lists
{
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(HttpClient client, byte[] file, string query = "")
    {
        using var content = new ByteArrayContent(file);
        using var response = await client.PostAsync(new Uri("/api/ledger/import" + query, UriKind.Relative), content);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Imports it, after a dry run that must have said the same.</summary>
    public static async Task<JsonElement> ImportAsync(this LedgerFixture app, byte[] file, string query = "")
    {
        var looked = await LookAsync(app, file, query);
        var (status, done) = await PostAsync(app.Client, file, query);
        Assert.True(status == HttpStatusCode.OK, done.GetRawText());
        Assert.Equal(looked.GetProperty("counts").GetRawText(), done.GetProperty("counts").GetRawText());
        return done;
    }

    public static Task<JsonElement> ImportAsync(this LedgerFixture app, string text, string query = "") => ImportAsync(app, Bytes(text), query);

    public static async Task<JsonElement> LookAsync(this LedgerFixture app, byte[] file, string query = "")
    {
        var (status, looked) = await PostAsync(app.Client, file, query.Length == 0 ? "?dryRun=true" : query + "&dryRun=true");
        Assert.True(status == HttpStatusCode.OK, looked.GetRawText());
        return looked;
    }

    public static Task<JsonElement> LookAsync(this LedgerFixture app, string text, string query = "") => LookAsync(app, Bytes(text), query);

    /// <summary>The sentence with which it is refused.</summary>
    public static async Task<string> RefusalAsync(this LedgerFixture app, byte[] file, HttpStatusCode expected = HttpStatusCode.UnprocessableEntity)
    {
        var (status, body) = await PostAsync(app.Client, file);
        Assert.True(status == expected, body.GetRawText());
        return body.GetProperty("detail").GetString()!;
    }

    public static Task<string> RefusalAsync(this LedgerFixture app, string text) => RefusalAsync(app, Bytes(text));

    /// <summary>All entries, oldest first.</summary>
    public static async Task<List<JsonElement>> EntriesAsync(this LedgerFixture app)
    {
        var page = await app.GetAsync("/ledger?limit=500&order=oldest&review=all");
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    /// <summary>The whole ledger as our own export.</summary>
    public static Task<string> ExportAsync(this LedgerFixture app) => app.Client.GetStringAsync(new Uri("/api/ledger?format=ndjson&limit=all&review=all", UriKind.Relative));

    public static int Count(this JsonElement answer, string name) => answer.GetProperty("counts").GetProperty(name).GetInt32();

    /// <summary>"title | when | kind | event | url", as exactly as the date is known.</summary>
    public static string Line(JsonElement entry) => string.Join(
        " | ",
        entry.GetProperty("title").GetString(),
        When(entry),
        entry.GetProperty("kind").GetString(),
        entry.TryGetProperty("container", out var container) ? container.GetProperty("name").GetString() : "-",
        entry.TryGetProperty("url", out var url) ? url.GetString() : "-");

    /// <summary>"2017-09-18 to 2017-09-20", "2017-05" or "2017".</summary>
    public static string When(JsonElement entry)
    {
        var (when, precision) = (entry.GetProperty("when").GetDateTimeOffset(), entry.GetProperty("datePrecision").GetString());
        var start = when.ToString(precision switch { "day" => "yyyy-MM-dd", "month" => "yyyy-MM", "year" => "yyyy", _ => "yyyy-MM-dd'T'HH:mm" }, CultureInfo.InvariantCulture);
        return entry.TryGetProperty("endsAt", out var end) ? $"{start} to {end.GetDateTimeOffset().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : start;
    }

    public static IEnumerable<string> Faults(JsonElement answer) => answer.GetProperty("faults").EnumerateArray().Select(fault =>
        $"{fault.GetProperty("row").GetInt32()} {(fault.TryGetProperty("column", out var column) ? column.GetString() : "-")}: {fault.GetProperty("message").GetString()}");
}
