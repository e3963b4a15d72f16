using System.Text;

namespace ContributionIngest.Formats.Text;

/// <summary>Recognises tags of HTML in text that should have none.</summary>
internal static class EscapedTags
{
    private const int LongestName = 10;

    /// <summary>The elements that occur in titles; a title that speaks of markup rarely closes one of them around words.</summary>
    private static ReadOnlySpan<byte> OfTitles => " p b i em strong span u a font small sub sup mark h1 h2 h3 "u8;

    /// <summary>The text begins with the start tag of a block, and closes something.</summary>
    public static bool Begin(ReadOnlySpan<char> text)
    {
        Span<byte> name = stackalloc byte[LongestName];
        return text[0] == '<' && NameOf(text[1..], name) is > 0 and var length && HtmlElements.IsBlock(name[..length])
            && text.IndexOf('>') > 0 && text.IndexOf("</") > 0;
    }

    /// <summary>The text has an element of HTML with words inside.</summary>
    public static bool Enclose(ReadOnlySpan<char> text) => Has(text, isTitle: false);

    /// <summary>The text has an element that formats words.</summary>
    public static bool Format(ReadOnlySpan<char> text) => Has(text, isTitle: true);

    private static bool Has(ReadOnlySpan<char> text, bool isTitle)
    {
        Span<byte> padded = stackalloc byte[LongestName + 2];
        padded.Fill((byte)' ');
        var from = 0;
        while (text[from..].IndexOf("</") is >= 0 and var at)
        {
            var end = from + at;
            from = end + 2;
            var length = NameOf(text[from..], padded[1..^1]);
            padded[length + 1] = (byte)' ';
            var isKnown = length > 0 && (isTitle ? OfTitles.IndexOf(padded[..(length + 2)]) >= 0 : HtmlElements.IsKnown(padded.Slice(1, length)));
            if (isKnown && Opens(text[..end], text.Slice(from, length), isTitle)) return true;
        }

        return false;
    }

    /// <summary>The element is opened before, and has words in it.</summary>
    /// <param name="isClose">The words touch the tags, unlike those of a title such as <c>&lt;b&gt; or &lt;/b&gt;</c>.</param>
    private static bool Opens(ReadOnlySpan<char> before, ReadOnlySpan<char> name, bool isClose)
    {
        while (before.LastIndexOf('<') is >= 0 and var open)
        {
            var tag = before[(open + 1)..];
            if (tag.StartsWith(name, StringComparison.OrdinalIgnoreCase) && tag.Length > name.Length && tag[name.Length] is '>' or ' ')
            {
                var words = tag[(tag.IndexOf('>') + 1)..];
                return !words.IsWhiteSpace() && (!isClose || (!char.IsWhiteSpace(words[0]) && !char.IsWhiteSpace(words[^1])));
            }

            before = before[..open];
        }

        return false;
    }

    /// <summary>Copies the name of a tag in lower case. Returns its length; 0 if it is none.</summary>
    private static int NameOf(ReadOnlySpan<char> text, Span<byte> name)
    {
        var length = 0;
        while (length < text.Length && char.IsAsciiLetterOrDigit(text[length])) length++;
        return length > 0 && length <= LongestName && length < text.Length && text[length] is '>' or ' ' or '/'
            && Ascii.ToLower(text[..length], name, out _) == System.Buffers.OperationStatus.Done ? length : 0;
    }
}
