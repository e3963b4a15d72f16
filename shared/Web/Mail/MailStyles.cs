using System.Globalization;
using System.Text.RegularExpressions;

namespace ContributionIngest.Web.Mail;

/// <summary>
/// What classes look like in a mail, where only inline styles work everywhere. Text and links keep the reader's own colours, so that dark mode
/// is as readable as light; only the days of the week set theirs, always in pairs.
/// </summary>
public static partial class MailStyles
{
    private const string Font = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

    private static readonly Dictionary<string, string> Styles = new(StringComparer.Ordinal)
    {
        ["mail-column"] = $"{Font};padding:16px 12px;font-size:16px;line-height:24px",
        ["mail-paragraph"] = "margin:0 0 16px",
        ["mail-button"] = "display:inline-block;padding:10px 18px;border:1px solid #0a6670;border-radius:6px;background-color:#0a6670;color:#ffffff;text-decoration:none;font-weight:600",
        ["digest-week"] = "margin:0 0 4px;font-size:14px;line-height:20px",
        ["digest-headline"] = $"{Font};margin:0 0 8px;font-size:22px;line-height:28px",
        ["digest-opening"] = "margin:0 0 16px",
        ["digest-day"] = $"{Font};padding:8px 0;font-size:15px",
        ["digest-heat0"] = "border:1px solid #aab3b6",
        ["digest-heat1"] = "border:1px solid #639aa1;background-color:#639aa1;color:#14191b",
        ["digest-heat2"] = "border:1px solid #387c83;background-color:#387c83;color:#ffffff",
        ["digest-heat3"] = "border:1px solid #185e66;background-color:#185e66;color:#ffffff",
        ["digest-heat4"] = "border:1px solid #063c44;background-color:#063c44;color:#ffffff",
        ["digest-weekday"] = $"{Font};font-size:12px",
        ["digest-heading"] = $"{Font};margin:32px 0 8px;font-size:17px;line-height:22px",
        ["digest-line"] = $"{Font};padding:10px 0;border-top:1px solid #aab3b6",
        ["digest-second"] = "font-size:14px;line-height:20px",
        ["digest-name"] = "font-size:16px;line-height:22px",
        ["digest-title"] = "text-decoration:none",
        ["digest-acts"] = "font-size:16px;line-height:28px",
        ["digest-space"] = "margin:0;line-height:24px",
        ["digest-foot"] = "font-size:13px;line-height:20px",
    };

    /// <summary>HTML with styles instead of classes. Quotation marks in texts are encoded, so what looks like an attribute is one.</summary>
    public static string Inline(string html) => Reference().Replace(Classes().Replace(html, match => $" style=\"{Of(match.Groups["names"].Value)}\""), Character);

    private static string Of(string classes) => string.Join(';', classes.Split(' ').Select(name => Styles[name]));

    /// <summary>A mail is in UTF-8: only what is encoded for the sake of HTML stays encoded, which keeps it small in any script.</summary>
    private static string Character(Match reference)
    {
        var rune = int.Parse(reference.Groups["hex"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return rune > 0x9F ? char.ConvertFromUtf32(rune) : reference.Value;
    }

    [GeneratedRegex(" class=\"(?<names>[^\"]*)\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Classes();

    [GeneratedRegex("&#x(?<hex>[0-9A-F]{2,6});", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Reference();
}
