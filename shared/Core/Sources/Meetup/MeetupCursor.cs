using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>How far a listing was read. Stored: members may be added, never renamed.</summary>
internal sealed record MeetupCursor
{
    private const int MovesToConfirm = 3;
    private const int LongestValidator = 1_000;

    /// <summary>The address the validators belong to.</summary>
    public string? Address { get; init; }

    public string? ETag { get; init; }
    public string? LastModified { get; init; }

    /// <summary>Hash of the calendar, for servers without validators or with new ones each time.</summary>
    public string? BodyHash { get; init; }

    /// <summary>When the calendar was last read.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Time of the first read; upcoming events are known from then on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The connection's options; a change means that everything is read again.</summary>
    [JsonPropertyName("asked")]
    public string? Options { get; init; }

    /// <summary>The calendar has a series.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Target of permanent redirects, and the number of consecutive reads that saw it.</summary>
    public string? MovedTo { get; init; }

    public int MovedSeen { get; init; }
    public IReadOnlyList<TrackedEvent> Events { get; init; } = [];
    public DateTimeOffset? Forgotten { get; init; }

    /// <summary>The current scan of the API's pages.</summary>
    [JsonPropertyName("walk")]
    public GroupScan? Scan { get; init; }

    /// <summary>When the last complete scan began.</summary>
    [JsonPropertyName("walkedAt")]
    public DateTimeOffset? ScannedAt { get; init; }

    /// <summary>When the next scan is due, if the last one was incomplete.</summary>
    [JsonPropertyName("walkTries")]
    public RetryState? ScanRetry { get; init; }

    /// <summary>Events it missed; 0 if unknown.</summary>
    [JsonPropertyName("lacking")]
    public int MissingEvents { get; init; }

    /// <summary>When the API last refused this group.</summary>
    public DateTimeOffset? RefusedAt { get; init; }

    /// <summary>An unreadable cursor starts over, which costs a full read and changes nothing else.</summary>
    public static MeetupCursor Parse(string? text, string address)
    {
        var cursor = MeetupCursorJson.Default.MeetupCursor.ReadOrNull(text) ?? new MeetupCursor { Address = address };
        return cursor.Address == address ? cursor : cursor with { Address = address, ETag = null, LastModified = null, BodyHash = null };
    }

    public MeetupCursor WithBody(Fetched answer, string? hash, DateTimeOffset now) => this with
    {
        ETag = Short(answer.Header("ETag")),
        LastModified = Short(answer.Header("Last-Modified")),
        BodyHash = hash,
        ReadAt = now,
        Since = Since ?? now,
    };

    /// <summary>For a full read; tracked events keep their ids.</summary>
    public MeetupCursor Restarted() => this with
    {
        ETag = null, LastModified = null, BodyHash = null, ScannedAt = null, Scan = null, ScanRetry = null, MissingEvents = 0, RefusedAt = null,
    };

    /// <summary>After a truncated response, which is requested again even if unchanged.</summary>
    public MeetupCursor WithPart(DateTimeOffset now) => this with { Since = Since ?? now };

    /// <summary>After a complete scan.</summary>
    public MeetupCursor WithScanCompleted(GroupScan scan) => this with { Scan = null, ScannedAt = scan.Began, ScanRetry = null, MissingEvents = 0, RefusedAt = null };

    /// <summary>After an incomplete scan, which is repeated.</summary>
    public MeetupCursor WithScanIncomplete(int missing, DateTimeOffset now) =>
        this with { Scan = null, ScanRetry = RetryState.After(ScanRetry, now), MissingEvents = missing, RefusedAt = null };

    public MeetupCursor With(EventTracker known) => this with { Events = known.Events, Forgotten = known.EarliestDropped };

    /// <summary>Counts consecutive reads with the same permanent redirect; after three of them the calendar has moved.</summary>
    public (MeetupCursor Cursor, string? MovedTo) WithRedirect(Uri? movedTo)
    {
        if (movedTo?.AbsoluteUri is not { } target)
            return (this with { MovedTo = null, MovedSeen = 0 }, null);
        var seen = MovedTo == target ? MovedSeen + 1 : 1;
        return seen < MovesToConfirm ? (this with { MovedTo = target, MovedSeen = seen }, null) : (this with { Address = target, MovedTo = null, MovedSeen = 0 }, target);
    }

    public string ToText() => JsonSerializer.Serialize(this, MeetupCursorJson.Default.MeetupCursor);

    private static string? Short(string? validator) => validator?.Length <= LongestValidator ? validator : null;
}

/// <param name="Began">When its first page was requested.</param>
/// <param name="From">Only events after this; null: all.</param>
/// <param name="After">The API's cursor; null before the first page.</param>
/// <param name="Tries">Failed or partial responses for the next page.</param>
internal sealed record GroupScan(DateTimeOffset Began, DateTimeOffset? From, string? After, int Pages, int Tries)
{
    /// <summary>Items seen so far, and how many of them were unreadable.</summary>
    public int Seen { get; init; }

    /// <inheritdoc cref="Seen"/>
    public int Unread { get; init; }

    public static GroupScan Start(MeetupCursor cursor, DateTimeOffset now) => new(now, cursor.ScannedAt - EventTracker.IdsMayChangeFor, null, 0, 0);

    /// <summary>After this page.</summary>
    public GroupScan Advance(GroupPage page) => this with { After = page.Next, Pages = Pages + 1, Tries = 0, Seen = Seen + page.ItemCount, Unread = Unread + page.Skipped };

    /// <summary>
    /// Events missed by a finished scan; null if it is complete, 0 if unknown. The API's own count can be compared only if everything was asked for.
    /// </summary>
    public int? Missing(GroupPage last)
    {
        var uncounted = From is null && last.Total > Seen ? last.Total.Value - Seen : 0;
        var isCounted = From is null && last.Total is not null;
        if (Unread + uncounted is > 0 and var missing)
            return missing;

        // An empty page is not the end: the one before said that there is more.
        return isCounted || (last.IsEnd && (last.ItemCount > 0 || Pages == 1)) ? null : 0;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(MeetupCursor))]
[JsonSerializable(typeof(TrackedEvent))]
internal sealed partial class MeetupCursorJson : JsonSerializerContext;
