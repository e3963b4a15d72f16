using System.Xml;

namespace ContributionIngest.Formats.Web;

/// <summary>A sitemap, or an index of sitemaps (sitemaps.org, protocol 0.9).</summary>
/// <param name="IsIndex">Its entries are sitemaps.</param>
/// <param name="Entries">In document order, at most 50,000, which the protocol allows.</param>
public sealed record Sitemap(bool IsIndex, IReadOnlyList<SitemapEntry> Entries)
{
    private const int MaxEntries = 50_000;

    /// <summary>Null if it is no sitemap. What precedes damage is kept.</summary>
    public static Sitemap? Read(byte[] body)
    {
        var entries = new List<SitemapEntry>();
        string? root = null;
        try
        {
            using var stream = new MemoryStream(body, writable: false);
            using var xml = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreWhitespace = true });
            string? location = null, modified = null;
            while (xml.Read() && entries.Count < MaxEntries)
            {
                if (xml.NodeType == XmlNodeType.EndElement && xml.Depth == 1)
                {
                    if (location is not null)
                        entries.Add(new SitemapEntry(location, modified));
                    (location, modified) = (null, null);
                    continue;
                }

                if (xml.NodeType != XmlNodeType.Element)
                    continue;
                if (xml.Depth == 0)
                    root = xml.LocalName;
                else if (xml is { Depth: 2, LocalName: "loc" })
                    location ??= Text(xml);
                else if (xml is { Depth: 2, LocalName: "lastmod" })
                    modified ??= Text(xml);
            }
        }
        catch (XmlException)
        {
            // The rest cannot be read.
        }

        return root is "sitemapindex" or "urlset" ? new Sitemap(root == "sitemapindex", entries) : null;
    }

    /// <summary>The text of an element without others in it; afterwards the reader is at its end.</summary>
    private static string? Text(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return null;
        string? text = null;
        var depth = xml.Depth;
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth))
        {
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && text is null)
                text = xml.Value.Trim();
        }

        return text?.Length > 0 ? text : null;
    }
}

/// <param name="Modified">As written; null if absent.</param>
public sealed record SitemapEntry(string Address, string? Modified);
