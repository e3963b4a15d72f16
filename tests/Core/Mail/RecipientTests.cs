using System.Net;
using ContributionIngest.Core.Mail;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>Refusals: which are tried again, which end the mail, which end mail to the address; and where no mail is sent at all.</summary>
public sealed class RecipientTests
{
    [Fact]
    public async Task Rejected_address_gets_no_mail_until_a_new_one_is_set()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.NoSuchAddress, "550 nobody of that name") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        var first = await app.NewestAsync();
        Assert.Equal(("refused", "550 nobody of that name"), (first.GetProperty("mail").GetString(), first.GetProperty("reason").GetString()));
        Assert.True((await app.GetAsync("/me")).GetProperty("digest").GetProperty("bounced").GetBoolean());
        Assert.Equal(HttpStatusCode.Conflict, await app.AgainAsync());

        mail.Answer = _ => RecordingMail.Accepted;
        await app.WeekAsync();
        var second = await app.NewestAsync();
        Assert.Equal(("none", "The address does not accept mail."), (second.GetProperty("mail").GetString(), second.GetProperty("reason").GetString()));
        Assert.Single(mail.Letters);

        await app.SendAsync(HttpMethod.Put, "/me", """{"name":"Juna"}""");
        Assert.True((await app.GetAsync("/me")).GetProperty("digest").TryGetProperty("bounced", out _));
        await app.SendAsync(HttpMethod.Put, "/me", $$"""{"email":"{{MailFixture.Address}}"}""");
        Assert.False((await app.GetAsync("/me")).GetProperty("digest").TryGetProperty("bounced", out _));
        Assert.Equal(HttpStatusCode.Accepted, await app.AgainAsync());
        Assert.Equal("sent", await app.StateAsync());
        await app.WeekAsync();
        Assert.Equal(3, mail.Letters.Count);
    }

    [Fact]
    public async Task Rejection_of_a_former_address_does_not_affect_the_new_one()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        mail.Answer = _ =>
        {
            Task.Run(() => app.SendAsync(HttpMethod.Put, "/me", """{"email":"new@example.com"}""")).GetAwaiter().GetResult();
            return new MailResult(MailOutcome.NoSuchAddress, "550");
        };
        await app.WeekAsync();
        Assert.False((await app.GetAsync("/me")).GetProperty("digest").TryGetProperty("bounced", out _));
    }

    [Fact]
    public async Task Mail_rejected_for_its_content_does_not_end_mail_to_the_address()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Permanent, "554 looks like spam") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        Assert.Equal("refused", await app.StateAsync());
        Assert.False((await app.GetAsync("/me")).GetProperty("digest").TryGetProperty("bounced", out _));
        await app.WeekAsync();
        Assert.Equal(2, mail.Letters.Count);
    }

    [Fact]
    public async Task Transient_failure_is_retried_eight_times_over_ten_hours_and_then_final_with_its_reason()
    {
        var times = new List<DateTimeOffset>();
        var mail = new RecordingMail();
        await using var mailed = await MailFixture.StartAsync(mail);
        mail.Answer = _ =>
        {
            times.Add(mailed.Clock.GetUtcNow());
            return new MailResult(MailOutcome.Temporary, "451 come back later");
        };
        await mailed.WeekAsync();
        Assert.Equal("waiting", await mailed.StateAsync());
        Assert.Equal(HttpStatusCode.Conflict, await mailed.AgainAsync());
        for (var minute = 0; minute < 24 * 60; minute++)
            await mailed.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal([5, 10, 20, 40, 80, 160, 320], times.Zip(times.Skip(1), (a, b) => (int)(b - a).TotalMinutes));
        var record = await mailed.NewestAsync();
        Assert.Equal(("refused", "451 come back later"), (record.GetProperty("mail").GetString(), record.GetProperty("reason").GetString()));
        Assert.Single(mail.Letters.Select(l => l.MessageId).Distinct(StringComparer.Ordinal));

        mail.Answer = _ => RecordingMail.Accepted;
        Assert.Equal(HttpStatusCode.Accepted, await mailed.AgainAsync());
        Assert.Equal("sent", await mailed.StateAsync());
    }

    [Fact]
    public async Task No_mail_is_sent_once_the_digest_is_off_or_the_address_removed()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Temporary, "451") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        await app.SendAsync(HttpMethod.Put, "/me", """{"digest":{"off":true}}""");
        await app.PassAsync(TimeSpan.FromMinutes(6));
        var record = await app.NewestAsync();
        Assert.Equal(("none", "The digest is off."), (record.GetProperty("mail").GetString(), record.GetProperty("reason").GetString()));
        Assert.Single(mail.Letters);
    }

    [Fact]
    public async Task Without_a_mail_transport_no_mail_is_queued_and_the_digest_says_why()
    {
        await using var app = await MailFixture.StartAsync(null);
        await app.WeekAsync();
        var record = await app.NewestAsync();
        Assert.Equal(("none", "Nothing sends mail here."), (record.GetProperty("mail").GetString(), record.GetProperty("reason").GetString()));
        Assert.Equal(0, await app.Store.Queue.CountAsync("mail", default));
        Assert.Equal(HttpStatusCode.Conflict, await app.AgainAsync());
        var (status, _) = await app.PostAsync("/digests/test", "{}");
        Assert.Equal(HttpStatusCode.BadGateway, status);
    }

    [Fact]
    public async Task Test_mails_are_independent_and_change_no_digest()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        await app.PostAsync("/digests/test", "{}");
        await app.PostAsync("/digests/test", "{}");
        Assert.Equal(2, mail.Letters.Select(l => l.MessageId).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty((await app.GetAsync("/digests")).GetProperty("items").EnumerateArray());
    }
}
