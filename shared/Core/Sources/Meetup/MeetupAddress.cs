using System.Text.RegularExpressions;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>A group on Meetup, and the event an address names, if any.</summary>
/// <param name="Group">The urlname, lower case.</param>
internal sealed partial record MeetupAddress(string Group, string? Event)
{
    private static readonly string[] ReservedNames =
    [
        "pro", "find", "topics", "apps", "login", "register", "members", "member", "help", "about", "home", "cities", "media", "blog", "lp", "start",
        "your-events", "account", "settings", "messages", "notifications", "privacy", "terms", "meetup_api", "api", "graphql", "events", "jobs", "reviews",
    ];

    private static readonly string[] NotEventIds = ["past", "ical", "rss", "atom", "calendar", "upcoming", "create", "drafts"];

    public string Origin => "meetup:" + Group;

    public Uri Calendar(Uri site) => new(Below(site), $"{Uri.EscapeDataString(Group)}/events/ical/");

    public string Page(Uri site) => new Uri(Below(site), $"{Uri.EscapeDataString(Group)}/").AbsoluteUri;

    public string EventPage(Uri site) => new Uri(Below(site), $"{Uri.EscapeDataString(Group)}/events/{Event}/").AbsoluteUri;

    /// <summary>From any address below the site, in any language (<c>/fr-FR/group/events/123/</c>); null for other sites and pages.</summary>
    public static MeetupAddress? Of(Uri address, Uri site)
    {
        if (!IsOnSite(address, site, out var path))
            return null;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToList();
        if (parts.Count > 1 && Locale().IsMatch(parts[0]) && parts[1] != "events")
            parts.RemoveAt(0);
        if (parts.Count == 0 || OfUrlname(parts[0]) is not { } group)
            return null;
        var id = parts.Count > 2 && parts[1].Equals("events", StringComparison.OrdinalIgnoreCase) && EventId().IsMatch(parts[2])
            && !NotEventIds.Contains(parts[2], StringComparer.OrdinalIgnoreCase)
                ? parts[2]
                : null;
        return group with { Event = id };
    }

    /// <summary>From a group's urlname alone.</summary>
    public static MeetupAddress? OfUrlname(string text) =>
        Urlname().IsMatch(text) && !ReservedNames.Contains(text, StringComparer.OrdinalIgnoreCase) ? new MeetupAddress(text.ToLowerInvariant(), null) : null;

    /// <summary>The id in <c>event_abc123@meetup.com</c>.</summary>
    public static string? IdOfUid(string? uid) => uid is not null && Uid().Match(uid) is { Success: true } match ? match.Groups["id"].Value : null;

    public static bool IsOnSite(Uri address, Uri site, out string path)
    {
        path = address.AbsolutePath;
        var root = Below(site).AbsolutePath;
        if (address.Authority.Equals(site.Authority, StringComparison.OrdinalIgnoreCase) && path.StartsWith(root, StringComparison.Ordinal))
        {
            path = path[(root.Length - 1)..];
            return true;
        }

        return address.Host.Equals("meetup.com", StringComparison.OrdinalIgnoreCase) || address.Host.EndsWith(".meetup.com", StringComparison.OrdinalIgnoreCase);
    }

    private static Uri Below(Uri site) => site.AbsoluteUri.EndsWith('/') ? site : new Uri(site.AbsoluteUri + "/");

    [GeneratedRegex(@"^[a-z]{2}(-[A-Z][A-Za-z]{1,3})?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Locale();

    [GeneratedRegex(@"^[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]{1,99}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Urlname();

    [GeneratedRegex("^[A-Za-z0-9]{5,40}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EventId();

    [GeneratedRegex("^event_(?<id>[A-Za-z0-9]{1,60})@meetup\\.com$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Uid();
}
