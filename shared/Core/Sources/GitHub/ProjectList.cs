using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Projects that the person may maintain: an entry for each project and year, with its releases as evidence. They are suggestions: releases are made by
/// workflows, and members of an organisation see repositories that others maintain, so only the person can say. What the person said of a project holds
/// for its next year. Forks, archived and empty repositories are left out. https://docs.github.com/en/graphql/reference/objects#repository
/// </summary>
internal sealed class ProjectList : IActivityList
{
    /// <summary>Of so many repositories with the most stars, a hundred each.</summary>
    private const int MaxPages = 4;

    /// <summary>Of a page; repositories of organisations without a release by the person.</summary>
    private const int MaxOfOrganisations = 20;

    private static readonly TimeSpan Rest = TimeSpan.FromDays(1);

    private static readonly string[] Path = ["repositories"];

    private static readonly Dictionary<string, object?> NoOthers = new(StringComparer.Ordinal);

    public async Task<ActivityPage> GetAsync(AccountQueries queries, ActivityCursor cursor, CancellationToken cancel)
    {
        if (!cursor.IsUnderWay)
            cursor = cursor with { Started = queries.Now, After = null, Pages = 0 };
        var list = await queries.AskAsync(GitHubQueries.Projects, NoOthers, Path, cursor.After, cursor.Size ?? GitHubQueries.FullPage, cancel);
        var rows = list.Rows.Select(row => (IsPublic: row.Flag("isPrivate") == false, Project: MaintainedProject.Read(row, queries))).ToList();
        var projects = rows.Select(row => row.Project).OfType<MaintainedProject>().ToList();
        var next = cursor.Continued(list, GitHubQueries.FullPage);
        return new ActivityPage(list.HasNext && next.Pages < MaxPages ? next : next.Completed(queries.Now, Rest), list)
        {
            Drafts = [.. Drafts(projects, cursor.Started!.Value.Year)],
            Unreadable = rows.Count(row => row.IsPublic && row.Project is null),
            IsPublic = rows.TrueForAll(row => row.IsPublic),
        };
    }

    /// <summary>Of this year and the one before, in which an account that is connected in January has everything.</summary>
    private static IEnumerable<Draft> Drafts(IReadOnlyList<MaintainedProject> projects, int year)
    {
        foreach (var of in (int[])[year, year - 1])
        {
            var found = projects.Where(project => project.IsMaintained(of, isThisYear: of == year)).ToList();
            var uncertain = found.Where(project => project.IsOfOrganisation && !project.HasOwnRelease(of)).Skip(MaxOfOrganisations).ToHashSet();
            foreach (var project in found.Where(project => !uncertain.Contains(project)))
                yield return project.ToDraft(of, isThisYear: of == year);
        }
    }
}

/// <param name="When">When it was published.</param>
internal sealed record ProjectRelease(long Id, string Url, DateTimeOffset When, bool IsOwn);

/// <summary>A repository with its latest releases.</summary>
internal sealed record MaintainedProject
{
    /// <summary>Without a release in a year, so many stars say that others use it.</summary>
    private const int MinStars = 10;

    public required GitHubRepository Repository { get; init; }
    public string? Description { get; init; }

    /// <summary>The person's own; otherwise of somebody else or an organisation.</summary>
    public bool IsOwn { get; init; }

    public bool IsOfOrganisation { get; init; }
    public bool IsInUse { get; init; }
    public DateTimeOffset? Pushed { get; init; }
    public int? Forks { get; init; }

    /// <summary>The latest first, each once; without drafts and previews.</summary>
    public IReadOnlyList<ProjectRelease> Releases { get; init; } = [];

    /// <summary>All releases since then are known; null: all there are.</summary>
    public DateTimeOffset? KnownSince { get; init; }

    private bool IsProposed { get; init; }

