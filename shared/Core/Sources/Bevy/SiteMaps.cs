using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>A sitemap of events, one of each month.</summary>
/// <param name="Modified">As written in the index; null if it does not say.</param>
/// <param name="Month">Of its name; null if it has none.</param>
internal sealed record EventSitemap(Uri Address, string? Modified, DateOnly? Month)
{
    /// <summary>Its name in cursors.</summary>
    public string Key => Hash(Address.AbsolutePath);

    /// <summary>Its version in cursors.</summary>
    public string Version => Modified is null ? "" : Hash(Modified);

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6))[..6];
}

/// <summary>The sitemaps of a site, by which its past events are found: its pages show coming ones only, and its API is closed to programs.</summary>
internal sealed partial class SiteMaps(Fetcher fetcher, IReadOnlyList<Uri> sites)
{
    public const int MaxSitemaps = 240;

    private const int MaxBytes = 8 * 1024 * 1024;
    private const int MaxEvents = 500;

    /// <summary>Characters of a date; what follows may be the time of the answer.</summary>
    private const int DateLength = 10;

    /// <summary>The newest first; null if the site has none.</summary>
    public async Task<IReadOnlyList<EventSitemap>?> IndexAsync(ChapterAddress chapter, CancellationToken cancel)
    {
        var answer = await FetchAsync(chapter.Sitemap, cancel);
        if (answer.Outcome is FetchOutcome.Missing or FetchOutcome.Gone or FetchOutcome.Denied)
            return null;
        if (answer.Outcome != FetchOutcome.Content)
            throw SourceException.Of(answer);
        if (Sitemap.Read(answer.Body) is not { } index)
            throw SourceException.Transient("noSitemap", $"{answer.Address.Host} answered with something else than a sitemap; it is asked again later.");

        // A small site may have all its pages in one.
        if (!index.IsIndex)
            return [new EventSitemap(chapter.Sitemap, null, null)];
        return [.. index.Entries.Select(entry => Of(entry, chapter)).OfType<EventSitemap>().OrderByDescending(one => one.Month ?? DateOnly.MaxValue).Take(MaxSitemaps)];
    }

    /// <summary>The pages of the chapter's events that a sitemap lists, each with its version.</summary>
    /// <exception cref="SourceException">It cannot be read now.</exception>
    public async Task<IReadOnlyList<SitemapEntry>> EventsAsync(EventSitemap sitemap, ChapterAddress chapter, CancellationToken cancel)
    {
        var answer = await FetchAsync(sitemap.Address, cancel);
        if (answer.Outcome is FetchOutcome.Missing or FetchOutcome.Gone)
            return [];
        if (answer.Outcome != FetchOutcome.Content)
            throw SourceException.Of(answer);
        if (Sitemap.Read(answer.Body) is not { } found)
            throw SourceException.Transient("noSitemap", $"{answer.Address.Host} answered with something else than a sitemap; it is asked again later.");

        // Where all pages have the same date it is that of the sitemap.
        var isDated = found.Entries.Select(entry => Date(entry.Modified)).Distinct(StringComparer.Ordinal).Take(2).Count() > 1;
        return
        [
            .. found.Entries.Where(entry => ChapterAddress.Parse(entry.Address) is { } address && IsOnSite(address, chapter) && chapter.Names(address) && ChapterAddress.EventSlug(address, sites) is not null)
                .Take(MaxEvents).Select(entry => isDated ? entry with { Modified = Date(entry.Modified) } : entry with { Modified = null }),
        ];
    }

    private Task<Fetched> FetchAsync(Uri address, CancellationToken cancel) =>
        fetcher.SendAsync(new FetchRequest(address) { Accept = "application/xml, text/xml;q=0.9, */*;q=0.1", MaximumBytes = MaxBytes }, cancel);

    private static string? Date(string? modified) => modified?.Length > DateLength ? modified[..DateLength] : modified;

    private static EventSitemap? Of(SitemapEntry entry, ChapterAddress chapter)
    {
        if (ChapterAddress.Parse(entry.Address) is not { } address || !IsOnSite(address, chapter) || !address.AbsolutePath.Contains("event", StringComparison.OrdinalIgnoreCase))
            return null;
        var month = MonthName().Match(address.AbsolutePath) is { Success: true } match
            && DateOnly.TryParseExact(match.Value, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var found) ? found : (DateOnly?)null;
        return new EventSitemap(address, entry.Modified, month);
    }

    private static bool IsOnSite(Uri address, ChapterAddress chapter) =>
        address.Authority.Equals(chapter.Site.Authority, StringComparison.OrdinalIgnoreCase) && address.AbsolutePath.StartsWith(chapter.Site.AbsolutePath, StringComparison.Ordinal);

    [GeneratedRegex("(19|20)[0-9]{2}-[01][0-9]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MonthName();
}
