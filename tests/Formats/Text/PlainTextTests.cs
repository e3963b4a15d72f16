using ContributionIngest.Formats.Text;
using Xunit;

namespace ContributionIngest.Tests.Formats.Text;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("  a \n\t b\u00A0\u2003c ", "a b c")]
    [InlineData("<p>One</p><p>two<br>three</p>", "One two three")]
    [InlineData("a<b>b</b>c", "abc")]
    [InlineData("x <script>if (a</b) {}</script> y <style>p{}</style>z", "x y z")]
    [InlineData("x <SCRIPT SRC=a.js/>y", "x y")]
    [InlineData("x <script>never closed", "x")]
    [InlineData("a <!-- <b> --> b", "a b")]
    [InlineData("a <![CDATA[<b>&amp;]]> c", "a <b>&amp; c")]
    [InlineData("&lt;b&gt; &amp;amp; &#8217;&#x2019; &#146; &hellip;&nbsp;&copy;", "<b> &amp; ’’ ’ … ©")]
    [InlineData("AT&T &unknown; & &#; &#xFFFFFFF; ?a=1&copy=2", "AT&T &unknown; & &#; \uFFFD ?a=1&copy=2")]
    [InlineData("1 < 2 <3 a<", "1 < 2 <3 a<")]
    [InlineData("<a title=\"1 > 0\" href='x'>link</a>", "link")]
    [InlineData("<a href=http://x.example/\">link</a>", "link")]
    [InlineData("text <img src=\"cut of", "text")]
    [InlineData("don\u0092t", "don’t")]
    public void HTML_is_converted_to_text(string html, string expected) => Assert.Equal(expected, PlainText.FromHtml(html));

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("<img src='x'>&nbsp;")]
    public void Empty_text_is_null(string html) => Assert.Null(PlainText.FromHtml(html));

    [Theory]
    [InlineData("List<T> and Span<byte>", "List<T> and Span<byte>")]
    [InlineData("<b>Bold</b> <blink onclick=x>move</blink>", "Bold move")]
    public void Titles_keep_text_that_only_looks_like_a_tag(string html, string expected) =>
        Assert.Equal(expected, PlainText.FromHtml(System.Text.Encoding.UTF8.GetBytes(html), 100, keepUnknown: true));

    [Fact]
    public void Text_is_truncated_between_characters()
    {
        Assert.Equal("ab", PlainText.FromHtml("ab😀", 3));
        Assert.Equal("ab😀", PlainText.FromHtml("ab😀c", 4));
        Assert.Equal(1000, PlainText.FromHtml(new string('x', 5000), 1000)!.Length);
        Assert.Equal("a b", PlainText.Fold("a" + new string(' ', 5000) + "b", 1000));
    }
}
