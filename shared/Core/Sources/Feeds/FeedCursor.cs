using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How far a feed was read. Members may be added, never renamed: cursors outlive versions of the program.</summary>
internal sealed record FeedCursor
{
    private const int LongestValidator = 2_000;

    /// <summary>Addresses are longer in a cursor than they are, by what JSON escapes; six of them and two validators fit.</summary>
    private const int LongestAddress = 2_500;

    /// <summary>Where the validators are from; for another address they mean nothing.</summary>
    public string? Address { get; init; }

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Of the newest page's bytes, for servers that give no validators or new ones each time.</summary>
    public string? BodyHash { get; init; }

    /// <summary>Where permanent redirects lead, and how often in a row they led there.</summary>
    public string? MovedTo { get; init; }

    public int MovedSeen { get; init; }

    /// <summary>The newest date on the first page when it was last read whole: a page that ends with a newer one has left something out.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>When the next entry of the first page that is dated ahead comes to pass: then the page says something new, unchanged as it may be.</summary>
    public DateTimeOffset? Awaited { get; init; }

    /// <summary>Since when the first page breaks off before its end, at every reading; null when it was whole the last time.</summary>
    public DateTimeOffset? TruncatedSince { get; init; }

    /// <summary>The walk to the feed's beginning; null until it was begun.</summary>
    public Backfill? Backfill { get; init; }

    /// <summary>The walk through what came while the feed was not read, down to what was known; null when nothing is missing there.</summary>
    public Backfill? Gap { get; init; }

    /// <summary>What cannot be read starts anew, which costs a reading and changes nothing else.</summary>
    public static FeedCursor Parse(string? text, string address)
    {
        var cursor = FeedCursorJson.Default.FeedCursor.ReadOrNull(text) ?? new FeedCursor { Address = address };
        return cursor.Address == address
            ? cursor
            : new FeedCursor { Address = address, Newest = cursor.Newest, TruncatedSince = cursor.TruncatedSince, Backfill = cursor.Backfill, Gap = cursor.Gap };
    }

    /// <summary>An address as a cursor may hold it; null when it is too long.</summary>
    public static string? Short(string? address) => Short(address, LongestAddress);

    /// <summary>Nothing of the place was read; where it moves to is still known.</summary>
    public FeedCursor FromStart() => new() { Address = Address, MovedTo = MovedTo, MovedSeen = MovedSeen };

    public FeedCursor WithBody(Fetched answer, string hash) => this with
    {
        ETag = Short(answer.Header("ETag"), LongestValidator),
        LastModified = Short(answer.Header("Last-Modified"), LongestValidator),
        BodyHash = hash,
    };

    /// <summary>The body is not known, so that it is read again whatever the server says of it.</summary>
    public FeedCursor WithoutBody() => this with { ETag = null, LastModified = null, BodyHash = null };

    /// <summary>Counts how often in a row the same permanent redirect was seen.</summary>
    public FeedCursor WithMove(Uri? movedTo) => Short(movedTo?.AbsoluteUri) is { } target
        ? this with { MovedTo = target, MovedSeen = MovedTo == target ? MovedSeen + 1 : 1 }
        : this with { MovedTo = null, MovedSeen = 0 };

    public string ToText() => JsonSerializer.Serialize(this with { Address = Short(Address) }, FeedCursorJson.Default.FeedCursor);

    private static string? Short(string? text, int most) =>
        text?.Length <= most && JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length <= most ? text : null;
}

/// <summary>A walk back through a feed's older pages.</summary>
internal sealed record Backfill
{
    /// <summary>The page to read next; null when the walk is over.</summary>
    public string? Next { get; init; }

    /// <summary>How the place numbers its pages: <c>links wordpress ghost blogger</c>.</summary>
    public string? Paging { get; init; }

    /// <summary>Where the first page was answered from: pages are numbered from there.</summary>
    public string? First { get; init; }

    public int PagesRead { get; init; }

    public int EntriesRead { get; init; }

    /// <summary>Of the ids on the first page and on the last one read: a site that ignores page numbers repeats them.</summary>
    public string? FirstIds { get; init; }

    public string? LastIds { get; init; }

    /// <summary>The first page's newest entries, to see whether one was removed since (<see cref="FirstPageFingerprint"/>).</summary>
    public string? Head { get; init; }

    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Where the walk may stop because everything older was read before; null: at the very end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How often in a row the next page could not be read.</summary>
    public int Failures { get; init; }

    /// <summary>Why it could not, in a sentence.</summary>
    public string? Problem { get; init; }

    /// <summary>In how many readings in a row the next page looked like the end.</summary>
    public int EndsSeen { get; init; }

    /// <summary>When the next page is tried again; of a walk that is over: when it is begun again. Null: never, or at once.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>One of <see cref="BackfillEnd"/>; null while the walk goes on, and for walks that an earlier version of the program ended.</summary>
    public string? End { get; init; }

    /// <summary>Entries that could not be read.</summary>
    public int Skipped { get; init; }

    /// <summary>Pages that break off before their end and were passed.</summary>
    public int Truncated { get; init; }

    /// <summary>Documents with more entries than are read of one.</summary>
    public int Overfull { get; init; }

    /// <summary>Posts came or went during the walk in a way that may have moved others past it.</summary>
    public bool HasMoved { get; init; }

    /// <summary>An earlier walk to the same end left something out.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Whether another walk may bring what this one left out.</summary>
    [JsonIgnore]
    public bool HasLeftOut => HasMoved || Skipped > 0 || Truncated > 0;

    /// <summary>It is over, reached the end, and nothing is known to be missing.</summary>
    [JsonIgnore]
    public bool IsComplete => Next is null && End == BackfillEnd.Reached && !HasLeftOut && Overfull == 0;
}

/// <summary>How a walk ended.</summary>
internal static class BackfillEnd
{
    /// <summary>At the place's own end, or where everything older was known.</summary>
    public const string Reached = "reached";

    /// <summary>The feed offers no older pages and does not say that it is complete.</summary>
    public const string NoPages = "noPages";

    /// <summary>After the most pages that are read of a feed.</summary>
    public const string MostPages = "mostPages";

    /// <summary>The feed names an older page at an address that is not followed.</summary>
    public const string NotFollowed = "notFollowed";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FeedCursor))]
internal sealed partial class FeedCursorJson : JsonSerializerContext;
