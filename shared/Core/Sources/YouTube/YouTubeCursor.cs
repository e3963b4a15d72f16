using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// How far a channel was read. Stored: members may be added, never renamed. It does not grow with the channel: old videos are not tracked but scanned again.
/// </summary>
internal sealed record YouTubeCursor
{
    private const int MaxRecent = 200;
    private const int MaxMissing = 100;

    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>Ids on the first page of uploads.</summary>
    public IReadOnlyList<string>? First { get; init; }

    /// <summary>Upload time of the newest of them.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Videos of the last month, whose statistics are read daily, and upcoming ones.</summary>
    public IReadOnlyList<RecentVideo>? Recent { get; init; }

    /// <summary>When the statistics of <see cref="Recent"/> were read.</summary>
    [JsonPropertyName("refreshed")]
    public DateTimeOffset? RefreshedAt { get; init; }

    /// <summary>When uploads published late were last looked for.</summary>
    [JsonPropertyName("lookedBack")]
    public DateTimeOffset? LookedBackAt { get; init; }

    /// <summary>When the videos of a year, and all videos, were last scanned; null until the history was read.</summary>
    [JsonPropertyName("walked")]
    public DateTimeOffset? YearScannedAt { get; init; }

    /// <inheritdoc cref="YearScannedAt"/>
    [JsonPropertyName("swept")]
    public DateTimeOffset? FullyScannedAt { get; init; }

    /// <summary>The current scan.</summary>
    [JsonPropertyName("walk")]
    public UploadScan? Scan { get; init; }

    /// <summary>A full scan whose next page kept failing: it waits for its weekly retry while other scans run.</summary>
    [JsonPropertyName("stuck")]
    public UploadScan? StalledScan { get; init; }

    /// <summary>More was uploaded during a scan than the first page holds: what is newer than this is scanned next.</summary>
    public DateTimeOffset? GapSince { get; init; }

    /// <summary>Result of the last full scan, if known.</summary>
    [JsonPropertyName("extent")]
    public ScanSummary? LastFullScan { get; init; }

    /// <summary>Listed videos whose details did not come.</summary>
    public IReadOnlyList<MissingVideo>? Missing { get; init; }

    /// <summary>Consecutive reads without any upload.</summary>
    [JsonPropertyName("without")]
    public int EmptyReads { get; init; }

    /// <summary>Without a key: the feed was full once, so there may be more videos.</summary>
    [JsonPropertyName("isFedFull")]
    public bool IsFeedFull { get; init; }

    /// <summary>There have been uploads.</summary>
    [JsonIgnore]
    public bool HasHadUploads =>
        First is { Count: > 0 } || Newest is not null || FeedHashes is { Count: > 0 } || FeedOldest is not null || Scan is not null || StalledScan is not null;

    /// <summary>Without a key: a hash of each video in the feed.</summary>
    [JsonPropertyName("fed")]
    public IReadOnlyDictionary<string, string>? FeedHashes { get; init; }

    /// <summary>Without a key: the oldest video seen in the feed.</summary>
    [JsonPropertyName("fedSince")]
    public DateTimeOffset? FeedOldest { get; init; }

    /// <summary>An unreadable cursor starts over, which costs a full read and changes nothing else.</summary>
    public static YouTubeCursor Parse(string? text) => YouTubeCursorJson.Default.YouTubeCursor.ReadOrNull(text) ?? new YouTubeCursor();

    public string ToText() => JsonSerializer.Serialize(this, YouTubeCursorJson.Default.YouTubeCursor);

    /// <param name="asked">Requested ids; what is gone is dropped once YouTube says why, or after repeated misses.</param>
    /// <param name="unknown">Requested ids missing from the response.</param>
    /// <param name="listed">Requested ids that the list of uploads has.</param>
    public YouTubeCursor Seen(
        IReadOnlyCollection<string> asked, IEnumerable<Draft> drafts, IReadOnlySet<string> unknown, IReadOnlyCollection<string> listed, DateTimeOffset now)
    {
        var since = (now - Month).ToUnixTimeSeconds();
        var seen = drafts.Select(draft => new RecentVideo(
            draft.NativeId, (draft.When ?? now).ToUnixTimeSeconds(), draft.Status is Status.Scheduled or Status.Live));
        var kept = (Recent ?? []).Where(video => !asked.Contains(video.Id))
            .Concat((Recent ?? []).Where(video => unknown.Contains(video.Id)).Select(video => video with { Missed = video.Missed + 1 }).Where(video => video.Missed < RecentVideo.MaxMissed));
        var recent = kept.Concat(seen)
            .Where(video => video.At >= since)
            .OrderByDescending(video => video.At).ThenBy(video => video.Id, StringComparer.Ordinal)
            .Take(MaxRecent);
        return (this with { Recent = [.. recent] }).WithMissing(asked, unknown, listed, now);
    }

