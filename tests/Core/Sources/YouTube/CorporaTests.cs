using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Web;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>Outside answers, errors, deliveries and verification requests (<c>youtube-websub</c>): each has to mean what its expectation says.</summary>
public sealed class CorporaTests
{
    private const string Set = "youtube-websub";
    private const string Channel = "UCAAAAAAAAAAAAAAAAAAAAAA";
    private static readonly DateTimeOffset Now = new(2024, 3, 15, 12, 0, 0, TimeSpan.Zero);

    [CorporaFact]
    public async Task Every_corpus_file_meets_its_expectation()
    {
        var expected = Expected().GetProperty("files");
        var files = Directory.GetFiles(Corpora.Path(Set, "input")).Select(Path.GetFileName).OfType<string>().ToList();
        Assert.Equal(expected.EnumerateObject().Select(file => file.Name).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        foreach (var file in files)
        {
            var (body, meaning) = (await File.ReadAllBytesAsync(Corpora.Path(Set, "input", file)), expected.GetProperty(file));
            if (file.EndsWith(".xml", StringComparison.Ordinal))
                await PushedAsync(file, body, meaning);
            else if (meaning.TryGetProperty("http_status", out var status))
                await FailedAsync(file, body, status.GetInt32(), meaning.GetProperty("class").GetString()!);
            else if (meaning.TryGetProperty("uploads_playlist", out var playlist))
                await ResolvedAsync(body, playlist.GetString()!);
            else if (file.StartsWith("playlistItems", StringComparison.Ordinal))
                await ListedAsync(body, meaning);
            else
                await DescribedAsync(file, body, meaning.GetProperty("videos"));
        }
    }

    [CorporaFact]
    public async Task Every_verification_request_of_the_corpus_gets_the_expected_answer()
    {
        foreach (var asked in Expected().GetProperty("verification_requests").EnumerateArray())
        {
            var query = asked.GetProperty("query").GetString()!;
            var youtube = new ScriptedYouTube();
            youtube.Instead = call => call.StartsWith("/channel/", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.OK, "<html></html>", "text/html")
                : call.StartsWith("/feeds/", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.OK, "<feed xmlns=\"http://www.w3.org/2005/Atom\"/>", "text/xml") : null;
            await using var app = await AppFixture.StartAsync(youtube.Web, settings: ScriptedYouTube.With(null));
            await app.ConnectAsync(Channel, "youtube");
            using var client = app.App.GetTestClient();
            var callback = new Ask(ScriptedYouTube.Hub, youtube.Asked).Path;

            using var answer = await client.GetAsync(new Uri($"{callback}?{query}", UriKind.Relative));

            Assert.True((int)answer.StatusCode == asked.GetProperty("status").GetInt32(), $"{query}: {answer.StatusCode}");
            if (!asked.TryGetProperty("body", out var body))
                continue;
            Assert.Equal(body.GetString(), await answer.Content.ReadAsStringAsync());
            Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
            var parsed = HttpUtility.ParseQueryString(query);
            var lease = WebSub.Verify(parsed.AllKeys.ToDictionary(k => k!, k => parsed[k]!, StringComparer.Ordinal), "subscribe", parsed["hub.topic"]!).Lease;
            Assert.Equal(asked.GetProperty("lease_s").GetInt32(), lease?.TotalSeconds);
        }
    }

    private static async Task PushedAsync(string file, byte[] body, JsonElement meaning)
    {
        if (meaning.TryGetProperty("signature", out var signature))
        {
            var secret = signature.GetProperty("secret").GetString()!;
            var headers = signature.GetProperty("X-Hub-Signature");
            foreach (var header in headers.ValueKind == JsonValueKind.Array ? headers.EnumerateArray() : Enumerable.Repeat(headers, 1))
            {
                Assert.True(WebSub.IsSigned(header.GetString(), ContributionIngest.Tests.Core.Push.Delivered.Of(body), secret), $"{file}: {header}");
                Assert.False(WebSub.IsSigned(header.GetString(), ContributionIngest.Tests.Core.Push.Delivered.Of(body), secret + "x"), file);
            }
        }

        using var web = new ScriptedWeb(request => throw new InvalidOperationException($"{file} asked for {request.RequestUri}."));
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, new TestClock(Now), "test/1");
        var drafts = await Source(fetcher, null).AcceptAsync(new PushDelivery(Channel, "push", body, new Dictionary<string, string>(), new Dictionary<string, string>()), default);
        Assert.Empty(web.Asked);
        if (meaning.TryGetProperty("must", out _))
        {
            Assert.DoesNotContain(Environment.MachineName, string.Concat((drafts ?? []).Select(draft => draft.Title)), StringComparison.Ordinal);
            return;
        }

        var draft = Assert.Single(drafts!);
        Assert.Equal(meaning.GetProperty("video_id").GetString(), draft.NativeId);
        if (meaning.GetProperty("kind").GetString() == "deleted")
            Assert.Equal((Status.Removed, meaning.GetProperty("when").GetDateTimeOffset()), (draft.Status, draft.Version));
        foreach (var (name, value) in new[] { ("title", draft.Title), ("url", draft.Url), ("channel", draft.Author) })
        {
            if (meaning.TryGetProperty(name, out var told))
                Assert.Equal(told.GetString(), value);
        }

        if (meaning.TryGetProperty("published", out var published))
            Assert.Equal(published.GetDateTimeOffset(), draft.When);
        if (meaning.TryGetProperty("updated", out var updated))
            Assert.True((updated.GetDateTimeOffset() - draft.Version)?.Duration() < TimeSpan.FromSeconds(1), file);
    }

