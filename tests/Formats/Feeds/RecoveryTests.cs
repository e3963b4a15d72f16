using ContributionIngest.Formats.Feeds;
using Xunit;

namespace ContributionIngest.Tests.Formats.Feeds;

public sealed class RecoveryTests
{
    private const string Tail = "<item><title>B</title></item></channel></rss>";

    [Theory]
    [InlineData("<title>A & B</title>", "A & B", "bareAmpersand")]
    [InlineData("<title>caf&eacute;</title>", "café", "htmlEntity")]
    [InlineData("<title>1 < 2</title>", "1 < 2", "bareLessThan")]
    [InlineData("<title>A\u0001B</title>", "AB", "controlCharacter")]
    [InlineData("<title>A&#0;B</title>", "AB", "controlCharacter")]
    [InlineData("<title>A</titel>", "A", "missingEndTag")]
    [InlineData("<title>A", "A", "missingEndTag")]
    [InlineData("<title>A</title></b>", "A", "strayEndTag")]
    [InlineData("<title class=\"x>A</title>", "A", "brokenTag")]
    [InlineData("<dc:title>A</dc:title>", "A", "undeclaredPrefix")]
    [InlineData("<title>A</title><pubDate>soon</pubDate>", "A", "unreadableDate")]
    [InlineData("<title>A</title><link>mailto:a@b.example</link>", "A", "refusedLink")]
    public void Damage_loses_only_one_field_and_is_counted(string elements, string title, string repair)
    {
        var feed = Read.Feed($"<rss version=\"2.0\"><channel><item>{elements}</item>{Tail}");

        Assert.Equal([title, "B"], feed.Entries.Select(entry => entry.Title));
        Assert.Equal(1, feed.Repairs(repair));
    }

    [Fact]
    public void Item_without_an_end_tag_ends_where_the_next_begins()
    {
        var feed = Read.Feed("<rss version=\"2.0\"><channel><item><title>A</title><description>text <item><title>B</title></item></channel></rss>");

        Assert.Equal([("A", "text"), ("B", null)], feed.Entries.Select(entry => (entry.Title, entry.Summary)));
    }

    [Theory]
    [InlineData(1, "<item><title>A</title><link>https://a.example/1</link></item><item><title")]
    [InlineData(2, "<item><title>A</title></item><item><title>B</title><link>https://a.exam")]
    [InlineData(1, "<item><title>A</title></item><item><description>only part of a te")]
    public void Truncated_document_keeps_whole_items_and_known_fields(int entries, string items)
    {
        var feed = Read.Feed("<rss version=\"2.0\"><channel><title>T</title>" + items);

        Assert.Equal(entries, feed.Entries.Count);
        Assert.Equal(1, feed.Repairs("truncated"));
        Assert.DoesNotContain(feed.Entries, entry => entry.Link == "https://a.exam");
    }

    [Fact]
    public void Every_prefix_of_a_document_is_read_without_an_exception()
    {
        var whole = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"b\">]><rss version=\"2.0\"><channel><title><![CDATA[T]]></title><!-- c --><item a='b'><title>A &amp; &a;</title></item></channel></rss>"u8.ToArray();
        for (var length = 0; length <= whole.Length; length++) Assert.NotNull(FeedReader.Read(whole.AsSpan(0, length)));
    }

    [Fact]
    public void Junk_before_the_XML_declaration_is_skipped()
    {
        var feed = Read.Feed("<br />\n<b>Warning</b>: something in <b>/x.php</b><br />\n<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>" + Tail);

        Assert.Equal(("B", 1), (feed.Entries[0].Title, feed.Repairs("leadingJunk")));
    }

    [Fact]
    public void Element_and_attribute_names_are_case_insensitive() =>
        Assert.Equal("A", Read.Entry("<RSS VERSION=\"2.0\"><CHANNEL><ITEM><TITLE>A</TITLE></ITEM></CHANNEL></RSS>").Title);

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \n\t ", "empty")]
    [InlineData("<!DOCTYPE html><html><head><title>Blog</title></head><body>rss feed</body></html>", "html")]
    [InlineData("<div>not found</div>", "html")]
    [InlineData("<opml version=\"2.0\"><body/></opml>", "notAFeed")]
    [InlineData("{\"name\":\"package\"}", "notAFeed")]
    [InlineData("{\"name\":", "invalidJson")]
    [InlineData("BEGIN:VCALENDAR\r\nEND:VCALENDAR", "notAFeed")]
    [InlineData("hello", "notAFeed")]
    public void Document_that_is_no_feed_is_rejected_with_a_code(string document, string code) => Assert.Equal(code, Read.Result(document).Error?.Code);

