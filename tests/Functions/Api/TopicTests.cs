using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>A person's own spelling of topics.</summary>
public sealed class TopicTests
{
    [Fact]
    public async Task Topic_aliases_apply_to_existing_and_new_entries_and_counts_and_removing_them_restores_all()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(On("a", "js", "Rust"), On("b", "javascript", "JS"), On("c", "Java"));

        await PutAsync(app, """{"topics":{"JavaScript":["js","ecmascript"]}}""");
        await app.HarvestAsync(On("d", "ECMAScript"));

        Assert.Equal(["Java", "JavaScript", "JavaScript", "JavaScript,Rust"], Topics(await app.GetAsync("/ledger")).Order(StringComparer.Ordinal));
        Assert.Equal(3, (await CountsAsync(app))["JavaScript"]);
        Assert.Equal(3, (await app.WalkAsync("topic=js")).Count);
        Assert.Equal(3, (await app.WalkAsync("topic=javascript")).Count);

        await PutAsync(app, """{"topics":{}}""");

        Assert.Contains("javascript,JS", Topics(await app.GetAsync("/ledger")).ToList());
        var counts = await CountsAsync(app);
        Assert.Equal((1, 1, 1), (counts["js"], counts["javascript"], counts["ECMAScript"]));
        Assert.False(counts.ContainsKey("JavaScript"));
    }

    [Fact]
    public async Task Topic_may_name_its_own_spelling_again_or_none_but_its_case()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(On("a", "rust"));

        await PutAsync(app, """{"topics":{"Rust":[]}}""");
        Assert.Equal(["Rust"], Topics(await app.GetAsync("/ledger")));
        await PutAsync(app, """{"topics":{"RUST":["rust","Rust"]}}""");
        Assert.Equal(["RUST"], Topics(await app.GetAsync("/ledger")));
    }

    [Fact]
    public async Task Setting_the_same_aliases_again_writes_no_entry()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(On("a", "js"), On("b", "go"));
        await PutAsync(app, """{"topics":{"JavaScript":["js"]}}""");
        var before = await app.GetAsync("/ledger");
        app.Table.Forget();

        await PutAsync(app, """{"topics":{"JavaScript":["js"]}}""");

        Assert.Equal(before.ToString(), (await app.GetAsync("/ledger")).ToString());
        Assert.DoesNotContain(("ledger", "transact"), app.Table.Operations);
    }

    [Fact]
    public async Task Aliases_leave_an_entry_alone_that_has_none_of_their_topics()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(On("a", "go"));
        var path = "/ledger/" + (await app.WalkAsync("")).Single();
        var before = (await app.SendAsync(HttpMethod.Get, path)).Response.Headers.ETag;

        await PutAsync(app, """{"topics":{"JavaScript":["js"]}}""");

        Assert.Equal(before, (await app.SendAsync(HttpMethod.Get, path)).Response.Headers.ETag);
    }

    [Fact]
    public async Task Aliases_apply_to_edited_topics_and_harvested_ones_stay_visible()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(On("a", "js"));
        var id = (await app.WalkAsync("")).Single();
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"topics":["dotnet","c#"]}""", "application/merge-patch+json");

        await PutAsync(app, """{"topics":{".NET":["dotnet"],"JavaScript":["js"]}}""");

        var entry = await app.GetAsync($"/ledger/{id}");
        Assert.Equal(".NET,c#", string.Join(',', entry.GetProperty("topics").EnumerateArray().Select(t => t.GetString())));
        Assert.Equal("js", entry.GetProperty("harvested").GetProperty("topics")[0].GetString());
    }

    [Theory]
    [InlineData("""{"topics":{"A":["x"],"B":["X"]}}""", "'X' would mean both 'A' and 'B'.")]
    [InlineData("""{"topics":{"A":[""]}}""", "A spelling of 'A'")]
    [InlineData("""{"topics":null}""", "It is missing")]
    [InlineData("""{"topics":{"A":5}}""", "wrong type")]
    public async Task Ambiguous_or_malformed_aliases_are_rejected(string json, string sentence)
    {
        await using var app = await LedgerFixture.StartAsync();

        var (status, body, _) = await app.SendAsync(HttpMethod.Put, "/me/topics", json);

        Assert.Equal(400, status);
        Assert.Contains(sentence, body.GetProperty("errors").EnumerateObject().Single().Value[0].GetString(), StringComparison.Ordinal);
        Assert.Empty((await app.GetAsync("/me/topics")).GetProperty("topics").EnumerateObject());
    }

    private static Draft On(string id, params string[] topics) => LedgerFixture.Draft(id) with { Topics = topics };

    private static async Task PutAsync(LedgerFixture app, string json)
    {
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Put, "/me/topics", json)).Status);
        await app.App.Services.GetRequiredService<RollupRebuilder>().FinishAsync(app.Person, CancellationToken.None);
    }

    private static IEnumerable<string> Topics(JsonElement page) => page.GetProperty("items").EnumerateArray()
        .Select(i => string.Join(',', i.GetProperty("topics").EnumerateArray().Select(t => t.GetString())));

    private static async Task<Dictionary<string, int>> CountsAsync(LedgerFixture app) =>
        (await app.GetAsync("/ledger/summary?by=year&split=topic&from=2026-01-01&to=2026-12-31")).GetProperty("public")
            .GetProperty("split").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetInt32());
}
