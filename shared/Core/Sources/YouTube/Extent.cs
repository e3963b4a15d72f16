using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>What a walk over everything found at its end, held against what YouTube counts.</summary>
/// <param name="Listed">How many uploads YouTube counts. Private and deleted ones may be among them, and then it never agrees with what it shows.</param>
/// <param name="Shown">How many places of the list it showed.</param>
internal sealed record Extent(int? Listed, int Shown)
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
    public FailedTries? Tries { get; init; }

    /// <summary>Every page was full, and yet as many are lacking; null where something else may be behind it.</summary>
    [JsonIgnore]
    private int? Miscount => IsHoled || IsUneven ? null : Listed - Shown;

    public static Extent Of(Walk walk, Extent? before, DateTimeOffset now)
    {
        var isCapped = walk.Total >= LongestList || walk.Seen >= LongestList;
        var extent = new Extent(walk.Total, walk.Seen) { IsHoled = walk.IsHoled, IsUneven = walk.IsUneven, IsCapped = isCapped, Oldest = walk.Oldest };
        if (!walk.IsHoled && (isCapped || walk.Total is null || walk.Seen >= walk.Total))
            return extent;

        // The same again: it is the count that is wrong, and another walk would bring nothing.
        var isSettled = before?.Tries is not null && extent.Miscount is { } miscount && before.Miscount == miscount;
        return extent with { Tries = isSettled ? FailedTries.Weekly(now) : FailedTries.After(before?.Tries, now) };
    }

    /// <summary>Something was found that could not be read, or there is no room to remember.</summary>
    public static Extent Holed(Extent? before, DateTimeOffset now) =>
        (before ?? new Extent(null, 0)) with { IsHoled = true, Tries = before?.Tries ?? FailedTries.After(null, now) };
}