    /// <summary>Null if it has no identity.</summary>
    public static MaintainedProject? Read(JsonElement row, AccountQueries queries)
    {
        if (PublicRepository.Read(row) is not { } home)
            return null;
        var owner = row.Text("owner", "login") ?? home.Name.Split('/')[0];
        var listed = row.List("releases", "nodes").ToList();
        return new MaintainedProject
        {
            Repository = home,
            Description = row.Text("description"),
            IsOwn = string.Equals(owner, queries.Login, StringComparison.OrdinalIgnoreCase),
            IsOfOrganisation = row.Text("owner", "__typename") == "Organization",
            IsProposed = row.Flag("isFork") == false && row.Flag("isArchived") == false && row.Flag("isEmpty") == false,
            IsInUse = home.Stars >= MinStars,
            Pushed = row.Time("pushedAt"),
            Forks = row.Count("forkCount"),
            Releases = [.. listed.Select(release => Release(release, queries)).OfType<ProjectRelease>().DistinctBy(release => release.Id).OrderByDescending(release => release.When)],
            KnownSince = row.Count("releases", "totalCount") <= listed.Count ? null : listed.Select(release => release.Time("createdAt")).Min() ?? DateTimeOffset.MaxValue,
        };
    }

    /// <summary>It has a release of that year, or it is in use and was worked on.</summary>
    public bool IsMaintained(int year, bool isThisYear) => IsProposed
        && (Of(year).Any() || (!IsOfOrganisation && IsInUse && isThisYear && Pushed?.Year == year));

    public bool HasOwnRelease(int year) => Of(year).Any(release => release.IsOwn);

    public Draft ToDraft(int year, bool isThisYear)
    {
        var (releases, date) = (Of(year).ToList(), KnownDate.OfYear(year));
        var isCounted = KnownSince is null || KnownSince < new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return new Draft
        {
            NativeId = NativeId(year),
            Kind = Kind.Project,
            Role = IsOwn ? Role.Author : Role.Contributor,
            Title = Repository.Name[(Repository.Name.IndexOf('/', StringComparison.Ordinal) + 1)..],
            Url = Repository.Url,
            Summary = Description,
            When = date.Time,
            DatePrecision = date.Precision,
            IsSuggestion = true,
            Precedent = NativeId(year - 1),
            Container = new Container(Repository.Name, Repository.Url),
            Links = [.. releases.Take(Normaliser.LinkCount).Select(release => new RelatedLink(Relation.Other, release.Url))],
            Topics = [.. new[] { Repository.Language }.OfType<string>(), .. Repository.Topics],

            // What is measured today says nothing of the year before.
            Metrics = DraftMetrics.Of(("forks", isThisYear ? Forks : null), ("releases", isCounted ? releases.Count : null), ("stars", isThisYear && Repository.Stars >= 0 ? Repository.Stars : null)),
        };
    }

    private IEnumerable<ProjectRelease> Of(int year) => Releases.Where(release => release.When.Year == year);

    private string NativeId(int year) => string.Create(CultureInfo.InvariantCulture, $"project/{Repository.Id}/{year}");

    private static ProjectRelease? Release(JsonElement release, AccountQueries queries) =>
        release.Flag("isDraft") == false && release.Flag("isPrerelease") == false && release.Time("publishedAt") is { } when
        && release.Integer("databaseId") is { } id && release.Text("url") is { } url
            ? new ProjectRelease(id, url, when, string.Equals(release.Text("author", "login"), queries.Login, StringComparison.OrdinalIgnoreCase))
            : null;
}

/// <summary>Repositories as GraphQL describes them.</summary>
internal static class PublicRepository
{
    /// <summary>Null if it is not known to be public.</summary>
    public static GitHubRepository? Read(JsonElement json) =>
        json.Flag("isPrivate") == false && json.Integer("databaseId") is > 0 and var id && json.Text("nameWithOwner") is { } name
            ? new GitHubRepository(id, name, json.Text("url"), json.Text("primaryLanguage", "name"), Topics(json), json.Integer("stargazerCount"))
            : null;

    private static IReadOnlyList<string> Topics(JsonElement json) =>
        [.. json.List("repositoryTopics", "nodes").Select(topic => topic.Text("topic", "name")).OfType<string>().Take(PullRequest.MaxLabels).Order(StringComparer.Ordinal)];
}
