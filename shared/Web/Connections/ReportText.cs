using System.Globalization;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Web.Ledger;
using NodaTime;

namespace ContributionIngest.Web.Connections;

/// <summary>Sentences about what a harvest did.</summary>
public static class ReportText
{
    private const int MaxRepairs = 3;

    /// <summary>"28 Nov, 12:04".</summary>
    public static string At(HarvestReport report, DateTimeZone zone) =>
        Instant.FromDateTimeOffset(report.At).InZone(zone).LocalDateTime.ToString("d MMM, HH:mm", Numbers.English);

    /// <summary>What was new, or why nothing could be read.</summary>
    public static string Outcome(HarvestReport report)
    {
        if (report.Problem is { } problem)
            return problem.Message;
        string?[] parts =
        [
            report.New.Count > 0 ? $"{Numbers.Whole(report.New.Count)} new" : null,
            report.Revised.Count > 0 ? $"{Numbers.Whole(report.Revised.Count)} revised" : null,
            report.Changed > 0 ? $"{Numbers.Whole(report.Changed)} with other changes" : null,
        ];
        var found = string.Join(", ", parts.OfType<string>());
        return found.Length > 0 ? found : "Nothing new";
    }

    /// <summary>"unreadableDate" as "unreadable date".</summary>
    private static string Words(string code) => string.Concat(code.Select(c => char.IsAsciiLetterUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>What was wrong with what was read; null if nothing was.</summary>
    public static string? Repairs(HarvestReport report)
    {
        if (report.Repairs.Count == 0)
            return null;
        var others = report.Repairs.Where(repair => repair.What == "itemByOthers").Sum(repair => repair.Count);
        var repairs = report.Repairs.Where(repair => repair.What != "itemByOthers").ToList();
        var named = repairs.Take(MaxRepairs).Select(repair => repair.Count == 1 ? Words(repair.What) : $"{Words(repair.What)} ({Numbers.Whole(repair.Count)} times)");
        var more = repairs.Count - MaxRepairs;
        string?[] sentences =
        [
            others > 0 ? $"{Numbers.Count(others, "item", "items")} by others left out." : null,
            repairs.Count > 0 ? $"Not as it should be: {string.Join(", ", named)}{(more > 0 ? $" and {more} more" : "")}." : null,
        ];
        return string.Join(' ', sentences.OfType<string>());
    }
}
