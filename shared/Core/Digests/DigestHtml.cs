using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace ContributionIngest.Core.Digests;

/// <summary>
/// The HTML part. Tables and inline styles work in every mail client; there are no style sheets, images, scripts or external resources. Text
/// and links keep the reader's own colours, so that dark mode is as readable as light; only the days of the week set theirs, always in pairs.
/// </summary>
public static class DigestHtml
{
    private const string Font = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
    private const string Small = $"{Font};font-size:14px;line-height:20px";
    private const string Ruled = "10px 0 5px;border-top:1px solid #999999";
    private const string Table = "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" border=\"0\" cellspacing=";

    /// <summary>Longer words get break points; otherwise they would widen the page on a narrow screen.</summary>
    private const int MaxUnbroken = 18;

    /// <summary>Background and text colours of days with entries, up to the busiest.</summary>
    private static readonly (string Back, string Front)[] Heat = [("#cfe8d6", "#1d2126"), ("#9fd3b0", "#1d2126"), ("#2f7d4f", "#ffffff"), ("#1f5f3a", "#ffffff")];

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Of(WeekDigest digest, DigestLinks links)
    {
        var (parts, texts) = (DigestParts.Of(digest, links), DigestTexts.Of(digest.Locale));
        var html = new StringBuilder(16 * 1024);
        Head(html, texts.Language, parts.Subject);
        html.Append(CultureInfo.InvariantCulture, $"<h1 style=\"{Font};margin:0 0 12px;font-size:22px;line-height:28px\">{Text(parts.Title)}</h1>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p style=\"margin:0 0 8px\">{Text(parts.Greeting)}</p>\n<p style=\"margin:0 0 16px\">{Text(string.Join(' ', parts.Opening))}</p>\n");
        Days(html, parts.Days, texts);
        foreach (var section in parts.Sections)
            Section(html, section);
        Foot(html, texts, links);
        return html.ToString();
    }

    /// <summary>A 600-pixel column between two that share the remaining width; on narrow screens they collapse.</summary>
    private static void Head(StringBuilder html, string language, string subject) => html.Append(CultureInfo.InvariantCulture, $"""
        <!DOCTYPE html>
        <html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><title>{Text(subject)}</title></head>
        <body>
        {Table}"0"><tr><td></td><td width="600" style="{Font};padding:8px;font-size:16px;line-height:24px">

        """);

    private static void Days(StringBuilder html, IReadOnlyList<(string Day, int Count)> days, DigestTexts texts)
    {
        var most = Math.Max(1, days.Max(d => d.Count));
        html.Append(Table).Append("\"3\"><tr>");
        foreach (var (_, count) in days)
        {
            html.Append(CultureInfo.InvariantCulture, $"<td width=\"14%\" align=\"center\" style=\"{Font};padding:8px 0;font-size:15px;border:1px solid ");
            if (count == 0)
            {
                html.Append("#999999\">&nbsp;</td>");
                continue;
            }

            var (back, front) = Heat[((count * Heat.Length) - 1) / most];
            html.Append(CultureInfo.InvariantCulture, $"{back};background-color:{back};color:{front}\">{Text(texts.Number(count))}</td>");
        }

        html.Append("</tr><tr>");
        foreach (var (day, _) in days)
            html.Append(CultureInfo.InvariantCulture, $"<td align=\"center\" style=\"{Font};font-size:12px\">{Text(day)}</td>");
        html.Append("</tr></table>\n");
    }

    private static void Section(StringBuilder html, DigestSection section)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2 style=\"{Font};margin:28px 0 8px;font-size:17px;line-height:22px\">{Text(section.Heading)}</h2>\n").Append(Table).Append("\"0\">");
        var isFirst = true;
        foreach (var line in section.Lines)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td style=\"{Small};padding:{(isFirst ? Ruled : "5px 0")}\">");
            html.Append(CultureInfo.InvariantCulture, $"<span dir=\"auto\" style=\"font-size:16px;line-height:22px\">{(line.Link is { } link ? Link(link, line.Title) : Text(line.Title))}</span>");
            if (line.Detail.Length > 0)
                html.Append(CultureInfo.InvariantCulture, $"<br>{Text(line.Detail)}");
            if (line.Actions.Count > 0)
                html.Append(CultureInfo.InvariantCulture, $"<br><span style=\"font-size:13px\">{string.Join(" &nbsp; ", line.Actions.Select(a => Link(a.Link, a.Text)))}</span>");
            html.Append("</td></tr>\n");
            isFirst = false;
        }

        if (section.More is { } more)
            html.Append(CultureInfo.InvariantCulture, $"<tr><td style=\"{Small};padding:5px 0\">{Text(more)}</td></tr>\n");
        html.Append("</table>\n");
    }

    private static void Foot(StringBuilder html, DigestTexts texts, DigestLinks links)
    {
        (string Name, Uri? Link)[] named = [("week", links.Week), ("settings", links.Settings), ("unsubscribe", links.Unsubscribe)];
        var shown = named.Where(n => n.Link is not null).Select(n => Link(n.Link!, texts[n.Name]));
        html.Append(CultureInfo.InvariantCulture, $"<p style=\"margin:0;line-height:24px\">&nbsp;</p>\n{Table}\"0\"><tr><td style=\"{Small};padding:{Ruled}\">");
        html.Append(CultureInfo.InvariantCulture, $"{Text(texts["why"])}<br>{string.Join(" &nbsp; ", shown)}</td></tr></table>\n</td><td></td></tr></table></body></html>\n");
    }

    private static string Link(Uri link, string text) => $"<a href=\"{Encoder.Encode(link.AbsoluteUri)}\">{Text(text)}</a>";

    private static string Text(string text) => Encoder.Encode(Breakable(text));

    /// <summary>Inserts break points (U+200B) into long words, never within a grapheme.</summary>
    private static string Breakable(string text)
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