    /// <summary>The classes of errors: what goes away by itself, what somebody has to see to, what is gone.</summary>
    private static async Task FailedAsync(string file, byte[] body, int status, string kind)
    {
        using var web = new ScriptedWeb(request => request.RequestUri!.AbsolutePath.EndsWith("/channels", StringComparison.Ordinal)
            ? ScriptedWeb.Answer(HttpStatusCode.OK, "{}", "application/json")
            : ScriptedWeb.Answer(status, body, "application/json"));
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, new TestClock(Now), "test/1");
        var failure = await Assert.ThrowsAsync<SourceException>(() => PagesAsync(fetcher));
        var expected = kind.StartsWith("source gone", StringComparison.Ordinal) ? Failure.Gone
            : kind.Contains("retry", StringComparison.Ordinal) && !kind.Contains("no retry", StringComparison.Ordinal) || kind.Contains("quota", StringComparison.Ordinal) ? Failure.Transient
            : Failure.Terminal;
        Assert.True(expected == failure.Failure, $"{file} ({kind}): {failure.Failure} {failure.Code}");
        if (failure.Code == "quotaSpent")
            Assert.Equal(new DateTimeOffset(2024, 3, 16, 7, 0, 0, TimeSpan.Zero), failure.RetryAt);
    }

    private static async Task ResolvedAsync(byte[] body, string playlist)
    {
        using var web = new ScriptedWeb(_ => ScriptedWeb.Answer(200, body, "application/json"));
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, new TestClock(Now), "test/1");
        var place = await Source(fetcher).ResolveAsync("@whoever", Credentials.None, default);
        Assert.EndsWith(playlist, place.Address, StringComparison.Ordinal);
    }

    /// <summary>The page's videos are asked for, each once and dated as listed, and the next page by its token.</summary>
    private static async Task ListedAsync(byte[] body, JsonElement meaning)
    {
        var tokens = new List<string>();
        var asked = new List<string>();
        using var web = new ScriptedWeb(request =>
        {
            var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
            if (query["id"] is { } ids)
                asked.AddRange(ids.Split(','));
            else if (query["pageToken"] is { } token)
                tokens.Add(token);
            return ScriptedWeb.Answer(200, query["id"] is null && query["pageToken"] is null ? body : "{\"items\":[]}"u8.ToArray(), "application/json");
        });
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, new TestClock(Now), "test/1");
        await PagesAsync(fetcher);
        var (listed, next) = meaning.TryGetProperty("distinct_videos", out var distinct)
            ? (distinct.EnumerateArray().Select(id => id.GetString()!), null)
            : (meaning.GetProperty("videos").EnumerateArray().Select(video => video.GetProperty("video_id").GetString()!), meaning.GetProperty("next").GetString());
        Assert.Equal(listed, asked);
        if (!meaning.TryGetProperty("videos", out var videos))
            return;
        Assert.Equal(next, tokens.SingleOrDefault());
        var page = ContributionIngest.Core.Sources.YouTube.UploadsPage.Of(JsonDocument.Parse(body).RootElement, body);
        Assert.Equal(videos.EnumerateArray().Select(video => (video.GetProperty("video_id").GetString()!, (DateTimeOffset?)video.GetProperty("published").GetDateTimeOffset())), page.Items.Select(item => (item.Id, item.Published)));
        var site = new ContributionIngest.Core.Sources.YouTube.YouTubeSite(BackfillTests.Read(ScriptedYouTube.Settings).YouTube);
        Assert.Equal(videos.EnumerateArray().Select(video => video.GetProperty("url").GetString()), page.Items.Select(item => site.Video(item.Id)));
        
    }

    private static async Task DescribedAsync(string file, byte[] body, JsonElement videos)
    {
        using var web = new ScriptedWeb(_ => ScriptedWeb.Answer(200, body, "application/json"));
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, new TestClock(Now), "test/1");
        var push = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:yt=\"http://www.youtube.com/xml/schemas/2015\">"
            + string.Concat(videos.EnumerateArray().Select(video => $"<entry><yt:videoId>{video.GetProperty("video_id")}</yt:videoId><yt:channelId>{Channel}</yt:channelId></entry>")) + "</feed>";
        var drafts = (await Source(fetcher).AcceptAsync(
            new PushDelivery(Channel, "push", System.Text.Encoding.UTF8.GetBytes(push), new Dictionary<string, string>(), new Dictionary<string, string>()), default))!.ToDictionary(draft => draft.NativeId, StringComparer.Ordinal);
        Assert.Equal(videos.GetArrayLength(), drafts.Count);
        foreach (var video in videos.EnumerateArray())
        {
            var draft = drafts[video.GetProperty("video_id").GetString()!];
            var seconds = video.GetProperty("duration_s").GetDouble();
            Assert.True(seconds == 0 ? !draft.Metrics.ContainsKey("minutes") : draft.Metrics["minutes"] == Math.Max(0.1, Math.Round(seconds / 60, 1)), $"{file} {draft.NativeId}");
            var live = video.TryGetProperty("live", out var word) ? word.GetString() : "none";
            Assert.Equal(live switch { "upcoming" => Status.Scheduled, "live" => Status.Live, _ => Status.Published }, draft.Status);
            foreach (var (name, metric) in new[] { ("views", "views"), ("likes", "likes"), ("comments", "comments") })
            {
                if (video.TryGetProperty(name, out var told))
                    Assert.Equal<double?>(told.ValueKind == JsonValueKind.Null ? null : told.GetDouble(), draft.Metrics.TryGetValue(metric, out var value) ? value : null);
            }
        }
    }

    private static async Task<List<SourcePage>> PagesAsync(Fetcher fetcher)
    {
        var pages = new List<SourcePage>();
        await foreach (var page in Source(fetcher).ReadAsync(new SourceRequest(Channel, "", null, new Dictionary<string, string>(), Credentials.None), default))
            pages.Add(page);
        return pages;
    }

    private static ISource Source(Fetcher fetcher, string? key = "key-1") => ContributionIngest.Functions.Configuration.SourceList.Of(fetcher, new TestClock(Now), BackfillTests.Read(ScriptedYouTube.With(key))).Get("youtube");

    private static JsonElement Expected() => JsonDocument.Parse(File.ReadAllText(Corpora.Path(Set, "expected.json"))).RootElement;
}
