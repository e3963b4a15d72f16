using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>Our own export is restored whole.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public Task Export_imported_into_an_empty_ledger_gives_the_same_export() => Properties.HoldAsync(40, async (app, seed) =>
    {
        await FillAsync(app, seed);
        var export = await app.ExportAsync();
        await app.EnterAsync();
        var done = await app.ImportAsync(export);
        Assert.Equal("NDJSON", done.GetProperty("format").GetString());
        Assert.Empty(Lists.Faults(done));
        Assert.Equal(export, await app.ExportAsync());

        // Again, and in the ledger that it came from, there is nothing new.
        Assert.Equal(0, (await app.ImportAsync(export)).Count("new"));
        await app.SendAsync(HttpMethod.Delete, "/ledger/imports/" + done.GetProperty("import").GetString());
        Assert.Equal("", await app.ExportAsync());
    });

    [Fact]
    public async Task Restored_entry_gives_the_harvested_value_back_and_is_found_by_its_address()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("p1"));
        var id = (await app.EntriesAsync())[0].GetProperty("id").GetString();
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"title":"Mine","when":"2026-05","metrics":{"views":7}}""");
        var export = await app.ExportAsync();
        await app.EnterAsync();
        await app.ImportAsync(export);
        var (_, entry, _) = await app.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"title":null,"when":null,"metrics":null}""");
        Assert.Equal(("Title of p1", "2026-06-01T10:00", 0), (entry.GetProperty("title").GetString(), Lists.When(entry), entry.GetProperty("edited").GetArrayLength()));
        Assert.Equal(1, (await app.ImportAsync("title,date,url\nSomething,2020-01-01,https://example.org/p1\n", "?kind=blogPost")).Count("evidence"));
        await app.HarvestAsync(LedgerFixture.Draft("p1") with { Title = "Renamed" });
        Assert.Equal("Renamed", Assert.Single(await app.EntriesAsync()).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("\"kind\":\"talk\"", "\"kind\":\"speech\"")]
    [InlineData("\"revision\":1", "\"revision\":-1")]
    [InlineData("\"connection\":\"", "\"connection\":\"x ")]
    [InlineData("\"when\":\"2026", "\"when\":\"0026")]
    [InlineData("\"title\":\"Fine\"", "\"title\":\"  \"")]
    [InlineData("\"source\":\"manual\"", "\"source\":\"<b>\"")]
    [InlineData("\"metrics\":{", "\"metrics\":{\"a b\":{\"value\":1,\"at\":\"2026-01-01T00:00:00Z\",\"how\":\"typed\"},")]
    public async Task Line_that_was_tampered_with_is_a_fault_and_the_others_are_restored(string was, string becomes)
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Fine","kind":"talk","when":"2026-05-01","metrics":{"attendees":3}}""");
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Other","kind":"book","when":"2026-05-02"}""");
        var lines = (await app.ExportAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var tampered = lines.Select(line => line.Contains("Fine", StringComparison.Ordinal) ? line.Replace(was, becomes, StringComparison.Ordinal) : line).ToList();
        Assert.NotEqual(lines, tampered);
        await app.EnterAsync();
        var done = await app.ImportAsync(string.Join('\n', tampered));
        Assert.Equal((1, 1), (done.Count("new"), done.Count("wrong")));
        Assert.Equal("Other", Assert.Single(await app.EntriesAsync()).GetProperty("title").GetString());
    }

    private static async Task FillAsync(LedgerFixture app, int seed)
    {
        var random = new Random(seed);
        await new Scenario(seed).FillAsync(app);
        foreach (var number in Enumerable.Range(0, random.Next(6)))
        {
            var when = (string[])["2026-05-20", "2026-04", "2025", "2026-05-20T18:00:00Z"];
            await app.SendAsync(HttpMethod.Post, "/ledger", $$"""{"title":"By hand {{number}}","kind":"talk","when":"{{when[random.Next(4)]}}","note":"said","metrics":{"attendees":{{random.Next(90)}} } }""");
        }

        if (random.Next(2) == 0)
            await app.ImportAsync("- {title: Listed, date: May 2026, event: Pier, video: \"https://example.org/p/1\", slides: \"https://s.example/1\"}\n- {title: Other, date: 2026-05-05}\n");
        var entries = await app.Reader.NewestAsync(app.Person, null, null, null, 500, default);
        foreach (var entry in entries.Items.Where(_ => random.Next(6) == 0))
        {
            await app.Editor.EditAsync(
                app.Person, entry.Id, null,
                known => PersonalValues.Of(known) with
                {
                    Edits = known.Edits with
                    {
                        Url = random.Next(2) == 0 ? "https://edited.example/" + random.Next(9) : null,
                        Role = random.Next(2) == 0 ? Role.Mentor : null,
                        WhenPrecision = known.Edits.When is null ? DatePrecision.Exact : (DatePrecision)(random.Next(2) * 4),
                        Metrics = random.Next(2) == 0 ? new Dictionary<string, Metric> { ["views"] = new(random.Next(9), LedgerFixture.Now.AddTicks(random.Next()), MetricOrigin.Typed) } : null,
                    },
                    Review = (Review)random.Next(4),
                }, default);
            if (entries.Items.FirstOrDefault(other => other.Id != entry.Id) is { } whole)
                await app.Editor.SetPartAsync(app.Person, entry.Id, whole.Id, default);
            if (random.Next(3) == 0)
                await app.Editor.SetPartAsync(app.Person, entry.Id, null, default);
        }
    }
}
