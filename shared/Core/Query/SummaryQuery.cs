using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Query;

[JsonConverter(typeof(EnumTextConverter<Period>))]
public enum Period
{
    Day,
    Week,
    Month,
    Year,
}

[JsonConverter(typeof(EnumTextConverter<Split>))]
public enum Split
{
    None,
    Kind,
    Source,
    Topic,
}

/// <summary>Which counts are asked for.</summary>
/// <param name="From">Inclusive, a day of the person; null for a year before <paramref name="To"/>.</param>
/// <param name="To">Inclusive; null for today.</param>
public sealed record SummaryQuery(Period By, Split Split, DateOnly? From, DateOnly? To)
{
    public static readonly IReadOnlyList<string> Names = ["by", "split", "from", "to"];

    public static SummaryQuery Parse(Parameters parameters)
    {
        var by = parameters.Choice("by", "month", "day", "week", "year");
        var split = parameters.One("split") is null ? "none" : parameters.Choice("split", "kind", "source", "topic");
        var (from, to) = (parameters.Day("from"), parameters.Day("to"));
        if (from > to)
            parameters.Fault("to", "'to' is before 'from'.");
        return new SummaryQuery(Enum.Parse<Period>(by, ignoreCase: true), Enum.Parse<Split>(split, ignoreCase: true), from, to);
    }

    /// <summary>The days meant: the last 365 where nothing else is asked.</summary>
    public (DateOnly From, DateOnly To) Days(DateOnly today)
    {
        var to = To ?? (From > today ? From.Value : today);
        return (From ?? to.AddDays(-364), to);
    }
}
