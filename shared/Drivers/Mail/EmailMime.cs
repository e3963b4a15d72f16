using System.Text;
using ContributionIngest.Core.Mail;
using MimeKit;

namespace ContributionIngest.Drivers.Mail;

/// <summary>An email as a MIME message: text and HTML as alternatives, the preferred one last (RFC 2046, 5.1.4). Deterministic.</summary>
internal static class EmailMime
{
    private const string Sender = "ContributionIngest";

    /// <summary>Quoted-printable text never contains <c>=_</c> (RFC 2045, 6.7).</summary>
    private const string Boundary = "=_alternative";

    private const int LongestLine = 998;

    private static readonly ParserOptions Strict = new() { AddressParserComplianceMode = RfcComplianceMode.Strict, AllowAddressesWithoutDomain = false };

    /// <summary>Null unless the text is a single address.</summary>
    public static MailboxAddress? Address(string text, string? name = null)
    {
        // An unpaired surrogate is enumerated as the replacement character.
        if (text.EnumerateRunes().Any(r => r == Rune.ReplacementChar || Rune.IsControl(r) || Rune.IsWhiteSpace(r))
            || !MailboxAddress.TryParse(Strict, text, out var parsed))
            return null;
        return text == parsed.Address || text == parsed.GetAddress(idnEncode: true) ? new MailboxAddress(name, text) : null;
    }

    /// <exception cref="FormatException">A header has forbidden characters, such as a line break.</exception>
    public static MimeMessage Of(Email email, string from, MailboxAddress to)
    {
        var message = new MimeMessage
        {
            Date = email.Date.ToUniversalTime(),
            MessageId = email.MessageId,
            Subject = Subject(email),
            Body = new MultipartAlternative(Part("plain", email.Text), Part("html", email.Html)) { Boundary = Boundary },
        };
        message.From.Add(Address(from, Sender) ?? throw new FormatException($"Mail cannot be sent from {from}, which is not a mail address."));
        message.To.Add(to);
        foreach (var (name, value) in Headers(email))
            message.Headers.Add(name, value);
        return message;
    }

    /// <summary>On one line.</summary>
    public static string Subject(Email email) => string.Concat(email.Subject.Select(c => char.IsControl(c) ? ' ' : c)).Trim();

    /// <exception cref="FormatException">A header has forbidden characters, such as a line break, or is too long.</exception>
    public static IEnumerable<KeyValuePair<string, string>> Headers(Email email)
    {
        foreach (var header in email.Headers)
        {
            if (header.Value.Any(c => c is < ' ' or > '~'))
                throw new FormatException($"Header {header.Key} has forbidden characters.");
            if (header.Key.Length + 2 + header.Value.Length > LongestLine)
                throw new FormatException($"Header {header.Key} is too long.");
            yield return header;
        }
    }

    /// <summary>Headers are in UTF-8 (RFC 6532) only if an address requires it; domains have an ASCII form.</summary>
    public static FormatOptions Format(MimeMessage message)
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.International = message.From.Mailboxes.Concat(message.To.Mailboxes).Any(address => !Ascii.IsValid(address.GetAddress(idnEncode: true)));
        return format;
    }

    private static TextPart Part(string subtype, string content) =>
        new(subtype) { Text = content, ContentTransferEncoding = ContentEncoding.QuotedPrintable };
}
