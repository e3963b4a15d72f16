using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Accounts;

/// <summary>Connecting an account at a provider of GitHub's shape, in a browser.</summary>
public sealed class ConnectAccountTests
{
    [Fact]
    public async Task An_account_is_connected_by_consent_and_read_with_its_own_token()
    {
        await using var provider = await ProviderFixture.StartAsync();

        var (browser, _) = await provider.ConnectAsync();

        Assert.Equal("/connections", browser.Path);
        Assert.Contains("Juna is connected.", browser.Page);
        var connection = await provider.ConnectionAsync();
        Assert.Equal((true, "ok", 3), (connection.GetProperty("verified").GetBoolean(), connection.GetProperty("health").GetString(), connection.GetProperty("contributions").GetInt32()));
        Assert.All(provider.Hub.Web.Asked.Where(request => request.RequestUri!.Host == "api.github.com"), request => Assert.NotNull(request.Headers.Authorization));
    }
}
