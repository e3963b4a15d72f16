using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Contributions;

/// <summary>A recording, a recap or slides that are entries of their own count with the talk, not beside it.</summary>
public sealed class PartOfTests
{
    private const string Video = "https://video.example/watch/7";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Recording_that_a_talk_names_counts_with_it_whichever_was_seen_first(bool isTalkFirst)
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestAsync(app, isTalkFirst);

        var (talk, video) = await EntriesAsync(app);
        Assert.Equal(talk.GetProperty("id").GetString(), video.GetProperty("partOf").GetString());
        Assert.Equal([video.GetProperty("id").GetString()], talk.GetProperty("parts").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(1, await CountAsync(app));
        Assert.Equal(1, (await app.GetAsync("/programmes/docker-captain/readiness")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Recording_counts_by_itself_while_its_talk_does_not_count()
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestAsync(app, isTalkFirst: true);
        var (talk, _) = await EntriesAsync(app);
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{talk.GetProperty("id")}", """{"review":"rejected"}""");
        Assert.Equal(1, await CountAsync(app));
        Assert.False((await app.GetAsync("/ledger?kind=video")).GetProperty("items")[0].TryGetProperty("partOf", out _));

        await app.SendAsync(HttpMethod.Patch, $"/ledger/{talk.GetProperty("id")}", """{"review":"accepted"}""");
        Assert.True((await app.GetAsync("/ledger?kind=video")).GetProperty("items")[0].TryGetProperty("partOf", out _));
        Assert.Equal(1, await CountAsync(app));
    }

    [Fact]
    public async Task What_the_person_says_stays_whatever_is_harvested()
    {
        await using var app = await LedgerFixture.StartAsync();
        await HarvestAsync(app, isTalkFirst: true);
        var (_, video) = await EntriesAsync(app);
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Delete, $"/ledger/{video.GetProperty("id")}/part-of")).Status);
        Assert.Equal(2, await CountAsync(app));
        await app.HarvestAsync(LedgerFixture.Observer("list"), Talk() with { Summary = "Changed" });
        await app.HarvestAsync(LedgerFixture.Observer("channel"), Recording() with { Summary = "Changed" });
        Assert.Equal(2, await CountAsync(app));
    }

    [Fact]
    public async Task Person_joins_a_recap_to_a_talk_and_takes_it_back()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("recap"), Talk() with { Links = [] });
        var (talk, recap) = (await IdAsync(app, "talk"), await IdAsync(app, "blogPost"));
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Put, $"/ledger/{recap}/part-of", $$"""{"entry":"{{talk}}"}""")).Status);
        Assert.Equal(1, await CountAsync(app));

        // There is one level only, and nothing belongs to itself.
        Assert.Equal(409, (await app.SendAsync(HttpMethod.Put, $"/ledger/{talk}/part-of", $$"""{"entry":"{{recap}}"}""")).Status);
        Assert.Equal(409, (await app.SendAsync(HttpMethod.Put, $"/ledger/{talk}/part-of", $$"""{"entry":"{{talk}}"}""")).Status);
        Assert.Equal(400, (await app.SendAsync(HttpMethod.Put, $"/ledger/{recap}/part-of", """{"entry":"aaaaaaaaaaaaaaaaaaaaaaaaaa"}""")).Status);

        Assert.Equal(200, (await app.SendAsync(HttpMethod.Delete, $"/ledger/{recap}/part-of")).Status);
        Assert.Equal(2, await CountAsync(app));
        Assert.False((await app.GetAsync($"/ledger/{talk}")).TryGetProperty("parts", out var left) && left.GetArrayLength() > 0);
    }

    [Fact]
    public async Task Deleted_talk_lets_its_recording_go_and_its_links_claim_nothing_more()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (_, logged, _) = await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Tides","kind":"talk","when":"2026-05-20"}""");
        var talk = logged.GetProperty("id").GetString()!;
        await app.HarvestAsync(LedgerFixture.Observer("channel"), Recording());
        var video = await IdAsync(app, "video");
        await app.SendAsync(HttpMethod.Put, $"/ledger/{video}/part-of", $$"""{"entry":"{{talk}}"}""");
        Assert.Equal(1, await CountAsync(app));
        Assert.Equal(204, (await app.SendAsync(HttpMethod.Delete, $"/ledger/{talk}")).Status);
        Assert.Equal(1, await CountAsync(app));
        Assert.False((await app.GetAsync($"/ledger/{video}")).TryGetProperty("partOf", out _));
    }

    private static async Task HarvestAsync(LedgerFixture app, bool isTalkFirst)
    {
        (string Place, Draft Draft)[] read = [("list", Talk()), ("channel", Recording())];
        foreach (var (place, draft) in isTalkFirst ? read : [.. read.Reverse()])
            await app.HarvestAsync(LedgerFixture.Observer(place), draft);
    }

    private static Draft Talk() => LedgerFixture.Draft("talk", "2026-05-20T10:00:00Z", Kind.Talk) with { Title = "Tides", Url = "https://conference.example/tides", Links = [new RelatedLink(Relation.Recording, Video)] };

    private static Draft Recording() => LedgerFixture.Draft("video", "2026-06-02T10:00:00Z", Kind.Video) with { Title = "Tides at the conference", Url = Video };

    private static async Task<(JsonElement Talk, JsonElement Video)> EntriesAsync(LedgerFixture app) =>
        ((await app.GetAsync("/ledger?kind=talk")).GetProperty("items")[0], (await app.GetAsync("/ledger?kind=video")).GetProperty("items")[0]);

    private static async Task<string> IdAsync(LedgerFixture app, string kind) => (await app.GetAsync($"/ledger?kind={kind}")).GetProperty("items")[0].GetProperty("id").GetString()!;

    private static async Task<int> CountAsync(LedgerFixture app) => (await app.GetAsync("/ledger/summary?from=2026-01-01&to=2026-12-31")).GetProperty("public").GetProperty("total").GetInt32();
}
