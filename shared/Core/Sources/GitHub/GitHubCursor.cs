using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>How far an account was read. Stored: members may be added, never renamed.</summary>
internal sealed record GitHubCursor
{
    public const string GraphQl = "graphql";
    public const string Search = "search";

    /// <summary>Looking back this far each time catches rows that change while listed, and indexes that lag.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Characters of the cursor for the recent rows.</summary>
    private const int MaxRecentLength = 10_000;

    /// <summary>How it was read: <see cref="GraphQl"/>, or <see cref="Search"/> with fewer details.</summary>
    public string? By { get; init; }

    /// <summary>Whether pull requests in the person's own repositories were included.</summary>
    public bool Own { get; init; }

    /// <summary>The whole history was read.</summary>
    public bool Backfilled { get; init; }

    /// <summary>When the scan of the history began.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Every change up to here was seen; null until the history was read.</summary>
    public DateTimeOffset? Watermark { get; init; }

    /// <summary>Current scan (GraphQL): end of the last page.</summary>
    public string? After { get; init; }

    /// <summary>Current scan: the newest change seen, which becomes the watermark.</summary>
    [JsonPropertyName("ahead")]
    public DateTimeOffset? NewestSeen { get; init; }

    /// <summary>Page size in use, if it had to be reduced.</summary>
    public int? Size { get; init; }

    /// <summary>A page size that a gateway gave up on, and when.</summary>
    public int? TooLarge { get; init; }

    /// <inheritdoc cref="TooLarge"/>
    public DateTimeOffset? TooLargeAt { get; init; }

    /// <summary>Current scan (search): what is older was read, and the page of that second that comes next.</summary>
    public DateTimeOffset? From { get; init; }

    public int Page { get; init; } = 1;

    /// <summary>Current scan: rows shown so far (GraphQL), rows that should have been there and were not, and GitHub's reason.</summary>
    public int Seen { get; init; }

    /// <inheritdoc cref="Seen"/>
    public int Withheld { get; init; }

    /// <inheritdoc cref="Seen"/>
    public string? Why { get; init; }

    /// <summary>Current scan (search): GitHub did not finish one of its searches, so rows may be missing.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>The last search for changes was not finished; the next begins where it began.</summary>
    public bool WasUnfinished { get; init; }

    /// <summary>Current scan (GraphQL): ids of organisations whose rows GitHub withholds, separated by commas.</summary>
    public string? Organisations { get; init; }

    /// <summary>Why the token cannot be used and search is, as a sentence.</summary>
    public string? Refusal { get; init; }

    /// <summary>A second with more rows than a search shows.</summary>
    public DateTimeOffset? Crowded { get; init; }

    /// <summary>What was missing from the history when it was read; null if it was complete.</summary>
    public Shortfall? Shortfall { get; init; }

    /// <summary>The scan of the history that is repeated because of that: a cursor of its own.</summary>
    [JsonPropertyName("again")]
    public GitHubCursor? Rescan { get; init; }

