using System.Globalization;
using System.Net;
using System.Security;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>One post as a blog tells it.</summary>
internal sealed record Post(string Guid, string Title, string Link, DateTimeOffset? Date = null, string? Summary = null, string? Category = null);

/// <summary>Invented blogs with one feed each, whose answers a test may change between two harvests.</summary>
internal sealed class Blogs
{
    private readonly Dictionary<string, Func<HttpRequestMessage, HttpResponseMessage>> answers = new(StringComparer.Ordinal);
    private readonly HashSet<string> sites = new(StringComparer.Ordinal);

    public Blogs() => Web = new ScriptedWeb(Answer);

    public ScriptedWeb Web { get; }

    public static DateTimeOffset Day(int day, int hour = 9) => new(2026, 5, day, hour, 0, 0, TimeSpan.Zero);

    public static Post Post(int number, string host = "one.example") => new(
        $"guid-{number}", $"Post {number}", $"https://{host}/posts/{number}", Day(1 + (number % 28)), $"About {number}.", number % 2 == 0 ? "even" : "odd");

    /// <summary>An RSS feed at an address; an ETag over its content when <paramref name="validators"/> says so.</summary>
    public void Rss(string address, IEnumerable<Post> posts, string title = "One", bool validators = true)
    {
        var body = Rss(address, title, posts);
        var etag = $"\"{body.GetHashCode(StringComparison.Ordinal):x}\"";
        On(address, request =>
        {
            if (validators && request.Headers.IfNoneMatch.Any(e => e.Tag == etag))
                return ScriptedWeb.Answer(304, [], null, ("ETag", etag));
            (string, string)[] headers = validators ? [("ETag", etag)] : [];
            return ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml; charset=utf-8", headers);
        });
    }

    public void On(string address, Func<HttpRequestMessage, HttpResponseMessage> answer) => answers[address] = answer;

    public void On(string address, HttpStatusCode status, string body = "", string? type = null, params (string Name, string Value)[] headers) =>
        On(address, _ => ScriptedWeb.Answer(status, body, type, headers));

    /// <summary>Everything else on that host is not found, where otherwise it would be an error to ask.</summary>
    public void NothingElse(string host) => sites.Add(host);

    public static string Rss(string address, string title, IEnumerable<Post> posts)
    {
        var site = new Uri(new Uri(address), "/").AbsoluteUri;
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>{title}</title><link>{site}</link>"
            + string.Concat(posts.Select(Item)) + "</channel></rss>";
    }

    private static string Item(Post post)
    {
        var date = post.Date is { } d ? $"<pubDate>{d.ToString("R", CultureInfo.InvariantCulture)}</pubDate>" : "";
        var category = post.Category is null ? "" : $"<category>{post.Category}</category>";
        return $"<item><guid isPermaLink=\"false\">{post.Guid}</guid><title>{SecurityElement.Escape(post.Title)}</title>"
            + $"<link>{SecurityElement.Escape(post.Link)}</link>{date}{category}<description>{SecurityElement.Escape(post.Summary)}</description></item>";
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var address = request.RequestUri!.AbsoluteUri;
        if (answers.TryGetValue(address, out var answer))
            return answer(request);
        return sites.Contains(request.RequestUri.Host)
            ? ScriptedWeb.Answer(HttpStatusCode.NotFound, "nothing here", "text/plain")
            : throw new InvalidOperationException($"Nobody scripted {address}.");
    }
}
