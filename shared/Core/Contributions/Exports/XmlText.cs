using System.Text;
using System.Xml;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>Text for an XML document.</summary>
internal static class XmlText
{
    /// <summary>Drops what XML 1.0 cannot hold (section 2.2): most control characters, U+FFFE, U+FFFF and halves of surrogate pairs.</summary>
    public static string Of(string text)
    {
        var builder = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (XmlConvert.IsXmlChar(text[at]))
                builder.Append(text[at]);
            else if (at + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[at + 1], text[at]))
                builder.Append(text[at]).Append(text[++at]);
        }

        return builder.ToString();
    }
}
