using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>How far an account was read. Members may be added, never renamed: cursors outlive versions of the program.</summary>
internal sealed record GitHubCursor
{
    public const string GraphQl = "graphql";
    public const string Search = "search";

    /// <summary>Rows that change while they are listed, and indexes that lag, are caught by looking back this far each time.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>Characters the recent rows may take.</summary>
    private const int MaxRecentLength = 10_000;

    /// <summary>What it was read by: <see cref="GraphQl"/> or <see cref="Search"/>, which tells less.</summary>
    public string? By { get; init; }

    /// <summary>Whether pull requests in the person's own repositories were let through.</summary>
    public bool Own { get; init; }

    /// <summary>True once the whole history was read.</summary>
    public bool Backfilled { get; init; }

    /// <summary>When the walk through the history began.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Every change up to here was seen; null until the history was.</summary>
    public DateTimeOffset? Watermark { get; init; }

    /// <summary>The walk under way: the last page's end (GraphQL).</summary>
    public string? After { get; init; }

    /// <summary>The newest change the walk under way has seen: the watermark once it is over.</summary>
    [JsonPropertyName("ahead")]
    public DateTimeOffset? NewestSeen { get; init; }

    /// <summary>Rows a page had at last, where it had to be made smaller.</summary>
    public int? Size { get; init; }

    /// <summary>The walk under way: what is older was read (search), and which page of that second comes next.</summary>
    public DateTimeOffset? From { get; init; }

    public int Page { get; init; } = 1;

    /// <summary>The walk under way: rows that were shown so far (GraphQL), rows that should have been there and were not, and what GitHub said of that.</summary>
    public int Seen { get; init; }

    /// <inheritdoc cref="Seen"/>
    public int Withheld { get; init; }

    /// <inheritdoc cref="Seen"/>
    public string? Why { get; init; }

    /// <summary>A second of which there are more rows than a search shows.</summary>
    public DateTimeOffset? Crowded { get; init; }

    /// <summary>The history was read and did not come whole; null where it did.</summary>
    public Shortfall? Shortfall { get; init; }

    /// <summary>The walk through the history that is made again because of that: a cursor of its own.</summary>
    [JsonPropertyName("again")]
    public GitHubCursor? Rescan { get; init; }

    /// <summary>Rows changed within the overlap: repository and number → when, in seconds.</summary>
    public IReadOnlyDictionary<string, long> Recent { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Repositories by the name search gives them.</summary>
    public IReadOnlyDictionary<string, CachedRepository> Repositories { get; init; } = new Dictionary<string, CachedRepository>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What cannot be read starts anew, and so does what was read without what is wanted now: own repositories, or the details that only
    /// GraphQL tells. That costs a reading and changes nothing else.
    /// </summary>
    /// <param name="isFromStart">All is to be read again; the repositories keep the ids they are known by.</param>
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

        // Search goes on where GraphQL stopped, since it would tell of older ones only what is known already.
        return by == Search && cursor.Backfilled
            ? fresh with { Started = cursor.Started, Backfilled = true, Watermark = cursor.Watermark, Recent = cursor.Recent, Shortfall = cursor.Shortfall }
            : fresh;
    }

    public bool Knows(string row, DateTimeOffset? changed) =>
        changed is { } at && Recent.TryGetValue(row, out var known) && known == at.ToUnixTimeSeconds();

    /// <summary>With these rows noted, as far as they lie within the overlap before the watermark, or before the walk began.</summary>
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

    /// <summary>The walk under way from its beginning.</summary>
    public GitHubCursor Restarted() => this with { After = null, NewestSeen = null, Seen = 0, Withheld = 0, Why = null };

    /// <summary>With a walk through the history under way again, which goes on until it is over or does not get on.</summary>
    public GitHubCursor WithRescan(DateTimeOffset now) => this with
    {
        Rescan = Rescan ?? new GitHubCursor { By = By, Own = Own, Started = now },
        Shortfall = Shortfall is null ? null : Shortfall with { Tries = Shortfall.Tries with { NextAt = null } },
    };

    /// <summary>The walk that was made again is over, and knows now what is lacking; or is under way.</summary>
    public GitHubCursor AfterRescan(GitHubCursor again, DateTimeOffset now) => !again.Backfilled ? this with { Rescan = again } : this with
    {
        Rescan = null,
        Crowded = again.Crowded,
        Shortfall = again.Shortfall is { } lacking ? lacking with { Tries = RetryState.After(Shortfall?.Tries, now) } : null,
    };

    /// <summary>The walk that is made again did not get on.</summary>
    public GitHubCursor RescanFailed(DateTimeOffset now) => Shortfall is null ? this : this with { Shortfall = Shortfall with { Tries = RetryState.After(Shortfall.Tries, now) } };

    /// <summary>The walk is over at the time given, and so many rows it should have shown did not come.</summary>
    public GitHubCursor Completed(DateTimeOffset until, int missing, DateTimeOffset now) => this with
    {
        After = null,
        From = null,
        Page = 1,
        NewestSeen = null,
        Seen = 0,
        Withheld = 0,
        Why = null,
        Backfilled = true,
        Watermark = until,

        // Of changes, what did not come is looked for in the history.
        Shortfall = missing > 0 ? Shortfall ?? new Shortfall(missing, RetryState.After(null, now), Why) : Shortfall,
    };

    public string ToText() => JsonSerializer.Serialize(this, GitHubCursorJson.Default.GitHubCursor);
}

/// <param name="Missing">Pull requests that should have been there and were not.</param>
/// <param name="Tries">When the history is walked through again.</param>
/// <param name="Why">What GitHub said of it.</param>
internal sealed record Shortfall(int Missing, RetryState Tries, string? Why = null);

/// <param name="Id">0 where it could not be read, <see cref="NotPublic"/> where it is not for everybody.</param>
/// <param name="Day">When it was asked for, in days since 1970: names are given to other repositories at times.</param>
internal sealed record CachedRepository(long Id, string? Name, string? Language, IReadOnlyList<string>? Topics, int Day)
{
    public const long NotPublic = -1;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(GitHubCursor))]
[JsonSerializable(typeof(CachedRepository))]
internal sealed partial class GitHubCursorJson : JsonSerializerContext;
