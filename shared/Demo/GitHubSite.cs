using System.Globalization;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>The demo's GitHub: GraphQL and REST below <c>api</c>, and HTML pages.</summary>
internal sealed class GitHubSite(World world) : IWorldSite
{
    private readonly WorldGitHub github = World.Read<WorldGitHub>("github");

    public string Name => github.Site;

    public string Source => "github";

    public string Typed => github.Login;

    public string About => github.About;

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["GitHubApi"] = Address("api"),
        ["GitHubSite"] = world.Address(github.Site),
        ["GitHubToken"] = "demo-token",
    };

    public void Map(RouteGroupBuilder site)
    {
        var api = site.MapGroup("/api").AddEndpointFilter((call, next) =>
        {
            call.HttpContext.Response.Headers["X-RateLimit-Remaining"] = "4990";
            return next(call);
        });
        api.MapPost("/graphql", (GitHubQuery query) => Results.Json(Answer(query.Variables)));
        api.MapGet("/users/{login}", (string login) => Resource(IsPerson(login) ? User() : null));
        api.MapGet("/user/{id:long}", (long id) => Resource(id == github.Id ? User() : null));
        api.MapGet("/repos/{owner}/{name}", (string owner, string name) => Resource(FindRepository($"{owner}/{name}") is { } repository ? Repository(repository) : null));
        api.MapGet("/repos/{owner}/{name}/pulls/{number:int}", (string owner, string name, int number) =>
            Resource(Find($"{owner}/{name}", number) is { } pull ? PullRequest(pull) : null));

        site.MapGet("/{login}", (string login) => IsPerson(login) ? Page(world.Person.Name, github.About) : Results.NotFound());
        site.MapGet("/{owner}/{name}", (string owner, string name) => FindRepository($"{owner}/{name}") is { } repository ? Page(repository.Name, repository.Language ?? "text") : Results.NotFound());
        site.MapGet("/{owner}/{name}/pull/{number:int}", (string owner, string name, int number) =>
            Find($"{owner}/{name}", number) is { } pull ? Page(pull.Title, $"{pull.State}, in {pull.In}") : Results.NotFound());
    }

    /// <summary>A page of the person's pull requests, selected by the variables.</summary>
    private object Answer(GitHubVariables variables)
    {
        if (!IsPerson(variables.Login))
            return new { Data = new { User = (object?)null }, Errors = new[] { new { Type = "NOT_FOUND", Path = new[] { "user" }, Message = $"Could not resolve to a User with the login of '{variables.Login}'." } } };
        var all = github.PullRequests.OrderBy(pull => variables.Field == "UPDATED_AT" ? Updated(pull) : Created(pull)).ThenBy(pull => pull.Number).ToList();
        if (variables.Direction == "DESC")
            all.Reverse();
        var end = int.Parse(variables.After ?? "0", CultureInfo.InvariantCulture) + variables.First;
        return new
        {
            Data = new
            {
                RateLimit = new { Cost = 1, Remaining = 4990, ResetAt = world.When(0, "23:59").UtcDateTime },
                User = new
                {
                    DatabaseId = github.Id,
                    github.Login,
                    world.Person.Name,
                    Url = Address(github.Login),
                    PullRequests = new
                    {
                        TotalCount = all.Count,
                        PageInfo = new { HasNextPage = end < all.Count, EndCursor = end.ToString(CultureInfo.InvariantCulture) },
                        Nodes = all.Take(end).Skip(end - variables.First).Select(Node),
                    },
                },
            },
        };
    }

    private object Node(WorldPullRequest pull)
    {
        var repository = FindRepository(pull.In)!;
        return new
        {
            pull.Number,
            pull.Title,
            Url = Address(pull),
            State = pull.State.ToUpperInvariant(),
            CreatedAt = Created(pull),
            UpdatedAt = Updated(pull),
            pull.Additions,
            pull.Deletions,
            ChangedFiles = pull.Files,
            Labels = new { Nodes = (pull.Labels ?? []).Select(name => new { name }) },
            Repository = new
            {
                DatabaseId = repository.Id,
                NameWithOwner = repository.Name,
                Url = Address(repository.Name),
                IsPrivate = false,
                StargazerCount = repository.Stars,
                PrimaryLanguage = repository.Language is { } name ? new { name } : null,
                RepositoryTopics = new { Nodes = (repository.Topics ?? []).Select(name => new { Topic = new { name } }) },
            },
        };
    }

    private object PullRequest(WorldPullRequest pull) => new
    {
        pull.Number,
        pull.Title,
        HtmlUrl = Address(pull),
        State = pull.State == "open" ? "open" : "closed",
        Merged = pull.State == "merged",
        MergedAt = pull.State == "merged" ? Updated(pull) : (DateTime?)null,
        CreatedAt = Created(pull),
        UpdatedAt = Updated(pull),
        User = User(),
        Labels = (pull.Labels ?? []).Select(name => new { name }),
        pull.Additions,
        pull.Deletions,
        ChangedFiles = pull.Files,
        Base = new { Repo = Repository(FindRepository(pull.In)!) },
    };

    private object User() => new { github.Login, github.Id, Type = "User", world.Person.Name, HtmlUrl = Address(github.Login), Location = world.Person.City };

    private object Repository(WorldRepository repository) => new
    {
        repository.Id,
        FullName = repository.Name,
        Private = false,
        Visibility = "public",
        HtmlUrl = Address(repository.Name),
        repository.Language,
        Topics = repository.Topics ?? [],
        StargazersCount = repository.Stars,
    };

    private static IResult Resource(object? found) =>
        found is null ? Results.Json(new { Message = "Not Found" }, SnakeCase, statusCode: 404) : Results.Json(found, SnakeCase);

    private static IResult Page(string title, string text) => Results.Content(WorldServer.Page(title, "", $"<h1>{Text(title)}</h1><p>{Text(text)}</p>"), "text/html; charset=utf-8");

    private bool IsPerson(string login) => login.Equals(github.Login, StringComparison.OrdinalIgnoreCase);

    private WorldRepository? FindRepository(string name) => github.Repositories.FirstOrDefault(repository => repository.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private WorldPullRequest? Find(string name, int number) =>
        github.PullRequests.FirstOrDefault(pull => pull.In.Equals(name, StringComparison.OrdinalIgnoreCase) && pull.Number == number);

    private string Address(string path) => world.Address($"{github.Site}/{path}");

    private string Address(WorldPullRequest pull) => Address($"{pull.In}/pull/{pull.Number}");

    private DateTime Created(WorldPullRequest pull) => world.When(pull.Ago, pull.At).UtcDateTime;

    /// <summary>When it was closed, at a time derived from its number, or when it was opened.</summary>
    private DateTime Updated(WorldPullRequest pull) =>
        pull.State == "open" ? Created(pull) : Created(pull).AddDays(pull.Days).AddMinutes(35 + (pull.Number % 170));
}

internal sealed record GitHubQuery(GitHubVariables Variables);

internal sealed record GitHubVariables(string Login, int First, string? After, string Field, string Direction);

/// <summary>The person on GitHub (<c>World/github.json</c>).</summary>
internal sealed record WorldGitHub(
    string Site, string Login, long Id, string About, IReadOnlyList<WorldRepository> Repositories, IReadOnlyList<WorldPullRequest> PullRequests);

/// <param name="Name">In the form <c>owner/name</c>.</param>
internal sealed record WorldRepository(long Id, string Name, int Stars, string? Language = null, IReadOnlyList<string>? Topics = null);

/// <param name="In">The repository's name.</param>
/// <param name="Ago">Days before today.</param>
/// <param name="At">Time of day, <c>HH:mm</c>.</param>
/// <param name="State"><c>open</c>, <c>merged</c> or <c>closed</c>.</param>
/// <param name="Days">Days from opening to closing.</param>
internal sealed record WorldPullRequest(
    string In, int Number, int Ago, string At, string Title, string State, int Additions, int Deletions, int Files, int Days = 0, IReadOnlyList<string>? Labels = null);
