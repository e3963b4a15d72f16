using System.Net;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>What people type, and one video by its address.</summary>
public sealed class ResolveTests
{
    /// <summary>The channel's id without the letters that tell what it is the id of.</summary>
    private const string Own = "junaokvist0123456789ab";

    [Theory]
    [InlineData("@junaokvist")]
    [InlineData(" @JunaOkvist ")]
    [InlineData("junaokvist")]
    [InlineData("https://www.youtube.com/@junaokvist?si=x")]
    [InlineData("m.youtube.com/%40junaokvist/featured")]
    [InlineData("https://www.youtube.com/user/junaclassic")]
    [InlineData(Channel)]
    [InlineData("https://www.youtube.com/channel/" + Channel + "/videos")]
    [InlineData("https://www.youtube.com/feeds/videos.xml?channel_id=" + Channel)]
    [InlineData("https://www.youtube.com/c/@junaokvist")]
    [InlineData("youtube.com/c/%40junaokvist/videos")]
    [InlineData("https://www.youtube.com/user/@junaokvist")]
    [InlineData("https://www.youtube.com/channel/@junaokvist")]
    [InlineData("https://www.youtube.com/playlist?list=UU" + Own)]
    [InlineData("youtube.com/playlist?list=UULF" + Own + "&si=x")]
    [InlineData("https://www.youtube.com/playlist?list=UUSH" + Own)]
    [InlineData("https://www.youtube.com/feeds/videos.xml?playlist_id=UU" + Own)]
    [InlineData("UU" + Own)]
    [InlineData("vid00000001")]
    [InlineData("https://youtu.be/vid00000001?si=abc")]
    [InlineData("https://www.youtube.com/watch?list=PL1&v=vid00000001&t=3s")]
    [InlineData("http://youtube.com/watch/?v=vid00000001#x")]
    [InlineData("https://www.youtube.com/live/vid00000001?feature=share")]
    [InlineData("https://youtube.com/shorts/vid00000001")]
    [InlineData("https://www.youtube-nocookie.com/embed/vid00000001")]
    [InlineData("https://music.youtube.com/watch?v=vid00000001")]
    public async Task Every_form_of_channel_or_video_address_resolves_to_the_channel(string typed)
    {
        using var fetcher = Fetcher(new ScriptedYouTube(3));
        var place = await Source(fetcher).ResolveAsync(typed, Credentials.None, default);
        Assert.Equal((Channel, "Juna Okvist", "https://www.youtube.com/channel/" + Channel), (place.Origin, place.Title, place.Url));
        Assert.Equal(Topic, place.Push!.Topic);
    }

