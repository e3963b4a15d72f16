using ContributionIngest.Core.People;
using ContributionIngest.Tests.Functions.Security;
using Xunit;

namespace ContributionIngest.Tests.Functions.Accounts;

public sealed class SettingsPageTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36", "Chrome on Android")]
    [InlineData("a <b>program</b>", "a &lt;b&gt;program&lt;/b&gt;")]
    [InlineData(null, "A browser that does not say what it is")]
    public async Task Sessions_are_called_by_browser_and_system(string? agent, string name)
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = app.Browser();
        browser.Agent = agent;
        var link = await app.PrintedAsync();
        await browser.OpenAsync(link);
        await browser.SubmitAsync(link);

        await browser.OpenAsync("/settings");

        Assert.Contains($"<bdi>{name}</bdi>", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Digest_goes_to_the_address_that_is_chosen_and_to_no_other()
    {
        const string Second = "okvist@below-deck.example";
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await app.Get<SignInAddresses>().AddAsync((await app.OwnerAsync()).Id, Second, CancellationToken.None);
        await browser.OpenAsync("/settings");
        Assert.Contains($"The digest goes to <bdi>{SignInFixture.Address}</bdi>.", browser.Page, StringComparison.Ordinal);

        await browser.SubmitAsync("/settings/addresses/digest", ("address", Second));
        Assert.Contains($"The digest goes to <bdi>{Second}</bdi>.", browser.Page, StringComparison.Ordinal);

        await browser.SubmitAsync("/settings/addresses/digest", ("address", "stranger@quayside.example"));
        Assert.Contains("There is no such address.", browser.Page, StringComparison.Ordinal);
        Assert.Equal(Second, (await app.OwnerAsync()).Email);
    }

    [Fact]
    public async Task First_address_that_is_confirmed_gets_the_digest()
    {
        await using var app = await SignInFixture.StartAsync(("OwnerEmail", ""));
        Assert.Null((await app.OwnerAsync()).Email);
        using var browser = app.Browser();
        var link = await app.PrintedAsync();
        await browser.OpenAsync(link);
        await browser.SubmitAsync(link);
        await browser.OpenAsync("/settings");
        Assert.Contains("The digest is not mailed, since there is no address for it.", browser.Page, StringComparison.Ordinal);

        await browser.SubmitAsync("/settings/addresses", ("address", SignInFixture.Address));
        await app.App.DrainAsync();
        var confirm = SignInFixture.Link(app.App.Mail.Letters[^1]);
        await browser.OpenAsync(confirm);
        await browser.SubmitAsync(confirm);

        Assert.Equal(SignInFixture.Address, (await app.OwnerAsync()).Email);
    }

    [Fact]
    public async Task Address_of_the_setting_is_shown_to_the_owner_until_it_is_confirmed()
    {
        const string BySetting = $"<bdi>{SignInFixture.Address}</bdi> <span class=\"second\">by the setting OwnerEmail</span>";
        await using var app = await SignInFixture.StartAsync();
        using var printed = app.Browser();
        var link = await app.PrintedAsync();
        await printed.OpenAsync(link);
        await printed.SubmitAsync(link);
        await printed.OpenAsync("/settings");
        Assert.Contains(BySetting, printed.Page, StringComparison.Ordinal);

        using var mailed = await app.SignInAsync();
        await mailed.OpenAsync("/settings");
        Assert.DoesNotContain(BySetting, mailed.Page, StringComparison.Ordinal);
        Assert.Contains($"<bdi>{SignInFixture.Address}</bdi>", mailed.Page, StringComparison.Ordinal);
    }
}
