using System.Globalization;
using System.Text;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>One RSS feed of 100 long posts, the same every time: what a blog's full-text feed looks like.</summary>
internal static class SyntheticFeed
{
    private const string Prose =
        "<p>When the build went from nine minutes to forty seconds, nobody believed the number at first. We measured again, on a <em>cold</em> "
        + "machine, with an empty cache, and then on the slowest laptop in the room &amp; it held. The trick was not one trick but "
        + "<a href=\"https://blog.example/notes/caching\">three small ones</a>, and this post tells all of them.</p>\n";

    public static byte[] Create()
    {
        var text = new StringBuilder(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
            + "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n<title>Notes</title>\n"
            + "<link>https://blog.example/</link>\n<description>Notes on building things</description>\n");
        for (var i = 0; i < 100; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"<item>\n<title>How we made build {i} &amp; its tests fast</title>\n<link>https://blog.example/posts/{i}</link>\n");
            text.Append(CultureInfo.InvariantCulture, $"<guid isPermaLink=\"false\">https://blog.example/?p={i}</guid>\n<dc:creator><![CDATA[Ada Example]]></dc:creator>\n");
            text.Append(CultureInfo.InvariantCulture, $"<pubDate>Mon, {1 + i % 28:00} Jan 2024 10:{i % 60:00}:00 +0000</pubDate>\n<category>Builds</category>\n<category><![CDATA[Performance]]></category>\n");
            text.Append("<description>").Append(Prose.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)).Append("</description>\n<content:encoded><![CDATA[");
            for (var paragraph = 0; paragraph < 12; paragraph++) text.Append(Prose);
            text.Append("]]></content:encoded>\n</item>\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("</channel>\n</rss>\n").ToString());
    }
}
