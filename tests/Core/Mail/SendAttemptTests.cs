using System.Net;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>A mail leaves at most once, and who does not know whether it left says so.</summary>
public sealed class SendAttemptTests
{
    [Fact]
    public async Task Accepted_mail_is_never_sent_again()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        Assert.Equal("sent", await app.StateAsync());
        var letter = Assert.Single(mail.Letters);
        Assert.Equal(MailFixture.Address, letter.To);
        Assert.Matches(@"^2026-W23\.[0-9a-z]+@digest\.example\.org$", letter.MessageId);
        Assert.Equal(app.Clock.GetUtcNow(), letter.Date);
        Assert.Equal(HttpStatusCode.Conflict, await app.AgainAsync());
        await app.PassAsync(TimeSpan.FromHours(1));
        Assert.Single(mail.Letters);
        Assert.Empty(await app.UnconfirmedAsync());
        Assert.Empty(await ClaimsAsync(app));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mail_is_unconfirmed_after_a_death_during_sending_until_it_is_sent_again(bool byDeath)
    {
        var mail = new RecordingMail { Answer = _ => byDeath ? throw new DeathException() : new MailResult(MailOutcome.Unknown, "It did not say.") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        Assert.Equal(byDeath ? 1 : 0, app.Failures.Count);
        Assert.Equal("claimed", await app.StateAsync());
        Assert.Empty(await app.UnconfirmedAsync());
        Assert.Equal(HttpStatusCode.Conflict, await app.AgainAsync());

        await app.PassAsync(TimeSpan.FromMinutes(16));
        Assert.Equal(["2026-W23"], await app.UnconfirmedAsync());
        Assert.Equal(byDeath, !(await app.NewestAsync()).TryGetProperty("reason", out _));
        for (var day = 0; day < 9; day++)
        {
            await app.PassAsync(TimeSpan.FromHours(8));
            await app.CallAsync("Prune");
            await app.DrainAsync();
        }

        Assert.Single(mail.Letters);

        mail.Answer = _ => RecordingMail.Accepted;
        Assert.Equal(HttpStatusCode.Accepted, await app.AgainAsync());
        Assert.Equal(2, mail.Letters.Count);
        Assert.Equal(mail.Letters[0].MessageId, mail.Letters[1].MessageId);
        Assert.Equal("sent", await app.StateAsync());
        Assert.Empty(await app.UnconfirmedAsync());
        Assert.Empty(await ClaimsAsync(app));
    }

    [Fact]
    public async Task Unconfirmed_mail_can_be_sent_again_after_fifteen_minutes_and_not_before()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Unknown, "It did not say.") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();

        app.Clock.Advance(SendAttempts.ConfirmationTime - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Conflict, await app.AgainAsync());
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Accepted, await app.AgainAsync());
    }

    [Fact]
    public async Task Late_result_of_a_mail_that_was_sent_again_changes_nothing()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        mail.Answer = _ =>
        {
            if (mail.Letters.Count > 1)
                return RecordingMail.Accepted;
            Task.Run(async () =>
            {
                app.Clock.Advance(TimeSpan.FromMinutes(20));
                Assert.Equal(HttpStatusCode.Accepted, await app.AgainAsync());
            }).GetAwaiter().GetResult();
            return new MailResult(MailOutcome.Temporary, "Not now.");
        };
        await app.WeekAsync();
        Assert.Equal("sent", await app.StateAsync());
        await app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal(2, mail.Letters.Count);
        Assert.Empty(await ClaimsAsync(app));
    }

    /// <summary>A second process works off the same message just before the n-th write of the first, for every n.</summary>
    [Fact]
    public async Task Two_processes_with_the_same_message_send_one_mail()
    {
        for (var point = 1; ; point++)
        {
            var mail = new RecordingMail();
            await using var app = await MailFixture.StartAsync(mail);
            app.Clock.Advance(TimeSpan.FromDays(7));
            await app.CallAsync("Plan");
            var plan = Assert.Single(await app.Store.Queue.ReceiveAsync("digest", 32, TimeSpan.FromMinutes(5), default));
            await TriggeredFunction.Named("SendDigest").RunAsync(app.App.Services, plan.Body, default);
            var message = Assert.Single(await app.Store.Queue.ReceiveAsync("mail", 32, TimeSpan.FromMinutes(5), default));
            Task WorkAsync() => TriggeredFunction.Named("SendMail").RunAsync(app.App.Services, message.Body, default);

            var writes = 0;
            app.Table.Step = () =>
            {
                if (++writes == point)
                    Task.Run(WorkAsync).GetAwaiter().GetResult();
            };
            await WorkAsync();
            app.Table.Step = () => { };
            Assert.Single(mail.Letters);
            Assert.Equal("sent", await app.StateAsync());
            Assert.Empty(await ClaimsAsync(app));
            if (writes < point)
            {
                Assert.True(point > 4, "There was hardly a write.");
                return;
            }
        }
    }

    [Fact]
    public async Task Digest_that_is_not_mailed_keeps_no_address()
    {
        await using var app = await MailFixture.StartAsync(new RecordingMail());
        await app.SendAsync(HttpMethod.Put, "/me", """{"digest":{"skipQuiet":true}}""");
        await app.WeekAsync();
        var person = (await app.GetAsync("/me")).GetProperty("id").GetString()!;
        var record = Assert.Single(await app.App.Services.GetRequiredService<DigestStore>().NewestAsync(person, 2, default));
        Assert.Equal((MailState.None, null), (record.Mail, record.To));
    }

    [Fact]
    public async Task Mail_that_two_ask_for_again_at_once_is_queued_for_one_of_them()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Unknown, "It did not say.") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        app.Clock.Advance(SendAttempts.ConfirmationTime);
        var path = $"/digests/{(await app.NewestAsync()).GetProperty("week").GetString()}/mail";
        var answers = new List<HttpStatusCode>();
        app.Table.Step = () =>
        {
            app.Table.Step = () => { };
            answers.Add(Task.Run(() => app.PostAsync(path, "{}")).GetAwaiter().GetResult().Status);
        };

        answers.Add((await app.PostAsync(path, "{}")).Status);

        Assert.Single(answers, HttpStatusCode.Accepted);
        Assert.Equal(1, await app.Store.Queue.CountAsync("mail", default));
    }

    [Fact]
    public async Task Send_attempt_unknown_to_its_digest_is_not_reported_as_unconfirmed()
    {
        await using var app = await MailFixture.StartAsync(new RecordingMail());
        await app.WeekAsync();
        var person = (await app.GetAsync("/me")).GetProperty("id").GetString()!;
        var attempts = new SendAttempts(app.Store.Table, new DigestStore(app.Store.Table, app.Store.Blobs));
        await attempts.AddAsync(new SendAttempt(person, "2026-W23", app.Clock.GetUtcNow(), "other"), default);
        await attempts.AddAsync(new SendAttempt(person, "2026-W22", app.Clock.GetUtcNow(), "none"), default);
        await app.PassAsync(TimeSpan.FromHours(1));
        Assert.Empty(await app.UnconfirmedAsync());
    }

    private static async Task<IReadOnlyList<Row>> ClaimsAsync(AppFixture app) =>
        await app.Store.Table.RangeAsync("lookups", "mail|claims", "0", "~", null, default).ToListAsync();
}
