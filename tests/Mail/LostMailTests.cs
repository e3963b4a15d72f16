using System.Text;
using ContributionIngest.Core.Ports;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Mail;

/// <summary>Messages that are lost, and messages that nobody can work off.</summary>
public sealed class LostMailTests
{
    [Fact]
    public async Task A_mail_whose_message_was_lost_goes_after_seven_days_and_once()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Temporary, "451") };
        await using var app = await MailedApp.Start(mail);
        await app.Week();
        app.Clock.Advance(TimeSpan.FromMinutes(6));
        var lost = Assert.Single(await app.Store.Queue.Receive("mail", 32, TimeSpan.FromMinutes(1), default));
        Assert.True(await app.Store.Queue.Delete("mail", lost, default));
        mail.Answer = _ => RecordingMail.Accepted;

        for (var day = 0; day < 6; day++)
        {
            await Night(app);
            Assert.Single(mail.Letters);
        }

        // The next week's digest comes before the night in which the loss shows.
        await Night(app);
        await Night(app);
        await Night(app);
        Assert.Equal(["sent", "sent"], (await app.Get("/digests")).GetProperty("items").EnumerateArray().Select(d => d.GetProperty("mail").GetString()));
        Assert.Equal(3, mail.Letters.Count);
        Assert.Equal(2, mail.Letters.Select(l => l.MessageId).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(await app.Unconfirmed());
    }

    [Fact]
    public async Task A_lost_mail_is_asked_for_once_a_week_and_not_every_night()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Temporary, "451") };
        await using var app = await MailedApp.Start(mail);
        await app.Week();
        app.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromHours(1));
        for (var night = 0; night < 3; night++)
            await app.Call("Prune");
        // The message that was hidden all the time, and the one that replaces it.
        Assert.Equal(2, await app.Store.Queue.Count("mail", default));
    }

    [Theory]
    [InlineData("mail")]
    [InlineData("digest")]
    public async Task A_message_that_makes_no_sense_ends_in_the_status(string queue)
    {
        await using var app = await MailedApp.Start(new RecordingMail());
        await app.Store.Queue.Put(queue, "{\"person\":", TimeSpan.Zero, default);
        await app.Drain();
        Assert.Equal(IQueue.MaximumAttempts, app.Failures.Count);
        var poisoned = Assert.Single((await app.Get("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal((queue, "{\"person\":"), (poisoned.GetProperty("queue").GetString(), poisoned.GetProperty("body").GetString()));
        Assert.Equal(0, await app.Store.Queue.Count(queue + "-poison", default));
    }

    [Fact]
    public async Task A_mail_that_failed_for_a_reason_of_ours_is_sent_when_its_message_is_sent_again()
    {
        var mail = new RecordingMail();
        await using var app = await MailedApp.Start(mail);
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.Call("Plan");
        var plan = Assert.Single(await app.Store.Queue.Receive("digest", 32, TimeSpan.FromMinutes(10), default));
        await TriggeredFunction.Named("SendDigest").RunAsync(app.App.Services, plan.Body, default);
        var person = (await app.Get("/me")).GetProperty("id").GetString()!;
        var name = await app.Store.Blobs.List("digests", person, default).SingleAsync();
        var content = (await app.Store.Blobs.Get("digests", name, default))!;
        await app.Store.Blobs.Put("digests", name, Encoding.UTF8.GetBytes("{"), default);
        await app.Drain();
        Assert.Empty(mail.Letters);
        Assert.Equal("waiting", await app.State());
        var poisoned = Assert.Single((await app.Get("/status")).GetProperty("poisoned").EnumerateArray());

        await app.Store.Blobs.Put("digests", name, content, default);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.Post($"/status/poisoned/{poisoned.GetProperty("id").GetString()}/replay", "{}");
        await app.Drain();
        Assert.Single(mail.Letters);
        Assert.Equal("sent", await app.State());
    }

    [Fact]
    public async Task A_digest_that_failed_for_a_reason_of_ours_is_made_a_day_later()
    {
        var mail = new RecordingMail();
        await using var app = await MailedApp.Start(mail);
        var person = (await app.Get("/me")).GetProperty("id").GetString()!;
        var broken = new Row(person, "w|797376", new Dictionary<string, object?>(StringComparer.Ordinal) { ["doc"] = "{"u8.ToArray() });
        await app.Store.Table.Write("people", TableWrite.Put(broken), default);
        await app.Week();
        Assert.Equal(IQueue.MaximumAttempts, app.Failures.Count);
        for (var quarter = 0; quarter < 92; quarter++)
            await app.Pass(TimeSpan.FromMinutes(15));
        Assert.Equal(IQueue.MaximumAttempts, app.Failures.Count);

        await app.Store.Table.Write("people", TableWrite.Delete(broken), default);
        Assert.Empty((await app.Get("/digests")).GetProperty("items").EnumerateArray());
        await app.Pass(TimeSpan.FromHours(1));
        await app.Pass(TimeSpan.FromHours(1));
        Assert.Equal("sent", await app.State());
        Assert.Single((await app.Get("/status")).GetProperty("poisoned").EnumerateArray());
    }

    private static async Task Night(TestApp app)
    {
        await app.Pass(TimeSpan.FromDays(1));
        await app.Call("Prune");
        await app.Drain();
    }
}
