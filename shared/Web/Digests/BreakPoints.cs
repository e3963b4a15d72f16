using System.Globalization;
using System.Text;

namespace ContributionIngest.Web.Digests;

/// <summary>Break points (U+200B) in long words, which would otherwise widen a mail on a narrow screen.</summary>
internal static class BreakPoints
{
    private const int MaxUnbroken = 18;

    /// <summary>Never within a grapheme.</summary>
    public static string In(string text)
    {
        if (text.Split(' ').All(word => word.Length <= MaxUnbroken))
            return text;
        var broken = new StringBuilder(text.Length + 8);
        var (elements, run) = (StringInfo.GetTextElementEnumerator(text), 0);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            run = element == " " ? 0 : run + 1;
            if (run > MaxUnbroken)
            {
                broken.Append('\u200B');
                run = 1;
            }

            broken.Append(element);
        }

        return broken.ToString();
    }
}
