using System.Text.RegularExpressions;
using ContributionIngest.Core.Mail;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>Mails as a real server takes them and another language's parser reads them.</summary>
[Collection(MailServer.Collection)]
public sealed partial class MailEncodingTests(MailServer server)
{
    [Fact]
    public async Task Mail_has_every_header_once_and_its_parts_in_order()
    {
        var mail = await ArriveAsync(Letters.Some);
        Assert.Equal(["multipart/alternative", "text/plain", "text/html"], mail.Nodes);
        Assert.Equal((MailServer.From, Letters.Some.To), (mail.Envelope.GetProperty("from").GetString(), mail.Envelope.GetProperty("to").GetString()));
        Assert.Equal($"ContributionIngest <{MailServer.From}>", mail.From);
        Assert.Equal($" <{Letters.Some.To}>", mail.To);
        Assert.Equal(Letters.Some.Date, mail.Date);
        Assert.Equal(["Mon, 01 Jun 2026 06:00:00 +0000"], mail.Header("date"));
        Assert.Equal([$"<{Letters.Some.MessageId}>"], mail.Header("message-id"));
        foreach (var (name, value) in Letters.Some.Headers)
            Assert.Equal([value], mail.Header(name.ToLowerInvariant()));
        foreach (var once in new[] { "from", "to", "subject", "mime-version", "content-type" })
            Assert.Single(mail.Header(once));
        Assert.Empty(mail.Header("bcc"));
        Assert.Equal(Letters.Some.Text, mail.Text);
        Assert.Equal(Letters.Some.Html, mail.Html);
    }

    [Fact]
    public async Task Same_mail_is_encoded_to_the_same_bytes()
    {
        var first = await ArriveAsync(Letters.Some);
        Assert.Equal(first.Raw, (await ArriveAsync(Letters.Some)).Raw);
    }

    [Theory]
    [InlineData("Plain and short")]
    [InlineData("Grüße aus Malmö: 3 Beiträge")]
    [InlineData("🚢⛴️ 12 👩‍👩‍👧‍👦 things, and a flag 🇸🇪")]
    [InlineData("שבוע טוב, 5 פוסטים ואירוע אחד")]
    [InlineData("A =? that is none, and a tail   of   blanks")]
    public async Task Subject_in_any_language_arrives_unchanged(string subject) =>
        Assert.Equal(subject, (await ArriveAsync(Letters.Some with { Subject = subject })).Subject);

    [Fact]
    public async Task Subject_that_looks_like_an_encoded_word_creates_no_header()
    {
        var mail = await ArriveAsync(Letters.Some with { Subject = "=?utf-8?Q?One=0D=0ABcc:_eve@example.com?=" });
        Assert.StartsWith("One", mail.Subject, StringComparison.Ordinal);
        Assert.Empty(mail.Header("bcc"));
    }

    [Theory]
    [InlineData("word ", 76)]
    [InlineData("größer ", 150)]
    [InlineData("ä", 150)]
    [InlineData("🚢", 150)]
    [InlineData("aé🚢", 150)]
    public async Task Very_long_subject_is_folded_and_arrives_whole(string piece, int longestLine)
    {
        var subject = string.Concat(Enumerable.Repeat(piece, 400)).Trim();
        Assert.Equal(subject, (await ArriveAsync(Letters.Some with { Subject = subject }, longestLine)).Subject);
    }

    [Theory]
    [InlineData("One\r\nBcc: eve@example.com")]
    [InlineData("One\nBcc: eve@example.com")]
    [InlineData("One\rBcc: eve@example.com\r\n\r\n<p>Hello</p>")]
    [InlineData("One\u0000\u0085\u2028Bcc: eve@example.com\r\n.\r\nRCPT TO:<eve@example.com>")]
    public async Task Line_break_in_a_title_creates_no_header(string subject)
    {
        var mail = await ArriveAsync(Letters.Some with { Subject = subject });
        Assert.Empty(mail.Header("bcc"));
        Assert.Equal(Letters.Some.Text, mail.Text);
        Assert.DoesNotContain('\n', mail.Subject);
    }

