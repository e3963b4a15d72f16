using Microsoft.Playwright;
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
        await site.Visitor.ReadsAsync("verified");
        Assert.True(Assert.Single(await site.ConnectionsAsync()).GetProperty("verified").GetBoolean());
        await site.Visitor.OpenAsync("/");
        await Expect(site.Visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Read the tide tables in UTC" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task YouTube_channel_is_connected_by_consent_and_read_with_its_own_token()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();

        await site.ConnectAsync("YouTube");

        await site.Visitor.SeesAsync("The one connection is well");
        await site.Visitor.ReadsAsync("2 videos");
        await site.Visitor.ReadsAsync("verified");
    }

    [Fact]
    public async Task Expired_access_is_renewed_with_refresh_tokens_that_work_once()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        await site.ConnectAsync("YouTube");

        for (var refreshes = 1; refreshes <= 2; refreshes++)
        {
            await site.OAuth.ExpireAccessTokensAsync();
            await site.HarvestAsync();
            await site.Visitor.SeesAsync("The one connection is well");
            Assert.Equal(refreshes, await site.OAuth.RefreshesAsync());
        }

        site.App.Clock.Advance(TimeSpan.FromMinutes(55));
        await site.HarvestAsync();
        await site.Visitor.SeesAsync("The one connection is well");
        Assert.Equal(3, await site.OAuth.RefreshesAsync());
    }

    [Fact]
    public async Task Withdrawn_access_shows_where_it_can_be_given_again_and_that_heals_the_connection()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        await site.ConnectAsync("GitHub");

        await site.OAuth.RevokeAsync();
        await site.HarvestAsync();

        await site.Visitor.SeesAsync("The one connection needs care");
        await site.Visitor.ReadsAsync("GitHub does not accept the access any more that was given");
        var broken = Assert.Single(await site.ConnectionsAsync());
        Assert.Equal(("reconnect", 3), (broken.GetProperty("problem").GetProperty("code").GetString(), broken.GetProperty("contributions").GetInt32()));
        Assert.Equal("""{"failing":1}""", (await site.App.SendAsync(HttpMethod.Get, "/status")).GetProperty("connections").GetRawText());

        await site.Visitor.PressAsync("Connect again");
        await site.Visitor.ConsentAsync();
        await site.Visitor.ReadsAsync("connected. The past is being read.");
        await site.WorkAsync("/connections");

        await site.Visitor.SeesAsync("The one connection is well");
        var healed = Assert.Single(await site.ConnectionsAsync());
        Assert.False(healed.TryGetProperty("problem", out _));
        Assert.Equal((broken.GetProperty("id").GetString(), 3), (healed.GetProperty("id").GetString(), healed.GetProperty("contributions").GetInt32()));
        Assert.Equal("""{"ok":1}""", (await site.App.SendAsync(HttpMethod.Get, "/status")).GetProperty("connections").GetRawText());
    }

    [Fact]
    public async Task Who_connected_a_GitHub_account_signs_in_with_it_and_nobody_else_does()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        await site.ConnectAsync("GitHub");
        await site.Visitor.SignOutAsync();

        await site.Visitor.OpenAsync("/auth/sign-in");
        await site.Visitor.PressAsync("Sign in with GitHub");
        await site.Visitor.ConsentAsync();
        await site.Visitor.SeesAsync("3 contributions");

        await using var stranger = await Visitor.ComeAsync(chromium.Browser, site.Address, "stranger");
        await stranger.OpenAsync("/auth/sign-in");
        await stranger.PressAsync("Sign in with GitHub");
        await stranger.ConsentAsync();
        await stranger.SeesAsync("Nobody here signs in with this account");
    }
}
