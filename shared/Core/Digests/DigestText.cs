using System.Text;

namespace ContributionIngest.Core.Digests;

/// <summary>The text part of a digest, with the same content in the same order as the HTML. Lines have at most 76 characters, except those with an address or a long word.</summary>
public static class DigestText
{
    private const int Width = 76;

    public static string Of(DigestParts parts)
    {
        var text = new StringBuilder();
        Wrap(text, parts.Week);
        Wrap(text, parts.Headline);
        Line(text, "");
        if (parts.Opening.Count > 0)
        {
            Wrap(text, string.Join(' ', parts.Opening));
            Line(text, "");
        }

        Line(text, string.Join("   ", parts.Days.Select(day => $"{day.Name} {(day.Count.Length == 0 ? "-" : day.Count)}")));
        foreach (var section in parts.Sections)
            Section(text, section);
        Line(text, "");
        Line(text, "");
        Line(text, "-- ");
        Wrap(text, parts.Why);
        foreach (var link in parts.Foot)
            Link(text, link);
        return text.ToString();
    }

    private static void Section(StringBuilder text, DigestSection section)
    {
        Line(text, "");
        Line(text, "");
        Line(text, section.Heading.ToUpperInvariant());
        foreach (var line in section.Lines)
        {
            Line(text, "");
            Wrap(text, line.Title);
            if (line.Facts.Count > 0)
                Wrap(text, string.Join(", ", line.Facts.Select(fact => fact.Text)), "  ");
            if (line.Link is { } link)
                Line(text, "  " + link.AbsoluteUri);
            foreach (var act in line.Acts)
                Link(text, act, "  ");
        }

        if (section.More is { } more)
        {
            Line(text, "");
            Wrap(text, more);
        }

        if (section.Acts.Count > 0)
            Line(text, "");
        foreach (var act in section.Acts)
            Link(text, act);
    }

    private static void Link(StringBuilder text, DigestLink link, string indent = "") =>
        Line(text, $"{indent}{link.Text}: {(link.Address.IsAbsoluteUri ? link.Address.AbsoluteUri : link.Address.OriginalString)}");

    private static void Wrap(StringBuilder text, string sentence, string indent = "")
    {
        var (line, isLineStart) = (new StringBuilder(indent), true);
        foreach (var word in sentence.Split(' '))
        {
            if (!isLineStart && line.Length + 1 + word.Length > Width)
            {
                Line(text, line.ToString());
                line.Clear().Append(indent);
                isLineStart = true;
            }

            line.Append(isLineStart ? "" : " ").Append(word);
            isLineStart = false;
        }

        Line(text, line.ToString());
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\r\n");
}
