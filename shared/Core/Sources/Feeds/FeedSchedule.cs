using System.Globalization;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How long a place wishes not to be asked again: the longest of its own words, a day at most.</summary>
internal static class FeedSchedule
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static TimeSpan? MinPollInterval(FeedDocument feed, Fetched answer, DateTimeOffset now)
    {
        TimeSpan?[] wishes = [feed.UpdateInterval, MaxAge(answer.Header("Cache-Control")), Expires(answer.Header("Expires"), now)];
        var longest = wishes.Max();
        return longest > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(longest.Value.Ticks, Longest.Ticks)) : null;
    }

    private static TimeSpan? MaxAge(string? cacheControl)
    {
        foreach (var directive in (cacheControl ?? "").Split(','))
        {
            var pair = directive.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length == 2
                && pair[0].Equals("max-age", StringComparison.OrdinalIgnoreCase)
                && long.TryParse(pair[1].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(Math.Min(seconds, (long)Longest.TotalSeconds));
        }

        return null;
    }

    private static TimeSpan? Expires(string? header, DateTimeOffset now) =>
        DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > now
            ? date - now
            : null;
}
