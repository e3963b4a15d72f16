using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>What is in the ledger already becomes evidence, and no twin.</summary>
public sealed class MatchTests
{
    private const string Table = """
        title,date,type,url,views
        Another title,2026-05-01,blog,https://example.org/p1?utm_source=x,70
        TÍTLE of P2!,2026-06-01,blog,,80
        Title of p3,2026-06-03,blog,,
        A title of post p4 again,2026-06-01,blog,,
        Title of p5,2026-06-01,talk,,
        New one,2026-06-02,blog,,

        """;

    [Fact]
    public async Task Same_address_or_title_and_day_is_evidence_and_what_resembles_is_suggested()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. new[] { "p1", "p2", "p3", "p5" }.Select(id => LedgerFixture.Draft(id)), LedgerFixture.Draft("p4") with { Title = "A title of post p4" }]);
        var done = await app.ImportAsync(Table);
        Assert.Equal((1, 2, 3), (done.Count("new"), done.Count("evidence"), done.Count("likely")));
        var entries = (await app.EntriesAsync()).ToDictionary(entry => entry.GetProperty("id").GetString()!, StringComparer.Ordinal);
        Assert.Equal(9, entries.Count);
        var first = entries[IdOf("p1")];
        Assert.Equal(("Title of p1", "2026-06-01T10:00"), (first.GetProperty("title").GetString(), Lists.When(first)));
        Assert.Equal([Identity.Hash("a"), "import"], first.GetProperty("sightings").EnumerateArray().Select(sighting => sighting.GetProperty("connection").GetString()));
        Assert.Equal(70, first.GetProperty("metrics").GetProperty("views").GetProperty("value").GetDouble());
        Assert.Equal(2, entries[IdOf("p2")].GetProperty("sightings").GetArrayLength());
        Assert.Equal(3, entries.Values.Count(entry => entry.GetProperty("review").GetString() == "suggested"));
    }

    [Fact]
    public async Task Suggestion_is_shown_with_the_entry_it_resembles()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p3"));
        var looked = await app.LookAsync(Table);
        var row = looked.GetProperty("rows").EnumerateArray().Single(row => row.GetProperty("outcome").GetString() == "likely");
        Assert.Equal((4, "Title of p3", IdOf("p3")), (row.GetProperty("row").GetInt32(), row.GetProperty("same").GetProperty("title").GetString(), row.GetProperty("same").GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Measured_number_is_not_replaced_by_a_list_and_neither_is_an_edit()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p1") with { Metrics = new Dictionary<string, double> { ["views"] = 3870 } });
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + IdOf("p1"), """{"title":"Mine","note":"kept"}""");
        await app.ImportAsync("title,date,url,views,likes\nAnother,2026-06-01,https://example.org/p1,100,9\n", "?kind=blogPost");
        var entry = Assert.Single(await app.EntriesAsync());
        Assert.Equal(("Mine", "kept"), (entry.GetProperty("title").GetString(), entry.GetProperty("note").GetString()));
        Assert.Equal("3870 measured", Metric("views"));
        Assert.Equal("9 typed", Metric("likes"));

        string Metric(string name) => $"{entry.GetProperty("metrics").GetProperty(name).GetProperty("value").GetDouble()} {entry.GetProperty("metrics").GetProperty(name).GetProperty("how").GetString()}";
    }

    [Fact]
    public async Task Harvest_of_what_was_imported_leads_from_then_on()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("title,date,url\nFrom my list,2026-06-01,https://example.org/p1\n", "?kind=blogPost");
        await app.HarvestAsync(LedgerFixture.Draft("p1"));
        var entry = Assert.Single(await app.EntriesAsync());
        Assert.Equal("Title of p1", entry.GetProperty("title").GetString());
        Assert.Equal("import", entry.GetProperty("sightings")[1].GetProperty("connection").GetString());
        Assert.Equal(0, (await app.ImportAsync("title,date,url\nFrom my list,2026-06-01,https://example.org/p1\n", "?kind=blogPost")).Count("new"));
    }

    [Fact]
    public async Task Rejected_entry_does_not_come_back_by_a_list()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p1"));
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + IdOf("p1"), """{"review":"rejected"}""");
        await app.ImportAsync("title,date,url\nTitle of p1,2026-06-01,https://example.org/p1\nTwo,2026-06-02,\n", "?kind=blogPost");
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + (await app.EntriesAsync())[1].GetProperty("id").GetString(), """{"review":"rejected"}""");
        await app.ImportAsync("title,date,url\nTwo,2026-06-02,\nTitle of p1,2026-06-01,\n", "?kind=blogPost");
        Assert.Equal(["rejected", "rejected"], (await app.EntriesAsync()).Select(entry => entry.GetProperty("review").GetString()));
    }

    [Fact]
    public async Task Talk_that_was_given_twice_is_two_entries_and_an_address_of_several_rows_names_none()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p1", kind: Kind.Talk));
        const string List = "title,date,event,url\nSlow,2026-05-01,Pier,https://example.org/p1\nSlow,2026-05-02,Quay,https://example.org/p1\nSlow,2026-05-02,Dock,https://example.org/p1\n";
        Assert.Equal(3, (await app.ImportAsync(List, "?kind=talk")).Count("new"));
        Assert.Equal(4, (await app.EntriesAsync()).Count);
        Assert.Equal(0, (await app.ImportAsync("event,title,date\nOslo,Slow,2026-05-03\n", "?kind=talk")).Count("likely"));
    }

    [Fact]
    public async Task End_of_a_connection_with_its_contributions_leaves_what_a_list_has_too()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p1"), LedgerFixture.Draft("p2"));
        await app.ImportAsync("title,date,url\nTitle of p1,2026-06-01,https://example.org/p1\nAlone,2026-06-04,\n", "?kind=blogPost");
        var editor = app.App.Services.GetRequiredService<LedgerEditor>();
        await editor.EndAsync(app.Person, Identity.Hash("a"), default);
        await editor.DisconnectAsync(app.Person, Identity.Hash("a"), removeEntries: true, new HashSet<string>(), default);
        Assert.Equal(["Title of p1", "Alone"], (await app.EntriesAsync()).Select(entry => entry.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Recording_of_a_listed_talk_counts_with_the_talk()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("v1", kind: Kind.Video));
        var done = await app.ImportAsync("- {title: The talk, date: 2026-05-30, video: \"https://example.org/v1\"}");
        var entries = await app.EntriesAsync();
        Assert.Equal(entries[0].GetProperty("id").GetString(), entries[1].GetProperty("partOf").GetString());

        await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + done.GetProperty("import").GetString());
        Assert.False(Assert.Single(await app.EntriesAsync()).TryGetProperty("partOf", out _));
    }

    [Fact]
    public async Task Ids_in_a_file_lead_to_nobody_elses_entries()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("title,date\nHers,2026-06-01\n", "?kind=talk&private=true");
        var export = await app.ExportAsync();
        var id = JsonDocument.Parse(export).RootElement.GetProperty("id").GetString()!;
        var first = app.Client;
        await app.EnterAsync();
        Assert.Equal(HttpStatusCode.OK, (await Lists.PostAsync(app.Client, Lists.Bytes(export.Replace("Hers", "Other", StringComparison.Ordinal)))).Status);
        Assert.Equal("Other", (await app.GetAsync("/ledger/" + id)).GetProperty("title").GetString());
        using var hers = await first.GetAsync(new Uri("/api/ledger/" + id, UriKind.Relative));
        Assert.Contains("Hers", await hers.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var looked = await first.GetAsync(new Uri("/api/ledger/imports", UriKind.Relative));
        var imports = JsonDocument.Parse(await looked.Content.ReadAsStringAsync()).RootElement.GetProperty("items");
        var (status, _, _) = await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + imports[0].GetProperty("id").GetString());
        Assert.Equal(404, status);
    }

    private static string IdOf(string native) => Identity.Of("feed", "https://example.org/a", native);
}
