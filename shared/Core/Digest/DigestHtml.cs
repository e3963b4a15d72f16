using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace ContributionIngest.Core.Digest;

/// <summary>
/// The HTML part: tables and inline styles only; no picture, no script, nothing from elsewhere. The one style sheet turns colours round for
/// readers in the dark, and who drops it loses nothing else.
/// </summary>
public static class DigestHtml
{
    private const string Font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
    private const string Quiet = "color:#5b636e;font-size:14px;line-height:20px";

    /// <summary>Behind the days of the week, from nothing to the busiest, and what is written on them.</summary>
    private static readonly (string Back, string Front)[] Heat =
        [("#e6e9ee", "#1d2126"), ("#cfe8d6", "#1d2126"), ("#9fd3b0", "#1d2126"), ("#2f7d4f", "#ffffff"), ("#1f5f3a", "#ffffff")];

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Of(WeekDigest digest, DigestLinks links)
    {
        var (parts, texts) = (DigestParts.Of(digest, links), DigestTexts.Of(digest.Locale));
        var html = new StringBuilder(16 * 1024);
        Head(html, texts.Language, parts.Subject);
        html.Append($"<h1 class=\"t\" style=\"{Font};margin:0 0 12px;font-size:22px;line-height:28px;font-weight:600;color:#1d2126\">{Text(parts.Title)}</h1>\n");
        html.Append($"<p style=\"margin:0 0 8px\">{Text(parts.Greeting)}</p>\n<p style=\"margin:0 0 16px\">{Text(string.Join(' ', parts.Opening))}</p>\n");
        Days(html, parts.Days);
        foreach (var section in parts.Sections)
            Section(html, section);
        Foot(html, texts, links);
        return html.ToString();
    }

    private static void Head(StringBuilder html, string language, string subject) => html.Append($$"""
        <!DOCTYPE html>
        <html lang="{{language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>{{Text(subject)}}</title>
        <style>@media (prefers-color-scheme: dark) {
        .page { background-color: #16191d !important; } .t { color: #e8eaed !important; } .s { color: #a6adb7 !important; }
        .t a, a.t { color: #8ab4f8 !important; } .s a, a.s { color: #a6c3f0 !important; } .line { border-color: #3a4048 !important; } .none { background-color: #2a2f36 !important; } }
        </style></head>
        <body class="page" style="margin:0;padding:0;background-color:#ffffff">
        <table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#ffffff"><tr><td align="center" style="padding:20px 12px">
        <table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px;text-align:left"><tr><td class="t" style="{{Font}};font-size:16px;line-height:24px;color:#1d2126">

        """);

    private static void Days(StringBuilder html, IReadOnlyList<(string Day, int Count)> days)
    {
        var most = Math.Max(1, days.Max(d => d.Count));
        html.Append("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"3\" border=\"0\" style=\"margin:0 0 8px\"><tr>");
        foreach (var (_, count) in days)
        {
            var (back, front) = Heat[count == 0 ? 0 : Math.Max(1, (int)Math.Ceiling(count * (Heat.Length - 1.0) / most))];
            html.Append(CultureInfo.InvariantCulture, $"<td{(count == 0 ? " class=\"none\"" : "")} width=\"14%\" align=\"center\" style=\"{Font};padding:8px 0;font-size:15px;background-color:{back};color:{front}\">{(count == 0 ? "&nbsp;" : count)}</td>");
        }

        html.Append("</tr><tr>");
        foreach (var (day, _) in days)
            html.Append($"<td class=\"s\" align=\"center\" style=\"{Font};font-size:12px;color:#5b636e\">{Text(day)}</td>");
        html.Append("</tr></table>\n");
    }

    private static void Section(StringBuilder html, DigestSection section)
    {
        if (section.Heading is { } heading)
            html.Append($"<h2 class=\"t\" style=\"{Font};margin:24px 0 8px;font-size:17px;line-height:22px;font-weight:600;color:#1d2126\">{Text(heading)}</h2>\n");
        html.Append("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">");
        foreach (var line in section.Lines)
        {
            html.Append($"<tr><td class=\"t line\" dir=\"auto\" style=\"{Font};padding:8px 0;border-top:1px solid #dfe3e8;font-size:16px;line-height:22px;color:#1d2126\">");
            html.Append(line.Link is { } link ? Link(link, line.Title, "color:#0b57d0;text-decoration:none") : Text(line.Title));
            if (line.Detail.Length > 0)
                html.Append($"<br><span class=\"s\" style=\"{Quiet}\">{Text(line.Detail)}</span>");
            if (line.Actions.Count > 0)
            {
                var actions = line.Actions.Select(a => Link(a.Link, a.Text, "color:#5b636e", "s"));
                html.Append($"<br><span class=\"s\" style=\"{Quiet};font-size:13px\">{string.Join(" &nbsp; ", actions)}</span>");
            }

            html.Append("</td></tr>\n");
        }

        html.Append("</table>\n");
        if (section.More is { } more)
            html.Append($"<p class=\"s\" style=\"margin:4px 0 0;{Quiet}\">{Text(more)}</p>\n");
    }

    private static void Foot(StringBuilder html, DigestTexts texts, DigestLinks links)
    {
        (string Name, Uri? Link)[] named = [("week", links.Week), ("settings", links.Settings), ("unsubscribe", links.Unsubscribe)];
        var shown = named.Where(n => n.Link is not null).Select(n => Link(n.Link!, texts[n.Name], "color:#5b636e", "s"));
        html.Append($"<p class=\"s line\" style=\"margin:28px 0 0;padding:12px 0 0;border-top:1px solid #dfe3e8;{Font};{Quiet}\">{Text(texts["why"])}<br>{string.Join(" &nbsp; ", shown)}</p>\n");
        html.Append("</td></tr></table></td></tr></table></body></html>\n");
    }

    private static string Link(Uri link, string text, string style, string name = "t") =>
        $"<a class=\"{name}\" href=\"{Text(link.AbsoluteUri)}\" style=\"{style}\">{Text(text)}</a>";

    private static string Text(string text) => Encoder.Encode(text);
}
