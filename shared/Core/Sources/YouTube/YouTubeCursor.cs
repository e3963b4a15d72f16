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
    private const int MostMissing = 100;

    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>What stood on the first page of uploads.</summary>
    public IReadOnlyList<string>? First { get; init; }

    /// <summary>When the newest of them was uploaded.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Videos of the last month, whose numbers are asked for every day, and those that are still to come.</summary>
    public IReadOnlyList<RecentVideo>? Recent { get; init; }

    /// <summary>When the numbers of <see cref="Recent"/> were asked for.</summary>
    [JsonPropertyName("refreshed")]
    public DateTimeOffset? RefreshedAt { get; init; }

    /// <summary>When it was looked for videos that were uploaded long before they were published.</summary>
    [JsonPropertyName("lookedBack")]
    public DateTimeOffset? LookedBackAt { get; init; }

    /// <summary>When the videos of a year were walked over, and when all were; null until the history was read.</summary>
    [JsonPropertyName("walked")]
    public DateTimeOffset? YearScannedAt { get; init; }

    /// <inheritdoc cref="YearScannedAt"/>
    [JsonPropertyName("swept")]
    public DateTimeOffset? FullyScannedAt { get; init; }

    /// <summary>The walk under way.</summary>
    [JsonPropertyName("walk")]
    public UploadScan? Scan { get; init; }

    /// <summary>A walk over everything whose next page did not come for long: it waits for its weekly try, and others go their way meanwhile.</summary>
    [JsonPropertyName("stuck")]
    public UploadScan? StalledScan { get; init; }

    /// <summary>More was uploaded than the first page holds while a walk was under way: what is newer than this is walked over next.</summary>
    public DateTimeOffset? GapSince { get; init; }

    /// <summary>What the last walk over everything found; null where that is not known.</summary>
    [JsonPropertyName("extent")]
    public ScanSummary? LastFullScan { get; init; }

    /// <summary>Videos that are listed and whose details did not come.</summary>
    public IReadOnlyList<MissingVideo>? Missing { get; init; }

    /// <summary>Looks in a row that showed no upload at all.</summary>
    [JsonPropertyName("without")]
    public int EmptyReads { get; init; }

    /// <summary>Without a key: the feed has shown as many videos as it shows at most, so that there may be more.</summary>
    [JsonPropertyName("isFedFull")]
    public bool IsFeedFull { get; init; }

    /// <summary>Some upload was there once.</summary>
    [JsonIgnore]
    public bool HasHadUploads => First is { Count: > 0 } || Newest is not null || FeedHashes is { Count: > 0 } || FeedOldest is not null || Scan is not null || StalledScan is not null;

    /// <summary>Without a key: what the feed said of each video, as a hash.</summary>
    [JsonPropertyName("fed")]
    public IReadOnlyDictionary<string, string>? FeedHashes { get; init; }

    /// <summary>Without a key: the oldest video the feed has shown.</summary>
    [JsonPropertyName("fedSince")]
    public DateTimeOffset? FeedOldest { get; init; }

    /// <summary>What cannot be read starts anew, which costs a reading and changes nothing else.</summary>
    public static YouTubeCursor Parse(string? text) => YouTubeCursorJson.Default.YouTubeCursor.ReadOrNull(text) ?? new YouTubeCursor();

    public string ToText() => JsonSerializer.Serialize(this, YouTubeCursorJson.Default.YouTubeCursor);

    /// <param name="asked">Whose videos were asked for; those that are no longer there are forgotten, where it was said thrice or why.</param>
    /// <param name="unknown">Those of them of which nothing was said.</param>
    /// <param name="listed">Those of them that were asked for because the list shows them.</param>
    public YouTubeCursor Seen(
        IReadOnlyCollection<string> asked, IEnumerable<Draft> drafts, IReadOnlySet<string> unknown, IReadOnlyCollection<string> listed, DateTimeOffset now)
    {
        var since = (now - Month).ToUnixTimeSeconds();
        var seen = drafts.Select(draft => new RecentVideo(
            draft.NativeId, (draft.When ?? now).ToUnixTimeSeconds(), draft.Status is Status.Scheduled or Status.Live));
        var kept = (Recent ?? []).Where(video => !asked.Contains(video.Id))
            .Concat((Recent ?? []).Where(video => unknown.Contains(video.Id)).Select(video => video with { Missed = video.Missed + 1 }).Where(video => video.Missed < RecentVideo.MostMissed));
        var recent = kept.Concat(seen)
            .Where(video => video.At >= since)
            .OrderByDescending(video => video.At).ThenBy(video => video.Id, StringComparer.Ordinal)
            .Take(MostRecent);
        return (this with { Recent = [.. recent] }).WithMissing(asked, unknown, listed, now);
    }

    /// <summary>Before a walk over everything: what it does not list any more is not missing any more once it is over.</summary>
    public YouTubeCursor WithScan(UploadScan walk) => this with
    {
        Scan = walk,
        GapSince = walk.Kind == UploadScan.Gap ? null : GapSince,
        Missing = walk.IsFull ? Missing?.Select(video => video with { IsUnseen = true }).ToList() : Missing,
    };

    /// <summary>Without the walk, where it is over.</summary>
    public YouTubeCursor FinishScan(DateTimeOffset now)
    {
        if (Scan is not { Next: null } walk)
            return this;
        var left = walk.IsFull ? Missing?.Where(video => !video.IsUnseen).ToList() : Missing;
        return this with
        {
            Scan = null,
            LookedBackAt = now,
            YearScannedAt = walk.IsFull || walk.Kind == UploadScan.Year ? now : YearScannedAt,
            FullyScannedAt = walk.IsFull ? now : FullyScannedAt,
            LastFullScan = walk.IsFull ? ScanSummary.Of(walk, LastFullScan, now) : walk.IsHoled ? ScanSummary.WithGap(LastFullScan, now) : LastFullScan,
            Missing = left is { Count: > 0 } ? left : null,
        };
    }

    /// <summary>
    /// The page to read next did not come: it is asked for again. After some tries a walk over everything is put aside for a week, and so is what a gap
    /// holds; a walk for numbers is left, the next of its kind is due anyway.
    /// </summary>
    public YouTubeCursor PageFailed(UploadScan walk, string why, DateTimeOffset now)
    {
        var tries = RetryState.After(walk.Tries, now);
        if (tries.NextAt is null)
            return this with { Scan = walk with { Tries = tries, Why = why } };
        return walk.Kind switch
        {
            UploadScan.Year => this with { Scan = null, YearScannedAt = now },
            UploadScan.LookBack => this with { Scan = null, LookedBackAt = now },
            UploadScan.Gap => this with { Scan = null, StalledScan = (StalledScan?.Restarted() ?? new UploadScan { Kind = UploadScan.Full, Next = "" }) with { Tries = tries, Why = why } },
            _ => this with { Scan = null, YearScannedAt = YearScannedAt ?? now, StalledScan = walk with { Ids = null, Tries = tries, Why = why } },
        };
    }

    private YouTubeCursor WithMissing(IReadOnlyCollection<string> asked, IReadOnlySet<string> unknown, IReadOnlyCollection<string> listed, DateTimeOffset now)
    {
        if (unknown.Count == 0 && Missing is null)
            return this;
        var before = Missing ?? [];
        var still = before.Where(video => !asked.Contains(video.Id) || unknown.Contains(video.Id)).Select(video => !asked.Contains(video.Id) ? video
            : video with { Tries = RetryState.After(video.Tries, now), IsUnseen = video.IsUnseen && !listed.Contains(video.Id) });
        var news = listed.Where(unknown.Contains).Except(before.Select(video => video.Id), StringComparer.Ordinal).Select(id => new MissingVideo(id, RetryState.After(null, now)));
        var missing = still.Concat(news).ToList();
        return this with
        {
            Missing = missing.Count == 0 ? null : missing[..Math.Min(missing.Count, MostMissing)],

            // More than there is room for: the list is walked again.
            Scan = missing.Count > MostMissing && Scan is not null ? Scan with { IsHoled = true } : Scan,
            LastFullScan = missing.Count > MostMissing && Scan is null ? ScanSummary.WithGap(LastFullScan, now) : LastFullScan,
        };
    }
}

/// <param name="At">When it happened or will, in Unix seconds.</param>
/// <param name="Open">It is on the air or still to come.</param>
/// <param name="Missed">Times in a row that nothing was said of it.</param>
internal sealed record RecentVideo(string Id, long At, bool Open = false, int Missed = 0)
{
    public const int MostMissed = 3;

    private static readonly TimeSpan DueFor = TimeSpan.FromDays(2);

    /// <summary>Its time has come, and what became of it is not known; some never start.</summary>
    public bool IsDue(DateTimeOffset now) => Open && At <= now.ToUnixTimeSeconds() && At > (now - DueFor).ToUnixTimeSeconds();
}

/// <param name="IsUnseen">The walk over everything that is under way has not come upon it yet.</param>
internal sealed record MissingVideo(string Id, RetryState Tries, [property: JsonPropertyName("isLeft")] bool IsUnseen = false);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(YouTubeCursor))]
internal sealed partial class YouTubeCursorJson : JsonSerializerContext;
