using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// How far a channel was read. Members may be added, never renamed: cursors outlive versions of the program. It does not grow with the
/// channel: of old videos it knows nothing, they are walked over again.
/// </summary>
internal sealed record YouTubeCursor
{
    private const int MostRecent = 200;

    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>What stood on the first page of uploads.</summary>
    public IReadOnlyList<string>? First { get; init; }

    /// <summary>When the newest of them was uploaded.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Videos of the last month, whose numbers are asked for every day, and those that are still to come.</summary>
    public IReadOnlyList<RecentVideo>? Recent { get; init; }

    /// <summary>When the numbers of <see cref="Recent"/> were asked for.</summary>
    public DateTimeOffset? Refreshed { get; init; }

    /// <summary>When it was looked for videos that were uploaded long before they were published.</summary>
    public DateTimeOffset? LookedBack { get; init; }

    /// <summary>When the videos of a year were walked over, and when all were; null until the history was read.</summary>
    public DateTimeOffset? Walked { get; init; }

    /// <inheritdoc cref="Walked"/>
    public DateTimeOffset? Swept { get; init; }

    /// <summary>The walk under way.</summary>
    public Walk? Walk { get; init; }

    /// <summary>Without a key: what the feed said of each video, as a hash.</summary>
    public IReadOnlyDictionary<string, string>? Fed { get; init; }

    /// <summary>Without a key: the oldest video the feed has shown.</summary>
    public DateTimeOffset? FedSince { get; init; }

    /// <summary>What cannot be read starts anew, which costs a reading and changes nothing else.</summary>
    public static YouTubeCursor Parse(string? text)
    {
        try
        {
            return (text is null ? null : JsonSerializer.Deserialize(text, YouTubeCursorJson.Default.YouTubeCursor)) ?? new YouTubeCursor();
        }
        catch (JsonException)
        {
            return new YouTubeCursor();
        }
    }

    public string ToText() => JsonSerializer.Serialize(this, YouTubeCursorJson.Default.YouTubeCursor);

    /// <param name="asked">Whose videos were asked for; those that are no longer there are forgotten.</param>
    public YouTubeCursor Seen(IReadOnlyCollection<string> asked, IEnumerable<Draft> drafts, DateTimeOffset now)
    {
        var since = (now - Month).ToUnixTimeSeconds();
        var seen = drafts.Select(draft => new RecentVideo(
            draft.NativeId, (draft.When ?? now).ToUnixTimeSeconds(), draft.Status is Status.Scheduled or Status.Live));
        var recent = (Recent ?? []).Where(video => !asked.Contains(video.Id)).Concat(seen)
            .Where(video => video.At >= since)
            .OrderByDescending(video => video.At).ThenBy(video => video.Id, StringComparer.Ordinal)
            .Take(MostRecent);
        return this with { Recent = [.. recent] };
    }
}

/// <param name="At">When it happened or will, in Unix seconds.</param>
/// <param name="Open">It is on the air or still to come.</param>
internal sealed record RecentVideo(string Id, long At, bool Open = false)
{
    private static readonly TimeSpan Patience = TimeSpan.FromDays(2);

    /// <summary>Its time has come, and what became of it is not known; some never start.</summary>
    public bool IsDue(DateTimeOffset now) => Open && At <= now.ToUnixTimeSeconds() && At > (now - Patience).ToUnixTimeSeconds();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(YouTubeCursor))]
internal sealed partial class YouTubeCursorJson : JsonSerializerContext;
