using System.Text;
using ContributionIngest.Formats.Feeds;
using Xunit;

namespace ContributionIngest.Tests.Formats.Feeds;

public sealed class HostileTests
{
    [Fact]
    public void Declared_entities_are_read_when_plain_and_never_expanded_recursively()
    {
        var entry = Read.Entry("""
            <!DOCTYPE rss [<!ENTITY id "tag:a.example,"><!ENTITY b "&id;&id;"><!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY h "<b>">]>
            <rss><channel><item><guid>&id;1</guid><title>&b;|&f;|&h;</title></item></channel></rss>
            """);

        Assert.Equal(("tag:a.example,1", "&b;|&f;|&h;"), (entry.Id, entry.Title));
    }

    [Fact]
    public void Declared_entities_cannot_inflate_a_text()
    {
        var document = $"<!DOCTYPE rss [<!ENTITY x \"{new string('y', 190)}\">]><rss><channel><title>{string.Concat(Enumerable.Repeat("&x;", 50_000))}</title></channel></rss>";

        Assert.True(Read.Feed(document).Title!.Length <= 2000);
    }

    /// <summary>Each of these is quadratic in a naive reader; bytes allocated stand for the work, so that no clock is read.</summary>
    [Theory]
    [InlineData("<title>", "<!--", "")]
    [InlineData("<title>", "<![CDATA[", "")]
    [InlineData("<title>", "&x", "")]
    [InlineData("<title>", "<a b=\"", "")]
    [InlineData("<title>", "<a ", "")]
    [InlineData("<title><![CDATA[", "<a b='", "]]></title>")]
    [InlineData("<title><![CDATA[", "<!--", "]]></title>")]
    [InlineData("<title><![CDATA[", "<script>", "]]></title>")]
    [InlineData("", "<x>", "")]
    [InlineData("", "</x>", "")]
    [InlineData("", "<item>", "")]
    [InlineData("<item>", "<channel>", "")]
    [InlineData("<item ", "xmlns:a='b' ", ">")]
    [InlineData("<item><author>", "<x>", "")]
    public void Flood_of_markup_is_read_with_bounded_memory(string before, string flood, string after)
    {
        var document = Encoding.UTF8.GetBytes("<rss version=\"2.0\"><channel>" + before + string.Concat(Enumerable.Repeat(flood, 400_000 / flood.Length)) + after);
        var start = GC.GetAllocatedBytesForCurrentThread();

        Assert.NotNull(FeedReader.Read(document).Feed);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - start < 50_000_000);
    }

    [Fact]
    public void Random_damage_never_throws()
    {
        var random = new Random(11);
        var sample = Encoding.UTF8.GetBytes("""
            <?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/"><title type="html">&lt;b&gt;x&amp;amp;</title>
            <entry><id>1</id><title><![CDATA[a]]></title><author><name>n</name></author><link href="/x" rel='alternate'/><updated>2024-01-01T00:00:00Z</updated></entry></feed>
            """);
        for (var i = 0; i < 20_000; i++)
        {
            var copy = sample.ToArray();
            for (var hits = random.Next(1, 6); hits > 0; hits--) copy[random.Next(copy.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : "<>&\"'/! =]["u8[random.Next(11)];
            Assert.NotNull(FeedReader.Read(copy, "utf-8", new Uri("https://a.example/feed")));
        }
    }

    [Fact]
    public void Nesting_depth_is_bounded_in_XML_and_JSON()
    {
        Assert.NotNull(Read.Result("<rss><channel>" + string.Concat(Enumerable.Repeat("<a>", 100_000)) + "<item/>").Feed);
        Assert.NotNull(Read.Result("{\"version\":\"https://jsonfeed.org/version/1\",\"x\":" + new string('[', 100_000)).Feed);
    }

    [Fact]
    public void Long_text_is_truncated()
    {
        var entry = Read.Item($"<title>{new string('t', 1_000_000)}</title><description>{new string('d', 1_000_000)}</description><guid>{new string('g', 1_000_000)}</guid>");

        Assert.Equal((1000, 1500, null), (entry.Title!.Length, entry.Summary!.Length, entry.Id));
    }
}
