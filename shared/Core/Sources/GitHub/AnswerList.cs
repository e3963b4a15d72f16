using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Answers in discussions that were accepted, dated by their acceptance. The list has no order to stop at, and what was written long ago may be accepted
/// today, so it is read whole. An answer that is not accepted any more stays in the ledger.
/// https://docs.github.com/en/graphql/reference/objects#discussioncomment
/// </summary>
internal sealed class AnswerList : IActivityList
{
    private const int MaxPages = 50;

    /// <summary>A longer list is read once a week.</summary>
    private const int PagesADay = 3;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly string[] Path = ["repositoryDiscussionComments"];

    private static readonly Dictionary<string, object?> NoOthers = new(StringComparer.Ordinal);

    public async Task<ActivityPage> GetAsync(AccountQueries queries, ActivityCursor cursor, CancellationToken cancel)
    {
        if (!cursor.IsUnderWay)
            cursor = cursor with { Started = queries.Now, After = null, Pages = 0 };
        var list = await queries.AskAsync(GitHubQueries.Answers, NoOthers, Path, cursor.After, cursor.Size ?? GitHubQueries.FullPage, cancel);
        var rows = list.Rows.Select(row => AcceptedAnswer.Read(row, queries)).ToList();
        var next = cursor.Continued(list, GitHubQueries.FullPage);
        return new ActivityPage(list.HasNext && next.Pages < MaxPages ? next : next.Completed(queries.Now, next.Pages <= PagesADay ? Day : 7 * Day), list)
        {
            Drafts = [.. rows.Select(row => row?.Draft).OfType<Draft>()],
            Unreadable = rows.Count(row => row is null),
            IsPublic = rows.TrueForAll(row => row?.IsPublic == true),
        };
    }
}

/// <param name="Draft">Null if it is none, not shown, or not public.</param>
internal sealed record AcceptedAnswer(bool IsPublic, Draft? Draft)
{
    /// <summary>Null if it has no identity.</summary>
    public static AcceptedAnswer? Read(JsonElement row, AccountQueries queries)
    {
        var discussion = row.At("discussion");
        if (discussion.Flag("repository", "isPrivate") == true)
            return new AcceptedAnswer(false, null);
        if (PublicRepository.Read(discussion.At("repository")) is not { } home || row.Integer("databaseId") is not (> 0 and var id))
            return null;
        if (row.Flag("isAnswer") != true || row.Time("deletedAt") is not null)
            return new AcceptedAnswer(true, null);
        var accepted = discussion.Time("answerChosenAt");
        var asker = discussion.At("author");
        var isOwnQuestion = asker.Integer("databaseId")?.ToString(CultureInfo.InvariantCulture) == queries.Origin
            || string.Equals(asker.Text("login"), queries.Login, StringComparison.OrdinalIgnoreCase);
        return new AcceptedAnswer(true, new Draft
        {
            NativeId = string.Create(CultureInfo.InvariantCulture, $"answer/{id}"),
            Kind = Kind.ForumAnswer,
            Role = Role.Contributor,
            Title = discussion.Text("title"),
            Url = row.Text("url"),
            Summary = isOwnQuestion ? "An answer to a question of one's own." : null,
            When = accepted ?? row.Time("publishedAt") ?? row.Time("createdAt"),
            DatePrecision = accepted is null ? DatePrecision.Derived : DatePrecision.Exact,
            IsSuggestion = isOwnQuestion,
            Author = queries.Login,
            Container = new Container(home.Name, home.Url),
            Topics = [.. new[] { home.Language }.OfType<string>(), .. home.Topics],
            Metrics = DraftMetrics.Of(("likes", row.Count("upvoteCount"))),
        });
    }
}
