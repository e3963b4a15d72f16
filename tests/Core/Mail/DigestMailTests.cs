using ContributionIngest.Drivers.Mail;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>A digest from the planner's minute to a real mail server.</summary>
[Collection(MailServer.Collection)]
public sealed class DigestMailTests(MailServer server)
{
    [Fact]
    public async Task Digest_mail_has_the_headers_for_one_click_unsubscribe()
    {
        var clock = new TestClock();
        var settings = new SmtpSettings(MailServer.Host, server.Plain, SmtpSecurity.None, null, null, MailServer.From);
        await using var app = await MailFixture.StartAsync(new SmtpMail(settings, clock), clock: clock);
        await app.WeekAsync();
        Assert.Equal("sent", await app.StateAsync());

        var mail = await server.NextAsync();
        Assert.Equal(MailFixture.Address, mail.Envelope.GetProperty("to").GetString());
        Assert.Equal(clock.GetUtcNow(), mail.Date);
        Assert.Equal(["auto-generated"], mail.Header("auto-submitted"));
        Assert.Equal(["ContributionIngest digest <digest.digest.example.org>"], mail.Header("list-id"));
        Assert.Equal(["List-Unsubscribe=One-Click"], mail.Header("list-unsubscribe-post"));
        var unsubscribe = Assert.Single(mail.Header("list-unsubscribe"));
        Assert.Matches("^<https://digest\\.example\\.org/unsubscribe/[A-Za-z0-9._~-]+>$", unsubscribe);
        Assert.Contains(unsubscribe.Trim('<', '>'), mail.Html, StringComparison.Ordinal);
        Assert.Contains(unsubscribe.Trim('<', '>'), mail.Text, StringComparison.Ordinal);
        Assert.Matches("^<2026-W23[.][0-9a-z]+@digest[.]example[.]org>$", mail.MessageId);

        // A scanner that only looks changes nothing; the mail program's own POST ends the digests.
        var path = new Uri(new Uri(unsubscribe.Trim('<', '>')).AbsolutePath, UriKind.Relative);
        using var looked = await app.Client.GetAsync(path);
        Assert.True(looked.IsSuccessStatusCode);
        Assert.False((await app.GetAsync("/me")).GetProperty("digest").GetProperty("off").GetBoolean());
        using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        using var left = await app.Client.PostAsync(path, form);
        Assert.True(left.IsSuccessStatusCode);
        Assert.True((await app.GetAsync("/me")).GetProperty("digest").GetProperty("off").GetBoolean());
    }
}
