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

    [Theory]
    [InlineData("&#55357;&#56832; &#xD83D;&#xde00; &#128512;", "😀 😀 😀")]
    [InlineData("a &#55357; b &#56832;&#55357;", "a \uFFFD b \uFFFD\uFFFD")]
    public void Reference_to_each_half_of_a_character_is_one_character(string html, string expected) => Assert.Equal(expected, PlainText.FromHtml(html));

    [Theory]
    [InlineData("&lt;p>Hello &lt;b>you&lt;/b>&lt;/p>", "Hello you")]
    [InlineData("&lt;p&gt;Hello&lt;/p&gt;&lt;p&gt;you&lt;/p&gt;", "Hello you")]
    [InlineData("<div>&lt;p&gt;Hello you&lt;/p&gt;</div>", "Hello you")]
    [InlineData("Hello &lt;b&gt;you&lt;/b&gt;", "Hello you")]
    public void Tags_that_were_escaped_once_more_are_removed(string html, string expected) => Assert.Equal(expected, PlainText.FromEscapedHtml(html, 100));

    [Theory]
    [InlineData("<p>Write <code>&lt;b&gt;x&lt;/b&gt;</code></p>", "Write <b>x</b>")]
    [InlineData("Both List&lt;T&gt; and &lt;/T&gt;", "Both List<T> and </T>")]
    [InlineData("&lt;p&gt; never closed", "<p> never closed")]
    [InlineData("1 &lt; 2 &amp;&amp; 3 &lt;/ 4", "1 < 2 && 3 </ 4")]
    public void Tags_that_a_text_is_about_are_kept(string html, string expected) => Assert.Equal(expected, PlainText.FromEscapedHtml(html, 100));

    [Theory]
    [InlineData("&lt;b&gt;Bold&lt;/b&gt; title", "Bold title")]
    [InlineData("&lt;p&gt;A post&lt;/p&gt;", "A post")]
    [InlineData("What does &lt;br&gt; do?", "What does <br> do?")]
    [InlineData("Use &lt;details&gt;&lt;/details&gt; now", "Use <details></details> now")]
    [InlineData("A tag like &lt;b&gt; or &lt;/b&gt;", "A tag like <b> or </b>")]
    [InlineData("Dictionary&lt;string, int&gt; in C#", "Dictionary<string, int> in C#")]
    public void Title_loses_formatting_that_was_escaped_twice_and_keeps_markup_that_it_is_about(string html, string expected) =>
        Assert.Equal(expected, PlainText.FromEscapedHtml(System.Text.Encoding.UTF8.GetBytes(html), 100, keepUnknown: true));

    [Fact]
    public void Text_is_truncated_between_characters()
    {
        Assert.Equal("ab", PlainText.FromHtml("ab😀", 3));
        Assert.Equal("ab😀", PlainText.FromHtml("ab😀c", 4));
        Assert.Equal(1000, PlainText.FromHtml(new string('x', 5000), 1000)!.Length);
        Assert.Equal("a b", PlainText.Fold("a" + new string(' ', 5000) + "b", 1000));
    }
}
