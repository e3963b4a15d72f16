using ContributionIngest.Formats.Feeds;
using Xunit;

namespace ContributionIngest.Tests.Formats.Feeds;

public sealed class FormatTests
{
    [Fact]
    public void RSS_2_channel_and_item_are_read()
    {
        var feed = Read.Feed("""
            <?xml version="1.0" encoding="utf-8"?>
            <rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
                 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
                 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
            <channel>
              <title>Ada's notes</title><link>https://ada.example/</link><description>On &lt;b&gt;engines&lt;/b&gt;</description>
              <language>en-GB</language><lastBuildDate>Sat, 07 Sep 2002 00:00:01 GMT</lastBuildDate><generator>Hand 1.0</generator>
              <atom:link rel="self" href="https://ada.example/feed"/><atom:link rel="hub" href="https://hub.example/"/>
              <atom:link rel="next" href="https://ada.example/feed?paged=2"/>
              <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
              <image><title>Not this</title><link>https://not.example/</link></image>
              <item>
                <title>First &amp;amp; last</title><link>https://feeds.example/~r/1</link>
                <feedburner:origLink>https://ada.example/1</feedburner:origLink>
                <guid isPermaLink="false">post-1</guid><pubDate>Thu, 01 Jan 2004 19:48:21 +0200</pubDate>
                <dc:creator>Ada L.</dc:creator><category>Engines</category><category domain="x">Looms</category>
                <description><![CDATA[<p>One</p><p>two <em>three</em></p><script>no()</script>]]></description>
                <content:encoded>The whole</content:encoded>
                <enclosure url="https://ada.example/1.mp3" type="audio/mpeg" length="1234"/>
              </item>
            </channel></rss>
            """);

        Assert.Equal("rss2.0", feed.Format);
        Assert.Equal(("Ada's notes", "https://ada.example/", "On engines", "en-GB", "Hand 1.0"), (feed.Title, feed.Link, feed.Description, feed.Language, feed.Generator));
        Assert.Equal(new DateTimeOffset(2002, 9, 7, 0, 0, 1, TimeSpan.Zero), feed.Updated);
        Assert.Equal(("https://ada.example/feed", "https://ada.example/feed?paged=2"), (feed.Self, feed.Next));
        Assert.Equal(["https://hub.example/"], feed.Hubs);
        Assert.Equal(TimeSpan.FromHours(6), feed.UpdateInterval);
        Assert.Empty(feed.Repairs);
        var entry = Assert.Single(feed.Entries);
        Assert.Equal(("post-1", "First & last", "Ada L.", "One two three"), (entry.Id, entry.Title, entry.Author, entry.Summary));
        Assert.Equal(("https://feeds.example/~r/1", "https://ada.example/1"), (entry.Link, entry.OriginalLink));
        Assert.Equal(new DateTimeOffset(2004, 1, 1, 17, 48, 21, TimeSpan.Zero), entry.Published);
        Assert.Equal(["Engines", "Looms"], entry.Categories);
        Assert.Equal([new Enclosure("https://ada.example/1.mp3", "audio/mpeg", 1234)], entry.Enclosures);
    }

    [Fact]
    public void RSS_1_items_beside_the_channel_are_read()
    {
        var feed = Read.Feed("""
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
            <channel rdf:about="https://a.example/rdf"><title>T</title><items><rdf:Seq><rdf:li resource="https://a.example/1"/></rdf:Seq></items></channel>
            <item rdf:about="https://a.example/1"><title>One</title><link>https://a.example/1</link><dc:date>2004-05-06</dc:date><dc:subject>S</dc:subject></item>
            </rdf:RDF>
            """);

        Assert.Equal(("rss1.0", "https://a.example/rdf", "T"), (feed.Format, feed.Id, feed.Title));
        var entry = Assert.Single(feed.Entries);
        Assert.Equal(("https://a.example/1", "One", true), (entry.Id, entry.Title, entry.PublishedIsDay));
        Assert.Equal(["S"], entry.Categories);
    }

    [Fact]
    public void Atom_1_text_HTML_and_XHTML_are_distinguished()
    {
        var feed = Read.Feed("""
            <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://a.example/blog/">
              <id>tag:a.example,2024:1</id><title type="text">1 &lt; 2</title><updated>2024-02-03T04:05:06.7+01:00</updated>
              <author><name>Feed Author</name><email>f@a.example</email></author>
              <link rel="alternate" href="."/><link rel="self" href="feed.atom"/>
              <entry>
                <id>e1</id><title type="html">&lt;b&gt;Bold&lt;/b&gt; &amp;amp; new</title>
                <link rel="related" href="https://x.example/"/><link href="posts/1"/><link rel="enclosure" href="/1.ogg" type="audio/ogg" length="9"/>
                <summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Deep</p><p>text &amp; more</p></div></summary>
                <category term="t" label="Topic"/><category term="other"/><published>2024-01-02T00:00:00Z</published>
              </entry>
              <entry><id>e2</id><title>Own</title><author><name>Somebody Else</name></author><content>Only content</content><updated>2024-01-03T00:00:00Z</updated></entry>
            </feed>
            """);

        Assert.Equal(("atom1.0", "1 < 2", "de", "https://a.example/blog/", "https://a.example/blog/feed.atom"), (feed.Format, feed.Title, feed.Language, feed.Link, feed.Self));
        Assert.Equal(2, feed.Entries.Count);
        var (first, second) = (feed.Entries[0], feed.Entries[1]);
        Assert.Equal(("Bold & new", "https://a.example/blog/posts/1", "Deep text & more", "Feed Author"), (first.Title, first.Link, first.Summary, first.Author));
        Assert.Equal(["Topic", "other"], first.Categories);
        Assert.Equal("https://a.example/1.ogg", Assert.Single(first.Enclosures).Url);
        Assert.Equal(("Somebody Else", "Only content", second.Updated), (second.Author, second.Summary, second.Published));
    }

