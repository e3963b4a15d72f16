using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>How far a listing was read. Members may be added, never renamed: cursors outlive versions of the program.</summary>
internal sealed record MeetupCursor
{
    private const int LongestValidator = 1_000;

    /// <summary>Where the validators are from; for another address they mean nothing.</summary>
    public string? Address { get; init; }

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Of the calendar's bytes, for servers that give no validators or new ones each time.</summary>
    public string? BodyHash { get; init; }

    /// <summary>When the calendar's bytes were last taken in.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Of its first reading: what a calendar of coming events shows from then on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The connection's options it was read with; with others everything is read anew.</summary>
    [JsonPropertyName("asked")]
    public string? Options { get; init; }

    /// <summary>The calendar holds a series that goes on.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Where permanent redirects lead, and how often in a row they led there.</summary>
    public string? MovedTo { get; init; }

    public int MovedSeen { get; init; }

    public IReadOnlyList<TrackedEvent> Events { get; init; } = [];

    public DateTimeOffset? Forgotten { get; init; }

    /// <summary>The walk through the API's pages that is under way.</summary>
    [JsonPropertyName("walk")]
    public GroupScan? Scan { get; init; }

    /// <summary>When the last whole walk began.</summary>
    [JsonPropertyName("walkedAt")]
    public DateTimeOffset? ScannedAt { get; init; }

    /// <summary>The last walk did not see everything: when the next one is. Null where it did.</summary>
    [JsonPropertyName("walkTries")]
    public RetryState? ScanRetry { get; init; }

    /// <summary>How many events it did not see; 0 where that is not known.</summary>
    [JsonPropertyName("lacking")]
    public int MissingEvents { get; init; }

    /// <summary>When the API last had no answer for this group.</summary>
    public DateTimeOffset? RefusedAt { get; init; }

    /// <summary>What cannot be read starts anew, which costs a reading and changes nothing else.</summary>
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

    /// <summary>Nothing was read yet; of events that are known the ids are.</summary>
    public MeetupCursor Restarted() => this with
    {
        ETag = null, LastModified = null, BodyHash = null, ScannedAt = null, Scan = null, ScanRetry = null, MissingEvents = 0, RefusedAt = null,
    };

    /// <summary>With what an answer that broke off was good for: it is asked for again, changed or not.</summary>
    public MeetupCursor WithPart(DateTimeOffset now) => this with { Since = Since ?? now };

    /// <summary>The walk is over, and saw everything.</summary>
    public MeetupCursor WithScanCompleted(GroupScan walk) => this with { Scan = null, ScannedAt = walk.Began, ScanRetry = null, MissingEvents = 0, RefusedAt = null };

    /// <summary>The walk is over, and did not see everything: the next one is for the same.</summary>
    public MeetupCursor WithScanIncomplete(int lacking, DateTimeOffset now) =>
        this with { Scan = null, ScanRetry = RetryState.After(ScanRetry, now), MissingEvents = lacking, RefusedAt = null };

    public MeetupCursor With(EventTracker known) => this with { Events = known.Events, Forgotten = known.EarliestDropped };

    /// <summary>Counts how often in a row the same permanent redirect was seen.</summary>
    public MeetupCursor WithMove(Uri? movedTo) => movedTo is null
        ? this with { MovedTo = null, MovedSeen = 0 }
        : this with { MovedTo = movedTo.AbsoluteUri, MovedSeen = MovedTo == movedTo.AbsoluteUri ? MovedSeen + 1 : 1 };

    public string ToText() => JsonSerializer.Serialize(this, MeetupCursorJson.Default.MeetupCursor);

    private static string? Short(string? validator) => validator?.Length <= LongestValidator ? validator : null;
}

/// <param name="Began">When its first page was asked for.</param>
/// <param name="From">Only events after this are walked; null: all.</param>
/// <param name="After">The API's cursor; null before the first page.</param>
/// <param name="Tries">How often the page after it did not come, or in parts only.</param>
internal sealed record GroupScan(DateTimeOffset Began, DateTimeOffset? From, string? After, int Pages, int Tries)
{
    /// <summary>Places of the list that were shown so far, and how many of them could not be read.</summary>
    public int Seen { get; init; }

    /// <inheritdoc cref="Seen"/>
    public int Unread { get; init; }

    public static GroupScan Start(MeetupCursor cursor, DateTimeOffset now) => new(now, cursor.ScannedAt - EventTracker.IdsMayChangeFor, null, 0, 0);

    /// <summary>With this page behind it.</summary>
    public GroupScan Advance(GroupPage page) => this with { After = page.Next, Pages = Pages + 1, Tries = 0, Seen = Seen + page.ItemCount, Unread = Unread + page.Skipped };

    /// <summary>
    /// How many events a walk that is over did not see; null where it saw everything, 0 where that is not known. What is counted is held against
    /// it where everything was asked for.
    /// </summary>
    public int? Missing(GroupPage last)
    {
        var uncounted = From is null && last.Total > Seen ? last.Total.Value - Seen : 0;
        var isCounted = From is null && last.Total is not null;
        if (Unread + uncounted is > 0 and var lacking)
            return lacking;

        // A page that shows nothing is no end: the one before said that there is more.
        return isCounted || (last.IsEnd && (last.ItemCount > 0 || Pages == 1)) ? null : 0;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(MeetupCursor))]
[JsonSerializable(typeof(TrackedEvent))]
internal sealed partial class MeetupCursorJson : JsonSerializerContext;
