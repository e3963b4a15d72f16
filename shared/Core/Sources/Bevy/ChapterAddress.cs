using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>A chapter on a site made with Bevy: <c>https://gdg.community.dev/gdg-anytown/</c>.</summary>
/// <param name="Site">Ends with a slash.</param>
/// <param name="Slug">Lower case.</param>
internal sealed record ChapterAddress(Uri Site, string Slug)
{
    private const int Longest = 150;

    private static readonly string[] ReservedNames =
        ["events", "chapters", "api", "gql", "about", "accounts", "login", "sitemap.xml", "robots.txt", "search", "blog", "news", "members", "groups", "e", "static", "dashboard", "settings"];

    public string Origin => $"bevy:{Site.Authority.ToLowerInvariant()}{Site.AbsolutePath}{Slug}";

    public Uri Page => new(Site, $"{Uri.EscapeDataString(Slug)}/");

    public Uri Sitemap => new(Site, "sitemap.xml");

    /// <param name="sites">Known sites; one below a path is told from its host by this list.</param>
    public static ChapterAddress? Of(Uri address, IReadOnlyList<Uri> sites) =>
        Parts(address, sites) is var (site, parts) && parts is [var slug] && IsSlug(slug) && !ReservedNames.Contains(slug, StringComparer.OrdinalIgnoreCase)
            ? new ChapterAddress(site, slug.ToLowerInvariant())
            : null;

    /// <summary>The site of an address.</summary>
    public static Uri SiteOf(Uri address, IReadOnlyList<Uri> sites) => sites.Select(Below)
        .Where(site => address.Authority.Equals(site.Authority, StringComparison.OrdinalIgnoreCase) && address.AbsolutePath.StartsWith(site.AbsolutePath, StringComparison.Ordinal))
        .MaxBy(site => site.AbsolutePath.Length) ?? new Uri(address, "/");

    /// <summary>The slug in <c>/events/details/a-slug/</c> or <c>/events/a-slug/cohost-other-chapter/</c>; null for other addresses.</summary>
    public static string? EventSlug(Uri address, IReadOnlyList<Uri> sites)
    {
        var parts = Parts(address, sites).Parts;
        if (parts.Count < 2 || !parts[0].Equals("events", StringComparison.OrdinalIgnoreCase))
            return null;
        var slug = parts[1].Equals("details", StringComparison.OrdinalIgnoreCase) ? parts.ElementAtOrDefault(2) : parts[1];
        return slug is not null && IsSlug(slug) ? slug.ToLowerInvariant() : null;
    }

    /// <summary>The page of an event without the chapter that hosts it too, so that it is one address for both.</summary>
    public static string WithoutCohost(Uri address)
    {
        var text = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        var cohost = text.IndexOf("/cohost-", StringComparison.OrdinalIgnoreCase);
        return cohost < 0 ? text : text[..(cohost + 1)];
    }

    /// <summary>Whether the address of an event says that it is one of this chapter's; its page may know better.</summary>
    public bool Names(Uri address)
    {
        var path = address.AbsolutePath;
        return path.Contains($"-{Slug}-presents-", StringComparison.OrdinalIgnoreCase) || path.Contains($"/{Slug}-presents-", StringComparison.OrdinalIgnoreCase) || IsCohost(address);
    }

    public bool IsCohost(Uri address) => address.AbsolutePath.TrimEnd('/').EndsWith($"/cohost-{Slug}", StringComparison.OrdinalIgnoreCase);

    private static (Uri Site, List<string> Parts) Parts(Uri address, IReadOnlyList<Uri> sites)
    {
        var site = SiteOf(address, sites);
        return (site, [.. address.AbsolutePath[(site.AbsolutePath.Length - 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)]);
    }

    private static bool IsSlug(string text) => text.Length <= Longest && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_');

    private static Uri Below(Uri site) => site.AbsoluteUri.EndsWith('/') ? site : new Uri(site.AbsoluteUri + "/");

    /// <summary>As it is used for requests.</summary>
    public static Uri? Parse(string typed) =>
        Uri.TryCreate(typed.Contains("://", StringComparison.Ordinal) ? typed : "https://" + typed, UriKind.Absolute, out var address) && HttpAddress.IsHttp(address) ? address : null;
}