    [Fact]
    public void Rejection_names_what_was_found() =>
        Assert.Contains("\"urlset\"", Read.Result("<?xml version=\"1.0\"?><urlset><url/></urlset>").Error!.Message, StringComparison.Ordinal);

    [Fact]
    public void Duplicate_ids_are_kept_as_they_are()
    {
        var feed = Read.Feed("<rss><channel><item><guid>g</guid></item><item><guid>g</guid></item></channel></rss>");

        Assert.Equal(["g", "g"], feed.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public void Broken_JSON_keeps_the_items_before_the_break()
    {
        var feed = Read.Feed("{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"T\",\"items\":[{\"id\":\"1\"},{\"id\":\"2\",");

        Assert.Equal("1", Assert.Single(feed.Entries).Id);
        Assert.Equal(1, feed.Repairs("invalidJson"));
    }

    [Fact]
    public void Half_a_surrogate_pair_in_JSON_loses_one_character_and_no_item()
    {
        const string items = """
            {"id":"1","title":"A\ud83d"},{"id":"2","title":"\uDE00B \ud83d\ude00 \\ud83d","tags":["\ud83d\ud83d\ude00"],"\udfff":1},
            {"id":"3","title":"C","content_html":"<p>\ud83dx</p>","authors":[{"name":"N\ud83d\n"}],"attachments":[{"url":"https://a.example/\ud83d.mp3"}]}
            """;
        var feed = Read.Feed($$"""{"version":"https://jsonfeed.org/version/1.1","title":"T\ud83d","items":[{{items}}],"next_url":"https://a.example/2"}""");

        Assert.Equal(["A\uFFFD", "\uFFFDB \U0001F600 \\ud83d", "C"], feed.Entries.Select(entry => entry.Title));
        Assert.Equal("\uFFFD\U0001F600", Assert.Single(feed.Entries[1].Categories));
        Assert.Equal(("\uFFFDx", "N\uFFFD"), (feed.Entries[2].Summary, feed.Entries[2].Author));
        Assert.Equal("https://a.example/2", feed.Next);
        Assert.Equal((8, 0), (feed.Repairs("loneSurrogate"), feed.Repairs("invalidJson")));
    }

    [Theory]
    [InlineData("\\ud83")]
    [InlineData("\\ud83d")]
    [InlineData("\\ud83d\\")]
    [InlineData("\\ud83d\\u")]
    [InlineData("\\ud83d\\ude0")]
    [InlineData("\\ud83d\\ude00")]
    [InlineData("\\")]
    public void JSON_truncated_inside_an_escape_keeps_its_items(string end)
    {
        var feed = Read.Feed("{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":\"1\"},{\"id\":\"" + end);

        Assert.Equal("1", Assert.Single(feed.Entries).Id);
        Assert.Equal(1, feed.Repairs("invalidJson"));
    }

    [Theory]
    [InlineData("<link>https://a.example/\n   post</link>")]
    [InlineData("<link><![CDATA[https://a.example/\r\n\tpost]]></link>")]
    [InlineData("<guid>https://a.example/\n  post</guid>")]
    public void Line_break_inside_an_address_is_taken_out(string elements) => Assert.Equal("https://a.example/post", Read.Item(elements).Link);

    [Theory]
    [InlineData("<title>&#55357;&#56832; &amp;#55357;&amp;#56832;</title>", "😀 😀")]
    [InlineData("<title>&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt; words</title>", "Bold words")]
    [InlineData("<title>&lt;b>Bold&lt;/b> words</title>", "Bold words")]
    [InlineData("<title>Why List&amp;lt;T&amp;gt; and &lt;T&gt;</title>", "Why List<T> and <T>")]
    public void Title_that_was_escaped_in_another_way_is_what_people_read(string elements, string title) => Assert.Equal(title, Read.Item(elements).Title);

    [Fact]
    public void Text_of_Atom_that_is_HTML_without_saying_so_has_no_tags()
    {
        var entry = Read.Entry("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title>The &lt;b&gt; tag&lt;/b&gt;</title><summary>&lt;p&gt;A &lt;b&gt;word&lt;/b&gt;&lt;/p&gt;</summary></entry></feed>");
        Assert.Equal(("The <b> tag</b>", "A word"), (entry.Title, entry.Summary));
    }
}
