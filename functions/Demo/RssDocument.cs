using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;

namespace ContributionIngest.Functions.Demo;

/// <summary>RSS 2.0 as a WordPress site writes it (https://www.rssboard.org/rss-specification).</summary>
internal static class RssDocument
{
    private const string Dc = "http://purl.org/dc/elements/1.1/";

    public static byte[] Write(WorldBlog blog, Uri root, IReadOnlyList<WorldEntry> entries)
    {
        using var memory = new MemoryStream();
        using (var xml = XmlWriter.Create(memory, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            xml.WriteStartElement("rss");
            xml.WriteAttributeString("version", "2.0");
            xml.WriteAttributeString("xmlns", "dc", null, Dc);
            xml.WriteStartElement("channel");
            xml.WriteElementString("title", blog.Title);
            xml.WriteElementString("link", new Uri(root, blog.Site + "/").AbsoluteUri);
            xml.WriteElementString("description", blog.About);
            xml.WriteElementString("language", "en-GB");

            // What tells a reader that older pages are asked for with ?paged=2.
            xml.WriteElementString("generator", "https://wordpress.org/?v=6.8");
            foreach (var entry in entries)
                Write(xml, blog, root, entry);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return memory.ToArray();
    }

    private static void Write(XmlWriter xml, WorldBlog blog, Uri root, WorldEntry entry)
    {
        xml.WriteStartElement("item");
        xml.WriteElementString("title", entry.Title);
        xml.WriteElementString("link", new Uri(root, entry.Path).AbsoluteUri);
        xml.WriteElementString("creator", Dc, entry.Author);
        xml.WriteElementString("pubDate", entry.When.UtcDateTime.ToString("r", CultureInfo.InvariantCulture));
        foreach (var topic in entry.Topics)
            xml.WriteElementString("category", topic);
        xml.WriteStartElement("guid");
        xml.WriteAttributeString("isPermaLink", "false");
        xml.WriteString($"{blog.Site}/{entry.Key}");
        xml.WriteEndElement();
        xml.WriteElementString("description", $"<p>{WebUtility.HtmlEncode(entry.Text)}</p>");
        xml.WriteEndElement();
    }
}
