using System.Text;
using ContributionIngest.Formats.Web;
using Xunit;

namespace ContributionIngest.Tests.Formats.Web;

public sealed class SitemapTests
{
    private const string Space = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\"";

    [Fact]
    public void Pages_are_read_with_their_dates_and_without_what_extensions_say()
    {
        var map = Read($"<?xml version=\"1.0\"?><!-- made --><urlset {Space}><url><loc> https://a.example/1?x=1&amp;y=2 </loc><lastmod>2026-05-01</lastmod>"
            + "<image:image><image:loc>https://a.example/i.png</image:loc></image:image></url><url><priority>1</priority></url><url><loc><![CDATA[https://a.example/2]]></loc></url></urlset>");
        Assert.False(map!.IsIndex);
        Assert.Equal([new("https://a.example/1?x=1&y=2", "2026-05-01"), new SitemapEntry("https://a.example/2", null)], map.Entries);
    }

    [Fact]
    public void Index_is_told_from_a_sitemap()
    {
        var map = Read($"<sitemapindex {Space}><sitemap><loc>https://a.example/s.xml</loc><lastmod>2026-05-01T10:00:00Z</lastmod></sitemap></sitemapindex>");
        Assert.True(map!.IsIndex);
        Assert.Equal([new SitemapEntry("https://a.example/s.xml", "2026-05-01T10:00:00Z")], map.Entries);
    }

    [Fact]
    public void What_precedes_damage_is_kept() =>
        Assert.Equal("https://a.example/1", Assert.Single(Read($"<urlset {Space}><url><loc>https://a.example/1</loc></url><url><loc>https://a.exa")!.Entries).Address);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<html><body>no</body></html>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><urlset><url><loc>&b;</loc></url></urlset>")]
    public void Anything_else_is_no_sitemap(string text) => Assert.Null(Read(text));

    private static Sitemap? Read(string text) => Sitemap.Read(Encoding.UTF8.GetBytes(text));
}
