using System.Net;
using ContributionIngest.Tests.Core.Sources.GitHub;
using ContributionIngest.Tests.Core.Sources.Meetup;
using ContributionIngest.Tests.Core.Sources.YouTube;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace ContributionIngest.Tests.Functions.Accounts;

/// <summary>Connecting an account at its provider, in a browser.</summary>
public sealed class ConnectAccountTests
{
    private const string Scope = "https://www.googleapis.com/auth/youtube.readonly";

    [Fact]
    public async Task A_GitHub_account_is_connected_by_consent_and_read_with_its_own_token()
    {
        await using var provider = await ProviderFixture.StartAsync();

        var (browser, _) = await provider.ConnectAsync();

        Assert.Equal("/connections", browser.Path);
        Assert.Contains("Juna is connected.", browser.Page);
        var connection = await provider.ConnectionAsync();
        Assert.Equal((true, "ok", 3), (connection.GetProperty("verified").GetBoolean(), connection.GetProperty("health").GetString(), connection.GetProperty("contributions").GetInt32()));
        Assert.All(provider.Reads, request => Assert.NotNull(request.Headers.Authorization));
        var entry = Assert.Single((await provider.App.GetAsync("/me/audit")).GetProperty("items").EnumerateArray(), item => item.GetProperty("what").GetString() == "accountConnected");
        Assert.Equal("GitHub: juna", entry.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_YouTube_channel_is_connected_and_what_only_its_owner_sees_is_not_kept()
    {
        var tube = new ScriptedYouTube(4);
        await using var provider = await ProviderFixture.StartAsync(_ => ProviderShape.YouTube(tube));
        (provider.Lifetime, provider.GrantedScope) = (TimeSpan.FromHours(1), Scope);

        await provider.ConnectAsync();

        var connection = await provider.ConnectionAsync();
        Assert.Equal((true, "ok", 4), (connection.GetProperty("verified").GetBoolean(), connection.GetProperty("health").GetString(), connection.GetProperty("contributions").GetInt32()));
        var report = (await provider.App.GetAsync($"/connections/{connection.GetProperty("id").GetString()}/harvests")).GetProperty("items")[0];
        Assert.Equal(0, report.GetProperty("raw").GetArrayLength());
    }

    [Fact]
    public async Task A_Meetup_account_connects_the_groups_it_organises_and_no_others()
    {
        var meetup = new ScriptedMeetup(new TestClock());
        meetup.Fill(5, 2);
        await using var provider = await ProviderFixture.StartAsync(_ => ProviderShape.Meetup(meetup));
        provider.Lifetime = TimeSpan.FromHours(1);

        await provider.ConnectAsync();

        var connections = (await provider.App.GetAsync("/connections")).GetProperty("items");
        Assert.Equal(1, connections.GetArrayLength());
        Assert.Equal(("meetup:sound-dotnet", true, 5), (connections[0].GetProperty("origin").GetString(), connections[0].GetProperty("verified").GetBoolean(), connections[0].GetProperty("contributions").GetInt32()));
    }

    [Fact]
    public async Task An_account_that_organises_nothing_connects_nothing()
    {
        await using var provider = await ProviderFixture.StartAsync(clock => ProviderShape.Meetup(new ScriptedMeetup(clock), "MEMBER"));
        var browser = await StartAsync(provider, "meetup");

        await browser.OpenAsync(provider.Consent(browser));

        Assert.Contains("organises or publishes nothing", browser.Page);
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task An_account_without_a_channel_is_refused_with_what_to_do()
    {
        await using var provider = await ProviderFixture.StartAsync(_ => ProviderShape.YouTube(new ScriptedYouTube(), channel: null));
        var browser = await StartAsync(provider, "youtube");

        await browser.OpenAsync(provider.Consent(browser));

        Assert.Contains("has no YouTube channel", browser.Page);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task What_was_connected_by_address_becomes_verified_and_stays_one_connection()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var id = await provider.App.ConnectAsync("juna", "github");

        var (_, connection) = await provider.ConnectAsync();

        Assert.Equal(id, connection);
        Assert.Equal((1, true, 3), ((await provider.App.GetAsync("/connections")).GetProperty("items").GetArrayLength(), (await provider.ConnectionAsync()).GetProperty("verified").GetBoolean(), (await provider.App.LedgerAsync()).Count));
    }

    [Fact]
    public async Task The_provider_is_asked_for_the_least_with_a_challenge_and_a_state()
    {
        await using var provider = await ProviderFixture.StartAsync(_ => ProviderShape.YouTube(new ScriptedYouTube()));
        var browser = await StartAsync(provider, "youtube");

        var address = new Uri(ProviderFixture.Leaving(browser));

        var query = QueryHelpers.ParseQuery(address.Query);
        Assert.Equal("https://accounts.google.com/o/oauth2/v2/auth", address.GetLeftPart(UriPartial.Path));
        Assert.Equal((Scope, "offline", "consent", "S256"), (query["scope"].ToString(), query["access_type"].ToString(), query["prompt"].ToString(), query["code_challenge_method"].ToString()));
        Assert.Equal("http://localhost/auth/youtube/callback", query["redirect_uri"].ToString());
        Assert.Equal("0; url=" + address.OriginalString, browser.Headers["Refresh"]);
    }

    [Fact]
    public async Task Who_declines_connects_nothing()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var browser = await StartAsync(provider);

        await browser.OpenAsync(ProviderFixture.Decline(browser));

        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("You declined at GitHub.", browser.Page);
        await NothingIsSavedAsync(provider);
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://www.googleapis.com/auth/userinfo.email")]
    public async Task Less_than_what_reading_needs_connects_nothing(string granted)
    {
        await using var provider = await ProviderFixture.StartAsync(_ => ProviderShape.YouTube(new ScriptedYouTube()));
        provider.GrantedScope = granted;
        var browser = await StartAsync(provider, "youtube");

        await browser.OpenAsync(provider.Consent(browser));

        Assert.Contains("Without the permission that was not ticked", browser.Page);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task A_state_that_was_altered_by_one_character_is_refused_before_the_provider_is_asked()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var browser = await StartAsync(provider);
        var back = provider.Consent(browser);
        var at = back.IndexOf("state=", StringComparison.Ordinal) + 20;

        await browser.OpenAsync(back[..at] + (back[at] == 'A' ? 'B' : 'A') + back[(at + 1)..]);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Empty(provider.Web.Asked);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task An_answer_works_once()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var browser = await StartAsync(provider);
        var back = provider.Consent(browser);
        await browser.OpenAsync(back);
        var asked = provider.Web.Asked.Count;

        await browser.OpenAsync(back);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Equal(asked, provider.Web.Asked.Count);
    }

    [Fact]
    public async Task A_code_of_somebody_else_is_refused()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var browser = await StartAsync(provider);
        var theirs = QueryHelpers.ParseQuery(new Uri("http://localhost" + provider.Consent(await StartAsync(provider))).Query)["code"].ToString();
        var back = provider.Consent(browser);

        await browser.OpenAsync(back.Replace(QueryHelpers.ParseQuery(new Uri("http://localhost" + back).Query)["code"].ToString(), theirs, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadGateway, browser.Status);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task An_answer_in_another_browser_connects_nothing()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var back = provider.Consent(await StartAsync(provider));
        var other = await provider.SignInAsync();

        await other.OpenAsync(back);

        Assert.Equal(HttpStatusCode.BadRequest, other.Status);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task Who_signed_out_meanwhile_connects_nothing()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var browser = await StartAsync(provider);
        var back = provider.Consent(browser);
        await browser.OpenAsync("/connections");
        await browser.SubmitAsync("/auth/sign-out");

        await browser.OpenAsync(back);

        Assert.Contains("Somebody else is signed in", browser.Page);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task Another_site_cannot_begin_it()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var browser = await provider.SignInAsync();

        await browser.PostAsync("/connections/accounts/github");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.DoesNotContain("github.com", browser.Page);
    }

    [Theory]
    [InlineData(503, "down")]
    [InlineData(200, "<html>maintenance</html>")]
    [InlineData(200, "{}")]
    [InlineData(401, """{"error":"invalid_client"}""")]
    public async Task A_provider_in_trouble_connects_nothing_and_says_so(int status, string body)
    {
        await using var provider = await ProviderFixture.StartAsync();
        provider.Trouble = () => Task.FromResult(ScriptedWeb.Answer((HttpStatusCode)status, body, "application/json"));
        var browser = await StartAsync(provider);

        await browser.OpenAsync(provider.Consent(browser));

        Assert.Equal(HttpStatusCode.BadGateway, browser.Status);
        Assert.Contains("Nothing was saved.", browser.Page);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_connects_nothing()
    {
        await using var provider = await ProviderFixture.StartAsync();
        provider.Trouble = () => throw new HttpRequestException("No route to host.");
        var browser = await StartAsync(provider);

        await browser.OpenAsync(provider.Consent(browser));

        Assert.Equal(HttpStatusCode.BadGateway, browser.Status);
        await NothingIsSavedAsync(provider);
    }

    [Fact]
    public async Task Without_a_client_there_is_no_button_and_no_way()
    {
        await using var app = await SignInFixture.StartAsync();
        var browser = await app.SignInAsync();

        await browser.OpenAsync("/connections");
        Assert.DoesNotContain("/connections/accounts/", browser.Page);
        await browser.SubmitAsync("/connections/accounts/github");

        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Fact]
    public async Task No_secret_stands_in_the_store_in_a_page_or_in_an_answer()
    {
        await using var provider = await ProviderFixture.StartAsync();
        provider.Lifetime = TimeSpan.FromHours(8);

        var (browser, id) = await provider.ConnectAsync();
        provider.App.Clock.Advance(TimeSpan.FromHours(9));
        await provider.App.HarvestAsync(id);

        Assert.Equal(5, provider.Secrets.Count);
        var seen = browser.Page;
        foreach (var table in new[] { "people", "lookups", "ledger", "schedule", "harvests", "digests" })
            seen += string.Concat(await provider.App.DumpAsync(table));
        foreach (var path in new[] { $"/connections/{id}", "/connections", "/me", "/me/audit", "/status", $"/connections/{id}/harvests" })
            seen += await provider.App.GetAsync(path);
        Assert.All(provider.Secrets, secret => Assert.DoesNotContain(secret, seen));
    }

    [Fact]
    public async Task Who_disconnects_leaves_no_access_behind()
    {
        await using var provider = await ProviderFixture.StartAsync();
        var (_, id) = await provider.ConnectAsync();

        await provider.App.SendAsync(HttpMethod.Delete, $"/connections/{id}");

        await NothingIsSavedAsync(provider);
    }

    internal static async Task NothingIsSavedAsync(ProviderFixture provider)
    {
        Assert.Equal(0, (await provider.App.GetAsync("/connections")).GetProperty("items").GetArrayLength());
        Assert.DoesNotContain(await provider.App.DumpAsync("people"), row => row.Contains(" g|", StringComparison.Ordinal));
        Assert.DoesNotContain(await provider.App.DumpAsync("lookups"), row => row.StartsWith("g|", StringComparison.Ordinal));
    }

    /// <summary>On the page that leads to the provider.</summary>
    internal static async Task<Browser> StartAsync(ProviderFixture provider, string source = "github")
    {
        var browser = await provider.SignInAsync();
        await browser.OpenAsync("/connections");
        return await browser.SubmitAsync($"/connections/accounts/{source}");
    }
}
