using System.Globalization;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>How much of an account is known, by what its cursor knows.</summary>
internal static class GitHubCoverage
{
    private const string Lean = "Without a token GitHub does not tell the changed lines and files of pull requests nor the stars of repositories; a GitHubToken in the settings brings them.";

    public static Coverage Of(GitHubCursor cursor)
    {
        string?[] reasons = [History(cursor), cursor.By == GitHubCursor.Search ? Lean : null];
        var isComplete = cursor is { Backfilled: true, Shortfall: null, Crowded: null, Withheld: 0 };
        return new(null, isComplete, reasons.Any(reason => reason is not null) ? string.Join(' ', reasons.Where(reason => reason is not null)) : null);
    }

    private static string? History(GitHubCursor cursor) => cursor switch
    {
        { Backfilled: false } => "The history is being read, the oldest pull requests first.",
        { Shortfall: { } shortfall } => Short(shortfall.Missing, shortfall.Why, shortfall.Tries.NextAt is not null),
        { Withheld: > 0 } => Short(cursor.Withheld, cursor.Why, isWeekly: false),
        { Crowded: { } second } => string.Create(
            CultureInfo.InvariantCulture, $"A thousand or more pull requests are of the same second ({second:yyyy-MM-dd HH:mm:ss} UTC), of which GitHub's search shows no more than a thousand."),
        _ => null,
    };

    private static string Short(int missing, string? said, bool isWeekly)
    {
        var what = missing == 1 ? "one pull request" : string.Create(CultureInfo.InvariantCulture, $"{missing} pull requests");
        var why = said is null ? "" : $" ({said.TrimEnd('.')})";
        return $"GitHub counts {what} of this account that it did not show{why}; all are looked through again by itself{(isWeekly ? ", once a week" : "")}.";
    }
}