    /// <summary>Rows changed within the overlap: repository and number → Unix seconds.</summary>
    public IReadOnlyDictionary<string, long> Recent { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Repositories by the name search gives them.</summary>
    public IReadOnlyDictionary<string, CachedRepository> Repositories { get; init; } = new Dictionary<string, CachedRepository>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// An unreadable cursor starts over, and so does one read without what is wanted now: own repositories, or the details only GraphQL has.
    /// That costs a full read and changes nothing else.
    /// </summary>
    /// <param name="isFromStart">Read everything again; repositories keep the ids they are known by.</param>
    public static GitHubCursor Parse(string? text, string by, bool own, bool isFromStart, DateTimeOffset now)
    {
        var fresh = new GitHubCursor { By = by, Own = own, Started = now };
        var cursor = GitHubCursorJson.Default.GitHubCursor.ReadOrNull(text);
        if (cursor is not { Started: not null, Recent: not null, Repositories: not null } || (own && !cursor.Own) || cursor.Backfilled == cursor.Watermark is null)
            return fresh;
        if (isFromStart)
            return fresh with { Repositories = cursor.Repositories.Where(known => known.Value?.Id > 0).ToDictionary(StringComparer.OrdinalIgnoreCase) };
        if (cursor.By == by)
            return cursor with { Own = own };

        // Search continues where GraphQL stopped: of older rows it has nothing new.
        return by == Search && cursor.Backfilled
            ? fresh with { Started = cursor.Started, Backfilled = true, Watermark = cursor.Watermark, Recent = cursor.Recent, Shortfall = cursor.Shortfall }
            : fresh;
    }

    public static string? RefusalOf(string? text) => GitHubCursorJson.Default.GitHubCursor.ReadOrNull(text)?.Refusal;

    public bool Knows(string row, DateTimeOffset? changed) => changed is { } at && Recent.TryGetValue(row, out var known) && known == at.ToUnixTimeSeconds();

    /// <summary>With these rows remembered, if they lie within the overlap before the watermark, or before the scan began.</summary>
    public GitHubCursor WithRecent(IEnumerable<(string Row, DateTimeOffset? Changed)> rows)
    {
        var recent = new Dictionary<string, long>(Recent, StringComparer.Ordinal);
        foreach (var (row, changed) in rows)
        {
            if (changed is { } at)
                recent[row] = at.ToUnixTimeSeconds();
        }

        var (from, room) = (((Watermark ?? Started!.Value) - Overlap).ToUnixTimeSeconds(), MaxRecentLength);
        return this with
        {
            Recent = recent.Where(known => known.Value >= from).OrderByDescending(known => known.Value).TakeWhile(known => (room -= known.Key.Length + 14) >= 0)
                .ToDictionary(known => known.Key, known => known.Value, StringComparer.Ordinal),
        };
    }

    /// <summary>The current scan from its beginning.</summary>
    public GitHubCursor Restarted() => this with { After = null, NewestSeen = null, Seen = 0, Withheld = 0, Why = null, IsUnfinished = false, Organisations = null };

    /// <summary>After a page: a size that had to be reduced grows again, step by step, for a day not up to one that failed.</summary>
    /// <param name="requested">The size asked for at first.</param>
    /// <param name="full">The size asked for if none had to be reduced.</param>
    public GitHubCursor WithSize(PullRequestPageResult result, int requested, int full, DateTimeOffset now)
    {
        var after = result.TooLarge is { } failed ? this with { TooLarge = failed, TooLargeAt = now }
            : TooLargeAt <= now - Day ? this with { TooLarge = null, TooLargeAt = null }
            : this;
        var size = result.Size < requested || result.Size * 2 >= after.TooLarge ? result.Size : result.Size * 2;
        return after with { Size = size >= full ? null : size };
    }

    /// <summary>Whether the incomplete history is to be scanned again.</summary>
    public bool IsRescanDue(DateTimeOffset now, bool isManual) => Backfilled && Shortfall?.Tries.IsDue(now, isManual) == true;

    /// <summary>With the repeated scan of the history under way; it runs until it is over or stuck.</summary>
    public GitHubCursor WithRescan(DateTimeOffset now) => this with
    {
        Rescan = Rescan ?? new GitHubCursor { By = By, Own = Own, Started = now },
        Shortfall = Shortfall is null ? null : Shortfall with { Tries = Shortfall.Tries with { NextAt = null } },
    };

    /// <summary>After a page of the repeated scan, which replaces the shortfall when it is over.</summary>
    public GitHubCursor AfterRescan(GitHubCursor again, DateTimeOffset now) => !again.Backfilled ? this with { Rescan = again } : this with
    {
        Rescan = null,
        Crowded = again.Crowded,
        Shortfall = again.Shortfall is { } missing ? missing with { Tries = RetryState.After(Shortfall?.Tries, now) } : null,
    };

    /// <summary>The repeated scan is stuck.</summary>
    public GitHubCursor RescanFailed(DateTimeOffset now) =>
        Shortfall is null ? this : this with { Shortfall = Shortfall with { Tries = RetryState.After(Shortfall.Tries, now) } };

    /// <summary>The scan is over.</summary>
    /// <param name="newest">The newest change it saw.</param>
    /// <param name="missing">Rows it should have shown and did not.</param>
    public GitHubCursor Completed(DateTimeOffset? newest, int missing, DateTimeOffset now) => this with
    {
        After = null,
        From = null,
        Page = 1,
        NewestSeen = null,
        Seen = 0,
        Withheld = 0,
        Why = null,
        IsUnfinished = false,
        Organisations = null,
        Backfilled = true,
        WasUnfinished = Backfilled && IsUnfinished,
        Watermark = !Backfilled ? Started : newest > Watermark && !IsUnfinished ? newest : Watermark,

        // Missing changes are looked for in the history.
        Shortfall = missing > 0 || Organisations is not null || (IsUnfinished && !Backfilled)
            ? (Shortfall ?? new Shortfall(missing, RetryState.After(null, now), Why) { IsUnfinished = IsUnfinished }) with { Organisations = Organisations ?? Shortfall?.Organisations }
            : Shortfall,
    };

    public string ToText() => JsonSerializer.Serialize(this, GitHubCursorJson.Default.GitHubCursor);

    /// <summary>A page with the cursor and what it says about coverage.</summary>
    public SourcePage ToPage() => new() { Cursor = ToText(), Coverage = GitHubCoverage.Of(this) };
}

/// <param name="Missing">Pull requests that GitHub counts and did not show.</param>
/// <param name="Tries">When the history is scanned again.</param>
/// <param name="Why">GitHub's reason.</param>
internal sealed record Shortfall(int Missing, RetryState Tries, string? Why = null)
{
    /// <summary>A search was not finished.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>Organisations whose rows are withheld, as in the cursor.</summary>
    public string? Organisations { get; init; }
}

/// <param name="Id">0 if it could not be read, <see cref="NotPublic"/> if it is not public.</param>
/// <param name="Day">When it was fetched, in days since 1970: names can pass to other repositories.</param>
internal sealed record CachedRepository(long Id, string? Name, string? Language, IReadOnlyList<string>? Topics, int Day)
{
    public const long NotPublic = -1;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(GitHubCursor))]
[JsonSerializable(typeof(CachedRepository))]
internal sealed partial class GitHubCursorJson : JsonSerializerContext;
