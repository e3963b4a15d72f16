using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>One talk that four places show: a list, a conference's site, a channel and a blog.</summary>
public sealed class TalkEvidenceTests
{
    private const string Video = "https://video.example/watch/7";

    private const string List = """
        title,date,event,type,video
        "Two phones, no network",2026-05-20,Tide Conf,talk,https://video.example/watch/7

        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Talk_of_four_places_is_one_talk_with_its_evidence_and_counts_once(bool isListFirst)
    {
        await using var app = await LedgerFixture.StartAsync();
        if (isListFirst)
            await app.ImportAsync(List);
        await app.HarvestAsync(LedgerFixture.Observer("speaker"), LedgerFixture.Draft("event", "2026-05-20T00:00:00Z", Kind.Talk) with { Title = "Tide Conf", Url = "https://tide.example", DatePrecision = DatePrecision.Day, IsSuggestion = true });
        await app.HarvestAsync(LedgerFixture.Observer("channel"), LedgerFixture.Draft("video", "2026-06-02T10:00:00Z", Kind.Video) with { Title = "Two phones, no network (Tide Conf 2026)", Url = Video });
        await app.HarvestAsync(LedgerFixture.Observer("blog"), LedgerFixture.Draft("recap", "2026-05-24T10:00:00Z") with { Title = "Recap of my talk: two phones, no network" });
        if (!isListFirst)
            await app.ImportAsync(List);

        // The recording is named by the list, which is certain.
        var talk = await OnlyAsync(app, "talk");
        var video = await OnlyAsync(app, "video");
        Assert.Equal(Id(talk), video.GetProperty("partOf").GetString());
        Assert.Equal([Id(video)], talk.GetProperty("parts").EnumerateArray().Select(id => id.GetString()));

        // The conference is a suggestion, and the recap is only likely to be of the talk: until the person says so the one counts nowhere and the other by itself.
        Assert.Equal("Tide Conf", Assert.Single((await app.GetAsync("/ledger?review=suggested")).GetProperty("items").EnumerateArray()).GetProperty("title").GetString());
        var recap = await OnlyAsync(app, "blogPost");
        Assert.False(recap.TryGetProperty("partOf", out _));
        Assert.Equal((2, 2), await CountsAsync(app));

        Assert.Equal(200, (await app.SendAsync(HttpMethod.Put, $"/ledger/{Id(recap)}/part-of", $$"""{"entry":"{{Id(talk)}}"}""")).Status);
        Assert.Equal((1, 1), await CountsAsync(app));
    }

    private static async Task<JsonElement> OnlyAsync(LedgerFixture app, string kind) => Assert.Single((await app.GetAsync($"/ledger?kind={kind}")).GetProperty("items").EnumerateArray());

    private static string Id(JsonElement entry) => entry.GetProperty("id").GetString()!;

    private static async Task<(int Summary, int Readiness)> CountsAsync(LedgerFixture app) => (
        (await app.GetAsync("/ledger/summary?from=2026-01-01&to=2026-12-31")).GetProperty("public").GetProperty("total").GetInt32(),
        (await app.GetAsync("/programmes/docker-captain/readiness")).GetProperty("total").GetInt32());
}
