using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Discourse;

/// <summary>What a person answers in a forum that runs Discourse, as anybody can see it: accepted solutions, and replies in other people's topics.</summary>
public sealed partial class DiscourseSource(Fetcher fetcher, TimeProvider time, DiscourseOptions options) : ISource
{
    private const string Try = "Open your profile in the forum and give its address, which looks like https://forum.example/u/your-name.";

    private readonly DiscourseApi api = new(fetcher);
    private readonly AnswersReader reader = new(new DiscourseApi(fetcher), time);

    public SourceInfo Info { get; } = new("discourse", [Kind.ForumAnswer])
    {
        HasNames = false,
        Hosts = options.Site is { AbsolutePath: "/" } site ? [site.Authority] : [],
        Claims = address => ProfilePath().IsMatch(address.AbsolutePath),
        Options = [new("what", "which posts: solutions only, or replies too", ["solutions", "replies"])],
    };

    public async Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel)
    {
        if (Account(typed) is not { } account)
            throw SourceException.Terminal("notDiscourse", $"This names nobody in a Discourse forum. {Try}");
        var answer = await api.UserAsync(account, cancel);
        if (answer.Outcome == FetchOutcome.Denied)
            throw DiscourseApi.Failure(answer, account);
        var forum = await api.ForumAsync(account.Forum, cancel);
        if (answer.Outcome is FetchOutcome.Missing or FetchOutcome.Gone)
        {
            throw forum is null
                ? SourceException.Terminal("notDiscourse", $"{account.Forum.Host} does not answer as a Discourse forum does. {Try} If it is a blog, give the address of its feed.")
                : SourceException.Terminal("noAccount", $"{forum} shows nobody called {account.Name}: the name is mistyped, or the profile is hidden. In the forum's preferences, under Interface or Profile, it can be made public.");
        }

        if (answer.Outcome != FetchOutcome.Content)
            throw DiscourseApi.Failure(answer, account);
        if (LenientJson.Parse(answer.Body) is not { ValueKind: JsonValueKind.Object } json || json.Text("user", "username") is not { } username)
            throw SourceException.Terminal("notDiscourse", $"{account.Forum.Host} does not answer as a Discourse forum does. {Try} If it is a blog, give the address of its feed.");
        account = account with { Name = username.ToLowerInvariant() };
        return new Place(account.Origin, account.Actions.AbsoluteUri, $"{json.Text("user", "name") ?? username} in {forum ?? account.Forum.Host}", account.Page);
    }

    /// <summary>Options: <c>what</c>, <c>solutions</c> or <c>replies</c> (default: both).</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => reader.ReadAsync(reading, cancel);

    /// <summary>There are no pushes of posts.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Draft>?>([]);

    /// <summary>A topic's address does not tell which forum it is in.</summary>
    public Task<Draft?> LookupAsync(Uri address, CancellationToken cancel) => Task.FromResult<Draft?>(null);

    private ForumAccount? Account(string typed)
    {
        var text = typed.Trim();
        if (options.Site is { } site && UserName().IsMatch(text.TrimStart('@')))
            return new(site, text.TrimStart('@'));
        if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var address) || !HttpAddress.IsHttp(address))
            return null;
        return ProfilePath().Match(address.AbsolutePath) is { Success: true } match
            ? new(new Uri(address.GetLeftPart(UriPartial.Authority) + match.Groups["root"].Value), Uri.UnescapeDataString(match.Groups["name"].Value))
            : null;
    }

    /// <summary>A forum may be below a path.</summary>
    [GeneratedRegex(@"^(?<root>(/[A-Za-z0-9._~\-]{1,60}){0,3})/u/(?<name>[^/]{1,100}?)(\.json)?(/(summary|activity|badges|notifications|messages|preferences)(/.*)?)?/?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ProfilePath();

    [GeneratedRegex(@"^[\p{L}\p{N}_.\-]{1,60}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UserName();
}

/// <param name="Site">The forum that a name alone is looked for in; null: only addresses are accepted.</param>
public sealed record DiscourseOptions(Uri? Site);
