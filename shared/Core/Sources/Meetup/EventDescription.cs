using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>An event's description without what the site puts around it: names, dates and addresses that stand elsewhere already.</summary>
internal static partial class EventDescription
{
    private const int Longest = 2_000;
    private const int LongestDate = 80;

    /// <summary>Meetup begins with the group's name and the date for people, and ends with the event's address.</summary>
    /// <param name="group">The group's name; it is the first line of the description.</param>
    public static string? OfMeetup(string? text, string? group)
    {
        var lines = Lines(text);
        if (group is not null && lines.Count > 0 && lines[0].Equals(group, StringComparison.OrdinalIgnoreCase))
        {
            lines.RemoveAt(0);
            if (lines.Count > 0 && lines[0].Length <= LongestDate && lines[0].Any(char.IsDigit))
                lines.RemoveAt(0);
        }

        while (lines.Count > 0 && (lines[^1].Length == 0 || MeetupLink().IsMatch(lines[^1])))
            lines.RemoveAt(lines.Count - 1);
        return Text(lines);
    }

    /// <summary>Luma begins with the event's address, and adds the place and the hosts.</summary>
    public static string? OfLuma(string? text)
    {
        var lines = Lines(text);
        if (lines.Count > 0 && LumaLink().IsMatch(lines[0]))
            lines.RemoveAt(0);
        var address = lines.FindIndex(line => line.Equals("Address:", StringComparison.OrdinalIgnoreCase));
        if (address >= 0)
        {
            var end = lines.FindIndex(address, line => line.Length == 0);
            lines.RemoveRange(address, (end < 0 ? lines.Count : end) - address);
        }

        lines.RemoveAll(line => line.StartsWith("Hosted by ", StringComparison.OrdinalIgnoreCase));
        return Text(lines);
    }

    public static string? OfOthers(string? text) => Text(Lines(text));

    /// <summary>The page of an event that Luma's calendars name only in the description.</summary>
    public static string? LumaPage(string? text) =>
        text is not null && LumaLink().Match(text) is { Success: true } match ? match.Groups["url"].Value : null;

    private static List<string> Lines(string? text) =>
        [.. (text ?? "").ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim())];

    private static string? Text(List<string> lines) => PlainText.FromHtml(string.Join('\n', lines), Longest);

    [GeneratedRegex(@"^(\w+:\s*)?https?://([a-z]+\.)?(meetup\.com|meetu\.ps)/\S*$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex MeetupLink();

    [GeneratedRegex(@"^\s*[^\n:]{0,60}:\s*(?<url>https://(luma\.com|lu\.ma)/[A-Za-z0-9_.~-]{1,80})(\s|$|\?)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LumaLink();
}
