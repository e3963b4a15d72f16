using System.Globalization;
using System.Net.Mail;
using System.Text;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Mail;

/// <summary>
/// A letter as it travels (RFC 5322, RFC 2045 to 2047): ASCII in lines of at most 998 octets that end in CRLF, text and HTML as alternatives,
/// the better one last (RFC 2046, 5.1.4). The same letter makes the same bytes.
/// </summary>
internal static class LetterText
{
    public const string Sender = "ContributionIngest";

    /// <summary>No quoted-printable text holds these two characters in a row (RFC 2045, 6.7).</summary>
    private const string Boundary = "=_alternative";

    private const int LongestLine = 998;

    /// <summary>Whether this can stand between angle brackets: one address, in ASCII.</summary>
    public static bool IsAddress(string text) =>
        text.All(c => c is > ' ' and <= '~' and not ('<' or '>')) && MailAddress.TryCreate(text, out var address) && address.Address == text;

    /// <exception cref="FormatException">A header holds what none may hold, such as a line break.</exception>
    public static byte[] Of(Letter letter, string from)
    {
        var text = new StringBuilder();
        Header(text, "From", $"{Sender} <{from}>");
        Header(text, "To", letter.To);
        Header(text, "Subject", Subject(letter.Subject));
        Header(text, "Date", letter.Date.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture));
        Header(text, "Message-ID", $"<{letter.MessageId}>");
        foreach (var (name, value) in letter.Headers)
            Header(text, name, value);
        Header(text, "MIME-Version", "1.0");
        Header(text, "Content-Type", $"multipart/alternative; boundary=\"{Boundary}\"");
        Part(text, "text/plain", letter.Text);
        Part(text, "text/html", letter.Html);
        text.Append("\r\n--").Append(Boundary).Append("--\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Header(StringBuilder text, string name, string value)
    {
        var lines = value.Split("\r\n ");
        if (lines.Any(line => line.Any(c => c is < ' ' or > '~')))
            throw new FormatException($"Header {name} holds what no header may hold.");
        if (lines.Any(line => name.Length + 2 + line.Length > LongestLine))
            throw new FormatException($"Header {name} is too long.");
        text.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    private static void Part(StringBuilder text, string type, string content)
    {
        text.Append("\r\n--").Append(Boundary).Append("\r\nContent-Type: ").Append(type).Append("; charset=utf-8\r\n")
            .Append("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        QuotedPrintable.Append(text, content);
    }

    /// <summary>As it is where that is short ASCII, else in encoded words (RFC 2047), folded after each.</summary>
    private static string Subject(string subject)
    {
        // Of 76 characters of a line, 9 are the header's name and 12 frame the word; the other 55 hold 39 octets.
        const int OctetsInWord = 39;
        const int PlainLength = 67;
        var clean = string.Concat(subject.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        if (clean.Length <= PlainLength && clean.All(c => c is >= ' ' and <= '~') && !clean.Contains("=?", StringComparison.Ordinal))
            return clean;
        var words = new List<string>();
        var word = new List<byte>();
        Span<byte> octets = stackalloc byte[4];
        foreach (var rune in clean.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(octets);
            if (word.Count + length > OctetsInWord)
            {
                words.Add(Word(word));
                word.Clear();
            }

            word.AddRange(octets[..length]);
        }

        words.Add(Word(word));
        return string.Join("\r\n ", words);
    }

    private static string Word(List<byte> octets) => $"=?utf-8?B?{Convert.ToBase64String([.. octets])}?=";
}
