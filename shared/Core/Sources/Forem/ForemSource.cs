using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Forem;

/// <summary>A person's articles on dev.to, or on another community that runs Forem, by the public API: the whole past, with reactions and comments.</summary>
public sealed partial class ForemSource(Fetcher fetcher, TimeProvider time, ForemOptions options) : ISource
{
    private const string Try = "Type the name or the address of a profile, such as dev.to/your-name.";

    private readonly ForemApi api = new(fetcher);
    private readonly ArticleReader reader = new(new ForemApi(fetcher), time);

    /// <summary>Pages of a community that are no profile.</summary>
    private static readonly string[] Pages =
        ["about", "api", "admin", "badges", "code-of-conduct", "connect", "contact", "dashboard", "enter", "events", "faq", "feed", "guides", "latest", "listings", "new", "notifications", "pod", "privacy", "readinglist", "search", "settings", "t", "tags", "terms", "top", "videos", "videos_count"];

    public SourceInfo Info { get; } = new("forem", [Kind.BlogPost])
    {
        // A site below a path shares its host with others.
        Hosts = ["dev.to", "forem.com", "community.codenewbie.org", .. options.Site.AbsolutePath == "/" && options.Site.Host != "dev.to" ? [options.Site.Authority] : Array.Empty<string>()],
    };

    public async Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel)
    {
        if (Reference(typed) is not var (site, name))
            throw SourceException.Terminal("notForem", $"This names no profile of a Forem community. {Try}");
        var answer = await api.UserAsync(site, name, cancel);
        if (answer.Outcome is FetchOutcome.Missing or FetchOutcome.Gone)
            throw SourceException.Terminal("noAccount", $"{site.Host} knows nobody called {name}, or is no Forem community. {Try}");
        if (answer.Outcome != FetchOutcome.Content)
            throw ForemApi.Failure(answer);
        if (LenientJson.Parse(answer.Body) is not { ValueKind: JsonValueKind.Object } user || user.Text("username") is not { } username)
            throw SourceException.Terminal("notForem", $"{site.Host} does not answer as a Forem community does. {Try}");
        var account = new ForemAccount(site, username.ToLowerInvariant());
        return new Place(account.Origin, account.Articles.AbsoluteUri, $"{user.Text("name") ?? username} on {account.Community}", account.Page);
    }

    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => reader.ReadAsync(reading, cancel);

    /// <summary>There are no pushes of articles.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Draft>?>([]);

    /// <summary>The page of an article says all that is needed.</summary>
    public Task<Draft?> LookupAsync(Uri address, CancellationToken cancel) => Task.FromResult<Draft?>(null);

    private (Uri Site, string Name)? Reference(string typed)
    {
        var text = typed.Trim().TrimEnd('/');
        var bare = text.TrimStart('@');
        if (Username().IsMatch(bare) && !Pages.Contains(bare, StringComparer.OrdinalIgnoreCase))
            return (options.Site, bare);
        if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var address) || !HttpAddress.IsHttp(address))
            return null;
        var root = options.Site.AbsolutePath.TrimEnd('/');
        var isOwn = address.Authority == options.Site.Authority && address.AbsolutePath.StartsWith(root + "/", StringComparison.Ordinal);
        var parts = (isOwn ? address.AbsolutePath[root.Length..] : address.AbsolutePath).Split('/', StringSplitOptions.RemoveEmptyEntries);

        // The address of the feed names the same profile.
        if (parts is ["feed", _, ..])
            parts = parts[1..];
        if (parts.Length == 0 || parts[0].TrimStart('@') is not { } name || !Username().IsMatch(name) || Pages.Contains(name, StringComparer.OrdinalIgnoreCase))
            return null;
        return (isOwn || HttpAddress.WithoutWww(address.Host) == options.Site.Host ? options.Site : new Uri(address.GetLeftPart(UriPartial.Authority)), name);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_]{1,40}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Username();
}

/// <param name="Site">The community for names and addresses without one.</param>
public sealed record ForemOptions(Uri Site);
