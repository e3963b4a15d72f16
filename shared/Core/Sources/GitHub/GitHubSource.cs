using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// A person's public pull requests on GitHub or an Enterprise server. The origin is the account's numeric id, so a new login changes nothing; the
/// address is the API's for the current login.
/// </summary>
public sealed class GitHubSource : IAccountSource
{
    public const string Name = "github";
    private const string OwnRepositories = "ownRepositories";

    private readonly GitHubOptions options;
    private readonly GitHubApi github;
    private readonly AccountResolver accounts;

    public GitHubSource(Fetcher fetcher, GitHubOptions options, TimeProvider time)
    {
        this.options = options;
        github = new GitHubApi(fetcher, options, time);
        accounts = new AccountResolver(github, options);
        Info = new SourceInfo(Name, [Kind.PullRequest])
        {
            Options = [SourceOption.Flag(OwnRepositories, "whether pull requests in your own repositories count as well")],

            // A site below a path shares its host with others.
            Hosts = options.Site.AbsolutePath == "/" ? [options.Site.Authority] : [],
        };
    }

    public SourceInfo Info { get; }

    /// <summary>Accepts a login, with or without @, or the address of a profile.</summary>
    public async Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel)
    {
        return PlaceOf(await accounts.FindAsync(typed, credentials.Token ?? options.Token, cancel));
    }

    public async Task<SourceAccount> AccountAsync(string token, CancellationToken cancel)
    {
        var account = await accounts.OwnAsync(token, cancel);
        return new SourceAccount(account.Origin, account.Login, [PlaceOf(account)]);
    }

    private Place PlaceOf(Account account) => new(account.Origin, github.UserAddress(account.Login), account.Name ?? account.Login, account.Url);

    /// <summary>Option: <c>ownRepositories</c>. By GraphQL with a token, otherwise by search, which has fewer details.</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) =>
        (reading.Credentials.Token ?? options.Token) is { } token ? ReadAsync(reading, token, cancel) : SearchAsync(reading, null, cancel);

    /// <summary>A token that single sign-on refuses is done without: what is public needs none.</summary>
    private async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, string token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pages = new GraphQlReader(github, accounts).ReadAsync(reading, Login(reading), Cursor(reading, GitHubCursor.GraphQl), token, cancel).GetAsyncEnumerator(cancel);
        SourceException? refusal = null;
        await using (pages)
        {
            while (await MoveAsync())
                yield return pages.Current;
        }

        if (refusal is null)
            yield break;
        await foreach (var page in SearchAsync(reading, refusal.Message, cancel))
            yield return page;

        async Task<bool> MoveAsync()
        {
            try
            {
                return await pages.MoveNextAsync();
            }
            catch (SourceException failure) when (failure.Code == SingleSignOn.Code)
            {
                refusal = failure;
                return false;
            }
        }
    }

    /// <param name="refusal">Why the token cannot be used; null without one.</param>
    private IAsyncEnumerable<SourcePage> SearchAsync(SourceRequest reading, string? refusal, CancellationToken cancel) =>
        new SearchReader(github, accounts, options).ReadAsync(reading, Login(reading), Cursor(reading, GitHubCursor.Search) with { Refusal = refusal }, cancel);

    private GitHubCursor Cursor(SourceRequest reading, string by) => GitHubCursor.Parse(reading.Cursor, by, Own(reading.Options), reading.IsFromStart, github.Now);

    private static string Login(SourceRequest reading) => reading.Address[(reading.Address.LastIndexOf('/') + 1)..];

    /// <summary>
    /// A webhook delivery; other people's contributions in it are left out. One without a timestamp may be late, and only causes the account to be read.
    /// </summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel)
    {
        if (GitHubWebhook.PullRequestOf(push.Event, push.Body) is not var (author, pullRequest)
            || !string.Equals(author.ToString(CultureInfo.InvariantCulture), push.Origin, StringComparison.Ordinal) || (pullRequest.IsOwn && !Own(push.Options)))
        {
            return Task.FromResult<IReadOnlyList<Draft>?>([]);
        }

        return Task.FromResult<IReadOnlyList<Draft>?>(pullRequest.Updated is null ? null : [pullRequest.ToDraft()]);
    }

    /// <summary>Accepts the address of a pull request, or of one of its pages.</summary>
    public async Task<Draft?> LookupAsync(Uri address, CancellationToken cancel)
    {
        if (options.PathSegments(address) is not [var owner, var repository, "pull", var digits, ..] || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        try
        {
            var answer = await github.GetAsync(ApiUrls.PullRequest(Uri.EscapeDataString(owner), Uri.EscapeDataString(repository), number), null, options.Token, cancel);
            return RestReader.PullRequest(answer.Json ?? throw GitHubFailures.Unreadable(answer.Answer), default(JsonElement)) is { } pullRequest
                ? pullRequest.ToDraft()
                : throw SourceException.Terminal(
                    "private", $"{owner}/{repository} is not public, and only public contributions are read. Log it by hand if you may share it.");
        }
        catch (ApiException refusal) when (refusal.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            throw SourceException.Terminal("noSuchPullRequest", $"{options.Site.Host} shows no pull request {digits} in {owner}/{repository}: it may be private, or gone.");
        }
        catch (ApiException refusal)
        {
            throw GitHubFailures.Of(refusal, github.Now);
        }
    }

    private static bool Own(IReadOnlyDictionary<string, string> options) => options.GetValueOrDefault(OwnRepositories) == "true";
}

/// <summary>Which GitHub instance, and the token for it.</summary>
/// <param name="Api">REST; GraphQL is below it. On an Enterprise server <c>https://HOST/api/v3</c>, and GraphQL is <c>/api/graphql</c>.</param>
/// <param name="Site">The site people use.</param>
/// <param name="Token">Reads public data for everyone; null: only what needs no token.</param>
public sealed record GitHubOptions(Uri Api, Uri Site, string? Token)
{
    public Uri GraphQl => Api.AbsolutePath.EndsWith("/v3", StringComparison.Ordinal)
        ? new Uri(Api.AbsoluteUri[..^"v3".Length] + "graphql")
        : new Uri(Api.AbsoluteUri.TrimEnd('/') + "/graphql");

    /// <summary>Without the token.</summary>
    public override string ToString() => Api.AbsoluteUri;

    /// <summary>The segments of an address' path below the site; null if it is elsewhere.</summary>
    internal string[]? PathSegments(string typed)
    {
        var text = typed.Contains("://", StringComparison.Ordinal) ? typed : "https://" + typed;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) ? PathSegments(address) : null;
    }

    internal string[]? PathSegments(Uri address)
    {
        var isHere = string.Equals(address.Authority, Site.Authority, StringComparison.OrdinalIgnoreCase)
            || string.Equals(address.Authority, "www." + Site.Authority, StringComparison.OrdinalIgnoreCase);
        var root = Site.AbsolutePath.TrimEnd('/') + "/";
        return isHere && (address.AbsolutePath + "/").StartsWith(root, StringComparison.Ordinal)
            ? (address.AbsolutePath + "/")[root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries)
            : null;
    }
}
