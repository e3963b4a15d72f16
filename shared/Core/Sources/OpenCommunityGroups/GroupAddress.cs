using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.OpenCommunityGroups;

/// <summary>A group of a community: <c>https://ocgroups.dev/cncf/group/cloud-native-anytown</c>.</summary>
/// <param name="Slug">The one that stays, where it is known; else as in the address.</param>
internal sealed record GroupAddress(string Community, string Slug)
{
    private const int Longest = 120;

    public string Origin => $"ocg:{Community}/{Slug}";

    public Uri Page(Uri site) => new(Below(site), $"{Uri.EscapeDataString(Community)}/group/{Uri.EscapeDataString(Slug)}");

    public string EventPage(Uri site, string shownSlug, string slug) =>
        new Uri(Below(site), $"{Uri.EscapeDataString(Community)}/group/{Uri.EscapeDataString(shownSlug)}/event/{Uri.EscapeDataString(slug)}").AbsoluteUri;

    /// <param name="what"><c>events</c> or <c>groups</c>.</param>
    public Uri Search(Uri site, string what, string query) => new(Below(site), $"explore/{what}/search?community[0]={Uri.EscapeDataString(Community)}&{query}");

    /// <summary>From the address of a group or of one of its events; null for other pages and sites.</summary>
    public static GroupAddress? Of(Uri address, Uri site)
    {
        var root = Below(site);
        if (!HttpAddress.IsHttp(address) || !HttpAddress.WithoutWww(address.Authority).Equals(root.Authority, StringComparison.OrdinalIgnoreCase)
            || !address.AbsolutePath.StartsWith(root.AbsolutePath, StringComparison.Ordinal))
            return null;
        var parts = address.AbsolutePath[root.AbsolutePath.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToList();
        return parts is [var community, "group", var slug, ..] && IsSlug(community) && IsSlug(slug) ? new GroupAddress(community.ToLowerInvariant(), slug.ToLowerInvariant()) : null;
    }

    public static bool IsSlug(string text) => text.Length is > 0 and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static Uri Below(Uri site) => site.AbsoluteUri.EndsWith('/') ? site : new Uri(site.AbsoluteUri + "/");
}
