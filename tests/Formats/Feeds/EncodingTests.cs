using System.Text;
using ContributionIngest.Formats.Feeds;
using Xunit;

namespace ContributionIngest.Tests.Formats.Feeds;

public sealed class EncodingTests
{
    private const string Title = "Žluť – 年 é";

    static EncodingTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    private static string Document(string title, string? encoding = null) =>
        $"<?xml version=\"1.0\"{(encoding is null ? "" : $" encoding=\"{encoding}\"")}?><rss version=\"2.0\"><channel><title>{title}</title></channel></rss>";

    private static string? Decode(byte[] bytes, string? charset = null) => FeedReader.Read(bytes, charset).Feed?.Title;

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    [InlineData("utf-32", false)]
    [InlineData("utf-32BE", true)]
    public void Unicode_encoding_is_detected_by_byte_order_mark_or_zero_bytes(string name, bool mark)
    {
        var encoding = Encoding.GetEncoding(name);
        Assert.Equal(Title, Decode([.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(Document(Title, "iso-8859-1"))]));
    }

    [Fact]
    public void Valid_UTF8_is_read_as_UTF8_whatever_is_declared()
    {
        Assert.Equal(Title, Decode(Encoding.UTF8.GetBytes(Document(Title, "iso-8859-1")), "windows-1251"));
        Assert.Equal("plain", Decode(Encoding.ASCII.GetBytes(Document("plain", "utf-16"))));
        Assert.Equal("plain", Decode(Encoding.ASCII.GetBytes(Document("plain", "no-such-thing"))));
    }

    [Theory]
    [InlineData("windows-1251", "Привет")]
    [InlineData("iso-8859-2", "Žluť")]
    [InlineData("shift_jis", "日本語")]
    [InlineData("euc-kr", "한국어")]
    [InlineData("gb2312", "中文")]
    [InlineData("big5", "繁體")]
    [InlineData("koi8-r", "Привет")]
    [InlineData("iso-2022-jp", "日本語")]
    public void Declared_encoding_applies_to_bytes_that_are_not_UTF8(string name, string title)
    {
        var bytes = Encoding.GetEncoding(name).GetBytes(Document(title, name));
        Assert.Equal(title, Decode(bytes));
        Assert.Equal(title, Decode(Encoding.GetEncoding(name).GetBytes(Document(title, "utf-8")), name));
    }

    [Fact]
    public void Wrong_encoding_declaration_is_counted_where_it_matters()
    {
        Assert.Equal(1, FeedReader.Read(Encoding.UTF8.GetBytes(Document(Title, "iso-8859-1"))).Feed!.Repairs("encoding"));
        Assert.Equal(0, FeedReader.Read(Encoding.UTF8.GetBytes(Document("plain", "iso-8859-1"))).Feed!.Repairs("encoding"));
        Assert.Equal(0, FeedReader.Read(Encoding.UTF8.GetBytes(Document(Title, "utf-8"))).Feed!.Repairs("encoding"));
    }

    [Fact]
    public void Stray_bytes_are_read_as_Windows_1252_and_the_rest_as_UTF8()
    {
        byte[] bytes = [.. "<rss><channel><title>né "u8, 0x93, (byte)'x', 0x94, 0xE9, .. "</title></channel></rss>"u8];
        var feed = FeedReader.Read(bytes).Feed!;

        Assert.Equal(("né “x”é", 3), (feed.Title, feed.Repairs("invalidBytes")));
    }

    [Fact]
    public void Latin_1_and_character_references_128_to_159_mean_Windows_1252()
    {
        Assert.Equal("“x” é", Decode([.. "<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><title>"u8, 0x93, (byte)'x', 0x94, (byte)' ', 0xE9, .. "</title></channel></rss>"u8]));
        Assert.Equal("don’t", Decode(Encoding.UTF8.GetBytes(Document("don&#146;t"))));
    }

    [Fact]
    public void UTF7_is_never_decoded() => Assert.Equal("+ADw-script+AD4-", Decode(Encoding.ASCII.GetBytes(Document("+ADw-script+AD4-", "utf-7")), "utf-7"));

    [Fact]
    public void Overlong_UTF8_sequence_creates_no_tag()
    {
        byte[] bytes = [.. "<rss><channel><title>"u8, 0xC0, 0xBC, .. "b"u8, 0xC0, 0xBE, .. "T</title></channel></rss>"u8];
        Assert.DoesNotContain('<', Decode(bytes)!);
    }
}
