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
}
