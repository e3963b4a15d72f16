using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How far a feed was read. Members may be added, never renamed: cursors outlive versions of the program.</summary>
internal sealed record FeedCursor
{
    private const int LongestValidator = 2_000;

    /// <summary>Where the validators are from; for another address they mean nothing.</summary>
    public string? Address { get; init; }

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Of the newest page's bytes, for servers that give no validators or new ones each time.</summary>
    public string? BodyHash { get; init; }

    /// <summary>Where permanent redirects lead, and how often in a row they led there.</summary>
    public string? MovedTo { get; init; }

    public int MovedSeen { get; init; }

    /// <summary>The newest date on the first page when it was read last: a page that is newer throughout has left something out.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>When the next entry of the first page that is dated ahead comes to pass: then the page says something new, unchanged as it may be.</summary>
    public DateTimeOffset? Awaited { get; init; }

    /// <summary>Null until the first page was read.</summary>
    public Backfill? Backfill { get; init; }

    /// <summary>What cannot be read starts anew, which costs a reading and changes nothing else.</summary>
    public static FeedCursor Parse(string? text, string address)
    {
        var cursor = new FeedCursor { Address = address };
        try
        {
            cursor = text is null ? cursor : JsonSerializer.Deserialize(text, FeedCursorJson.Default.FeedCursor) ?? cursor;
        }
        catch (JsonException)
        {
            return cursor;
        }

        return cursor.Address == address ? cursor : new FeedCursor { Address = address, Newest = cursor.Newest, Backfill = cursor.Backfill };
    }

    public FeedCursor WithBody(Fetched answer, string hash) => this with
    {
        ETag = Short(answer.Header("ETag")),
        LastModified = Short(answer.Header("Last-Modified")),
        BodyHash = hash,
    };

    /// <summary>Counts how often in a row the same permanent redirect was seen.</summary>
    public FeedCursor WithMove(Uri? movedTo) => movedTo is null
        ? this with { MovedTo = null, MovedSeen = 0 }
        : this with { MovedTo = movedTo.AbsoluteUri, MovedSeen = MovedTo == movedTo.AbsoluteUri ? MovedSeen + 1 : 1 };

    public string ToText() => JsonSerializer.Serialize(this, FeedCursorJson.Default.FeedCursor);

    private static string? Short(string? validator) => validator?.Length <= LongestValidator ? validator : null;
}

/// <summary>The walk back through a feed's older pages.</summary>
internal sealed record Backfill
{
    /// <summary>The page to read next; null when the walk is over.</summary>
    public string? Next { get; init; }

    /// <summary>How the place numbers its pages: <c>links wordpress ghost blogger</c>.</summary>
    public string? Paging { get; init; }

    public int PagesRead { get; init; }

    public int EntriesRead { get; init; }

    /// <summary>Of the ids on the first page and on the last one read: a site that ignores page numbers repeats them.</summary>
    public string? FirstIds { get; init; }

    public string? LastIds { get; init; }

    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Where the walk may stop because everything older was read before; null: at the very end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How often in a row the next page could not be read.</summary>
    public int Failures { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FeedCursor))]
internal sealed partial class FeedCursorJson : JsonSerializerContext;
