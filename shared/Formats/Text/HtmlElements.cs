using System.Buffers;
using System.Text;

namespace ContributionIngest.Formats.Text;

/// <summary>HTML elements by name. The tables are searched as they are, so that nothing has to be built at start.</summary>
internal static class HtmlElements
{
    private const int Longest = 16;

    /// <summary>Elements on lines of their own, which separate words.</summary>
    private static ReadOnlySpan<byte> Blocks =>
        " div table tbody thead tfoot blockquote pre section article aside header footer figure figcaption main nav form fieldset legend address center details summary caption option select title body head html "u8;

    private static ReadOnlySpan<byte> Inlines =>
        " a b i em strong span img code kbd samp var tt u s strike del ins sub sup small big font abbr acronym cite q dfn mark time wbr bdo bdi ruby rt rp rb label input button textarea script style noscript iframe object embed param video audio source picture track canvas map area svg math template link meta base basefont applet frame frameset noframes col colgroup optgroup dir menu blink marquee nobr xmp plaintext noembed keygen isindex dialog data output progress meter slot search hgroup image spacer layer "u8;

    /// <summary>Elements whose content is not text for people.</summary>
    private static ReadOnlySpan<byte> WithoutText => " script style applet template noembed noframes head "u8;

    public static bool IsBlock(ReadOnlySpan<byte> name) => name.Length switch
    {
        0 => false,
        1 => (name[0] | 0x20) == 'p',
        2 => (name[0] | 0x20, name[1] | 0x20) is ('l', 'i') or ('b', 'r') or ('u' or 'o' or 'd', 'l') or ('t', 'd' or 'r' or 'h') or ('h', >= '1' and <= '6' or 'r') or ('d', 't' or 'd'),
        _ => Contains(Blocks, name),
    };

    public static bool IsKnown(ReadOnlySpan<byte> name) => IsBlock(name) || Contains(Inlines, name);

    /// <summary>Void elements, and those whose end tag authors leave out.</summary>
    public static bool NeedsNoEnd(ReadOnlySpan<byte> name) => Contains(" p br hr wbr img font center "u8, name);

    public static bool HasNoText(ReadOnlySpan<byte> name) => name.Length >= 4 && Contains(WithoutText, name);

    private static bool Contains(ReadOnlySpan<byte> table, ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > Longest) return false;
        Span<byte> word = stackalloc byte[Longest + 2];
        word[0] = (byte)' ';
        if (Ascii.ToLower(name, word[1..], out _) != OperationStatus.Done) return false;
        word[name.Length + 1] = (byte)' ';
        return table.IndexOf(word[..(name.Length + 2)]) >= 0;
    }
}
