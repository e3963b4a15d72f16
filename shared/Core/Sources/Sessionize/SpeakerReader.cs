using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.Sessionize;

/// <summary>
/// Reads a speaker's events: one request, conditional where Sessionize gives validators. What disappears stays, unless its day was still to come.
/// </summary>
internal sealed class SpeakerReader(Fetcher fetcher, TimeProvider time, SessionizeOptions options)
{
    private const int LongestValidator = 200;
    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly string root = options.Site.AbsoluteUri.TrimEnd('/');

    /// <summary>Speakers' events change rarely.</summary>
    private static readonly TimeSpan MinInterval = TimeSpan.FromHours(12);

    public Uri Address(string id) => new($"{root}/api/speaker/json/{id}");

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var before = SessionizeCursor.Parse(reading.Cursor);
        var id = reading.Origin[(reading.Origin.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var hasBegun = before.Coming?.Values.Any(start => start <= now) == true;
        var isDue = reading.IsFromStart || hasBegun;
        var (answer, speaker) = await FetchAsync(id, isDue ? null : before.ETag, isDue ? null : before.LastModified, cancel);
        if (answer.Outcome == FetchOutcome.NotModified)
            yield break;
        if (speaker is null)
            throw Failure(answer);
        var hash = Convert.ToBase64String(SHA256.HashData(answer.Body).AsSpan(0, 12));
        if (hash == before.Hash && !isDue)
            yield break;
        var coming = speaker.Events.Where(one => one.Start > now).OrderBy(one => one.Start).Take(SessionizeCursor.MaxComing).ToDictionary(one => one.Id, one => one.Start!.Value, StringComparer.Ordinal);
        var listed = speaker.Events.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        var gone = (before.Coming ?? new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal)).Where(one => one.Value > now && !listed.Contains(one.Key));
        Repair?[] repairs = [speaker.Undated == 0 ? null : new Repair("itemSkipped", speaker.Undated, "without a date"), speaker.Skipped == 0 ? null : new Repair("itemSkipped", speaker.Skipped)];
        yield return new SourcePage
        {
            Drafts = [.. speaker.Events.Select(one => one.ToDraft(speaker.Name, speaker.Titles, now)), .. gone.Select(one => SpeakerEvent.Withdrawn(one.Key, one.Value))],
            Cursor = new SessionizeCursor { ETag = answer.Header("ETag") is { Length: <= LongestValidator } tag ? tag : null, LastModified = answer.Header("Last-Modified") is { Length: <= LongestValidator } date ? date : null, Hash = hash, Coming = coming.Count == 0 ? null : coming }.ToText(),
            Coverage = speaker.Undated == 0
                ? new Coverage(null, true, null)
                : new Coverage(null, false, "Sessionize gives no date for some of the events; log those by hand."),
            Repairs = [.. repairs.OfType<Repair>()],
            Raw = RawResponse.Of(answer),
            MinPollInterval = MinInterval,
            Title = speaker.Name is { } name ? $"{name} on Sessionize" : null,
            Url = speaker.Page,
        };
    }

    public async Task<(Fetched Answer, Speaker? Speaker)> FetchAsync(string id, string? etag, string? lastModified, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(Address(id)) { Accept = "application/json", ETag = etag, LastModified = lastModified, MaximumBytes = MaxBytes }, cancel);
        return (answer, answer.Outcome == FetchOutcome.Content ? Speaker.Read(answer.Body) : null);
    }

    public static SourceException Failure(Fetched answer) => answer.Outcome == FetchOutcome.Content
        ? SourceException.Transient("unreadable", "Sessionize answered with something that is not a speaker's data. It is tried again automatically.")
        : SourceException.Of(
            answer,
            gone: "If the speaker's data have a new address, connect that one.",
            missing: "The speaker may have switched the data off: on Sessionize, the speaker profile's API / Embed option has to be on.",
            denied: "Only public data can be read: on Sessionize, the speaker profile's API / Embed option has to be on.");
}

/// <summary>Stored: members may be added, never renamed.</summary>
internal sealed record SessionizeCursor
{
    public const int MaxComing = 200;

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Of the last answer.</summary>
    public string? Hash { get; init; }

    /// <summary>The first days of events that are still to come, by id.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? Coming { get; init; }

    public static SessionizeCursor Parse(string? text) => SessionizeCursorJson.Default.SessionizeCursor.ReadOrNull(text) ?? new SessionizeCursor();

    public string ToText() => JsonSerializer.Serialize(this, SessionizeCursorJson.Default.SessionizeCursor);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(SessionizeCursor))]
internal sealed partial class SessionizeCursorJson : JsonSerializerContext;
