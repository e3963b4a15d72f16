using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Core.Mail;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>STARTTLS, implicit TLS and sign-in. A process of its own trusts the server's certificate, since trust is the whole process's matter.</summary>
[Collection(MailServer.Collection)]
public sealed class SmtpSecurityTests(MailServer server)
{
    private const string Password = "hunter2-not-to-be-seen";

    [Fact]
    public async Task Mail_is_sent_encrypted_with_a_trusted_certificate_and_the_right_password()
    {
        foreach (var (security, port) in Ways)
        {
            Assert.Equal("Accepted ", await InProcessAsync(security, port, "right"));
            var mail = await server.NextAsync();
            Assert.True(mail.Envelope.GetProperty("secure").GetBoolean());
            Assert.Equal("juna", mail.Envelope.GetProperty("user").GetString());
        }
    }

    [Fact]
    public async Task Wrong_password_is_reported_without_being_repeated()
    {
        foreach (var (security, port) in Ways)
        {
            var said = await InProcessAsync(security, port, Password);
            Assert.Equal($"Temporary localhost:{port.ToString(CultureInfo.InvariantCulture)} did not accept Smtp__User and Smtp__Password (535).", said);
        }
    }

    [Fact]
    public async Task Untrusted_certificate_is_reported_and_nothing_is_sent()
    {
        foreach (var (security, port) in Ways)
        {
            var result = await SecuredAsync(MailServer.Host, port, security);
            Assert.Equal(MailOutcome.Temporary, result.Outcome);
            Assert.Contains("no certificate that this machine trusts for localhost", result.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Server_without_implicit_TLS_gets_neither_mail_nor_password()
    {
        await using var odd = new OddServer("220 odd", "250 odd");
        var result = await SecuredAsync("127.0.0.1", odd.Port, SmtpSecurity.Tls);
        Assert.Equal(MailOutcome.Temporary, result.Outcome);
        Assert.Contains("did not make the connection secure", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(odd.Heard, line => line.Contains(MailServer.From, StringComparison.Ordinal) || line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Endless_handshake_times_out_after_minutes()
    {
        var clock = new TestClock { Skip = TimeSpan.Zero };
        await using var odd = new OddServer("220 odd", OddServer.Silent);
        var settings = new SmtpSettings("127.0.0.1", odd.Port, SmtpSecurity.StartTls, null, null, MailServer.From);
        await using var handshake = new OddServer("220 odd", "250-odd\r\n250 STARTTLS", "220 ready", OddServer.Silent);
        foreach (var silent in new[] { odd, handshake })
        {
            var sending = new SmtpMail(settings with { Port = silent.Port }, clock).SendAsync(Letters.Some, CancellationToken.None);
            await silent.Silence;
            clock.Advance(TimeSpan.FromMinutes(3));
            Assert.Equal(new MailResult(MailOutcome.Temporary, $"127.0.0.1:{silent.Port} did not answer in time."), await sending);
        }
    }

    [Fact]
    public async Task Server_without_STARTTLS_gets_neither_mail_nor_password()
    {
        await using var odd = new OddServer("220 odd", "250-odd\r\n250 AUTH PLAIN", "250 ok");
        var result = await SecuredAsync("127.0.0.1", odd.Port);
        Assert.Equal(MailOutcome.Temporary, result.Outcome);
        Assert.Contains("offers no STARTTLS", result.Detail, StringComparison.Ordinal);
        Assert.Equal("EHLO [127.0.0.1]", Assert.Single(odd.Heard));
    }

    [Fact]
    public async Task Answers_injected_before_TLS_are_ignored()
    {
        await using var odd = new OddServer("220 odd", "250-odd\r\n250 STARTTLS", "220 ready\r\n250 AUTH PLAIN");
        var result = await SecuredAsync("127.0.0.1", odd.Port);
        Assert.Equal(MailOutcome.Temporary, result.Outcome);
        Assert.Contains("did not make the connection secure", result.Detail, StringComparison.Ordinal);
        Assert.Equal("STARTTLS", odd.Heard[1]);
        Assert.DoesNotContain(odd.Heard, line => line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Password_is_never_sent_unencrypted()
    {
        await using var odd = new OddServer("220 odd", "250-odd\r\n250 AUTH PLAIN", "235 in");
        var settings = new SmtpSettings("127.0.0.1", odd.Port, SmtpSecurity.None, "juna", Password, MailServer.From);
        Assert.Equal(MailOutcome.Temporary, (await new SmtpMail(settings, new TestClock()).SendAsync(Letters.Some, CancellationToken.None)).Outcome);
        Assert.DoesNotContain(odd.Heard, line => line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_text_does_not_contain_the_password()
    {
        var settings = new SmtpSettings("relay.example.org", 587, SmtpSecurity.StartTls, "juna", Password, MailServer.From);
        Assert.Equal("relay.example.org:587", settings.ToString());
        Assert.DoesNotContain(Password, new ContributionIngest.Functions.Configuration.MailSettings(settings, null, 90).ToString(), StringComparison.Ordinal);
    }

    private (SmtpSecurity Security, int Port)[] Ways =>
        [(SmtpSecurity.StartTls, server.Secure), (SmtpSecurity.StartTls, server.Login), (SmtpSecurity.Tls, server.Implicit)];

    private static Task<MailResult> SecuredAsync(string host, int port, SmtpSecurity security = SmtpSecurity.StartTls) =>
        new SmtpMail(new SmtpSettings(host, port, security, "juna", Password, MailServer.From), new TestClock()).SendAsync(Letters.Some, CancellationToken.None);

    private async Task<string> InProcessAsync(SmtpSecurity security, int port, string password)
    {
        string[] arguments = [typeof(SmtpSecurityTests).Assembly.Location, "send-letter", security.ToString(), port.ToString(CultureInfo.InvariantCulture), "juna", password];
        var start = new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["SSL_CERT_FILE"] = server.Certificate;
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said.TrimEnd('\r', '\n');
    }
}
