using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>Accounts connected by OAuth in a real browser, at a real OAuth server.</summary>
[Collection(Chromium.Collection)]
public sealed class ConnectAccountTests(Chromium chromium)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GitHub_account_is_connected_by_consent_and_read_with_its_own_token(bool azure)
    {
        await using var site = await Site.StartAsync(chromium, azure);
        await site.SignInAsync();

        await site.ConnectAsync("GitHub");

        await site.Visitor.SeesAsync("The one connection is well");
        await site.Visitor.ReadsAsync("3 pull requests");
        await site.Visitor.ReadsAsync("yours, proven");
        Assert.True((await site.ConnectionAsync()).GetProperty("verified").GetBoolean());
        await site.Visitor.OpenAsync("/");
        await Expect(site.Visitor.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Read the tide tables in UTC" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task YouTube_channel_is_connected_by_consent_and_read_with_its_own_token()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();

        await site.ConnectAsync("YouTube");

        await site.Visitor.SeesAsync("The one connection is well");
        await site.Visitor.ReadsAsync("2 videos");
        await site.Visitor.ReadsAsync("yours, proven");
    }
}
