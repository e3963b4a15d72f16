using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace ContributionIngest.Core.Digests;

/// <summary>
/// A digest as HTML: tables with classes. For the mail the styles of the classes are inlined, which works in every mail client; there are no style sheets,
/// images, scripts or external resources. Text and links keep the reader's own colours, so that dark mode is as readable as light; only the days of the week
/// set theirs, always in pairs. On the page the site's style sheet styles the classes.
/// </summary>
public sealed class DigestHtml
{
    private const string Font = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
    private const string Small = $"{Font};font-size:14px;line-height:20px";
    private const string Table = "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" border=\"0\" cellspacing=";

    /// <summary>Longer words get break points; otherwise they would widen the page on a narrow screen.</summary>
    private const int MaxUnbroken = 18;

    /// <summary>Number of colours of days with entries, up to the busiest.</summary>
    private const int Heats = 4;

    /// <summary>What a class looks like in a mail.</summary>
    private static readonly Dictionary<string, string> Styles = new(StringComparer.Ordinal)
    {
        ["column"] = $"{Font};padding:8px;font-size:16px;line-height:24px",
        ["title"] = $"{Font};margin:0 0 12px;font-size:22px;line-height:28px",
        ["greeting"] = "margin:0 0 8px",
        ["opening"] = "margin:0 0 16px",
        ["day"] = $"{Font};padding:8px 0;font-size:15px",
        ["heat0"] = "border:1px solid #999999",
        ["heat1"] = "border:1px solid #cfe8d6;background-color:#cfe8d6;color:#1d2126",
        ["heat2"] = "border:1px solid #9fd3b0;background-color:#9fd3b0;color:#1d2126",
        ["heat3"] = "border:1px solid #2f7d4f;background-color:#2f7d4f;color:#ffffff",
        ["heat4"] = "border:1px solid #1f5f3a;background-color:#1f5f3a;color:#ffffff",
        ["weekday"] = $"{Font};font-size:12px",
        ["heading"] = $"{Font};margin:28px 0 8px;font-size:17px;line-height:22px",
        ["line"] = Small,
        ["first"] = "padding:10px 0 5px;border-top:1px solid #999999",
        ["next"] = "padding:5px 0",
        ["name"] = "font-size:16px;line-height:22px",
        ["actions"] = "font-size:13px",
        ["space"] = "margin:0;line-height:24px",
    };

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder html = new(16 * 1024);
    private readonly DigestParts parts;
    private readonly DigestTexts texts;
    private readonly DigestLinks links;
    private readonly bool isMail;

    private DigestHtml(WeekDigest digest, DigestLinks links, bool isMail)
    {
        (parts, texts) = (DigestParts.Of(digest, links), DigestTexts.Of(digest.Locale));
        (this.links, this.isMail) = (links, isMail);
    }

    /// <summary>The HTML part of the mail.</summary>
    public static string Of(WeekDigest digest, DigestLinks links) => new DigestHtml(digest, links, isMail: true).Mail();

    /// <summary>What stands in the frame of a page. Its classes begin with <c>digest-</c>.</summary>
    public static string Content(WeekDigest digest, DigestLinks links) => new DigestHtml(digest, links, isMail: false).Body();

    /// <summary>A 600-pixel column between two that share the remaining width; on narrow screens they collapse.</summary>
    private string Mail() => $"""
        <!DOCTYPE html>
        <html lang="{texts.Language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><title>{Text(parts.Subject)}</title></head>
        <body>
        {Table}"0"><tr><td></td><td width="600"{Style("column")}>
        {Body()}</td><td></td></tr></table></body></html>

        """;

    private string Body()
    {
        html.Append(CultureInfo.InvariantCulture, $"<h1{Style("title")}>{Text(parts.Title)}</h1>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p{Style("greeting")}>{Text(parts.Greeting)}</p>\n<p{Style("opening")}>{Text(string.Join(' ', parts.Opening))}</p>\n");
        Days();
        foreach (var section in parts.Sections)
            Section(section);
        Foot();
        return html.ToString();
    }

    private void Days()
    {
        var most = Math.Max(1, parts.Days.Max(d => d.Count));
        html.Append(Table).Append("\"3\"><tr>");
        foreach (var (_, count) in parts.Days)
        {
            var heat = count == 0 ? 0 : (((count * Heats) - 1) / most) + 1;
            html.Append(CultureInfo.InvariantCulture, $"<td width=\"14%\" align=\"center\"{Style("day", $"heat{heat}")}>{(count == 0 ? "&nbsp;" : Text(texts.Number(count)))}</td>");
        }

        html.Append("</tr><tr>");
        foreach (var (day, _) in parts.Days)
            html.Append(CultureInfo.InvariantCulture, $"<td align=\"center\"{Style("weekday")}>{Text(day)}</td>");
        html.Append("</tr></table>\n");
    }

    private void Section(DigestSection section)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2{Style("heading")}>{Text(section.Heading)}</h2>\n").Append(Table).Append("\"0\">");
        var isFirst = true;
        foreach (var line in section.Lines)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td{Style("line", isFirst ? "first" : "next")}>");
            html.Append(CultureInfo.InvariantCulture, $"<span dir=\"auto\"{Style("name")}>{(line.Link is { } link ? Link(link, line.Title) : Text(line.Title))}</span>");
            if (line.Detail.Length > 0)
                html.Append(CultureInfo.InvariantCulture, $"<br>{Text(line.Detail)}");
            if (line.Actions.Count > 0)
                html.Append(CultureInfo.InvariantCulture, $"<br><span{Style("actions")}>{string.Join(" &nbsp; ", line.Actions.Select(a => Link(a.Link, a.Text)))}</span>");
            html.Append("</td></tr>\n");
            isFirst = false;
        }

        if (section.More is { } more)
            html.Append(CultureInfo.InvariantCulture, $"<tr><td{Style("line", "next")}>{Text(more)}</td></tr>\n");
        html.Append("</table>\n");
    }

    private void Foot()
    {
        (string Name, Uri? Link)[] named = [("week", links.Week), ("settings", links.Settings), ("unsubscribe", links.Unsubscribe)];
        var shown = named.Where(n => n.Link is not null).Select(n => Link(n.Link!, texts[n.Name]));
        html.Append(CultureInfo.InvariantCulture, $"<p{Style("space")}>&nbsp;</p>\n{Table}\"0\"><tr><td{Style("line", "first")}>");
        html.Append(CultureInfo.InvariantCulture, $"{Text(texts["why"])}<br>{string.Join(" &nbsp; ", shown)}</td></tr></table>\n");
    }

    /// <summary>The attribute for classes, with a space before it.</summary>
    private string Style(params string[] classes) => isMail
        ? $" style=\"{string.Join(';', classes.Select(name => Styles[name]))}\""
        : $" class=\"{string.Join(' ', classes.Select(name => $"digest-{name}"))}\"";

    private static string Link(Uri link, string text) => $"<a href=\"{Encoder.Encode(link.IsAbsoluteUri ? link.AbsoluteUri : link.OriginalString)}\">{Text(text)}</a>";

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
