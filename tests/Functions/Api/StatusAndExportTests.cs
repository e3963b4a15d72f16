using System.Text;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>What was logged by hand, and how it leaves as CSV.</summary>
public sealed class StatusAndExportTests
{
    [Fact]
    public async Task Talk_logged_for_the_future_is_published_when_its_day_has_come()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var day = app.Clock.GetUtcNow().AddDays(3);
        var (_, entry) = await app.PostAsync("/ledger", $$"""{"title":"Talk","kind":"talk","when":"{{day:yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");
        Assert.Equal("scheduled", entry.GetProperty("status").GetString());
        await app.MaintainAsync();
        Assert.Equal("scheduled", (await app.LedgerAsync())[0].GetProperty("status").GetString());
        app.Clock.Advance(TimeSpan.FromDays(4));
        await app.MaintainAsync();
        Assert.Equal("published", (await app.LedgerAsync())[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Announced_event_of_a_removed_connection_is_not_published()
    {
        var web = new ScriptedWeb(_ => ScriptedWeb.Answer(
            System.Net.HttpStatusCode.OK,
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Evening\r\nDTSTART:20260605T170000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "text/calendar"));
        await using var app = await AppFixture.StartAsync(web, new TestClock(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero)));
        var connection = await app.ConnectAsync("https://group.example/events.ics", "meetup");
        await app.SendAsync(HttpMethod.Delete, "/connections/" + connection);
        await app.DrainAsync();
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.MaintainAsync();
        Assert.Equal("scheduled", Assert.Single(await app.LedgerAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Day_typed_over_a_harvested_time_stays_a_day()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var (_, logged) = await app.PostAsync("/ledger", """{"title":"Talk","kind":"talk","when":"2026-05-20T10:00:00Z"}""");
        var id = logged.GetProperty("id").GetString();
        var (_, edited) = await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"when":"2026-05-21"}""");
        Assert.Equal("day", edited.GetProperty("datePrecision").GetString());
        (_, edited) = await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"note":"changed"}""");
        Assert.Equal("day", edited.GetProperty("datePrecision").GetString());
        (_, edited) = await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"when":"2026-05-21T12:00:00Z"}""");
        Assert.Equal("exact", edited.GetProperty("datePrecision").GetString());
    }

    [Fact]
    public async Task Cancelled_and_removed_entries_are_shown_but_not_counted()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await app.PostAsync("/ledger", """{"title":"Held","kind":"talk","when":"2026-05-20"}""");
        await app.PostAsync("/ledger", """{"title":"Called off","kind":"talk","when":"2026-05-20","status":"cancelled"}""");
        Assert.Equal(2, (await app.LedgerAsync()).Count);
        var summary = await app.GetAsync("/ledger/summary?from=2026-05-01&to=2026-05-31");
        Assert.Equal(1, summary.GetProperty("public").GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("\uFF1D1+1")]
    [InlineData("\u200B=1+1")]
    [InlineData(" @cmd")]
    [InlineData("=1+1")]
    public async Task Title_that_a_spreadsheet_would_run_is_escaped_after_a_byte_order_mark(string title)
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await app.PostAsync("/ledger", $$"""{"title":"x{{title}}","kind":"talk","when":"2026-05-20"}""");
        await app.PostAsync("/ledger", $$"""{"title":"{{title}}","kind":"talk","when":"2026-05-21"}""");
        var csv = await app.Client.GetByteArrayAsync(new Uri("/api/ledger?format=csv", UriKind.Relative));
        Assert.Equal(Encoding.UTF8.GetPreamble(), csv[..3]);
        var text = Encoding.UTF8.GetString(csv);
        Assert.Contains($"x{title}", text, StringComparison.Ordinal);
        Assert.DoesNotContain($",{title.Trim()}", text, StringComparison.Ordinal);
        Assert.DoesNotContain($",\"{title.Trim()}", text, StringComparison.Ordinal);
        Assert.Contains("'", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Smtp:From", "d\u00EFgest@example.org", "before the @")]
    [InlineData("Smtp:Port", "465", "Smtp__Security")]
    public void Mail_settings_that_no_server_takes_are_named_at_start(string name, string value, string hint)
    {
        var values = new Dictionary<string, string?> { ["Smtp:Host"] = "mail.example.org", ["Smtp:From"] = "digest@example.org", [name] = value };
        var refusal = Assert.Throws<ContributionIngest.Core.StartupException>(() => AppFixture.ReadSettings(values));
        Assert.Contains(hint, refusal.Message, StringComparison.Ordinal);
    }
}
