using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>How far an account was read. Members may be added, never renamed: cursors outlive versions of the program.</summary>
internal sealed record GitHubCursor
{
    public const string GraphQl = "graphql";
    public const string Search = "search";

    /// <summary>Rows that change while they are listed, and indexes that lag, are caught by looking back this far each time.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>Characters the recent rows may take.</summary>
    private const int MostText = 10_000;

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
    public DateTimeOffset? Ahead { get; init; }

    /// <summary>Rows a page had at last, where it had to be made smaller.</summary>
    public int? Size { get; init; }

    /// <summary>The walk under way: what is older was read (search), and which page of that second comes next.</summary>
    public DateTimeOffset? From { get; init; }

    public int Page { get; init; } = 1;

    /// <summary>Rows changed within the overlap: repository and number → when, in seconds.</summary>
    public IReadOnlyDictionary<string, long> Recent { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Repositories by the name search gives them.</summary>
    public IReadOnlyDictionary<string, KnownRepository> Repositories { get; init; } = new Dictionary<string, KnownRepository>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What cannot be read starts anew, and so does what was read without what is wanted now: own repositories, or the details that only
    /// GraphQL tells. That costs a reading and changes nothing else.
    /// </summary>
    public static GitHubCursor Parse(string? text, string by, bool own, DateTimeOffset now)
    {
        var fresh = new GitHubCursor { By = by, Own = own, Started = now };
        GitHubCursor? cursor = null;
        try
        {
            cursor = text is null ? null : JsonSerializer.Deserialize(text, GitHubCursorJson.Default.GitHubCursor);
        }
        catch (JsonException)
        {
            return fresh;
        }

        if (cursor is not { Started: not null, Recent: not null, Repositories: not null } || (own && !cursor.Own) || cursor.Backfilled == cursor.Watermark is null)
            return fresh;
        if (cursor.By == by)
            return cursor with { Own = own };

        // Search goes on where GraphQL stopped, since it would tell of older ones only what is known already.
        return by == Search && cursor.Backfilled
            ? fresh with { Started = cursor.Started, Backfilled = true, Watermark = cursor.Watermark, Recent = cursor.Recent }
            : fresh;
    }

    public bool Knows(string row, DateTimeOffset? changed) =>
        changed is { } at && Recent.TryGetValue(row, out var known) && known == at.ToUnixTimeSeconds();

    /// <summary>With these rows noted, as far as they lie within the overlap before <paramref name="until"/>.</summary>
    public GitHubCursor Noting(IEnumerable<(string Row, DateTimeOffset? Changed)> rows, DateTimeOffset until)
    {
        var recent = new Dictionary<string, long>(Recent, StringComparer.Ordinal);
        foreach (var (row, changed) in rows)
        {
            if (changed is { } at)
                recent[row] = at.ToUnixTimeSeconds();
        }

        var (from, room) = ((until - Overlap).ToUnixTimeSeconds(), MostText);
        return this with
        {
            Recent = recent.Where(known => known.Value >= from).OrderByDescending(known => known.Value).TakeWhile(known => (room -= known.Key.Length + 14) >= 0)
                .ToDictionary(known => known.Key, known => known.Value, StringComparer.Ordinal),
        };
    }

    public string ToText() => JsonSerializer.Serialize(this, GitHubCursorJson.Default.GitHubCursor);
}

/// <param name="Id">0 where it could not be read.</param>
/// <param name="Day">When it was asked for, in days since 1970: names are given to other repositories at times.</param>
internal sealed record KnownRepository(long Id, string? Name, string? Language, IReadOnlyList<string>? Topics, int Day);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(GitHubCursor))]
internal sealed partial class GitHubCursorJson : JsonSerializerContext;
