using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Fetch;

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
    public string? Asked { get; init; }

    /// <summary>The calendar holds a series that goes on.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Where permanent redirects lead, and how often in a row they led there.</summary>
    public string? MovedTo { get; init; }

    public int MovedSeen { get; init; }

    public IReadOnlyList<KnownEvent> Events { get; init; } = [];

    public DateTimeOffset? Forgotten { get; init; }

    /// <summary>The walk through the API's pages that is under way.</summary>
    public Walk? Walk { get; init; }

    /// <summary>When the last whole walk began.</summary>
    public DateTimeOffset? WalkedAt { get; init; }

    /// <summary>When the API last had no answer for this group.</summary>
    public DateTimeOffset? RefusedAt { get; init; }

    /// <summary>What cannot be read starts anew, which costs a reading and changes nothing else.</summary>
    public static MeetupCursor Parse(string? text, string address)
    {
        var cursor = new MeetupCursor { Address = address };
        try
        {
            cursor = text is null ? cursor : JsonSerializer.Deserialize(text, MeetupCursorJson.Default.MeetupCursor) ?? cursor;
        }
        catch (JsonException)
        {
            return cursor;
        }

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

    public MeetupCursor With(KnownEvents known) => this with { Events = known.Kept, Forgotten = known.Forgotten };

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
internal sealed record Walk(DateTimeOffset Began, DateTimeOffset? From, string? After, int Pages, int Tries);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(MeetupCursor))]
[JsonSerializable(typeof(KnownEvent))]
internal sealed partial class MeetupCursorJson : JsonSerializerContext;
