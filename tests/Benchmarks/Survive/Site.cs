using System.Globalization;
using System.Text;
using ContributionIngest.Tests.Core.Harvesting;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>A feed. Every version adds posts to its first page and words some of the others anew; its archive stays as it is.</summary>
/// <param name="Number">Makes its host.</param>
/// <param name="Pages">The first one and those of the archive.</param>
/// <param name="PerPage">Posts on a page.</param>
/// <param name="Slowest">An answer takes at most this long.</param>
/// <param name="Mirrored">The number of the site whose first posts, as they were at first, this one shows too.</param>
internal sealed record Site(int Number, string Name, int Pages, int PerPage, TimeSpan Slowest, int? Mirrored = null, bool HasHub = false)
{
    public const int AddedByVersion = 3;

    public string Host => HostOf(Number);

    /// <summary>Posts in the first version.</summary>
    public int Posts => Pages * PerPage;

    public static string HostOf(int number) => string.Create(CultureInfo.InvariantCulture, $"127.6.0.{number}");
}

/// <summary>What a site says.</summary>
internal sealed class Blog(Site site, int port, string? hub)
{
    private static readonly DateTimeOffset First = new(2024, 1, 3, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Categories = ["js", "javascript", "ferries", "lamps", "harbours"];

    public string Link(int number) => string.Create(
        CultureInfo.InvariantCulture, $"http://{Site.HostOf(site.Mirrored ?? site.Number)}:{port}/posts/{number}{(site.Mirrored is null ? "" : "?utm_source=mirror")}");

    public byte[] Feed(string address, int version, int page, string? next)
    {
        // The oldest post is number 1; the first page ends where the archive begins.
        var oldest = site.Posts - (page * site.PerPage) + 1;
        var newest = page == 1 ? site.Posts + (version * Site.AddedByVersion) : oldest + site.PerPage - 1;
        var rss = Blogs.Rss(address, $"Blog {site.Name}", Enumerable.Range(oldest, newest - oldest + 1).Reverse().Select(n => Post(n, version)));
        var links = (next is null ? "" : $"<atom:link rel=\"next\" href=\"{next}\"/>")
            + (hub is null ? "" : $"<atom:link rel=\"hub\" href=\"{hub}\"/><atom:link rel=\"self\" href=\"{address}\"/>");
        var at = rss.IndexOf("<link>", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(rss.Insert(at, links).Replace("<rss ", "<rss xmlns:atom=\"http://www.w3.org/2005/Atom\" ", StringComparison.Ordinal));
    }

    /// <summary>What a version says anew, it goes on saying.</summary>
    private Post Post(int number, int version)
    {
        var worded = Enumerable.Range(1, version).LastOrDefault(v => number % 5 == v);
        var title = string.Create(CultureInfo.InvariantCulture, $"Post {number} of {site.Name}{(worded == 0 ? "" : $", edition {worded + 1}")}");
        return new Post(
            string.Create(CultureInfo.InvariantCulture, $"{site.Name}-{number}"),
            title,
            Link(number),
            First.AddHours((number * 31) + site.Number),
            string.Create(CultureInfo.InvariantCulture, $"About {number}, by {site.Name}."),
            Categories[(number + site.Number) % Categories.Length]);
    }
}
