using System.Globalization;
using System.Text;

namespace ContributionIngest.Drivers.Mail;

/// <summary>Text of any language in lines of at most 76 ASCII characters (RFC 2045, 6.7).</summary>
internal static class QuotedPrintable
{
    private const int LongestLine = 76;

    /// <summary>A line break of any kind becomes CRLF; none is added at the end.</summary>
    public static void Append(StringBuilder to, string text)
    {
        foreach (var (number, line) in text.ReplaceLineEndings("\n").Split('\n').Index())
        {
            if (number > 0)
                to.Append("\r\n");
            var octets = Encoding.UTF8.GetBytes(line);
            var length = 0;
            for (var i = 0; i < octets.Length; i++)
            {
                var (octet, isLast) = (octets[i], i == octets.Length - 1);
                // Blanks are kept as they are, except where a server on the way might cut them off.
                var isPlain = octet is (> (byte)' ' and <= (byte)'~' and not (byte)'=') || (octet is (byte)' ' or (byte)'\t' && !isLast);
                var width = isPlain ? 1 : 3;
                if (length + width > (isLast ? LongestLine : LongestLine - 1))
                {
                    to.Append("=\r\n");
                    length = 0;
                }

                if (isPlain)
                    to.Append((char)octet);
                else
                    to.Append('=').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
                length += width;
            }
        }
    }
}
