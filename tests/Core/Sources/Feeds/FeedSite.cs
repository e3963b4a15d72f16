using System.Net;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

/// <summary>An invented web of a few addresses and a feed source that sees nothing else.</summary>
internal sealed class FeedSite : IDisposable
{
    public const string Feed = "https://blog.example/feed";

    private readonly Dictionary<string, Func<HttpRequestMessage, HttpResponseMessage>> pages = new(StringComparer.Ordinal);
    private readonly Fetcher fetcher;

    public FeedSite()
    {
        Web = new ScriptedWeb(request => pages.TryGetValue(request.RequestUri!.AbsoluteUri, out var answer)
            ? answer(request)
            : Elsewhere?.Invoke(request) ?? throw new InvalidOperationException($"Nobody scripted {request.RequestUri}."));
        fetcher = new Fetcher(Web, AddressPolicy.PublicOnly, Clock, "test/1");
        Source = new FeedSource(fetcher, Clock);
    }

    public TestClock Clock { get; } = new();

    public ScriptedWeb Web { get; }

    public FeedSource Source { get; }

    /// <summary>What every address answers that is not scripted; without it such a request is an error.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage>? Elsewhere { get; set; }

    public static HttpResponseMessage NotFound(HttpRequestMessage request) => ScriptedWeb.Answer(HttpStatusCode.NotFound, "<title>gone</title>", "text/html");

    public static string Rss(IEnumerable<int> posts, string channel = "") =>
        $"<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:fh=\"http://purl.org/syndication/history/1.0\"><channel>"
        + $"<title>Ann</title><link>https://blog.example/</link>{channel}"
        + string.Concat(posts.Select(Item)) + "</channel></rss>";

    public static string Item(int post) =>
        $"<item><guid isPermaLink=\"false\">g{post}</guid><title>Post {post}</title><link>https://blog.example/p/{post}</link>"
        + $"<pubDate>{new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(post):R}</pubDate></item>";

    public FeedSite On(string address, string body, string? type = "application/rss+xml", params (string Name, string Value)[] headers) =>
        On(address, _ => ScriptedWeb.Answer(HttpStatusCode.OK, body, type, headers));

    public FeedSite On(string address, HttpStatusCode status, string body = "", string? type = "text/html", params (string Name, string Value)[] headers) =>
        On(address, _ => ScriptedWeb.Answer(status, body, type, headers));

    public FeedSite On(string address, Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        pages[address] = answer;
        return this;
    }

    public FeedSite Redirect(string address, int status, string to) => On(address, _ => ScriptedWeb.Redirect(status, to));

    public Task<Place> ResolveAsync(string typed) => Source.ResolveAsync(typed, Credentials.None, default);

    public async Task<List<SourcePage>> ReadAsync(
        string? cursor = null,
        string address = Feed,
        int most = int.MaxValue,
        bool asked = false,
        bool fromStart = false,
        params (string Name, string Value)[] options)
    {
        var pagesRead = new List<SourcePage>();
        var reading = new SourceRequest(Feed, address, cursor, options.ToDictionary(option => option.Name, option => option.Value), Credentials.None)
        {
            IsManual = asked,
            IsFromStart = fromStart,
        };
        await foreach (var page in Source.ReadAsync(reading, default))
        {
            pagesRead.Add(page);
            if (pagesRead.Count == most)
                break;
        }

        return pagesRead;
    }

    public void Dispose()
    {
        fetcher.Dispose();
        Web.Dispose();
    }
}
