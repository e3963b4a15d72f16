using System.Text;
using System.Xml;

namespace ContributionIngest.Functions.Demo;

/// <summary>Atom 1.0 (RFC 4287), complete in one document (RFC 5005 section 2).</summary>
internal static class AtomDocument
{
    private const string Atom = "http://www.w3.org/2005/Atom";
    private const string History = "http://purl.org/syndication/history/1.0";

    public static byte[] Write(WorldBlog blog, Uri root, Uri self, IReadOnlyList<WorldEntry> entries, string author)
    {
        using var memory = new MemoryStream();
        using (var xml = XmlWriter.Create(memory, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            xml.WriteStartElement("feed", Atom);
            xml.WriteAttributeString("xmlns", "fh", null, History);
            xml.WriteElementString("id", Atom, $"tag:{blog.Site},2024:notes");
            xml.WriteElementString("title", Atom, blog.Title);
            xml.WriteElementString("subtitle", Atom, blog.About);
            xml.WriteElementString("updated", Atom, Time(entries.Max(entry => entry.Updated)));
            Link(xml, "self", self);
            Link(xml, "alternate", new Uri(root, blog.Site + "/"));
            Author(xml, author);
            xml.WriteStartElement("complete", History);
            xml.WriteEndElement();
            foreach (var entry in entries)
                Write(xml, blog, root, entry);
            xml.WriteEndElement();
        }

        return memory.ToArray();
    }

    private static void Write(XmlWriter xml, WorldBlog blog, Uri root, WorldEntry entry)
    {
        xml.WriteStartElement("entry", Atom);
        xml.WriteElementString("id", Atom, $"tag:{blog.Site},2024:{entry.Key}");
        xml.WriteElementString("title", Atom, entry.Title);
        Link(xml, "alternate", new Uri(root, entry.Path));
        xml.WriteElementString("published", Atom, Time(entry.When));
        xml.WriteElementString("updated", Atom, Time(entry.Updated));
        Author(xml, entry.Author);
        foreach (var topic in entry.Topics)
        {
            xml.WriteStartElement("category", Atom);
            xml.WriteAttributeString("term", topic);
            xml.WriteEndElement();
        }

        xml.WriteElementString("summary", Atom, entry.Text);
        xml.WriteEndElement();
    }

    private static void Link(XmlWriter xml, string relation, Uri address)
    {
        xml.WriteStartElement("link", Atom);
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("href", address.AbsoluteUri);
        xml.WriteEndElement();
    }

    private static void Author(XmlWriter xml, string name)
    {
        xml.WriteStartElement("author", Atom);
        xml.WriteElementString("name", Atom, name);
        xml.WriteEndElement();
    }

    private static string Time(DateTimeOffset time) => XmlConvert.ToString(time);
}
