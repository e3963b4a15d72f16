using System.Globalization;

namespace ContributionIngest.Demo;

/// <summary>The person's reviews, accepted answers and projects, as GraphQL lists them.</summary>
internal sealed class GitHubLists(World world)
{
    private static readonly char[] NameEnds = [' ', '('];

    private readonly WorldGitHub github = World.Read<WorldGitHub>("github");

    /// <summary>A page of the list that the query names.</summary>
    public object Answer(GitHubQuery asked)
    {
        var variables = asked.Variables;
        return new { Data = new { User = asked.Query.Split(NameEnds)[1] switch { "Reviews" => Reviews(variables), "Answers" => Answers(variables), _ => Projects(variables) } } };
    }

    private object Reviews(GitHubVariables variables)
    {
        var shown = github.Reviews.Where(review => First(review) >= variables.From?.ToUniversalTime() && First(review) <= variables.To?.ToUniversalTime()).OrderByDescending(First);
        return new
        {
            DatabaseId = github.Id,
            github.Login,
            world.Person.Name,
            Url = Address(github.Login),
            ContributionsCollection = new
            {
                ContributionYears = github.Reviews.Select(review => First(review).Year).Distinct().OrderDescending(),
                PullRequestReviewContributions = Page(shown.Select(Node), variables),
            },
        };
    }

    private object Answers(GitHubVariables variables) => new
    {
        DatabaseId = github.Id,
        github.Login,
        world.Person.Name,
        Url = Address(github.Login),
        RepositoryDiscussionComments = Page(github.Answers.Select(Node), variables),
    };

    private object Projects(GitHubVariables variables) => new
    {
        DatabaseId = github.Id,
        github.Login,
        world.Person.Name,
        Url = Address(github.Login),
        Repositories = Page(github.Projects.Select(Node), variables),
    };

    private static object Page(IEnumerable<object> rows, GitHubVariables variables)
    {
        var all = rows.ToList();
        var end = int.Parse(variables.After ?? "0", CultureInfo.InvariantCulture) + variables.First;
        return new
        {
            TotalCount = all.Count,
            PageInfo = new { HasNextPage = end < all.Count, EndCursor = end.ToString(CultureInfo.InvariantCulture) },
            Nodes = all.Take(end).Skip(end - variables.First),
        };
    }

    private object Node(WorldReview review)
    {
        var address = Address($"{review.In}/pull/{review.Number}");
        return new
        {
            OccurredAt = First(review),
            IsRestricted = false,
            PullRequest = new
            {
                review.Number,
                review.Title,
                Url = address,
                Author = new { __typename = "User", Login = review.By },
                Reviews = new { Nodes = review.States.Select((state, at) => new { State = state, SubmittedAt = First(review).AddHours(at), Url = $"{address}#pullrequestreview-{review.Number}{at}" }) },
                Repository = Home(review.In),
            },
        };
    }

    private object Node(WorldAnswer answer)
    {
        var written = world.When(answer.Ago, answer.At).UtcDateTime;
        return new
        {
            DatabaseId = answer.Id,
            Url = Address($"{answer.In}/discussions/{answer.Id}#discussioncomment-{answer.Id}"),
            IsAnswer = true,
            CreatedAt = written,
            PublishedAt = written,
            UpvoteCount = answer.Hours + 1,
            Discussion = new { answer.Title, AnswerChosenAt = written.AddHours(answer.Hours), Author = new { Login = answer.By }, Repository = Home(answer.In) },
        };
    }

    private object Node(WorldProject project)
    {
        var home = Repository(project.In);
        return new
        {
            DatabaseId = home.Id,
            NameWithOwner = home.Name,
            Url = Address(home.Name),
            Owner = new { __typename = "User", Login = home.Name.Split('/')[0] },
            IsPrivate = false,
            IsFork = false,
            IsArchived = false,
            IsEmpty = false,
            PushedAt = world.When(1, "08:00").UtcDateTime,
            StargazerCount = home.Stars,
            ForkCount = project.Forks,
            PrimaryLanguage = home.Language is { } name ? new { name } : null,
            RepositoryTopics = new { Nodes = (home.Topics ?? []).Select(name => new { Topic = new { name } }) },
            Releases = new
            {
                TotalCount = project.Releases.Count,
                Nodes = project.Releases.Select((release, at) => new
                {
                    DatabaseId = (home.Id * 100) + at,
                    Url = Address($"{home.Name}/releases/tag/{release.Tag}"),
                    IsDraft = false,
                    IsPrerelease = false,
                    CreatedAt = world.When(release.Ago, "17:00").UtcDateTime,
                    PublishedAt = world.When(release.Ago, "17:05").UtcDateTime,
                }),
            },
        };
    }

    private object Home(string name)
    {
        var home = Repository(name);
        return new
        {
            DatabaseId = home.Id,
            NameWithOwner = home.Name,
            Url = Address(home.Name),
            IsPrivate = false,
            PrimaryLanguage = home.Language is { } language ? new { Name = language } : null,
            RepositoryTopics = new { Nodes = (home.Topics ?? []).Select(topic => new { Topic = new { Name = topic } }) },
        };
    }

    private WorldRepository Repository(string name) => github.Repositories.First(repository => repository.Name == name);

    private DateTime First(WorldReview review) => world.When(review.Ago, review.At).UtcDateTime;

    private string Address(string path) => world.Address($"{github.Site}/{path}");
}

/// <param name="In">The repository's name.</param>
/// <param name="Ago">Days before today, of the first review.</param>
/// <param name="At">Time of day, <c>HH:mm</c>.</param>
/// <param name="By">Who made the pull request.</param>
/// <param name="States">Of each review, an hour apart.</param>
internal sealed record WorldReview(string In, int Number, int Ago, string At, string Title, string By, IReadOnlyList<string> States);

/// <param name="By">Who asked.</param>
/// <param name="Hours">Hours until it was accepted.</param>
internal sealed record WorldAnswer(long Id, string In, string Title, string By, int Ago, string At, int Hours);

/// <param name="In">The repository's name.</param>
/// <param name="Releases">The latest first.</param>
internal sealed record WorldProject(string In, int Forks, IReadOnlyList<WorldRelease> Releases);

/// <param name="Ago">Days before today.</param>
internal sealed record WorldRelease(string Tag, int Ago);
