using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

public sealed class StatusPageTests
{
    [Fact]
    public async Task Operator_sees_what_failed_and_sends_it_again()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/status");
        Assert.Contains("Nothing waits, and nothing has failed", browser.Page, StringComparison.Ordinal);
        Assert.Contains("in an embedded store", browser.Page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/status\">Status</a>", browser.Page, StringComparison.Ordinal);

        await app.App.Store.Queue.PutAsync("harvest", "<b>not a message</b>", TimeSpan.Zero, CancellationToken.None);
        await browser.OpenAsync("/status");
        Assert.Contains("1 harvest waits, and nothing has failed", browser.Page, StringComparison.Ordinal);
        await app.App.DrainAsync();
        await browser.OpenAsync("/status");
        Assert.Contains("1 message failed and waits for you", browser.Page, StringComparison.Ordinal);
        Assert.Contains("<code>&lt;b&gt;not a message&lt;/b&gt;</code>", browser.Page, StringComparison.Ordinal);

        var path = browser.Page.Split("action=\"").Select(part => part.Split('"')[0]).Single(action => action.StartsWith("/status/poisoned/", StringComparison.Ordinal));
        await browser.SubmitAsync(path);
        Assert.Contains("The message is back in its queue.", browser.Page, StringComparison.Ordinal);
        await browser.SubmitAsync(path);
        Assert.Contains("There is no such message.", browser.Page, StringComparison.Ordinal);
        app.App.Failures.Clear();
    }

    [Fact]
    public async Task Pages_say_how_many_digests_were_not_mailed_since_when_and_how_mail_is_turned_on()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb(), settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["OwnerEmail"] = SignInFixture.Address, ["SetupSecret"] = SetupFixture.Secret }, isMailed: false);
        using var browser = new Browser(app);
        await browser.OpenAsync("/auth/sign-in");
        Assert.Contains("This server sends no mail yet", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/auth/setup");
        await SetupFixture.SubmitAsync(browser);
        await browser.OpenAsync("/status");
        Assert.Contains("No mail is sent from here. Set Smtp__Host and Smtp__From, or Mail__Endpoint and Mail__From;", Text(browser), StringComparison.Ordinal);

        // 1 June 2026 is a Monday; the digests are made on the two after it.
        await app.PassAsync(TimeSpan.FromDays(7));
        await app.PassAsync(TimeSpan.FromDays(7));
        await browser.OpenAsync("/status");
        Assert.Contains("No mail is sent from here. 2 digests have not been mailed since 8 June 2026, and can be sent by hand once mail is on. Set Smtp__Host", Text(browser), StringComparison.Ordinal);
        var mail = (await app.GetAsync("/status")).GetProperty("mail");
        Assert.Equal((false, 2, "2026-06-08"), (mail.GetProperty("on").GetBoolean(), mail.GetProperty("waiting").GetInt32(), mail.GetProperty("since").GetString()![..10]));
        Assert.StartsWith("Set Smtp__Host", mail.GetProperty("turnOn").GetString(), StringComparison.Ordinal);
        await browser.OpenAsync("/digests");
        Assert.Contains("Digests are kept here and not mailed", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/settings");
        Assert.Contains("Another address can be added once this server sends mail", browser.Page, StringComparison.Ordinal);

        static string Text(Browser browser) => string.Join(' ', browser.Page.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Mail_that_waits_for_its_turn_is_counted()
    {
        await using var app = await SignInFixture.StartAsync();
        await app.Get<MailTurns>().PutAsync(new MailMessage("nobody", "2026-W22"), TimeSpan.FromHours(1), CancellationToken.None);
        var mail = (await app.App.GetAsync("/status")).GetProperty("mail");
        Assert.Equal((true, 1), (mail.GetProperty("on").GetBoolean(), mail.GetProperty("waiting").GetInt32()));
        Assert.False(mail.TryGetProperty("turnOn", out _));
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/status");
        Assert.Contains("1 mail waits for a turn.", browser.Page, StringComparison.Ordinal);
    }
}
