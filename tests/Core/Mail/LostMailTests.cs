using System.Text;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Mail;

/// <summary>Messages that are lost, and messages that nobody can work off.</summary>
public sealed class LostMailTests
{
    [Fact]
    public async Task Mail_whose_message_was_lost_is_sent_once_after_seven_days()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Temporary, "451") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(6));
        var lost = Assert.Single(await app.Store.Queue.ReceiveAsync("mail", 32, TimeSpan.FromMinutes(1), default));
        Assert.True(await app.Store.Queue.DeleteAsync("mail", lost, default));
        mail.Answer = _ => RecordingMail.Accepted;

        for (var day = 0; day < 6; day++)
        {
            await NightAsync(app);
            Assert.Single(mail.Letters);
        }

        // The next week's digest comes before the night in which the loss shows.
        await NightAsync(app);
        await NightAsync(app);
        await NightAsync(app);
        Assert.Equal(["sent", "sent"], (await app.GetAsync("/digests")).GetProperty("items").EnumerateArray().Select(d => d.GetProperty("mail").GetString()));
        Assert.Equal(3, mail.Letters.Count);
        Assert.Equal(2, mail.Letters.Select(l => l.MessageId).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(await app.UnconfirmedAsync());
    }

    [Fact]
    public async Task Lost_mail_is_enqueued_again_weekly_and_not_every_night()
    {
        var mail = new RecordingMail { Answer = _ => new MailResult(MailOutcome.Temporary, "451") };
        await using var app = await MailFixture.StartAsync(mail);
        await app.WeekAsync();
        app.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromHours(1));
        for (var night = 0; night < 3; night++)
            await app.MaintainAsync();
        // The message that was hidden all the time, and the one that replaces it.
        Assert.Equal(2, await app.Store.Queue.CountAsync("mail", default));
    }

    [Theory]
    [InlineData(299, 1)]
    [InlineData(300, 0)]
    public async Task Mail_that_comes_five_minutes_after_its_turn_waits_for_another(int seconds, int sent)
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.CallAsync("Plan");
        var plan = Assert.Single(await app.Store.Queue.ReceiveAsync("digest", 32, TimeSpan.FromMinutes(10), default));
        await TriggeredFunction.Named("SendDigest").RunAsync(app.App.Services, plan.Body, default);
        var late = Assert.Single(await app.Store.Queue.ReceiveAsync("mail", 32, TimeSpan.FromHours(1), default));
        app.Clock.Advance(TimeSpan.FromSeconds(seconds));

        await TriggeredFunction.Named("SendMail").RunAsync(app.App.Services, late.Body, default);

        Assert.Equal(sent, mail.Letters.Count);
        await app.DrainAsync();
        Assert.Single(mail.Letters);
    }

    [Fact]
    public async Task Mail_is_queued_again_when_the_message_that_made_its_digest_comes_again()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.CallAsync("Plan");
        var plan = Assert.Single(await app.Store.Queue.ReceiveAsync("digest", 32, TimeSpan.FromMinutes(10), default));
        await TriggeredFunction.Named("SendDigest").RunAsync(app.App.Services, plan.Body, default);
        var lost = Assert.Single(await app.Store.Queue.ReceiveAsync("mail", 32, TimeSpan.FromMinutes(1), default));
        await app.Store.Queue.DeleteAsync("mail", lost, default);

        await TriggeredFunction.Named("SendDigest").RunAsync(app.App.Services, plan.Body, default);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.DrainAsync();

        Assert.Single(mail.Letters);
    }

    [Theory]
    [InlineData("mail")]
    [InlineData("digest")]
    public async Task Malformed_message_is_shown_in_the_status(string queue)
    {
        await using var app = await MailFixture.StartAsync(new RecordingMail());
        await app.Store.Queue.PutAsync(queue, "{\"person\":", TimeSpan.Zero, default);
        await app.DrainAsync();
        Assert.Equal(IQueue.MaximumAttempts, app.Failures.Count);
        var poisoned = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal((queue, "{\"person\":"), (poisoned.GetProperty("queue").GetString(), poisoned.GetProperty("body").GetString()));
        Assert.Equal(0, await app.Store.Queue.CountAsync(queue + "-poison", default));
    }

    [Fact]
    public async Task Mail_that_failed_by_our_own_fault_is_sent_when_its_message_is_replayed()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.CallAsync("Plan");
        var plan = Assert.Single(await app.Store.Queue.ReceiveAsync("digest", 32, TimeSpan.FromMinutes(10), default));
        await TriggeredFunction.Named("SendDigest").RunAsync(app.App.Services, plan.Body, default);
        var person = (await app.GetAsync("/me")).GetProperty("id").GetString()!;
        var name = await app.Store.Blobs.ListAsync("digests", person, default).SingleAsync();
        var content = (await app.Store.Blobs.GetAsync("digests", name, default))!;
        await app.Store.Blobs.PutAsync("digests", name, Encoding.UTF8.GetBytes("{"), default);
        await app.DrainAsync();
        Assert.Empty(mail.Letters);
        Assert.Equal("waiting", await app.StateAsync());
        var poisoned = Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());

        await app.Store.Blobs.PutAsync("digests", name, content, default);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.PostAsync($"/status/poisoned/{poisoned.GetProperty("id").GetString()}/replay", "{}");
        await app.DrainAsync();
        Assert.Single(mail.Letters);
        Assert.Equal("sent", await app.StateAsync());
    }

    [Fact]
    public async Task Digest_that_failed_by_our_own_fault_is_made_a_day_later()
    {
        var mail = new RecordingMail();
        await using var app = await MailFixture.StartAsync(mail);
        var person = (await app.GetAsync("/me")).GetProperty("id").GetString()!;
        var broken = new Row(person, "w|797376", new Dictionary<string, object?>(StringComparer.Ordinal) { ["doc"] = "{"u8.ToArray() });
        await app.Store.Table.WriteAsync("people", TableWrite.Put(broken), default);
        await app.WeekAsync();
        Assert.Equal(IQueue.MaximumAttempts, app.Failures.Count);
        for (var quarter = 0; quarter < 92; quarter++)
            await app.PassAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(IQueue.MaximumAttempts, app.Failures.Count);

        await app.Store.Table.WriteAsync("people", TableWrite.Delete(broken), default);
        Assert.Empty((await app.GetAsync("/digests")).GetProperty("items").EnumerateArray());
        await app.PassAsync(TimeSpan.FromHours(1));
        await app.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal("sent", await app.StateAsync());
        Assert.Single((await app.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
    }

    private static async Task NightAsync(AppFixture app)
    {
        await app.PassAsync(TimeSpan.FromDays(1));
        await app.MaintainAsync();
        await app.DrainAsync();
    }
}
