using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Pages of Luma, which name their calendar somewhere in their text.</summary>
internal static partial class LumaPage
{
    public static bool IsLuma(Uri address) =>
        address.Host is "lu.ma" or "luma.com" or "www.luma.com" or "www.lu.ma";

    /// <summary>The address of the page's calendar: the one it links to, or of the only calendar it speaks of.</summary>
    public static Uri? Calendar(Fetched page)
    {
        var text = Encoding.UTF8.GetString(page.Body);
        if (Link().Match(text) is { Success: true } link)
            return Of(link.Groups["id"].Value);
        var ids = CalendarId().Matches(text).Take(1_000).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        return ids.Count == 1 ? Of(ids[0]) : null;
    }

    private static Uri Of(string id) => new("https://api.lu.ma/ics/get?entity=calendar&id=" + id);

    [GeneratedRegex(@"/ics/get\?entity=calendar(&amp;|&|\\u0026)id=(?<id>cal-[A-Za-z0-9]{4,60})", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Link();

    [GeneratedRegex(@"\bcal-[A-Za-z0-9]{8,60}\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex CalendarId();
}
