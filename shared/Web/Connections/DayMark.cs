using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Harvesting;
using NodaTime;

namespace ContributionIngest.Web.Connections;

/// <summary>What harvesting brought on a day.</summary>
public enum DayMark
{
    /// <summary>It was not connected or not read, or what happened is no longer known.</summary>
    Unknown,

    Nothing,

    New,

    Failed,
}

/// <summary>What harvesting a connection brought in the last two weeks.</summary>
public static class LastDays
{
    public const int Count = 14;

    /// <param name="reports">The newest of the connection, the newest first. Harvests that changed nothing have none.</param>
    /// <returns>The oldest day first.</returns>
    public static IReadOnlyList<(DateOnly Day, DayMark Mark)> Of(Connection connection, ConnectionState state, IReadOnlyList<HarvestReport> reports, DateTimeOffset now, DateTimeZone zone)
    {
        var today = MonthRollup.Day(now, zone);
        var known = reports.Count < HarvestReports.Kept ? DateOnly.MinValue : MonthRollup.Day(reports[^1].At, zone);
        var since = MonthRollup.Day(connection.Since, zone);
        var read = state.LastSuccess is { } success ? MonthRollup.Day(success, zone) : DateOnly.MinValue;
        var failing = state.FailingSince is { } first ? MonthRollup.Day(first, zone) : DateOnly.MaxValue;
        var days = reports.ToLookup(report => MonthRollup.Day(report.At, zone));
        return [.. Enumerable.Range(0, Count).Select(back => today.AddDays(back - Count + 1)).Select(day => (day, Of(day)))];

        DayMark Of(DateOnly day)
        {
            if (days[day].Any(report => report.New.Count + report.Revised.Count + report.Changed > 0))
                return DayMark.New;
            if (days[day].Any(report => report.Problem is not null) || day >= failing)
                return DayMark.Failed;
            return day >= since && day >= known && day <= read ? DayMark.Nothing : DayMark.Unknown;
        }
    }
}
