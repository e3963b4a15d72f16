using System.Text;

namespace ContributionIngest.Core.Digests;

/// <summary>The text part of a digest, with the same content as the HTML. Lines have at most 78 characters, except links and titles.</summary>
public static class DigestText
{
    private const int Width = 78;

    public static string Of(WeekDigest digest, DigestLinks links)
    {
        var (parts, texts) = (DigestParts.Of(digest, links), DigestTexts.Of(digest.Locale));
        var text = new StringBuilder();
        Line(text, parts.Title);
        Line(text, new string('=', Math.Min(Width, parts.Title.Length)));
        Line(text, "");
        Line(text, parts.Greeting);
        Line(text, "");
        foreach (var sentence in parts.Opening)
            Wrap(text, sentence);
        Line(text, "");
        Line(text, string.Join("   ", parts.Days.Select(d => $"{d.Day} {(d.Count == 0 ? "·" : texts.Number(d.Count))}")));
        foreach (var section in parts.Sections)
            Section(text, section);
        Line(text, "");
        Line(text, "-- ");
        Link(text, texts["week"], links.Week);
        Wrap(text, texts["why"]);
        Link(text, texts["settings"], links.Settings);
        Link(text, texts["unsubscribe"], links.Unsubscribe);
        return text.ToString();
    }

    private static void Section(StringBuilder text, DigestSection section)
    {
        Line(text, "");
        Line(text, section.Heading);
        Line(text, new string('-', Math.Min(Width, section.Heading.Length)));
        foreach (var line in section.Lines)
        {
            Wrap(text, line.Title, "* ", "  ");
            if (line.Detail.Length > 0)
                Wrap(text, line.Detail, "  ", "  ");
            if (line.Link is { } link)
                Line(text, "  " + link.AbsoluteUri);
            foreach (var (label, address) in line.Actions)
                Line(text, $"  {label}: {address.AbsoluteUri}");
        }

        if (section.More is { } more)
            Line(text, more);
    }

    private static void Link(StringBuilder text, string label, Uri? address)
    {
        if (address is not null)
            Line(text, $"{label}: {address.AbsoluteUri}");
    }

    private static void Wrap(StringBuilder text, string sentence, string first = "", string indent = "")
    {
        var (line, isLineStart) = (new StringBuilder(first), true);
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