    [Fact]
    public void Atom_0_3_names_and_modes_are_read()
    {
        var feed = Read.Feed("""
            <feed version="0.3" xmlns="http://purl.org/atom/ns#"><tagline mode="escaped" type="text/html">A &lt;i&gt;line&lt;/i&gt;</tagline>
            <modified>2004-01-01T19:48:21Z</modified>
            <entry><title mode="base64">PHA+SGlzdG9yeTwvcD4=</title><issued>2003-12-31T10:14:55Z</issued><created>2001-01-01</created></entry></feed>
            """);

        Assert.Equal(("atom0.3", "A line"), (feed.Format, feed.Description));
        Assert.Equal(("History", new DateTimeOffset(2003, 12, 31, 10, 14, 55, TimeSpan.Zero)), (feed.Entries[0].Title, feed.Entries[0].Published));
    }

    [Fact]
    public void JSON_Feed_is_read_in_any_order_of_properties()
    {
        var feed = Read.Feed("""
            {"items":[{"content_html":"<p>Hi &amp; bye</p>","content_text":"unused","id":7,"url":"/1","title":"One","date_published":"2024-01-02T03:04:05+01:00",
              "tags":["a","b",3],"attachments":[{"url":"https://a.example/1.mp3","mime_type":"audio/mpeg","size_in_bytes":5}]},
              {"id":"x","authors":[{"name":"A"},{"name":"B"}],"external_url":"https://else.example/"}],
             "hubs":[{"type":"WebSub","url":"https://hub.example/"}],"next_url":"https://a.example/feed?2","author":{"name":"Owner"},
             "home_page_url":"https://a.example/","title":"T","version":"https:\/\/jsonfeed.org\/version\/1.1"}
            """, "https://a.example/feed.json");

        Assert.Equal(("json1.1", "T", "https://a.example/", "https://a.example/feed?2"), (feed.Format, feed.Title, feed.Link, feed.Next));
        Assert.Equal(["https://hub.example/"], feed.Hubs);
        var first = feed.Entries[0];
        Assert.Equal(("7", "https://a.example/1", "Hi & bye", "Owner"), (first.Id, first.Link, first.Summary, first.Author));
        Assert.Equal(["a", "b"], first.Categories);
        Assert.Equal(5, Assert.Single(first.Enclosures).Length);
        Assert.Equal(("A, B", "https://else.example/"), (feed.Entries[1].Author, feed.Entries[1].Link));
    }

    [Fact]
    public void YouTube_entries_take_their_text_from_the_media_group()
    {
        var entry = Read.Entry("""
            <feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
            <entry><id>yt:video:abc</id><yt:videoId>abc</yt:videoId><title>Talk</title><link rel="alternate" href="https://www.youtube.com/watch?v=abc"/>
            <media:group><media:title>Other</media:title><media:description>About it</media:description></media:group></entry></feed>
            """);

        Assert.Equal(("yt:video:abc", "Talk", "About it", "https://www.youtube.com/watch?v=abc"), (entry.Id, entry.Title, entry.Summary, entry.Link));
    }

    [Fact]
    public void Complete_and_archived_feeds_are_marked()
    {
        var feed = Read.Feed("""
            <feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"><fh:complete/>
            <link rel="prev-archive" href="https://a.example/2023"/></feed>
            """);

        Assert.True(feed.Complete);
        Assert.Equal("https://a.example/2023", feed.Next);
    }

    [Theory]
    [InlineData("<author>me@a.example (My Name)</author>", "My Name")]
    [InlineData("<author>My Name &lt;me@a.example&gt;</author>", "My Name")]
    [InlineData("<author>me@a.example</author>", "me@a.example")]
    [InlineData("<itunes:author>Pod Caster</itunes:author>", "Pod Caster")]
    [InlineData("<author>x@a.example</author><dc:creator>Creator</dc:creator>", "Creator")]
    public void Authors_are_read_as_names(string elements, string expected) => Assert.Equal(expected, Read.Item(elements).Author);

    [Theory]
    [InlineData("<guid>https://a.example/g</guid>", "https://a.example/g")]
    [InlineData("<guid isPermaLink=\"false\">https://a.example/g</guid>", null)]
    [InlineData("<guid>https://a.example/g</guid><link>https://a.example/l</link>", "https://a.example/l")]
    [InlineData("<link/><atom:link rel=\"alternate\" href=\"https://a.example/a\"/>", "https://a.example/a")]
    [InlineData("<link>javascript:alert(1)</link>", null)]
    [InlineData("<link>/p?a=1&amp;b=2</link>", "https://feed.example/p?a=1&b=2")]
    public void Only_web_addresses_are_links(string elements, string? expected) => Assert.Equal(expected, Read.Item(elements, "https://feed.example/rss").Link);

    [Theory]
    [InlineData("ann@a.example (Ann), ben@b.example (Ben)", "Ann, Ben")]
    [InlineData("Ann &lt;ann@a.example&gt;; Ben &lt;ben@b.example&gt;", "Ann, Ben")]
    [InlineData("ann@a.example (Ann, Ben and Cy)", "Ann, Ben and Cy")]
    public void Every_name_beside_a_mail_address_is_read(string author, string names) => Assert.Equal(names, Read.Item($"<author>{author}</author>").Author);
}
