using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Core.Ports;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Infrastructure;
using Xunit;

namespace ContributionIngest.Tests.Mail;

/// <summary>STARTTLS and sign-in. A process of its own trusts the server's certificate, since trust is the whole process's matter.</summary>
[Collection(MailServer.Collection)]
public sealed class SecureTests(MailServer server)
{
    private const string Password = "hunter2-not-to-be-seen";

    [Fact]
    public async Task With_a_certificate_that_is_trusted_and_the_right_password_the_mail_leaves_secured()
    {
        foreach (var port in new[] { server.Secure, server.Login })
        {
            Assert.Equal("Accepted ", await InProcess(port, "right"));
            var mail = await server.Next();
            Assert.True(mail.Envelope.GetProperty("secure").GetBoolean());
            Assert.Equal("juna", mail.Envelope.GetProperty("user").GetString());
        }
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_not_repeated()
    {
        foreach (var port in new[] { server.Secure, server.Login })
        {
            var said = await InProcess(port, Password);
            Assert.Equal($"Temporary localhost:{port.ToString(CultureInfo.InvariantCulture)} did not accept Smtp__User and Smtp__Password (535).", said);
        }
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_named_and_nothing_is_sent()
    {
        var result = await Secured(MailServer.Host, server.Secure);
        Assert.Equal(MailOutcome.Temporary, result.Outcome);
        Assert.Contains("no certificate that this machine trusts for localhost", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_STARTTLS_gets_neither_mail_nor_password()
    {
        await using var odd = new OddServer("220 odd", "250-odd\r\n250 AUTH PLAIN", "250 ok");
        var result = await Secured("127.0.0.1", odd.Port);
        Assert.Equal(MailOutcome.Temporary, result.Outcome);
        Assert.Contains("offers no STARTTLS", result.Detail, StringComparison.Ordinal);
        Assert.Equal("EHLO [127.0.0.1]", Assert.Single(odd.Heard));
    }

    [Fact]
    public async Task What_is_slipped_in_before_the_connection_is_secure_ends_it()
    {
        await using var odd = new OddServer("220 odd", "250-odd\r\n250 STARTTLS", "220 ready\r\n250 AUTH PLAIN");
        var result = await Secured("127.0.0.1", odd.Port);
        Assert.Equal(MailOutcome.Temporary, result.Outcome);
        Assert.Contains("more than it was asked", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_never_sent_in_the_open()
    {
        await using var odd = new OddServer("220 odd", "250-odd\r\n250 AUTH PLAIN", "235 in");
        var settings = new SmtpSettings("127.0.0.1", odd.Port, StartTls: false, "juna", Password, MailServer.From);
        Assert.Equal(MailOutcome.Temporary, (await new SmtpMail(settings, new TestClock()).Send(Letters.Some, CancellationToken.None)).Outcome);
        Assert.DoesNotContain(odd.Heard, line => line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public void The_settings_do_not_show_the_password()
    {
        var settings = new SmtpSettings("relay.example.org", 587, StartTls: true, "juna", Password, MailServer.From);
        Assert.Equal("relay.example.org:587", settings.ToString());
        Assert.DoesNotContain(Password, new Functions.MailSettings(settings, 90).ToString(), StringComparison.Ordinal);
    }

    private static Task<MailResult> Secured(string host, int port) =>
        new SmtpMail(new SmtpSettings(host, port, StartTls: true, "juna", Password, MailServer.From), new TestClock()).Send(Letters.Some, CancellationToken.None);

    private async Task<string> InProcess(int port, string password)
    {
        string[] arguments = [typeof(SecureTests).Assembly.Location, "send-letter", port.ToString(CultureInfo.InvariantCulture), "juna", password];
        var start = new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["SSL_CERT_FILE"] = server.Certificate;
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said.TrimEnd('\r', '\n');
    }
}
