using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Web.Ledger;

/// <summary>What lists say of an entry.</summary>
public static class EntryText
{
    /// <summary>The day it counts on.</summary>
    public static DateOnly Day(ContributionValues values, DateTimeZone zone) => MonthRollup.Day(values.When, zone);

    /// <summary>The day in the person's zone.</summary>
    public static string Day(DateTimeOffset at, DateTimeZone zone) => Numbers.Day(MonthRollup.Day(at, zone));

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

    /// <summary>What a value of the filter <c>review</c> lets through.</summary>
    public static string ReviewFilter(string value) => value switch
    {
        "new" => "not looked at",
        "accepted" => "confirmed",
        "rejected" => "not yours",
        "all" => "yours or not",
        _ => value,
    };

    /// <summary>A state other than the usual one, or else the one number that matters; null if there is neither.</summary>
    public static string? Outcome(Contribution entry)
    {
        var values = entry.Effective();
        if (values.Status is not (Status.Published or Status.Merged))
            return EnumText<Status>.Of(values.Status);
        var metrics = entry.EffectiveMetrics();
        if (NumberText.Telling.FirstOrDefault(metrics.ContainsKey) is { } telling)
            return NumberText.Count(telling, metrics[telling].Value);

        if (metrics.TryGetValue("additions", out var added) && metrics.TryGetValue("deletions", out var deleted))
            return $"+{Numbers.Of(added.Value)} −{Numbers.Of(deleted.Value)}";
        return values.Status == Status.Merged ? "merged" : null;
    }

    /// <summary>"Thursday 5 February 2026", with the hours if they are known.</summary>
    public static string When(ContributionValues values, DateTimeZone zone)
    {
        var day = Numbers.LongDay(Day(values, zone));
        var last = values.EndsAt is { } end ? MonthRollup.Day(end, zone) : Day(values, zone);
        if (last > Day(values, zone))
            return $"{day} to {Numbers.LongDay(last)}";
        if (values.DatePrecision != DatePrecision.Exact)
            return day;
        return values.EndsAt is { } until && until > values.When ? $"{day}, {Hour(values.When, zone)} to {Hour(until, zone)}" : $"{day}, {Hour(values.When, zone)}";
    }

    /// <summary>Who a source is, in a sentence.</summary>
    public static string SourceName(string source) => source switch
    {
        "github" => "GitHub",
        "youtube" => "YouTube",
        "meetup" => "Meetup",
        "feed" => "the feed",
        LedgerFilter.Manual => "you",
        _ => source,
    };

    /// <summary>How and when a number is known: "typed by you on 9 Feb 2026".</summary>
    public static string Known(Metric metric, Contribution entry, DateTimeZone zone)
    {
        var sources = entry.Sightings.Select(sighting => sighting.Source).Where(source => source != LedgerFilter.Manual).Distinct(StringComparer.Ordinal).ToList();
        var how = metric.How switch
        {
            MetricOrigin.Typed => "typed by you",
            MetricOrigin.Estimated => "estimated",
            _ => sources.Count == 1 ? $"measured by {SourceName(sources[0])}" : "measured",
        };
        return $"{how} on {Day(metric.At, zone)}";
    }

    private static string Hour(DateTimeOffset at, DateTimeZone zone) => Instant.FromDateTimeOffset(at).InZone(zone).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