    [Theory]
    [InlineData("@nobodyatall", "@nobodyatall")]
    [InlineData("UCnobody0000000000000000", "UCnobody0000000000000000")]
    [InlineData("https://youtu.be/vid00009999", "vid00009999")]
    [InlineData("https://vimeo.com/12345", "Type the channel's handle")]
    [InlineData("https://www.youtube.com/playlist?list=PL123", "Type the channel's handle")]
    [InlineData("https://www.youtube.com/playlist?list=UU123", "Type the channel's handle")]
    [InlineData("https://www.youtube.com/playlist?list=PLjunaokvist0123456789ab", "Type the channel's handle")]
    [InlineData("https://www.youtube.com/results?search_query=x", "Type the channel's handle")]
    [InlineData("https://www.youtube.com/", "Type the channel's handle")]
    [InlineData("https://www.youtube.com/channel/short", "Type the channel's handle")]
    [InlineData("https://notyoutube.com/@junaokvist", "Type the channel's handle")]
    [InlineData("", "Type the channel's handle")]
    [InlineData("@", "Type the channel's handle")]
    [InlineData("@a b", "Type the channel's handle")]
    [InlineData("https://[::1", "Type the channel's handle")]
    public async Task Address_that_is_no_channel_is_rejected_with_what_to_try(string typed, string says)
    {
        using var fetcher = Fetcher(new ScriptedYouTube(3));
        var refusal = await Assert.ThrowsAsync<SourceException>(() => Source(fetcher).ResolveAsync(typed, Credentials.None, default));
        Assert.Equal(Failure.Terminal, refusal.Failure);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Single_video_is_looked_up_by_its_address()
    {
        using var fetcher = Fetcher(new ScriptedYouTube(3));
        var draft = await Source(fetcher).LookupAsync(new Uri("https://youtu.be/vid00000002"), default);
        Assert.Equal(("vid00000002", "Film 2", "https://www.youtube.com/watch?v=vid00000002", 12.5), (draft!.NativeId, draft.Title, draft.Url, draft.Metrics["minutes"]));
        Assert.Equal(["sync", "dotnet", "Science & Technology"], draft.Topics);
        Assert.Null(await Source(fetcher).LookupAsync(new Uri("https://www.youtube.com/@junaokvist"), default));
        Assert.Null(await Source(fetcher).LookupAsync(new Uri("https://example.org/watch?v=vid00000002"), default));
        Assert.Equal("noVideo", (await Assert.ThrowsAsync<SourceException>(() => Source(fetcher).LookupAsync(new Uri("https://youtu.be/vid00009999"), default))).Code);
    }

    [Fact]
    public async Task Without_a_key_a_video_is_read_from_its_watch_page()
    {
        const string Page = """
            <html><head><title>x</title><meta property="og:title" content="Offline &amp; happy"><link rel="canonical" href="https://www.youtube.com/watch?v=vid00000002"></head>
            <body><div itemscope itemtype="http://schema.org/VideoObject"><meta itemprop="identifier" content="vid00000002"><meta itemprop="duration" content="PT31M30S">
            <span itemprop="author" itemscope><link itemprop="url" href="http://www.youtube.com/@junaokvist"><link itemprop="name" content="Juna Okvist"></span>
            <meta itemprop="datePublished" content="2026-03-01T10:00:00-08:00"><meta itemprop="genre" content="Education"></div></body></html>
            """;
        var youtube = new ScriptedYouTube { Instead = path => path.Contains("vid00000002", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.OK, Page, "text/html") : ScriptedWeb.Answer(HttpStatusCode.OK, "<html><title>YouTube</title></html>", "text/html") };
        using var fetcher = Fetcher(youtube);
        var draft = await Source(fetcher, null).LookupAsync(new Uri("https://www.youtube.com/watch?v=vid00000002&pp=x"), default);
        Assert.Equal(("Offline & happy", "Juna Okvist", 31.5, new DateTimeOffset(2026, 3, 1, 18, 0, 0, TimeSpan.Zero)), (draft!.Title, draft.Author, draft.Metrics["minutes"], draft.When));
        Assert.Equal(DatePrecision.Exact, draft.DatePrecision);
        Assert.Equal("noVideo", (await Assert.ThrowsAsync<SourceException>(() => Source(fetcher, null).LookupAsync(new Uri("https://youtu.be/vid00009999"), default))).Code);
    }

    [Theory]
    [InlineData("PT45S", 0.8)]
    [InlineData("P1DT2H3M4S", 1563.1)]
    [InlineData("P1W", 10080.0)]
    [InlineData("PT1S", 0.1)]
    [InlineData("P0D", null)]
    [InlineData("PT99999999999999999999H", null)]
    [InlineData("PTS", null)]
    [InlineData("1:30", null)]
    public void Durations_are_minutes_and_none_is_unknown(string duration, double? minutes) =>
        Assert.Equal(minutes, ContributionIngest.Core.Sources.YouTube.YouTubeTime.Minutes(duration));

    [Theory]
    [InlineData("2026-03-01T10:00:00.123456789+00:00", "2026-03-01T10:00:00.1234567Z")]
    [InlineData("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.0000000Z")]
    [InlineData("2026-03-01T10:00:00.5+02:00", "2026-03-01T08:00:00.5000000Z")]
    [InlineData("yesterday, I think", null)]
    [InlineData("", null)]
    public void Times_have_up_to_nine_digits_of_a_second(string text, string? time) =>
        Assert.Equal(time, ContributionIngest.Core.Sources.YouTube.YouTubeTime.Parse(text)?.UtcDateTime.ToString("O"));

    [Theory]
    [InlineData("<feed xmlns=\"http://www.w3.org/2005/Atom\">", "<entry>")]
    [InlineData("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>", "<b>")]
    [InlineData("", "<feed xmlns=\"http://www.w3.org/2005/Atom\">")]
    public async Task Endlessly_nested_feed_is_given_up_early(string start, string again)
    {
        using var fetcher = Fetcher(new ScriptedYouTube());
        var body = System.Text.Encoding.UTF8.GetBytes(start + string.Concat(Enumerable.Repeat(again, 200_000)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(ContributionIngest.Core.Sources.YouTube.ChannelFeed.Read(body));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Null(await Source(fetcher).AcceptAsync(new PushDelivery(Channel, "push", body, new Dictionary<string, string>(), new Dictionary<string, string>()), default));
    }

    [Fact]
    public async Task Endlessly_nested_answer_is_a_transient_failure()
    {
        var youtube = new ScriptedYouTube { Instead = _ => ScriptedWeb.Answer(HttpStatusCode.OK, new string('[', 1_000_000), "application/json") };
        using var fetcher = Fetcher(youtube);
        Assert.Equal(Failure.Transient, (await Assert.ThrowsAsync<SourceException>(() => Source(fetcher).ResolveAsync(Channel, Credentials.None, default))).Failure);
        youtube.Instead = _ => ScriptedWeb.Answer(HttpStatusCode.Forbidden, new string('{', 60_000), "application/json");
        Assert.Equal("denied", (await Assert.ThrowsAsync<SourceException>(() => Source(fetcher).ResolveAsync(Channel, Credentials.None, default))).Code);
    }

    private static Fetcher Fetcher(ScriptedYouTube youtube) => new(youtube.Web, AddressPolicy.PublicOnly, new TestClock(), "test/1");

    private static ISource Source(Fetcher fetcher, string? key = "key-1") => ContributionIngest.Functions.Configuration.SourceList.Of(fetcher, new TestClock(), BackfillTests.Read(With(key))).Get("youtube");
}
