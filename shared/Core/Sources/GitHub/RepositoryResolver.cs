using System.Text.Json;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Text;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// The repositories of search results. Search gives their names, which change, but identities use the numeric id, so that an item found without
/// a token is the same once there is one. Each repository is fetched once; sixty requests an hour are free.
/// </summary>
internal sealed class RepositoryResolver
{
    /// <summary>Days until a name is looked up again, in case another repository has taken it.</summary>
    private const int DaysUntilStale = 30;

    /// <summary>Characters of the cursor for the repositories.</summary>
    private const int MaxText = 18_000;

    private const int MaxTopics = 10;

    private readonly GitHubApi github;
    private readonly Dictionary<string, CachedRepository> known;
    private readonly int today;

    public RepositoryResolver(GitHubApi github, IReadOnlyDictionary<string, CachedRepository> kept)
    {
        this.github = github;
        today = (int)(github.Now - DateTimeOffset.UnixEpoch).TotalDays;
        known = new(kept.Where(pair => pair.Value is not null && pair.Value.Day > today - DaysUntilStale), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The last page had names that were not known before.</summary>
    public bool HasNewEntries { get; private set; }

    /// <summary>Rows of the last page that could not be read, or whose repository could not.</summary>
    public int Unreadable { get; private set; }

    public IReadOnlyList<Repair> Repairs => Unreadable > 0 ? [new Repair("itemSkipped", Unreadable, "The repository cannot be read.")] : [];

    /// <summary>As many as a cursor has room for, the latest first: more than an hour's requests can fetch.</summary>
    public IReadOnlyDictionary<string, CachedRepository> CursorEntries
    {
        get
        {
            var room = MaxText;
            return known.Reverse().TakeWhile(pair => (room -= Length(pair.Key, pair.Value)) >= 0).Reverse()
                .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>The end of <c>repository_url</c>, which is all a search result has.</summary>
    public static string? NameOf(JsonElement row) =>
        row.Text("repository_url") is { } url && url.Split('/') is [.., var owner, var name] && IsName(owner) && IsName(name) ? $"{owner}/{name}" : null;

    /// <returns>The readable rows, and the temporary failure that kept the rest from being read.</returns>
    public async Task<(IReadOnlyList<PullRequest> Rows, SourceException? Limit)> ResolveAsync(IReadOnlyList<JsonElement> results, CancellationToken cancel)
    {
        (HasNewEntries, Unreadable) = (false, 0);
        var rows = new List<PullRequest>();
        foreach (var row in results)
        {
            SourceException? limit = null;
            var home = NameOf(row) is { } name ? known.GetValueOrDefault(name) : new CachedRepository(0, null, null, null, today);
            if (home is null)
                (home, limit) = await FetchAsync(NameOf(row)!, cancel);
            if (limit is not null)
                return (rows, limit);
            if (home!.Id > 0 && Read(row, home) is { } read)
                rows.Add(read);
            else if (home.Id != CachedRepository.NotPublic)
                Unreadable++;
        }

        return (rows, null);
    }

    /// <summary>Unreadable repositories are fetched again.</summary>
    public void RemoveUnreadable()
    {
        foreach (var name in known.Where(pair => pair.Value.Id == 0).Select(pair => pair.Key).ToList())
            known.Remove(name);
    }

    private async Task<(CachedRepository? Home, SourceException? Limit)> FetchAsync(string name, CancellationToken cancel)
    {
        CachedRepository home;
        try
        {
            var parts = name.Split('/');
            home = Home(await github.Client(null, cancel).Repository.Get(Uri.EscapeDataString(parts[0]), Uri.EscapeDataString(parts[1])));
        }
        catch (ApiException refusal) when (GitHubFailures.IsLimit(refusal) || GitHubFailures.IsTransient(refusal))
        {
            return (null, GitHubFailures.Of(refusal, github.Now));
        }
        catch (ApiException)
        {
            home = Home(null);
        }

        HasNewEntries = true;
        return (known[name] = home, null);
    }

    /// <summary>Octokit reads a missing <c>private</c> as false, so the visibility has to say that it is public.</summary>
    private CachedRepository Home(Repository? fetched) => fetched switch
    {
        { Private: false, Visibility: RepositoryVisibility.Public, Id: > 0, FullName.Length: > 0 } =>
            new(fetched.Id, fetched.FullName, fetched.Language, [.. (fetched.Topics ?? []).Take(MaxTopics)], today),
        { Private: true } or { Visibility: RepositoryVisibility.Private or RepositoryVisibility.Internal } => new(CachedRepository.NotPublic, null, null, null, today),
        _ => new(0, null, null, null, today),
    };

    private static bool IsName(string part) => part is not ("" or "." or "..");

    private static int Length(string name, CachedRepository repository) =>
        name.Length + 4 + JsonSerializer.SerializeToUtf8Bytes(repository, GitHubCursorJson.Default.CachedRepository).Length;

    /// <summary>Without the stars of a repository fetched long ago.</summary>
    private static PullRequest? Read(JsonElement row, CachedRepository home) => home.Name is null ? null
        : RestReader.PullRequest(row, new GitHubRepository(home.Id, home.Name, RepositoryUrl(row, home.Name), home.Language, home.Topics ?? [], null));

    /// <summary>The site's address of the repository, from that of the pull request.</summary>
    private static string? RepositoryUrl(JsonElement row, string name) =>
        row.Text("html_url") is { } url && url.LastIndexOf("/pull/", StringComparison.Ordinal) is > 0 and var end
            && url[..end].Split('/') is [.. var site, _, _]
            ? string.Join('/', site) + "/" + name
            : null;
}
