using System.Net;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Accounts;

/// <summary>Signing in with an account at a provider.</summary>
public sealed class AccountSignInTests
{
    [Fact]
    public async Task Who_connected_an_account_signs_in_with_it()
    {
        await using var provider = await ProviderFixture.StartAsync();
        await provider.ConnectAsync();

        var browser = await SignInAsync(provider, "/settings");

        Assert.Equal(("/settings", HttpStatusCode.OK), (browser.Path, browser.Status));
        Assert.Contains((await provider.App.GetAsync("/me/audit")).GetProperty("items").EnumerateArray(), item => item.GetProperty("what").GetString() == "signedIn" && item.GetProperty("detail").GetString() == "github");
    }

    [Fact]
    public async Task An_account_that_nobody_connected_opens_nothing_where_people_are_invited()
    {
        await using var provider = await ProviderFixture.StartAsync();

        var browser = await SignInAsync(provider);

        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("Nobody here signs in with this account", browser.Page);
        await ConnectAccountTests.NothingIsSavedAsync(provider);
        Assert.Null(browser.Cookie("session"));
    }

    [Fact]
    public async Task Where_registration_is_open_it_opens_an_account_once_and_connects_it()
    {
        await using var provider = await ProviderFixture.StartAsync(null, ("Registration", "open"));

        var browser = await SignInAsync(provider);
        await provider.App.DrainAsync();
        var again = await SignInAsync(provider);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (browser.Status, again.Status));
        Assert.Equal(2, (await provider.App.App.Services.GetRequiredService<PeopleStore>().AllAsync(default)).Count);
        await again.OpenAsync("/connections");
        Assert.Contains("verified", again.Page);
        Assert.Empty((await provider.App.GetAsync("/connections")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_second_person_may_connect_the_account_but_the_first_signs_in_with_it()
    {
        await using var provider = await ProviderFixture.StartAsync(null, ("Registration", "open"));
        var first = await SignInAsync(provider);
        await first.OpenAsync("/settings");

        await provider.ConnectAsync();
        var browser = await SignInAsync(provider);

        await browser.OpenAsync("/settings");
        Assert.Equal(HeadingOf(first), HeadingOf(browser));
        Assert.True((await provider.ConnectionAsync()).GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task Who_disconnected_the_account_signs_in_with_it_no_more()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var (_, id) = await provider.ConnectAsync();
        await provider.App.SendAsync(HttpMethod.Delete, $"/connections/{id}");

        Assert.Equal(HttpStatusCode.Forbidden, (await SignInAsync(provider)).Status);
    }

    [Fact]
    public async Task Signing_in_again_heals_what_was_withdrawn()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var (_, id) = await provider.ConnectAsync();
        provider.Revoke();
        await provider.App.HarvestAsync(id);
        Assert.Equal("reconnect", (await provider.ConnectionAsync()).GetProperty("problem").GetProperty("code").GetString());

        await SignInAsync(provider);
        await provider.App.DrainAsync();

        Assert.Equal("ok", (await provider.ConnectionAsync()).GetProperty("health").GetString());
    }

    [Fact]
    public async Task Who_is_being_deleted_does_not_come_back_meanwhile()
    {
        await using var provider = await ProviderFixture.StartAsync(null, ("Registration", "open"));
        await SignInAsync(provider);
        var people = provider.App.App.Services.GetRequiredService<PeopleStore>();
        var owner = (await people.FindOwnerAsync(default))!.Id;
        var person = (await people.GetAsync((await people.AllAsync(default)).Single(id => id != owner), default))!;

        await provider.App.App.Services.GetRequiredService<ContributionIngest.Core.Accounts.AccountDeletion>().BeginAsync(person, null, null, default);

        var browser = await SignInAsync(provider);
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Null(browser.Cookie("session"));
    }

    [Fact]
    public async Task A_path_to_another_site_is_not_followed_afterwards()
    {
        await using var provider = await ProviderFixture.StartAsync();
        await provider.ConnectAsync();

        Assert.Equal("/", (await SignInAsync(provider, "https://evil.example/")).Path);
    }

    [Fact]
    public async Task Only_a_source_whose_accounts_sign_in_has_a_button()
    {
        await using var provider = await ProviderFixture.StartAsync(_ => ProviderShape.YouTube(new Core.Sources.YouTube.ScriptedYouTube()));
        var browser = new Browser(provider.App);
        await browser.OpenAsync("/auth/sign-in");
        Assert.DoesNotContain("/auth/sign-in/", browser.Page);

        await browser.SubmitAsync("/auth/sign-in/youtube");

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    private static async Task<Browser> SignInAsync(ProviderFixture provider, string returnPath = "/")
    {
        var browser = new Browser(provider.App);
        await browser.OpenAsync("/auth/sign-in");
        await browser.SubmitAsync("/auth/sign-in/github", ("return", returnPath));
        return await browser.OpenAsync(provider.Consent(browser));
    }

    private static string HeadingOf(Browser browser) => browser.Page[browser.Page.IndexOf("name=\"name\"", StringComparison.Ordinal)..][..60];
}
