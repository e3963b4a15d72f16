using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

/// <summary>Only the episodes of a podcast that name a guest or a co-host.</summary>
public sealed class EpisodeCreditTests : IDisposable
{
    private readonly FeedSite site = new();

    public void Dispose() => site.Dispose();

    [Theory]
    [InlineData("<podcast:person role='guest'>Zoë Ångström</podcast:person>", "speaker")]
    [InlineData("<podcast:person role='Guest' group='cast'> zoe  angstrom </podcast:person>", "speaker")]
    [InlineData("<podcast:person>Zoe Angstrom</podcast:person>", "host")]
    [InlineData("<podcast:person role='co-host'>Prof. Zoe Angstrom</podcast:person>", "host")]
    [InlineData("<podcast:person role='audio editor' group='audio post-production'>Zoe Angstrom</podcast:person>", "contributor")]
    [InlineData("<podcast:person role='guest'>zoe_a</podcast:person>", "speaker")]
    [InlineData("<itunes:author>Ife Bello, Zoe Angstrom</itunes:author>", "author")]
    [InlineData("<description>With Zoë Ångström’s notes</description>", "speaker?")]
    [InlineData("<title>ZOE ÅNGSTRÖM: on units</title>", "speaker?")]
    [InlineData("<description>zoe_a said so</description>", null)]
    [InlineData("<description>Zoe and the Angstrom</description>", null)]
    [InlineData("<description>Zoe Angstromsson</description>", null)]
    [InlineData("<description>Mezoe Angstrom</description>", null)]
    [InlineData("<podcast:person role='guest'>Zoe Angstromsson</podcast:person>", null)]
    [InlineData("<podcast:person role='guest'>Zoe</podcast:person>", null)]
    [InlineData("", null)]
    public async Task Credits_are_certain_and_mentions_are_suggestions(string item, string? role)
    {
        site.On(FeedSite.Feed, Feed($"<item><guid>1</guid><link>https://pod.example/1</link>{item}<enclosure url='https://pod.example/1.mp3' type='audio/mpeg'/></item>"));
        var pages = await site.ReadAsync(options: ("names", "Zoë Ångström, @zoe_a"));
        var draft = pages.SelectMany(page => page.Drafts).SingleOrDefault();
        Assert.Equal(role, draft is null ? null : EnumText<Role>.Of(draft.Role) + (draft.IsSuggestion ? "?" : ""));
        Assert.Equal(role is null ? 1 : 0, pages.SelectMany(page => page.Repairs).Where(repair => repair.What == "itemByOthers").Sum(repair => repair.Count));
    }

    [Fact]
    public async Task Show_that_names_the_person_as_its_author_does_not_make_every_episode_theirs()
    {
        site.On(FeedSite.Feed, Feed("<item><guid>1</guid><enclosure url='https://pod.example/1.mp3' type='audio/mpeg'/></item>", "<itunes:author>Zoe Angstrom</itunes:author><podcast:person>Zoe Angstrom</podcast:person>"));
        Assert.Empty((await site.ReadAsync(options: ("names", "Zoe Angstrom"))).SelectMany(page => page.Drafts));
    }

    [Fact]
    public async Task Role_that_the_person_gave_is_that_of_mentions_and_the_credit_is_more_exact()
    {
        site.On(FeedSite.Feed, Feed(
            "<item><guid>1</guid><title>Zoe Angstrom again</title></item><item><guid>2</guid><podcast:person role='host'>Zoe Angstrom</podcast:person></item>"));
        (string, string)[] options = [("names", "Zoe Angstrom"), ("role", "contributor")];
        var drafts = (await site.ReadAsync(options: options)).SelectMany(page => page.Drafts);
        Assert.Equal([Role.Contributor, Role.Host], drafts.Select(draft => draft.Role));
    }

    [Fact]
    public async Task Suggestion_counts_nowhere_and_stays_away_once_rejected()
    {
        using var web = new ScriptedWeb(_ => ScriptedWeb.Answer(System.Net.HttpStatusCode.OK, Feed(
            "<item><guid>1</guid><title>Zoe Angstrom?</title><pubDate>Fri, 15 May 2026 05:00:00 GMT</pubDate><enclosure url='https://pod.example/1.mp3' type='audio/mpeg'/></item>"
            + "<item><guid>2</guid><title>Others</title><pubDate>Fri, 08 May 2026 05:00:00 GMT</pubDate><enclosure url='https://pod.example/2.mp3' type='audio/mpeg'/></item>"), "application/rss+xml"));
        await using var app = await AppFixture.StartAsync(web);
        var id = await app.ConnectAsync("https://pod.example/feed", options: new Dictionary<string, string> { ["names"] = "Zoe Angstrom" });
        Assert.Empty(await app.LedgerAsync(""));
        var suggested = Assert.Single(await app.LedgerAsync("review=suggested"));
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{suggested.GetProperty("id").GetString()}", """{"review":"rejected"}""");
        await app.HarvestAsync(id);
        Assert.Empty(await app.LedgerAsync("review=suggested"));
        Assert.Empty(await app.LedgerAsync(""));
    }

    private static string Feed(string items, string channel = "") =>
        "<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:podcast='https://podcastindex.org/namespace/1.0'><channel><title>Pod</title><link>https://pod.example/</link>"
        + $"{channel}{items}</channel></rss>";
}
