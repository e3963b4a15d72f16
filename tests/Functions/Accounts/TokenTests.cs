using System.Net;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Accounts;

/// <summary>Tokens that expire, are refused, are withdrawn, and cannot be renewed for now.</summary>
public sealed class TokenTests
{
    private static readonly TimeSpan Hours = TimeSpan.FromHours(8);

    [Fact]
    public async Task A_token_is_renewed_before_it_expires()
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();

        provider.App.Clock.Advance(Hours - TimeSpan.FromMinutes(9));
        await provider.App.HarvestAsync(id);

        Assert.Equal((1, "ok"), (provider.Refreshes, await HealthAsync(provider)));
        Assert.DoesNotContain(await RefusalsAsync(provider), _ => true);
    }

    [Fact]
    public async Task A_token_that_is_good_for_long_is_not_renewed()
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();

        provider.App.Clock.Advance(Hours - TimeSpan.FromMinutes(11));
        await provider.App.HarvestAsync(id);

        Assert.Equal((0, "ok"), (provider.Refreshes, await HealthAsync(provider)));
    }

    [Fact]
    public async Task A_token_that_is_refused_is_renewed_once_and_reading_goes_on()
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();

        provider.DropAccessTokens();
        await provider.App.HarvestAsync(id);

        Assert.Equal((1, "ok"), (provider.Refreshes, await HealthAsync(provider)));
    }

    [Fact]
    public async Task Each_refresh_token_is_used_once()
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();

        for (var day = 0; day < 3; day++)
        {
            provider.App.Clock.Advance(TimeSpan.FromDays(1));
            await provider.App.HarvestAsync(id);
        }

        Assert.Equal((3, "ok"), (provider.Refreshes, await HealthAsync(provider)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Access_that_was_withdrawn_asks_to_connect_again_and_that_heals_it(bool hasRefreshToken)
    {
        await using var provider = await ProviderFixture.StartAsync();
        provider.Lifetime = hasRefreshToken ? Hours : null;
        var (browser, id) = await provider.ConnectAsync();

        provider.Revoke();
        await provider.App.HarvestAsync(id);

        var connection = await provider.ConnectionAsync();
        Assert.Equal(("failing", "reconnect"), (connection.GetProperty("health").GetString(), connection.GetProperty("problem").GetProperty("code").GetString()));
        await browser.OpenAsync("/connections");
        Assert.Contains("Connect again", browser.Page);
        Assert.Contains("GitHub does not accept the access any more", WebUtility.HtmlDecode(browser.Page));

        // Without being asked again and again.
        var asked = provider.Web.Asked.Count;
        await provider.App.HarvestAsync(id);
        Assert.Equal(asked, provider.Web.Asked.Count);

        await provider.ConnectAsync(browser);
        Assert.Equal("ok", await HealthAsync(provider));
        Assert.Equal(id, (await provider.ConnectionAsync()).GetProperty("id").GetString());
        Assert.DoesNotContain("Connect again", browser.Page);
    }

    [Fact]
    public async Task The_digest_says_what_must_be_connected_again()
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();
        provider.Revoke();
        await provider.App.HarvestAsync(id);

        var (status, digest) = await provider.App.PostAsync("/digests/preview", "{}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("GitHub does not accept the access any more", digest.ToString());
    }

    [Theory]
    [InlineData(503, "")]
    [InlineData(429, "")]
    [InlineData(200, "<html>")]
    [InlineData(400, """{"error":"temporarily_unavailable"}""")]
    public async Task A_provider_in_trouble_is_asked_again_later(int status, string body)
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();
        provider.App.Clock.Advance(TimeSpan.FromDays(1));

        provider.Trouble = () => Task.FromResult(ScriptedWeb.Answer((HttpStatusCode)status, body, "application/json"));
        await provider.App.HarvestAsync(id);
        Assert.Equal(("failing", "refreshFailed"), (await HealthAsync(provider), (await provider.ConnectionAsync()).GetProperty("problem").GetProperty("code").GetString()));

        provider.Trouble = null;
        await provider.App.PassAsync(TimeSpan.FromHours(2));
        Assert.Equal("ok", await HealthAsync(provider));
    }

    [Fact]
    public async Task A_client_that_the_provider_no_longer_knows_is_the_operators_affair()
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();
        provider.App.Clock.Advance(TimeSpan.FromDays(1));
        provider.Trouble = () => Task.FromResult(ScriptedWeb.Answer(HttpStatusCode.Unauthorized, """{"error":"invalid_client"}""", "application/json"));

        await provider.App.HarvestAsync(id);

        Assert.Equal("clientRefused", (await provider.ConnectionAsync()).GetProperty("problem").GetProperty("code").GetString());

        // The grant itself is still good.
        provider.Trouble = null;
        await provider.App.HarvestAsync(id);
        Assert.Equal("ok", await HealthAsync(provider));
    }

    [Fact]
    public async Task Two_who_need_a_token_at_once_renew_it_once()
    {
        await using var provider = await ProviderFixture.StartAsync(new TestClock { Skip = TimeSpan.Zero });
        provider.Lifetime = Hours;
        await provider.ConnectAsync();
        provider.App.Clock.Advance(TimeSpan.FromDays(1));
        var (tokens, person) = (provider.App.App.Services.GetRequiredService<TokenService>(), await PersonAsync(provider));
        var connection = (await provider.App.App.Services.GetRequiredService<ContributionIngest.Core.Connections.ConnectionStore>().ListAsync(person, default))[0].Connection;
        var answered = new TaskCompletionSource<HttpResponseMessage>();
        provider.Trouble = () => answered.Task;

        var first = tokens.GetAsync(person, connection, null, default);
        var second = tokens.GetAsync(person, connection, null, default);
        var pause = await provider.App.Clock.ArmedAsync(left => left == TimeSpan.FromSeconds(1));
        answered.SetResult(ScriptedWeb.Answer(HttpStatusCode.OK, """{"access_token":"new","refresh_token":"newer","expires_in":28800}""", "application/json"));
        await first;
        provider.App.Clock.Advance(pause);

        Assert.Equal(("new", "new"), ((await first).Token, (await second).Token));
        Assert.Equal(2, provider.Web.Asked.Count(request => request.RequestUri!.AbsolutePath == "/login/oauth/access_token"));
    }

    [Fact]
    public async Task A_process_that_died_while_renewing_blocks_nobody_for_long()
    {
        await using var provider = await StartAsync();
        var (_, id) = await provider.ConnectAsync();
        provider.App.Clock.Advance(TimeSpan.FromDays(1));
        var (grants, person) = (provider.App.App.Services.GetRequiredService<GrantStore>(), await PersonAsync(provider));
        var grant = Assert.Single(await grants.ListAsync(person, default));
        var held = (await grants.GetAsync(person, grant.Id, default))!.Value;
        await grants.SaveAsync(person, held.Grant with { RefreshingUntil = provider.App.Clock.GetUtcNow() + TimeSpan.FromMinutes(2) }, held.Tag, default);

        provider.App.Clock.Advance(TimeSpan.FromMinutes(2));
        await provider.App.HarvestAsync(id);

        Assert.Equal((1, "ok"), (provider.Refreshes, await HealthAsync(provider)));
    }

    private static async Task<ProviderFixture> StartAsync()
    {
        var provider = await ProviderFixture.StartAsync();
        provider.Lifetime = Hours;
        return provider;
    }

    private static async Task<string?> HealthAsync(ProviderFixture provider) => (await provider.ConnectionAsync()).GetProperty("health").GetString();

    private static async Task<IEnumerable<string>> RefusalsAsync(ProviderFixture provider) =>
        (await provider.App.GetAsync("/connections")).GetProperty("items").EnumerateArray().Where(item => item.TryGetProperty("problem", out _)).Select(item => item.ToString());

    private static async Task<string> PersonAsync(ProviderFixture provider) => (await provider.App.App.Services.GetRequiredService<PeopleStore>().FindOwnerAsync(default))!.Id;
}
