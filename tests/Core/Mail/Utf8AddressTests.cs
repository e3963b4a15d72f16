using System.Text;
using ContributionIngest.Core.Mail;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>Addresses outside ASCII (RFC 6531).</summary>
[Collection(MailServer.Collection)]
public sealed class Utf8AddressTests(MailServer server)
{
    private const string Address = "jüna@exämple.com";

    [Fact]
    public async Task Non_ASCII_address_gets_mail_through_a_server_with_SMTPUTF8()
    {
        var result = await server.SendAsync(Letters.Some with { To = Address, Subject = "Grüße" }, "grüße@example.org");
        Assert.True(result.Outcome == MailOutcome.Accepted, result.ToString());
        var mail = await server.NextAsync();
        Assert.True(mail.Envelope.GetProperty("utf8").GetBoolean());
        Assert.Equal(("grüße@example.org", Address), (mail.Envelope.GetProperty("from").GetString(), mail.Envelope.GetProperty("to").GetString()));
        Assert.Equal((" <jüna@exämple.com>", "ContributionIngest <grüße@example.org>", "Grüße"), (mail.To, mail.From, mail.Subject));
        Assert.Contains("To: " + Address, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(mail.Raw)), StringComparison.Ordinal);
        Assert.Equal((Letters.Some.Text, Letters.Some.Html), (mail.Text, mail.Html));
    }

    [Theory]
    [InlineData("juna@exämple.com")]
    [InlineData("juna@xn--exmple-cua.com")]
    public async Task Non_ASCII_domain_needs_no_SMTPUTF8(string to)
    {
        await using var odd = new OddServer(OddServer.Willing);
        var result = await SendAsync(odd, Letters.Some with { To = to });
        Assert.True(result.Outcome == MailOutcome.Accepted, result.ToString());
        Assert.Contains("RCPT TO:<juna@xn--exmple-cua.com>", odd.Heard);
    }

    [Theory]
    [InlineData("jüna@example.com", MailServer.From)]
    [InlineData("juna@example.com", "grüße@example.org")]
    public async Task Server_without_SMTPUTF8_is_not_offered_a_non_ASCII_address(string to, string from)
    {
        await using var odd = new OddServer(OddServer.Willing);
        var result = await SendAsync(odd, Letters.Some with { To = to }, from);
        Assert.Equal(MailOutcome.Permanent, result.Outcome);
        Assert.Contains("offers no SMTPUTF8", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(odd.Heard, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outbox_accepts_a_non_ASCII_address()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(MailOutcome.Accepted, (await new OutboxMail(folder.FullName).SendAsync(Letters.Some with { To = Address }, CancellationToken.None)).Outcome);
        var mail = await server.ReadAsync(Assert.Single(Directory.GetFiles(folder.FullName)));
        Assert.Equal($" <{Address}>", mail.To);
    }

    private static Task<MailResult> SendAsync(OddServer odd, Email letter, string from = MailServer.From) =>
        new SmtpMail(new SmtpSettings("127.0.0.1", odd.Port, SmtpSecurity.None, null, null, from), new TestClock()).SendAsync(letter, CancellationToken.None);
}
