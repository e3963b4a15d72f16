using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How far a feed was read. Stored: members may be added, never renamed.</summary>
internal sealed record FeedCursor
{
    private const int MovesToConfirm = 3;
    private const int LongestValidator = 2_000;

    /// <summary>In JSON, where escapes make addresses longer; six of them and two validators fit into a cursor.</summary>
    private const int LongestAddress = 2_500;

    /// <summary>The address the validators belong to.</summary>
    public string? Address { get; init; }

    public string? ETag { get; init; }
    public string? LastModified { get; init; }

    /// <summary>Hash of the first page, for servers without validators or with new ones each time.</summary>
    public string? BodyHash { get; init; }

    /// <summary>When the first page was last received whole. Some servers answer "not modified" for ever.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>The connection's options; a change means that everything is read again. Null if written by an older version.</summary>
    public string? Options { get; init; }

    /// <summary>Target of permanent redirects, and the number of consecutive reads that saw it.</summary>
    public string? MovedTo { get; init; }

    public int MovedSeen { get; init; }

    /// <summary>Newest date on the first page when it was last complete: a page that ends with a newer one leaves a gap.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Date of the next future entry on the first page: then the page has news even if it is unchanged.</summary>
    public DateTimeOffset? Awaited { get; init; }

    /// <summary>Since when the first page has been truncated; null if it was complete last time.</summary>
    public DateTimeOffset? TruncatedSince { get; init; }

    /// <summary>Addresses of the originals of cross-posts on the first page, by name; empty for posts without one.</summary>
    public IReadOnlyDictionary<string, string>? Originals { get; init; }

    /// <summary>The backfill to the feed's beginning; null until it is started.</summary>
    public Backfill? Backfill { get; init; }

    /// <summary>The backfill of posts published while the feed was not read; null if there are none.</summary>
    public Backfill? Gap { get; init; }

    /// <summary>An unreadable cursor starts over, which costs a full read and changes nothing else.</summary>
    public static FeedCursor Parse(string? text, string address)
    {
        var cursor = FeedCursorJson.Default.FeedCursor.ReadOrNull(text) ?? new FeedCursor { Address = address };
        return cursor.Address == address
            ? cursor
            : new FeedCursor { Address = address, Options = cursor.Options, Newest = cursor.Newest, TruncatedSince = cursor.TruncatedSince, Backfill = cursor.Backfill, Gap = cursor.Gap };
    }

    /// <summary>The address, or null if it is too long for a cursor.</summary>
    public static string? Short(string? address) => Short(address, LongestAddress);

    /// <summary>For a full read; a pending move is kept.</summary>
    public FeedCursor FromStart() => new() { Address = Address, Options = Options, MovedTo = MovedTo, MovedSeen = MovedSeen };

    public FeedCursor WithBody(Fetched answer, string hash, DateTimeOffset now) => this with
    {
        ReadAt = now,
        ETag = Short(answer.Header("ETag"), LongestValidator),
        LastModified = Short(answer.Header("Last-Modified"), LongestValidator),
        BodyHash = hash,
    };

    /// <summary>Without validators, so that the page is read again in any case.</summary>
    public FeedCursor WithoutBody() => this with { ETag = null, LastModified = null, BodyHash = null };

    /// <summary>Counts consecutive reads with the same permanent redirect; after three of them the feed has moved.</summary>
    public (FeedCursor Cursor, string? MovedTo) WithRedirect(Uri? movedTo)
    {
        if (Short(movedTo?.AbsoluteUri) is not { } target)
            return (this with { MovedTo = null, MovedSeen = 0 }, null);
        var seen = MovedTo == target ? MovedSeen + 1 : 1;

        // The validators already belong to the new address.
        return seen < MovesToConfirm ? (this with { MovedTo = target, MovedSeen = seen }, null) : (this with { Address = target, MovedTo = null, MovedSeen = 0 }, target);
    }

    public string ToText() => JsonSerializer.Serialize(this with { Address = Short(Address) }, FeedCursorJson.Default.FeedCursor);

    private static string? Short(string? text, int most) =>
        text?.Length <= most && JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length <= most ? text : null;
}

/// <summary>Progress through a feed's older pages.</summary>
internal sealed record Backfill
{
    /// <summary>The next page; null when finished.</summary>
    public string? Next { get; init; }

    /// <summary>How the pages are addressed: <c>links wordpress ghost blogger</c>.</summary>
    public string? Paging { get; init; }

    /// <summary>Address of the first page, from which pages are numbered.</summary>
    public string? First { get; init; }

    public int PagesRead { get; init; }
    public int EntriesRead { get; init; }

    /// <summary>Hashes of the ids on the first page and on the last one read: a site that ignores page numbers repeats them.</summary>
    public string? FirstIds { get; init; }

    public string? LastIds { get; init; }

    /// <summary>The first page's newest entries, to detect removals (<see cref="FirstPageFingerprint"/>).</summary>
    public string? Head { get; init; }

    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Everything older is known; null: read to the very end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Consecutive failures to read the next page.</summary>
    public int Failures { get; init; }

    /// <summary>Why, as a sentence.</summary>
    public string? Problem { get; init; }

    /// <summary>Consecutive reads in which the next page looked like the end.</summary>
    public int EndsSeen { get; init; }

    /// <summary>When the next page is retried, or a finished backfill is repeated. Null: at once, or never.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>One of <see cref="BackfillEnd"/>; null while unfinished, or if finished by an earlier version of the program.</summary>
    public string? End { get; init; }

    /// <summary>Entries that could not be read.</summary>
    public int Skipped { get; init; }

    /// <summary>Truncated pages that were skipped.</summary>
    public int Truncated { get; init; }

    /// <summary>Documents with more entries than are read.</summary>
    public int Overfull { get; init; }

    /// <summary>Posts were added or removed meanwhile, so that others may have been missed.</summary>
    public bool HasMoved { get; init; }

    /// <summary>An earlier backfill of the same pages missed something.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Repeating the backfill may find what this one missed.</summary>
    [JsonIgnore]
    public bool HasLeftOut => HasMoved || Skipped > 0 || Truncated > 0;

    /// <summary>Finished at the end, with nothing known to be missing.</summary>
    [JsonIgnore]
    public bool IsComplete => Next is null && End == BackfillEnd.Reached && !HasLeftOut && Overfull == 0;
}

/// <summary>How a backfill ended.</summary>
internal static class BackfillEnd
{
    /// <summary>At the end of the feed, or at known posts.</summary>
    public const string Reached = "reached";

    /// <summary>The feed offers no older pages and does not say that it is complete.</summary>
    public const string NoPages = "noPages";

    /// <summary>At the limit of pages per feed.</summary>
    public const string MaxPages = "mostPages";

    /// <summary>The next page is at an address that is not followed.</summary>
    public const string NotFollowed = "notFollowed";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FeedCursor))]
internal sealed partial class FeedCursorJson : JsonSerializerContext;
