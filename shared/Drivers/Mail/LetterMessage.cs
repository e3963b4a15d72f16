using System.Globalization;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Mail;

/// <summary>A letter as the framework sends it: text and HTML as alternatives, the better one last (RFC 2046, 5.1.4).</summary>
internal static class LetterMessage
{
    /// <exception cref="FormatException">The address is none, or a header holds what no header may.</exception>
    public static MailMessage Of(Letter letter, MailAddress from)
    {
        var message = new MailMessage(from, new MailAddress(letter.To))
        {
            Subject = letter.Subject,
            SubjectEncoding = Encoding.UTF8,
            HeadersEncoding = Encoding.UTF8,
        };
        message.Headers.Add("Message-ID", $"<{letter.MessageId}>");
        message.Headers.Add("Date", letter.Date.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture));
        foreach (var (name, value) in letter.Headers)
            message.Headers.Add(name, value);
        message.AlternateViews.Add(View(letter.Text, MediaTypeNames.Text.Plain));
        message.AlternateViews.Add(View(letter.Html, MediaTypeNames.Text.Html));
        return message;
    }

    private static AlternateView View(string text, string type)
    {
        var view = AlternateView.CreateAlternateViewFromString(text, Encoding.UTF8, type);
        view.TransferEncoding = TransferEncoding.QuotedPrintable;
        return view;
    }
}
