using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Web.Ledger;

/// <summary>What lists say of an entry.</summary>
public static class EntryText
{
    /// <summary>The most telling first.</summary>
    private static readonly (string Name, string One, string Many)[] Telling =
    [
        ("attendees", "attended", "attended"), ("views", "view", "views"), ("plays", "play", "plays"), ("downloads", "download", "downloads"),
        ("comments", "comment", "comments"), ("likes", "like", "likes"),
    ];

    /// <summary>The day it counts on.</summary>
    public static DateOnly Day(ContributionValues values, DateTimeZone zone) => MonthRollup.Day(values.When, zone);

    /// <summary>"18:30", or nothing if only the day is known.</summary>
    public static string? Time(ContributionValues values, DateTimeZone zone) => values.DatePrecision == DatePrecision.Exact
        ? Instant.FromDateTimeOffset(values.When).InZone(zone).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture)
        : null;

    /// <summary>What is not known of the date; null if it is known.</summary>
    public static string? DateDoubt(DatePrecision precision) => precision switch
    {
        DatePrecision.FirstSeen => "No date is known. This is the day on which it was first seen.",
        DatePrecision.Derived => "The date was derived, from an update or an address.",
        _ => null,
    };

    /// <summary>A state other than the usual one, or else the one number that matters; null if there is neither.</summary>
    public static string? Outcome(Contribution entry)
    {
        var values = entry.Effective();
        if (values.Status is not (Status.Published or Status.Merged))
            return EnumText<Status>.Of(values.Status);
        var metrics = entry.EffectiveMetrics();
        foreach (var (name, one, many) in Telling)
        {
            if (metrics.TryGetValue(name, out var metric))
                return $"{Numbers.Of(metric.Value)} {(metric.Value == 1 ? one : many)}";
        }

        if (metrics.TryGetValue("additions", out var added) && metrics.TryGetValue("deletions", out var deleted))
            return $"+{Numbers.Of(added.Value)} −{Numbers.Of(deleted.Value)}";
        return values.Status == Status.Merged ? "merged" : null;
    }
}
