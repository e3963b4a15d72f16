using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ContributionIngest.Functions.Demo;

/// <summary>JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), its older pages linked by <c>next_url</c>.</summary>
internal static class JsonFeedDocument
{
    public static byte[] Write(WorldBlog blog, Uri root, Uri self, IReadOnlyList<WorldEntry> entries, Uri? older)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", "https://jsonfeed.org/version/1.1");
            json.WriteString("title", blog.Title);
            json.WriteString("description", blog.About);
            json.WriteString("home_page_url", new Uri(root, blog.Site + "/").AbsoluteUri);
            json.WriteString("feed_url", self.AbsoluteUri);
            if (older is not null)
                json.WriteString("next_url", older.AbsoluteUri);
            json.WriteStartArray("items");
            foreach (var entry in entries)
                Write(json, blog, root, entry);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, WorldBlog blog, Uri root, WorldEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("id", $"{blog.Site}:{entry.Key}");
        json.WriteString("url", new Uri(root, entry.Path).AbsoluteUri);
        json.WriteString("title", entry.Title);
        json.WriteString("content_text", entry.Text);
        json.WriteString("date_published", entry.When);
        json.WriteStartArray("authors");
        json.WriteStartObject();
        json.WriteString("name", entry.Author);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("tags");
        foreach (var topic in entry.Topics)
            json.WriteStringValue(topic);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
