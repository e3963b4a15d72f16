using ContributionIngest.Core;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

public sealed class MailSettingsTests
{
    [Theory]
    [InlineData("", SmtpSecurity.StartTls, 587)]
    [InlineData("Smtp__StartTls=true", SmtpSecurity.StartTls, 587)]
    [InlineData("Smtp__StartTls=false Smtp__Port=25", SmtpSecurity.None, 25)]
    [InlineData("Smtp__Security=none Smtp__Port=25", SmtpSecurity.None, 25)]
    [InlineData("Smtp__Security=StartTls", SmtpSecurity.StartTls, 587)]
    [InlineData("Smtp__Security=tls", SmtpSecurity.Tls, 465)]
    [InlineData("Smtp__Security=tls Smtp__StartTls=true Smtp__Port=2465", SmtpSecurity.Tls, 2465)]
    public void Connection_security_follows_Smtp__Security_or_its_former_name(string given, SmtpSecurity security, int port)
    {
        var smtp = Read("Smtp__Host=relay.example.org Smtp__From=digest@example.org " + given).Mail.Smtp!;
        Assert.Equal((security, port), (smtp.Security, smtp.Port));
    }

    [Theory]
    [InlineData("Smtp__Security=ssl", "Smtp__Security is 'ssl', allowed is one of none, starttls, tls.")]
    [InlineData("Smtp__Security=1", "Smtp__Security is '1', allowed is one of none, starttls, tls.")]
    [InlineData("Smtp__Security=none Smtp__User=juna", "Smtp__User is set while Smtp__Security is none; a password is sent over a secure connection only.")]
    [InlineData("Smtp__StartTls=false Smtp__User=juna", "Smtp__User is set while Smtp__Security is none; a password is sent over a secure connection only.")]
    [InlineData("Mail__Endpoint=https://mail.example.org", "Mail__Endpoint is set without Mail__From, the address that mail is sent from.")]
    [InlineData("Mail__From=digest@example.org Mail__Endpoint=http://mail.example.org", "Mail__Endpoint is 'http://mail.example.org/', allowed is an https address: a token is sent to it.")]
    [InlineData("Mail__From=digest@example.org Mail__Endpoint=https://mail.example.org Smtp__Host=relay.example.org", "Smtp__Host and Mail__Endpoint are both set; one of them sends the mail.")]
    [InlineData("Smtp__Host=relay.example.org:25", "Smtp__Host is 'relay.example.org:25', allowed is the name or address of a host, without a port.")]
    public void Invalid_or_contradictory_mail_settings_are_named(string given, string fault) =>
        Assert.Equal(fault, Assert.Single(Assert.Throws<StartupException>(() => Read("Smtp__From=digest@example.org " + given)).Faults));

    private static Settings Read(string given) => AppFixture.ReadSettings(
        given.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(g => g.Split('=', 2))
            .ToDictionary(g => g[0].Replace("__", ":", StringComparison.Ordinal), g => (string?)g[1], StringComparer.Ordinal));
}