    [Theory]
    [InlineData("juna@example.com\r\nBcc: eve@example.com")]
    [InlineData("juna@example.com>\r\nRCPT TO:<eve@example.com")]
    [InlineData("juna@example.com, eve@example.com")]
    [InlineData("Juna <juna@example.com>")]
    [InlineData("jüna@example.com\u2028")]
    [InlineData("\"ju\r\nna\"@example.com")]
    [InlineData("(that is)juna@example.com")]
    [InlineData("juna@localhost@example.com")]
    [InlineData("juna")]
    [InlineData("")]
    public async Task Invalid_address_is_never_sent_to_a_server(string address) =>
        Assert.Equal(MailOutcome.NoSuchAddress, (await server.SendAsync(Letters.Some with { To = address })).Outcome);

    [Fact]
    public async Task Address_with_half_a_surrogate_pair_is_invalid() =>
        Assert.Equal(MailOutcome.NoSuchAddress, (await server.SendAsync(Letters.Some with { To = "j\ud83dna@example.com" })).Outcome);

    [Theory]
    [InlineData("List-Id", "one\r\nBcc: eve@example.com")]
    [InlineData("List-Id", "one\nBcc: eve@example.com")]
    [InlineData("List-Id", "ferry ⛴")]
    public async Task Header_with_a_line_break_or_non_ASCII_text_is_rejected(string name, string value)
    {
        var letter = Letters.Some with { Headers = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value } };
        Assert.Equal(MailOutcome.Permanent, (await server.SendAsync(letter)).Outcome);
    }

    [Fact]
    public async Task Text_and_HTML_of_any_shape_arrive_unchanged()
    {
        const string Alphabet = "aZ =.\t\n\n-_?<>&äß–🚢ש";
        var pieces = Alphabet.EnumerateRunes().Select(r => r.ToString()).ToArray();
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            string Any() => string.Concat(Enumerable.Range(0, random.Next(1, 600)).Select(_ => pieces[random.Next(pieces.Length)])) + "x";
            var letter = Letters.Some with { Text = Any(), Html = "<p>" + Any() };
            var mail = await ArriveAsync(letter);
            Assert.True(letter.Text == mail.Text && letter.Html == mail.Html, $"seed {seed}");
        }
    }

    [Fact]
    public async Task Lines_that_look_like_the_end_of_a_mail_or_part_are_plain_text()
    {
        var text = "one\n.\n..\n.two\n\n--=_alternative\n--=_alternative--\nFrom here\nlast";
        Assert.Equal(text, (await ArriveAsync(Letters.Some with { Text = text })).Text);
    }

    [Fact]
    public async Task Digest_of_100_kB_in_one_line_arrives()
    {
        var html = "<p>" + string.Concat(Enumerable.Range(0, 9000).Select(n => $"größer {n} ")) + "</p>";
        Assert.Equal(html, (await ArriveAsync(Letters.Some with { Html = html })).Html);
    }

    /// <summary>What has to hold on the wire holds for every mail that is sent here.</summary>
    /// <param name="longestLine">Of encoded words: of very long text MimeKit makes longer ones than the 76 characters of RFC 2047, 2, which every reader takes.</param>
    private async Task<ReceivedMail> ArriveAsync(Email letter, int longestLine = 76)
    {
        var result = await server.SendAsync(letter);
        Assert.True(result.Outcome == MailOutcome.Accepted, result.ToString());
        var mail = await server.NextAsync();
        Assert.DoesNotMatch(BareBreak(), mail.Raw);
        Assert.All(mail.Raw.Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.All(mail.Raw, c => Assert.True(c is '\r' or '\n' or '\t' or (>= ' ' and <= '~'), $"Octet {(int)c}"));
        Assert.All(mail.Raw.Split("\r\n").Where(l => l.Contains("=?utf-8?", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, longestLine));
        return mail;
    }

    [GeneratedRegex("(?<!\r)\n|\r(?!\n)", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex BareBreak();
}
