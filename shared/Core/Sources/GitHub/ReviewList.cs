using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reviews of other people's pull requests, one entry for each pull request, dated by the first review of it. The history is read by calendar years, as
/// the list spans a year at most, the latest first; then what came since. https://docs.github.com/en/graphql/reference/objects#contributionscollection
/// </summary>
internal sealed class ReviewList : IActivityList
{
    /// <summary>A year with more is read in part.</summary>
    private const int MaxPages = 50;

    private const int MaxYears = 30;

    private const int FirstYear = 2008;

    /// <summary>Looking back this far each time catches what was listed late: the list has whole days.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(3);

    /// <summary>The longest time since the last read that one list spans.</summary>
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(360);

    private static readonly TimeSpan Rest = TimeSpan.FromHours(6);

    private static readonly string[] Path = ["contributionsCollection", "pullRequestReviewContributions"];

    public async Task<ActivityPage> GetAsync(AccountQueries queries, ActivityCursor cursor, CancellationToken cancel)
    {
        cursor = Begun(cursor, queries.Now);
        var (from, to) = Window(cursor);
        var full = cursor.Watermark is null || cursor.Pages > 0 ? GitHubQueries.FullPage : GitHubQueries.OnePointPage;
        var others = new Dictionary<string, object?>(StringComparer.Ordinal) { ["from"] = Iso(from), ["to"] = Iso(to) };
        var list = await queries.AskAsync(GitHubQueries.Reviews, others, Path, cursor.After, Math.Min(cursor.Size ?? full, full), cancel);
        var rows = list.Rows.Select(row => ReviewedPullRequest.Read(row, queries)).ToList();
        return new ActivityPage(Next(cursor, list, full, queries.Now), list)
        {
            Drafts = [.. rows.Select(row => row?.ToDraft(queries.Login)).OfType<Draft>()],
            Unreadable = rows.Count(row => row is null),
            IsPublic = rows.TrueForAll(row => row?.IsPublic == true),
        };
    }

    private static ActivityCursor Begun(ActivityCursor cursor, DateTimeOffset now)
    {
        if (cursor.IsUnderWay)
            return cursor;
        var isHistory = cursor.Watermark is not { } seen || now - seen > LongestSpan;
        return cursor with { Started = now, After = null, Pages = 0, Watermark = isHistory ? null : cursor.Watermark, Year = isHistory ? now.Year : null, Years = null };
    }

    private static (DateTimeOffset From, DateTimeOffset To) Window(ActivityCursor cursor)
    {
        var until = cursor.Started!.Value;
        if (cursor.Watermark is { } seen)
            return (seen - Overlap, until);
        var first = new DateTimeOffset(cursor.Year ?? until.Year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var last = first.AddYears(1).AddSeconds(-1);
        return (first, last < until ? last : until);
    }

    private static ActivityCursor Next(ActivityCursor cursor, AccountList list, int full, DateTimeOffset now)
    {
        // The first answer says in which years there is something.
        var years = cursor.Years ?? (cursor.Watermark is null ? YearsBefore(cursor, list) : []);
        var next = cursor.Continued(list, full) with { Years = years };
        if (list.HasNext && next.Pages < MaxPages)
            return next;
        return years.Count > 0
            ? next with { After = null, Pages = 0, Year = years[0], Years = [.. years.Skip(1)] }
            : (next with { Watermark = cursor.Started }).Completed(now, Rest);
    }

    private static List<int> YearsBefore(ActivityCursor cursor, AccountList list) =>
    [
        .. list.User.List("contributionsCollection", "contributionYears").Select(year => year.Count()).OfType<int>()
            .Where(year => year >= FirstYear && year < cursor.Year).Distinct().OrderDescending().Take(MaxYears),
    ];

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A pull request that the person has reviewed.</summary>
internal sealed record ReviewedPullRequest
{
    public bool IsPublic { get; init; }

    /// <summary>Somebody else's, and not a bot's: only that counts.</summary>
    public bool IsSomebodyElses { get; init; }

    public GitHubRepository? Repository { get; init; }
    public long Number { get; init; }
    public string? Title { get; init; }
    public string? Url { get; init; }

    /// <summary>When it was reviewed first.</summary>
    public DateTimeOffset? When { get; init; }

    /// <summary>What the reviews said, each once, in their order: <c>APPROVED</c>, <c>CHANGES_REQUESTED</c>, <c>COMMENTED</c>.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    /// <summary>Null if it has no identity.</summary>
    public static ReviewedPullRequest? Read(JsonElement row, AccountQueries queries)
    {
        if (row.Flag("isRestricted") == true || row.Flag("pullRequest", "repository", "isPrivate") == true)
            return new ReviewedPullRequest();
        var pull = row.At("pullRequest");
        if (PublicRepository.Read(pull.At("repository")) is not { } home || pull.Integer("number") is not (> 0 and var number))
            return null;

        // A review that is still being written is none.
        var given = pull.List("reviews", "nodes").ToList();
        var submitted = given.Where(review => review.Text("state") != "PENDING" && review.Time("submittedAt") is not null).OrderBy(review => review.Time("submittedAt")).ToList();
        return new ReviewedPullRequest
        {
            IsPublic = true,
            IsSomebodyElses = !IsBot(pull.At("author")) && !IsPerson(pull.At("author"), queries),
            Repository = home,
            Number = number,
            Title = pull.Text("title"),
            Url = submitted.Select(review => review.Text("url")).OfType<string>().FirstOrDefault() ?? pull.Text("url"),
            When = given.Count == 0 ? row.Time("occurredAt") : submitted.Select(review => review.Time("submittedAt")).FirstOrDefault(),
            States = [.. submitted.Select(review => review.Text("state")).OfType<string>().Distinct(StringComparer.Ordinal)],
        };
    }

    public Draft? ToDraft(string login) => this is not { IsPublic: true, IsSomebodyElses: true, Repository: { } home, When: { } when } ? null : new Draft
    {
        NativeId = string.Create(CultureInfo.InvariantCulture, $"review/{home.Id}/{Number}"),
        Kind = Kind.Review,
        Role = Role.Reviewer,
        Title = Title,
        Url = Url,
        Summary = Summary(),
        When = when,
        Author = login,
        Container = new Container(home.Name, home.Url),
        Topics = [.. new[] { home.Language }.OfType<string>(), .. home.Topics],
    };

    /// <summary>"Changes requested, approved".</summary>
    private string? Summary()
    {
        var words = States.Select(state => state switch
        {
            "APPROVED" => "approved",
            "CHANGES_REQUESTED" => "changes requested",
            "COMMENTED" => "commented",
            _ => null,
        }).OfType<string>().ToList();
        return words.Count == 0 ? null : char.ToUpperInvariant(words[0][0]) + string.Join(", ", words)[1..];
    }

    private static bool IsBot(JsonElement author) =>
        author.Text("__typename") == "Bot" || author.Text("login")?.EndsWith("[bot]", StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsPerson(JsonElement author, AccountQueries queries) =>
        author.Integer("databaseId")?.ToString(CultureInfo.InvariantCulture) == queries.Origin || string.Equals(author.Text("login"), queries.Login, StringComparison.OrdinalIgnoreCase);
}
