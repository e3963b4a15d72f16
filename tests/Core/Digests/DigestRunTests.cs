using System.Net;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed class DigestRunTests
{
    [Fact]
    public async Task First_digest_is_made_on_Monday_at_eight_and_covers_the_week_of_registration()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(DigestFixture.Draft("a", "2026-06-03T10:00:00Z"));
        await app.MoveToAsync("2026-06-08T05:59:00Z");
        Assert.Empty(await app.RecordsAsync());
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        var record = Assert.Single(await app.RecordsAsync());
        Assert.Equal(("2026-W23", 1, "none"), (record.GetProperty("week").GetString(), record.GetProperty("total").GetInt32(), record.GetProperty("mail").GetString()));
        Assert.True((await app.App.GetAsync("/digests/2026-W23")).GetProperty("isFirst").GetBoolean());

        // The key counts down, so that the newest comes first; rows of earlier versions are found under it.
        Assert.Single(await app.App.DumpAsync("people"), row => row.Contains("w|797376", StringComparison.Ordinal));
        await app.MoveToAsync("2026-06-15T06:00:00Z");
        Assert.False((await app.App.GetAsync("/digests/2026-W24")).GetProperty("isFirst").GetBoolean());
        Assert.Empty(app.App.Failures);
    }

    [Fact]
    public async Task Entry_found_after_the_digest_of_its_week_is_named_as_late_in_the_next_one_only()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(DigestFixture.Draft("a", "2026-06-03T10:00:00Z"));
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        await app.MoveToAsync("2026-06-09T12:00:00Z");
        await app.HarvestAsync(DigestFixture.Draft("b", "2026-06-04T10:00:00Z"), DigestFixture.Draft("c", "2026-06-09T10:00:00Z"));
        await app.MoveToAsync("2026-06-15T06:00:00Z");
        var second = await app.App.GetAsync("/digests/2026-W24");
        Assert.Equal(["Title of b"], DigestFixture.Titles(second.GetProperty("late")));
        Assert.Equal(["Title of c"], DigestFixture.Titles(second.GetProperty("new")));
        Assert.Equal(1, second.GetProperty("total").GetInt32());
        Assert.Contains("FROM EARLIER WEEKS, FOUND LATE", await app.ShownAsync("text", "2026-W24"), StringComparison.Ordinal);
        await app.MoveToAsync("2026-06-22T06:00:00Z");
        Assert.Empty((await app.App.GetAsync("/digests/2026-W25")).GetProperty("late").EnumerateArray());
    }

    [Fact]
    public async Task No_digest_covers_a_week_before_registration()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"digest": {"day": "tuesday", "hour": 3}}""");
        await app.MoveToAsync("2026-06-02T01:00:00Z");
        Assert.Empty(await app.RecordsAsync());
        await app.MoveToAsync("2026-06-09T01:00:00Z");
        Assert.Equal("2026-W23", Assert.Single(await app.RecordsAsync()).GetProperty("week").GetString());
    }

    [Fact]
    public async Task Missed_digest_is_made_up_for_once()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        await app.MoveToAsync("2026-07-01T12:34:00Z");
        Assert.Equal(["2026-W26", "2026-W23"], await WeeksAsync(app));
        await app.MoveToAsync("2026-07-06T05:59:00Z");
        Assert.Equal(2, (await app.RecordsAsync()).Count);
        await app.MoveToAsync("2026-07-06T06:00:00Z");
        Assert.Equal(["2026-W27", "2026-W26", "2026-W23"], await WeeksAsync(app));
    }

    [Fact]
    public async Task Changing_day_hour_or_zone_neither_repeats_nor_skips_a_week()
    {
        await using var app = await DigestFixture.StartAsync();
        string[] wishes =
        [
            """{"digest": {"day": "sunday", "hour": 8}}""", """{"zone": "Pacific/Kiritimati"}""", """{"digest": {"day": "wednesday", "hour": 23}}""",
            """{"zone": "Pacific/Pago_Pago"}""", """{"digest": {"day": "monday", "hour": 0}}""", """{"zone": "Europe/Stockholm", "digest": {"hour": 20}}""",
        ];
        for (var hour = 0; hour < 24 * 7 * 14; hour++)
        {
            if (hour % 200 == 77)
                await app.App.SendAsync(HttpMethod.Put, "/me", wishes[hour / 200 % wishes.Length]);
            await app.App.PassAsync(TimeSpan.FromHours(1));
        }

        var weeks = (await WeeksAsync(app)).ToList();
        var last = Week.Parse(weeks[0])!.Value;
        var expected = new List<string>();
        for (var week = last; week.ToString() != "2026-W22"; week = week.Before)
            expected.Add(week.ToString());
        Assert.Equal(expected, weeks);
        Assert.InRange(weeks.Count, 13, 14);
    }

    [Fact]
    public async Task Digests_turned_off_stop_and_turned_on_again_resume_with_the_next()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"digest": {"off": true}}""");
        await app.MoveToAsync("2026-06-16T12:00:00Z");
        Assert.Empty(await app.RecordsAsync());
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"digest": {"off": false}}""");
        await app.MoveToAsync("2026-06-18T12:00:00Z");
        Assert.Empty(await app.RecordsAsync());
        await app.MoveToAsync("2026-06-22T06:00:00Z");
        Assert.Equal(["2026-W25"], await WeeksAsync(app));
    }

    [Fact]
    public async Task Missing_row_in_the_due_index_is_restored_overnight()
    {
        await using var app = await DigestFixture.StartAsync();
        var due = new Due(DueIndex.Digest, app.Person, "");
        await new DueIndex(app.App.Store.Table).RemoveAsync(due, DueIndex.KeyAt(due, DigestFixture.At("2026-06-08T06:00:00Z")), CancellationToken.None);
        await app.App.MaintainAsync();
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        Assert.Single(await app.RecordsAsync());
    }

    [Fact]
    public async Task Mail_contains_the_digest_and_a_quiet_week_is_mailed_unless_turned_off()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"name": "Juna", "email": "juna@example.org", "locale": "de"}""");
        await app.HarvestAsync(DigestFixture.Draft("a", "2026-06-03T10:00:00Z"));
        await app.MoveToAsync("2026-06-08T06:00:00Z");
        var letter = Assert.Single(app.App.Mail.Letters);
        Assert.Equal(("juna@example.org", "1 Beitrag: ein Blogbeitrag"), (letter.To, letter.Subject));
        Assert.Contains("Title of a", letter.Html, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"de\">", letter.Html, StringComparison.Ordinal);
        Assert.Contains("line-height:28px\">1 Beitrag: ein Blogbeitrag</h1>", letter.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("class=", letter.Html, StringComparison.Ordinal);
        Assert.StartsWith("Woche vom 1. bis 7. Juni 2026\r\n1 Beitrag: ein Blogbeitrag\r\n", letter.Text, StringComparison.Ordinal);
        Assert.Contains("Title of a", letter.Text, StringComparison.Ordinal);
        Assert.Contains("/unsubscribe/", letter.Headers["List-Unsubscribe"], StringComparison.Ordinal);

        await app.MoveToAsync("2026-06-15T06:00:00Z");
        Assert.Equal(2, app.App.Mail.Letters.Count);
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"digest": {"skipQuiet": true}}""");
        await app.MoveToAsync("2026-06-22T06:00:00Z");
        Assert.Equal(2, app.App.Mail.Letters.Count);
        var skipped = (await app.RecordsAsync())[0];
        Assert.Equal(("2026-W25", true, "none"), (skipped.GetProperty("week").GetString(), skipped.GetProperty("quiet").GetBoolean(), skipped.GetProperty("mail").GetString()));
    }

    [Fact]
    public async Task Test_mail_is_sent_at_once_and_stored_nowhere()
    {
        await using var app = await DigestFixture.StartAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await app.App.PostAsync("/digests/test", "")).Status);
        await app.App.SendAsync(HttpMethod.Put, "/me", """{"email": "juna@example.org"}""");
        Assert.Equal(HttpStatusCode.OK, (await app.App.PostAsync("/digests/test", "")).Status);
        Assert.Single(app.App.Mail.Letters);
        Assert.Empty(await app.RecordsAsync());
        app.App.Mail.Answer = _ => new MailResult(MailOutcome.Permanent, "550 no.");
        var (status, body) = await app.App.PostAsync("/digests/test", "");
        Assert.Equal((HttpStatusCode.BadGateway, "550 no."), (status, body.GetProperty("detail").GetString()));
        for (var sent = 2; sent < 10; sent++)
            await app.App.PostAsync("/digests/test", "");
        Assert.Equal(HttpStatusCode.Conflict, (await app.App.PostAsync("/digests/test", "")).Status);
        Assert.Equal(10, app.App.Mail.Letters.Count);
    }

    [Fact]
    public async Task Malformed_message_is_poisoned_and_one_for_an_unknown_person_does_nothing()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.App.Store.Queue.PutAsync(DigestMessage.Queue, "null", TimeSpan.Zero, CancellationToken.None);
        await app.App.Store.Queue.PutAsync(DigestMessage.Queue, """{"person": "nobody", "dueKey": "0000000000000000001|digest|nobody|"}""", TimeSpan.Zero, CancellationToken.None);
        await app.App.DrainAsync();
        Assert.Single((await app.App.GetAsync("/status")).GetProperty("poisoned").EnumerateArray());
        Assert.Equal(0, await app.App.Store.Queue.CountAsync(DigestMessage.Queue, CancellationToken.None));
    }

    private static async Task<IEnumerable<string>> WeeksAsync(DigestFixture app) => (await app.RecordsAsync()).Select(r => r.GetProperty("week").GetString()!);
}
