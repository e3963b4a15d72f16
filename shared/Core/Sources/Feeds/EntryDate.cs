using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>When an entry happened, by the best evidence there is; never a guess.</summary>
internal static partial class EntryDate
{
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    /// <summary>Published, else updated, else the day or month in the address; dates no blog can have count as missing.</summary>
    public static (DateTimeOffset? When, DatePrecision Precision) Of(FeedEntry entry, string? url, DateTimeOffset now)
    {
        if (entry.Published is { } published && IsPossible(published, now))
            return (published, entry.PublishedIsUpdate ? DatePrecision.Derived : entry.PublishedIsDay ? DatePrecision.Day : DatePrecision.Exact);
        if (entry.Updated is { } updated && IsPossible(updated, now))
            return (updated, DatePrecision.Derived);
        return url is not null && InPath(url) is { } day && IsPossible(day, now) ? (day, DatePrecision.Derived) : (null, default);
    }

    private static bool IsPossible(DateTimeOffset date, DateTimeOffset now) => date >= Earliest && date <= now.AddYears(3);

    /// <summary><c>/2026/05/17/</c>, <c>/2026-05-17-title</c>, or <c>/2026/05/</c> for the first of the month.</summary>
    private static DateTimeOffset? InPath(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            return null;
        var path = uri.AbsolutePath;
        return Day().Match(path) is { Success: true } day && Date(day) is { } exact
            ? exact
            : Month().Match(path) is { Success: true } month ? Date(month) : null;
    }

    private static DateTimeOffset? Date(Match match)
    {
        var (year, month) = (Number(match.Groups["y"]), Number(match.Groups["m"]));
        var day = match.Groups["d"] is { Success: true } found ? Number(found) : 1;
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero)
            : null;
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"/(?<y>(19|20)[0-9]{2})(?<s>[/-])(?<m>[0-9]{1,2})\k<s>(?<d>[0-9]{1,2})(?![0-9])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Day();

    [GeneratedRegex("/(?<y>(19|20)[0-9]{2})/(?<m>[0-9]{1,2})/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Month();
}
