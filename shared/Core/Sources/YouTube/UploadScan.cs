using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A walk through pages of uploads, newest first, one page and one cursor at a time, so that it resumes where it stopped.</summary>
internal sealed record UploadScan
{
    /// <summary>The first reading of everything.</summary>
    public const string History = "history";

    /// <summary>Once a week over the videos of a year.</summary>
    public const string Year = "year";

    /// <summary>Now and then over all, and where a walk over all did not see all.</summary>
    public const string Full = "all";

    /// <summary>Once a day over the uploads of two months, for those that were published later.</summary>
    public const string LookBack = "lookBack";

    /// <summary>More was uploaded since the last look than the first page holds.</summary>
    public const string Gap = "gap";

    public required string Kind { get; init; }

    /// <summary>Token of the page to read next, empty for the first page; null when the walk is over.</summary>
    public string? Next { get; init; }

    /// <summary>Token of the page that was read last, and what stood on it.</summary>
    public string? Here { get; init; }

    /// <inheritdoc cref="Here"/>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>How many uploads there were when it was read.</summary>
    public int? Total { get; init; }

    public int Pages { get; init; }

    /// <summary>The most pages it came to, also before it began anew.</summary>
    public int Reached { get; init; }

    /// <summary>Places of the list that were shown so far, and how many of them before the last page. Tokens count places, so this is to end as the total.</summary>
    public int Seen { get; init; }

    /// <inheritdoc cref="Seen"/>
    public int SeenBefore { get; init; }

    /// <summary>Something on its pages could not be read, and what it was is not known.</summary>
    public bool IsHoled { get; init; }

    /// <summary>A page that others follow showed fewer places than a page has.</summary>
    public bool IsUneven { get; init; }

    /// <summary>The page to read next did not come so often.</summary>
    public RetryState? Tries { get; init; }

    /// <summary>What came instead, in a word.</summary>
    public string? Why { get; init; }

    /// <summary>It ends where uploads are older; null: at the very end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only what was published since is asked for; null: everything.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Of all drafts so far.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Numbers of videos that are known can wait where units are few; videos nobody has seen cannot.</summary>
    [JsonIgnore]
    public bool CanDefer => Kind != Gap;

    /// <summary>It goes to the very end, and takes in everything.</summary>
    [JsonIgnore]
    public bool IsFull => Kind is History or Full;

    /// <summary>What of a page the walk is for.</summary>
    public IEnumerable<string> IdsToFetch(UploadsPage page) =>
        page.Items.Where(item => Since is null || item.Published is null || item.Published >= Since).Select(item => item.Id);

    public UploadScan After(UploadsPage page, string token)
    {
        var isFurther = Pages + 1 > Reached;
        return this with
        {
            Here = token,
            Next = page.Oldest < Until ? null : page.Next,
            Ids = page.Ids,
            Total = page.Total,
            Pages = Pages + 1,
            Reached = isFurther ? Pages + 1 : Reached,
            Seen = Seen + page.ItemCount,
            SeenBefore = Seen,
            IsHoled = IsHoled || page.Skipped > 0 || page is { ItemCount: 0, Total: null },
            IsUneven = IsUneven || (page.Next is not null && page.ItemCount < UploadsPage.PageSize),
            Tries = isFurther ? null : Tries,
            Why = isFurther ? null : Why,
        };
    }

    /// <summary>
    /// Tokens count places from the top. Where something above was taken away since the last page, what follows has moved up and the next
    /// page leaves some of it out; it then stands at the end of the page before.
    /// </summary>
    public bool HasShifted(UploadsPage page) => page.Total < Total && Here is not null;

    /// <summary>One page back; from the beginning where more has moved than a page holds.</summary>
    public UploadScan StepBack(UploadsPage page) => Total - page.Total > UploadsPage.PageSize
        ? Restarted() with { Total = page.Total }
        : this with { Next = Here, Here = null, Total = page.Total, Pages = Pages - 1, Seen = SeenBefore };

    public UploadScan Restarted() => this with { Next = "", Here = null, Ids = null, Total = null, Pages = 0, Seen = 0, SeenBefore = 0 };
}

/// <summary>What a walk over everything found at its end, held against what YouTube counts.</summary>
/// <param name="Listed">How many uploads YouTube counts. Private and deleted ones may be among them, and then it never agrees with what it shows.</param>
/// <param name="Shown">How many places of the list it showed.</param>
internal sealed record ScanSummary(int? Listed, int Shown)
{
    /// <summary>The list holds no more than that many (https://issuetracker.google.com/issues/35174570).</summary>
    private const int LongestList = 20_000;

    /// <summary>Something in the list could not be read.</summary>
    public bool IsHoled { get; init; }

    /// <summary>Pages in the middle of the list were not full.</summary>
    public bool IsUneven { get; init; }

    /// <summary>The list was as long as it can be.</summary>
    public bool IsCapped { get; init; }

    /// <summary>Of all that was shown.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>Not everything was shown: when it is walked over again. Null where it was.</summary>
    public RetryState? Tries { get; init; }

    /// <summary>Every page was full, and yet as many are lacking; null where something else may be behind it.</summary>
    [JsonIgnore]
    private int? Miscount => IsHoled || IsUneven ? null : Listed - Shown;

    public static ScanSummary Of(UploadScan walk, ScanSummary? before, DateTimeOffset now)
    {
        var isCapped = walk.Total >= LongestList || walk.Seen >= LongestList;
        var extent = new ScanSummary(walk.Total, walk.Seen) { IsHoled = walk.IsHoled, IsUneven = walk.IsUneven, IsCapped = isCapped, Oldest = walk.Oldest };
        if (!walk.IsHoled && (isCapped || walk.Total is null || walk.Seen >= walk.Total))
            return extent;

        // The same again: it is the count that is wrong, and another walk would bring nothing.
        var isSettled = before?.Tries is not null && extent.Miscount is { } miscount && before.Miscount == miscount;
        return extent with { Tries = isSettled ? RetryState.Weekly(now) : RetryState.After(before?.Tries, now) };
    }

    /// <summary>Something was found that could not be read, or there is no room to remember.</summary>
    public static ScanSummary WithGap(ScanSummary? before, DateTimeOffset now) =>
        (before ?? new ScanSummary(null, 0)) with { IsHoled = true, Tries = before?.Tries ?? RetryState.After(null, now) };
}
