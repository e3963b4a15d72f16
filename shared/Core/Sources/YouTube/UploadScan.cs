using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A scan of the list of uploads, newest first, one page and one cursor at a time, so that it can resume.</summary>
internal sealed record UploadScan
{
    /// <summary>The first read of everything.</summary>
    public const string History = "history";

    /// <summary>Weekly, the videos of a year.</summary>
    public const string Year = "year";

    /// <summary>Quarterly, everything; earlier if a scan of everything missed something.</summary>
    public const string Full = "all";

    /// <summary>Daily, the uploads of two months, for those published later.</summary>
    public const string LookBack = "lookBack";

    /// <summary>More was uploaded since the last read than the first page holds.</summary>
    public const string Gap = "gap";

    /// <summary>YouTube lists no more of a channel.</summary>
    private const int MaxUploads = 20_000;

    public required string Kind { get; init; }

    /// <summary>Token of the next page, empty for the first; null when the scan is over.</summary>
    public string? Next { get; init; }

    /// <summary>Token of the page read last, and the ids on it.</summary>
    public string? Here { get; init; }

    /// <inheritdoc cref="Here"/>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Number of uploads when it was read.</summary>
    public int? Total { get; init; }

    public int Pages { get; init; }

    /// <summary>The most pages it reached, including before it was restarted.</summary>
    public int Reached { get; init; }

    /// <summary>The lowest count that made it step back; null if none did.</summary>
    public int? LowestTotal { get; init; }

    /// <summary>List positions shown so far, and before the last page. Tokens count positions, so the total should be reached.</summary>
    public int Seen { get; init; }

    /// <inheritdoc cref="Seen"/>
    public int SeenBefore { get; init; }

    /// <summary>Some items could not be read.</summary>
    public bool IsHoled { get; init; }

    /// <summary>A page other than the last had fewer items than a full page.</summary>
    public bool IsUneven { get; init; }

    /// <summary>Retries of the next page.</summary>
    public RetryState? Tries { get; init; }

    /// <summary>Reason code of the failure.</summary>
    public string? Why { get; init; }

    /// <summary>It ends at older uploads; null: at the end of the list.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only videos published since are requested; null: all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Oldest date of all drafts so far.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Statistics of known videos can wait when quota is low; unseen videos cannot.</summary>
    [JsonIgnore]
    public bool CanDefer => Kind != Gap;

    /// <summary>It reads the whole list.</summary>
    [JsonIgnore]
    public bool IsFull => Kind is History or Full;

    /// <summary>The videos of a page to request.</summary>
    public IEnumerable<string> IdsToFetch(UploadsPage page) =>
        page.Items.Where(item => Since is null || item.Published is null || item.Published >= Since).Select(item => item.Id);

    public UploadScan After(UploadsPage page, string token)
    {
        var isFurther = Pages + 1 > Reached;
        var isCircle = Seen + page.ItemCount > (2 * (page.Total ?? MaxUploads)) + (10 * UploadsPage.PageSize);
        return this with
        {
            Here = token,

            // A read must not spend the quota of a day in a circle.
            Next = page.Oldest < Until || isCircle || page.Next == token ? null : page.Next,
            Ids = page.Ids,
            Total = page.Total,
            Pages = Pages + 1,
            Reached = isFurther ? Pages + 1 : Reached,
            Seen = Seen + page.ItemCount,
            SeenBefore = Seen,
            IsHoled = IsHoled || isCircle || page.Skipped > 0 || page is { ItemCount: 0, Total: null },
            IsUneven = IsUneven || (page.Next is not null && page.ItemCount < UploadsPage.PageSize),
            Tries = isFurther ? null : Tries,
            Why = isFurther ? null : Why,
        };
    }

    /// <summary>
    /// Tokens count positions from the top. If something above was removed since the last page, what follows has moved up, and the next page skips
    /// some of it, which then is at the end of the page before.
    /// </summary>
    /// <remarks>YouTube's count is an approximation that may differ from page to page, so only a count lower than all before is a reason.</remarks>
    public bool HasShifted(UploadsPage page) => page.Total < Total && Here is not null && (LowestTotal is not { } lowest || page.Total < lowest);

    /// <summary>One page back, or to the beginning if more has moved than a page holds.</summary>
    public UploadScan StepBack(UploadsPage page) => Total - page.Total > UploadsPage.PageSize
        ? Restarted() with { Total = page.Total, LowestTotal = page.Total }
        : this with { Next = Here, Here = null, Total = page.Total, Pages = Pages - 1, Seen = SeenBefore, LowestTotal = page.Total };

    public UploadScan Restarted() => this with { Next = "", Here = null, Ids = null, Total = null, Pages = 0, Seen = 0, SeenBefore = 0 };
}

/// <summary>The result of a full scan compared with YouTube's own count.</summary>
/// <param name="Listed">Uploads by YouTube's count, which may include private and deleted ones and then never matches.</param>
/// <param name="Shown">List positions shown.</param>
internal sealed record ScanSummary(int? Listed, int Shown)
{
    /// <summary>YouTube's limit for the list (https://issuetracker.google.com/issues/35174570).</summary>
    private const int LongestList = 20_000;

    /// <summary>Some items could not be read.</summary>
    public bool IsHoled { get; init; }

    /// <summary>Pages other than the last were not full.</summary>
    public bool IsUneven { get; init; }

    /// <summary>The list had its maximum length.</summary>
    public bool IsCapped { get; init; }

    /// <summary>Oldest date shown.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>When it is scanned again; null if everything was shown.</summary>
    public RetryState? Tries { get; init; }

    /// <summary>Items missing although every page was full; null if there may be another reason.</summary>
    [JsonIgnore]
    private int? Miscount => IsHoled || IsUneven ? null : Listed - Shown;

    public static ScanSummary Of(UploadScan scan, ScanSummary? before, DateTimeOffset now)
    {
        var isCapped = scan.Total >= LongestList || scan.Seen >= LongestList;
        var summary = new ScanSummary(scan.Total, scan.Seen) { IsHoled = scan.IsHoled, IsUneven = scan.IsUneven, IsCapped = isCapped, Oldest = scan.Oldest };
        if (!scan.IsHoled && (isCapped || scan.Total is null || scan.Seen >= scan.Total))
            return summary;

        // The same number again: the count is wrong, and another scan would find nothing.
        var isSettled = before?.Tries is not null && summary.Miscount is { } miscount && before.Miscount == miscount;
        return summary with { Tries = isSettled ? RetryState.Weekly(now) : RetryState.After(before?.Tries, now) };
    }

    /// <summary>An item could not be read, or there is no room to track it.</summary>
    public static ScanSummary WithGap(ScanSummary? before, DateTimeOffset now) =>
        (before ?? new ScanSummary(null, 0)) with { IsHoled = true, Tries = before?.Tries ?? RetryState.After(null, now) };
}
