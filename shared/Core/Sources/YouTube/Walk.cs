using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A walk through pages of uploads, newest first, one page and one cursor at a time, so that it resumes where it stopped.</summary>
internal sealed record Walk
{
    /// <summary>The first reading of everything.</summary>
    public const string History = "history";

    /// <summary>Once a week over the videos of a year.</summary>
    public const string Year = "year";

    /// <summary>Now and then over all.</summary>
    public const string All = "all";

    /// <summary>Once a day over the uploads of two months, for those that were published later.</summary>
    public const string LookBack = "lookBack";

    /// <summary>More was uploaded since the last look than the first page holds.</summary>
    public const string Gap = "gap";

    private const int MostRestarts = 3;

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

    public int Restarts { get; init; }

    /// <summary>It ends where uploads are older; null: at the very end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only what was published since is asked for; null: everything.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Of all drafts so far.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>YouTube stopped taking its own tokens.</summary>
    public bool IsBroken { get; init; }

    /// <summary>Numbers of videos that are known can wait where units are few; videos nobody has seen cannot.</summary>
    [JsonIgnore]
    public bool CanWait => Kind != Gap;

    /// <summary>What of a page the walk is for.</summary>
    public IEnumerable<string> Wanted(UploadsPage page) =>
        page.Items.Where(item => Since is null || item.Published is null || item.Published >= Since).Select(item => item.Id);

    public Walk After(UploadsPage page, string token) => this with
    {
        Here = token,
        Next = page.Oldest < Until ? null : page.Next,
        Ids = page.Ids,
        Total = page.Total,
        Pages = Pages + 1,
    };

    /// <summary>
    /// Tokens count places from the top. Where something above was taken away since the last page, what follows has moved up and the next
    /// page leaves some of it out; it then stands at the end of the page before.
    /// </summary>
    public bool HasSlipped(UploadsPage page) => page.Total < Total && Here is not null;

    /// <summary>One page back; from the beginning where more has moved than a page holds.</summary>
    public Walk Back(UploadsPage page) => Total - page.Total > UploadsPage.PageSize
        ? this with { Next = "", Here = null, Ids = null, Total = page.Total }
        : this with { Next = Here, Here = null, Total = page.Total };

    public Walk Restarted() => Restarts < MostRestarts
        ? this with { Next = "", Here = null, Ids = null, Total = null, Restarts = Restarts + 1 }
        : this with { Next = null, IsBroken = true };
}
