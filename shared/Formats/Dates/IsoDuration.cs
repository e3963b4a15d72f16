using NodaTime;
using NodaTime.Text;

namespace ContributionIngest.Formats.Dates;

/// <summary>Durations of ISO 8601 as APIs write them: <c>PT1H2M3S</c>, <c>P1DT2H</c>, <c>P1W</c>.</summary>
internal static class IsoDuration
{
    /// <summary>Null for anything else, for zero, and for years and months, which have no fixed length.</summary>
    public static TimeSpan? Parse(string? text)
    {
        if (text is null || PeriodPattern.NormalizingIso.Parse(text) is not { Success: true } parsed || parsed.Value is not { Years: 0, Months: 0 } period)
            return null;
        try
        {
            return period.ToDuration() is var duration && duration > Duration.Zero ? duration.ToTimeSpan() : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