    /// <summary>With a new scan. What a full scan does not list is no longer missing once it is over.</summary>
    public YouTubeCursor WithScan(UploadScan scan) => this with
    {
        Scan = scan,
        GapSince = scan.Kind == UploadScan.Gap ? null : GapSince,
        Missing = scan.IsFull ? Missing?.Select(video => video with { IsUnseen = true }).ToList() : Missing,
    };

    /// <summary>Applies a finished scan.</summary>
    public YouTubeCursor FinishScan(DateTimeOffset now)
    {
        if (Scan is not { Next: null } scan)
            return this;
        var left = scan.IsFull ? Missing?.Where(video => !video.IsUnseen).ToList() : Missing;
        return this with
        {
            Scan = null,
            LookedBackAt = now,
            YearScannedAt = scan.IsFull || scan.Kind == UploadScan.Year ? now : YearScannedAt,
            FullyScannedAt = scan.IsFull ? now : FullyScannedAt,
            LastFullScan = scan.IsFull ? ScanSummary.Of(scan, LastFullScan, now) : scan.IsHoled ? ScanSummary.WithGap(LastFullScan, now) : LastFullScan,
            Missing = left is { Count: > 0 } ? left : null,
        };
    }

    /// <summary>
    /// The next page failed and is retried. After a few retries a full scan stalls for a week, as does the rest of a gap; a scan for statistics is
    /// dropped, since the next of its kind is due anyway.
    /// </summary>
    public YouTubeCursor PageFailed(UploadScan scan, string why, DateTimeOffset now)
    {
        var tries = RetryState.After(scan.Tries, now);
        if (tries.NextAt is null)
            return this with { Scan = scan with { Tries = tries, Why = why } };
        return scan.Kind switch
        {
            UploadScan.Year => this with { Scan = null, YearScannedAt = now },
            UploadScan.LookBack => this with { Scan = null, LookedBackAt = now },
            UploadScan.Gap => this with { Scan = null, StalledScan = (StalledScan?.Restarted() ?? new UploadScan { Kind = UploadScan.Full, Next = "" }) with { Tries = tries, Why = why } },
            _ => this with { Scan = null, YearScannedAt = YearScannedAt ?? now, StalledScan = scan with { Ids = null, Tries = tries, Why = why } },
        };
    }

    private YouTubeCursor WithMissing(IReadOnlyCollection<string> asked, IReadOnlySet<string> unknown, IReadOnlyCollection<string> listed, DateTimeOffset now)
    {
        if (unknown.Count == 0 && Missing is null)
            return this;
        var before = Missing ?? [];
        var still = before.Where(video => !asked.Contains(video.Id) || unknown.Contains(video.Id)).Select(video => !asked.Contains(video.Id) ? video
            : video with { Tries = RetryState.After(video.Tries, now), IsUnseen = video.IsUnseen && !listed.Contains(video.Id) });
        var added = listed.Where(unknown.Contains).Except(before.Select(video => video.Id), StringComparer.Ordinal).Select(id => new MissingVideo(id, RetryState.After(null, now)));
        var missing = still.Concat(added).ToList();
        return this with
        {
            Missing = missing.Count == 0 ? null : missing[..Math.Min(missing.Count, MaxMissing)],

            // No room for more: the list is scanned again.
            Scan = missing.Count > MaxMissing && Scan is not null ? Scan with { IsHoled = true } : Scan,
            LastFullScan = missing.Count > MaxMissing && Scan is null ? ScanSummary.WithGap(LastFullScan, now) : LastFullScan,
        };
    }
}

/// <param name="At">When it was published or will be, in Unix seconds.</param>
/// <param name="Open">Live or upcoming.</param>
/// <param name="Missed">Consecutive responses without it.</param>
internal sealed record RecentVideo(string Id, long At, bool Open = false, int Missed = 0)
{
    public const int MaxMissed = 3;

    private static readonly TimeSpan DueFor = TimeSpan.FromDays(2);

    /// <summary>Its start has passed and its outcome is unknown; some never start.</summary>
    public bool IsDue(DateTimeOffset now) => Open && At <= now.ToUnixTimeSeconds() && At > (now - DueFor).ToUnixTimeSeconds();
}

/// <param name="IsUnseen">The current full scan has not listed it yet.</param>
internal sealed record MissingVideo(string Id, RetryState Tries, [property: JsonPropertyName("isLeft")] bool IsUnseen = false);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(YouTubeCursor))]
internal sealed partial class YouTubeCursorJson : JsonSerializerContext;
