using System.Net;
using ContributionIngest.Core.Sources;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

/// <summary>Podcasts by their address at Apple; the connection is one to the feed.</summary>
public sealed class ApplePodcastTests : IDisposable
{
    private const string Lookup = "https://itunes.apple.com/lookup?id=1500000001";
    private const string Show = """{"resultCount":1,"results":[{"wrapperType":"track","kind":"podcast","collectionId":1500000001,"collectionName":"Deep Stacks","feedUrl":"https://deep.example/feed"}]}""";

    private readonly FeedSite site = new();

    public void Dispose() => site.Dispose();

    [Theory]
    [InlineData("https://podcasts.apple.com/se/podcast/deep-stacks/id1500000001")]
    [InlineData("podcasts.apple.com/podcast/id1500000001?i=1000600000009")]
    [InlineData("https://itunes.apple.com/us/podcast/deep-stacks/id1500000001?mt=2")]
    public async Task Address_at_Apple_leads_to_the_feed(string typed)
    {
        site.On(Lookup, "\n\n\n" + Show, "text/javascript; charset=utf-8").On("https://deep.example/feed", FeedSite.Rss([1]));
        var place = await site.ResolveAsync(typed);
        Assert.Equal(("https://deep.example/feed", "https://deep.example/feed", "Ann"), (place.Origin, place.Address, place.Title));
    }

    [Fact]
    public async Task Show_of_one_country_is_looked_for_in_the_store_of_its_address()
    {
        site.On(Lookup, """{"resultCount":0,"results":[]}""", "application/json").On(Lookup + "&country=se", Show, "application/json").On("https://deep.example/feed", FeedSite.Rss([1]));
        Assert.Equal("https://deep.example/feed", (await site.ResolveAsync("https://podcasts.apple.com/se/podcast/x/id1500000001")).Address);
    }

    [Theory]
    [InlineData("""{"resultCount":0,"results":[]}""", "noPodcast", "knows no podcast of this address")]
    [InlineData("""{"resultCount":1,"results":[{"kind":"podcast","collectionName":"Deep Stacks"}]}""", "noFeed", "“Deep Stacks”")]
    [InlineData("""{"resultCount":1,"results":[{"kind":"podcast","feedUrl":"file:///etc/hostname"}]}""", "noFeed", "this podcast")]
    [InlineData("""{"resultCount":1,"results":[{"kind":"song","trackName":"A song"}]}""", "noPodcast", "knows no podcast")]
    [InlineData("<html>busy</html>", "badAnswer", "itunes.apple.com")]
    [InlineData("[[[[", "badAnswer", "itunes.apple.com")]
    public async Task What_Apple_does_not_know_is_refused_with_what_to_try(string answer, string code, string says)
    {
        site.On(Lookup, answer, "text/javascript");
        var refusal = await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync("https://podcasts.apple.com/podcast/x/id1500000001"));
        Assert.Equal(code, refusal.Code);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_inside_a_private_network_is_not_asked()
    {
        site.On(Lookup, Show.Replace("https://deep.example/feed", "http://127.0.0.1/feed", StringComparison.Ordinal), "text/javascript");
        Assert.Equal("refusedAddress", (await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync("https://podcasts.apple.com/podcast/x/id1500000001"))).Code);
        Assert.Single(site.Web.Asked);
    }

    [Fact]
    public async Task Too_many_questions_are_asked_later()
    {
        site.On(Lookup, HttpStatusCode.TooManyRequests);
        var refusal = await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync("https://podcasts.apple.com/podcast/x/id1500000001"));
        Assert.Equal((Failure.Transient, "throttled"), (refusal.Failure, refusal.Code));
    }

    [Fact]
    public async Task Spotify_is_refused_because_it_names_no_feed()
    {
        var refusal = await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync("https://open.spotify.com/show/4rOoJ6Egrf8K2IrywzwOMk"));
        Assert.Contains("Apple Podcasts", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(site.Web.Asked);
    }
}
