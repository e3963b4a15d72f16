using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>The same list again changes nothing, and an import can be taken back whole.</summary>
public sealed class UndoTests
{
    private const string Table = """
        title,date,event,type,url,attendees,slides
        Tables are enough,2026-05-20,Sound .NET,talk,,40,https://speakerdeck.com/me/tables
        Queues,May 2026,,article,https://a.example/queues,,
        Title of p1,2026-06-01,,blog,,12,
        Title of p2,2026-06-02,,blog,,,
        =1+1,2025,Sums,workshop,,,

        """;

    [Fact]
    public async Task Same_list_in_any_order_and_form_changes_no_row()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p1"), LedgerFixture.Draft("p2", "2026-06-03T10:00:00Z"));
        var first = await app.ImportAsync(Table, "?name=talks.csv");
        Assert.Equal((3, 1, 1), (first.Count("new"), first.Count("evidence"), first.Count("likely")));
        var before = await StateAsync(app);
        app.Clock.Advance(TimeSpan.FromDays(3));
        var lines = Table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[][] cells = [.. lines.Select(line => line.Split(','))];
        var workbook = Workbooks.Make(("Sheet1", string.Concat(cells.Select((row, index) => Workbooks.Texts(index + 1, row)))));
        var list = "[" + string.Join(",\n", cells.Skip(1).Select(row => JsonSerializer.Serialize(new Dictionary<string, string>(cells[0].Zip(row, KeyValuePair.Create), StringComparer.Ordinal)))) + "]";
        byte[][] forms = [Lists.Bytes(Table), Lists.Bytes(lines[0] + "\n" + string.Join('\n', lines.Skip(1).Reverse())), Lists.Bytes(Table.Replace(',', ';')), workbook, Lists.Bytes(list)];
        foreach (var form in forms)
        {
            var again = await app.ImportAsync(form);
            Assert.Equal((5, 5), (again.Count("rows"), again.Count("known")));
            Assert.Equal(before, await StateAsync(app));
        }
    }

    [Fact]
    public async Task Import_is_listed_with_who_when_and_what_and_taken_back_whole()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p1"), LedgerFixture.Draft("p2", "2026-06-03T10:00:00Z"));
        var before = await app.ExportAsync();
        var done = await app.ImportAsync(Table, "?name=talks.csv");
        var batch = Assert.Single((await app.GetAsync("/ledger/imports")).GetProperty("items").EnumerateArray());
        Assert.Equal((done.GetProperty("import").GetString(), "talks.csv", "CSV", "done"), (batch.GetProperty("id").GetString(), batch.GetProperty("file").GetString(), batch.GetProperty("format").GetString(), batch.GetProperty("state").GetString()));
        Assert.Equal((LedgerFixture.Now, 4, 1), (batch.GetProperty("at").GetDateTimeOffset(), batch.GetProperty("created").GetArrayLength(), batch.GetProperty("evidence").GetArrayLength()));
        Assert.True(Identity.IsWellFormed(batch.GetProperty("by").GetString()));

        var (status, undone, _) = await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + batch.GetProperty("id").GetString());
        Assert.Equal((200, 4, 1, 0), (status, undone.GetProperty("removed").GetInt32(), undone.GetProperty("evidence").GetInt32(), undone.GetProperty("kept").GetArrayLength()));
        Assert.Equal(before, await app.ExportAsync());
        Assert.Empty((await app.GetAsync("/ledger/imports")).GetProperty("items").EnumerateArray());
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + batch.GetProperty("id").GetString())).Status);
        var again = await app.ImportAsync(Table);
        Assert.Equal((3, 1, 1), (again.Count("new"), again.Count("evidence"), again.Count("likely")));
    }

    [Theory]
    [InlineData("""{"title":"Better"}""")]
    [InlineData("""{"note":"good evening"}""")]
    [InlineData("""{"private":true}""")]
    [InlineData("""{"review":"rejected"}""")]
    [InlineData("""{"metrics":{"attendees":41}}""")]
    [InlineData("""{"metrics":null}""")]
    public async Task What_the_person_changed_since_is_kept_and_said(string change)
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync("title,date,attendees\nOne,2026-05-20,40\nTwo,2026-05-21,41\n", "?kind=talk");
        var id = (await app.EntriesAsync())[0].GetProperty("id").GetString()!;
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Patch, "/ledger/" + id, change)).Status);
        var (_, undone, _) = await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + done.GetProperty("import").GetString());
        Assert.Equal((1, id), (undone.GetProperty("removed").GetInt32(), Assert.Single(undone.GetProperty("kept").EnumerateArray()).GetString()));
        Assert.Equal(id, Assert.Single(await app.EntriesAsync()).GetProperty("id").GetString());

        // It is there, so the list again brings back only the other one.
        var again = await app.ImportAsync("title,date,attendees\nOne,2026-05-20,40\nTwo,2026-05-21,41\n", "?kind=talk");
        Assert.Equal((1, 1), (again.Count("new"), again.Count("known")));
        Assert.Equal(HttpStatusCode.NoContent, (HttpStatusCode)(await app.SendAsync(HttpMethod.Delete, "/ledger/" + id)).Status);
    }

    [Fact]
    public async Task What_a_place_shows_too_stays_without_the_list()
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync("title,date,url,views\nMine,2026-06-01,https://example.org/p1,9\n", "?kind=blogPost");
        await app.HarvestAsync(LedgerFixture.Draft("p1"));

        // Ended by hand: the connection of the test is not one of the store, so it counts as gone.
        var entry = Assert.Single(await app.EntriesAsync());
        Assert.Equal("Title of p1", entry.GetProperty("title").GetString());
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Mine","kind":"blogPost","when":"2026-06-01","url":"https://example.org/p1"}""");
        var (_, undone, _) = await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + done.GetProperty("import").GetString());
        Assert.Equal((0, 0), (undone.GetProperty("removed").GetInt32(), undone.GetProperty("kept").GetArrayLength()));
        entry = Assert.Single(await app.EntriesAsync());
        Assert.DoesNotContain(entry.GetProperty("sightings").EnumerateArray(), sighting => sighting.GetProperty("connection").GetString() == "import");
        Assert.Empty(entry.GetProperty("metrics").EnumerateObject());
    }

    [Fact]
    public async Task Two_imports_are_taken_back_one_by_one()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("title,date\nOne,2026-05-20\n", "?kind=talk");
        app.Clock.Advance(TimeSpan.FromHours(1));
        var second = await app.ImportAsync("title,date\nOne,2026-05-20\nTwo,2026-05-21\n", "?kind=talk");
        Assert.Equal(2, (await app.GetAsync("/ledger/imports")).GetProperty("items").GetArrayLength());
        await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + second.GetProperty("import").GetString());
        Assert.Equal("One", Assert.Single(await app.EntriesAsync()).GetProperty("title").GetString());
    }

    [Fact]
    public async Task Imported_talk_whose_day_has_come_is_no_longer_scheduled()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("title,date\nSoon,2026-06-18\n", "?kind=talk");
        Assert.Equal("scheduled", Assert.Single(await app.EntriesAsync()).GetProperty("status").GetString());
        app.Clock.Advance(TimeSpan.FromDays(5));
        await app.App.Services.GetRequiredService<ContributionIngest.Core.Contributions.LedgerEditor>().PublishStartedAsync(app.Person, default);
        Assert.Equal("published", Assert.Single(await app.EntriesAsync()).GetProperty("status").GetString());
    }

    /// <summary>The rows of the ledger, and the imports.</summary>
    private static async Task<string> StateAsync(LedgerFixture app)
    {
        var imports = (await app.GetAsync("/ledger/imports")).GetRawText();
        var rows = await app.Table.RangeAsync("ledger", app.Person, " ", "~", null, default).Select(row => $"{row.Key} {row.ETag}").ToListAsync();
        return string.Join('\n', rows.Append(imports));
    }
}
