using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>How far one of an account's other lists was read (reviews, answers, projects). Stored: members may be added, never renamed.</summary>
internal sealed record ActivityCursor
{
    /// <summary>What was read so recently is not read again, also if a person asks.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);

    /// <summary>Not read again before that; null: with the next read.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>When it was last read to its end.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Current scan: when it began; null between scans.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Current list: end of the last page.</summary>
    public string? After { get; init; }

    /// <summary>Current list: pages read.</summary>
    public int Pages { get; init; }

    /// <summary>Current scan: page size in use, if it had to be reduced.</summary>
    public int? Size { get; init; }

    /// <summary>Every one up to here was seen; null until the history was read.</summary>
    public DateTimeOffset? Watermark { get; init; }

    /// <summary>History: the year that is being read.</summary>
    public int? Year { get; init; }

    /// <summary>History: the years that come after it.</summary>
    public IReadOnlyList<int>? Years { get; init; }

    /// <summary>Hashes of the pages' rows as they were last seen: pages that are as they were bring nothing.</summary>
    public IReadOnlyList<string>? Hashes { get; init; }

    /// <summary>Why it could not be read the last time, as a sentence, and when it is tried again.</summary>
    public string? Problem { get; init; }

    /// <inheritdoc cref="Problem"/>
    public RetryState? Tries { get; init; }

    public bool IsUnderWay => Started is not null;

    public bool IsDue(DateTimeOffset now, bool isManual) => Tries is { } tries
        ? tries.IsDue(now, isManual)
        : IsUnderWay || NextAt is null || NextAt <= now || (isManual && ReadAt + Recent <= now);

    public ActivityCursor Failed(string problem, DateTimeOffset now) => this with { Problem = problem, Tries = RetryState.After(Tries, now) };

    /// <summary>After a page that is not the last of its list.</summary>
    public ActivityCursor Continued(AccountList page, int full) => this with
    {
        After = page.End,
        Pages = Pages + 1,
        Size = page.Size >= full ? null : Math.Min(page.Size * 2, full),
        Problem = null,
        Tries = null,
    };

    /// <summary>The whole scan is over.</summary>
    public ActivityCursor Completed(DateTimeOffset now, TimeSpan rest) => new() { ReadAt = now, NextAt = now + rest, Watermark = Watermark };

    public bool Knows(string hash) => Hashes?.ElementAtOrDefault(Pages) == hash;

    /// <summary>The cursor after the page that this one led to, with the hash of its rows.</summary>
    public ActivityCursor Advance(ActivityCursor next, string hash)
    {
        var known = Hashes ?? [];
        return next with { Hashes = [.. known.Take(Pages), hash, .. next.IsUnderWay ? known.Skip(Pages + 1) : []] };
    }
}

/// <summary>A page of one of the lists.</summary>
/// <param name="Cursor">After the page.</param>
internal sealed record ActivityPage(ActivityCursor Cursor, AccountList List)
{
    public IReadOnlyList<Draft> Drafts { get; init; } = [];

    /// <summary>Rows that are null or unusable.</summary>
    public int Unreadable { get; init; }

    /// <summary>All of its rows are public, so the response may be kept.</summary>
    public bool IsPublic { get; init; }
}

/// <summary>One of an account's lists beside its pull requests.</summary>
internal interface IActivityList
{
    Task<ActivityPage> GetAsync(AccountQueries queries, ActivityCursor cursor, CancellationToken cancel);
}
