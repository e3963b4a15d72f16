using System.Text.RegularExpressions;

namespace ContributionIngest.Core.Model;

/// <summary>The id of the YouTube video an address shows: watch, short, live and embed pages, and the short host.</summary>
public static partial class VideoAddress
{
    private static readonly string[] Hosts = ["youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com", "youtube-nocookie.com"];
    private static readonly string[] Pages = ["shorts", "live", "embed", "v", "e"];

    /// <returns>The 11 characters, or null where the address is no single video.</returns>
    public static string? Of(Uri address) => Shown(address) is { } id && Id().IsMatch(id) ? id : null;

    private static string? Shown(Uri address)
    {
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (address.Host.Equals("youtu.be", StringComparison.OrdinalIgnoreCase))
            return parts.FirstOrDefault();
        if (!Hosts.Contains(address.Host, StringComparer.OrdinalIgnoreCase))
            return null;
        return parts switch
        {
            ["watch"] => Parameter(address.Query),
            [var page, var id, ..] when Pages.Contains(page, StringComparer.Ordinal) => id,
            _ => null,
        };
    }

    private static string? Parameter(string query) => query.TrimStart('?').Split('&')
        .Where(pair => pair.StartsWith("v=", StringComparison.Ordinal)).Select(pair => pair[2..]).FirstOrDefault();

    [GeneratedRegex("^[A-Za-z0-9_-]{11}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();
}
