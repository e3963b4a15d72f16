using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Web;

/// <summary>
/// An OAuth server that is not ours, as a process of its own, and behind it the APIs of GitHub and YouTube for the account of one person. <c>tests/run</c>
/// installs it. It ends with its standard input, so also when the tests are killed.
/// </summary>
public sealed class OAuthServer : IAsyncDisposable
{
    private readonly Process process;

    private OAuthServer(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    /// <summary>A host name other than the product's, so that to the browser it is another site.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{Port}");

    public static async Task<OAuthServer> StartAsync()
    {
        var home = Repository.Path("artifacts", "oidc");
        if (!Directory.Exists(Path.Combine(home, "node_modules", "oidc-provider")))
            throw new InvalidOperationException("The OAuth server is not installed. Run tests/run once: it installs it.");
        string[] arguments = [Repository.Path("tests", "Web", "oauth-server.mjs"), home];
        var started = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        return new OAuthServer(started, (await LineAsync(started)).GetProperty("port").GetInt32());
    }

    /// <summary>Settings of a product that is registered here with both providers.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("GitHubAuthorizeUrl", $"{Address}/authorize"), ("GitHubTokenUrl", $"{Address}/token"), ("GitHubClientId", "github"), ("GitHubClientSecret", "the-secret-of-github"),
        ("GoogleAuthorizeUrl", $"{Address}/authorize"), ("GoogleTokenUrl", $"{Address}/token"), ("GoogleClientId", "youtube"), ("GoogleClientSecret", "the-secret-of-youtube"),
        ("GitHubApi", $"{Address}/github"), ("GitHubSite", $"{Address}/hub"), ("YouTubeApi", $"{Address}/youtube/v3"), ("YouTubeSite", $"{Address}/tube"),
    ];

    /// <summary>Forgets everything; from now on it sends browsers back to this address.</summary>
    public Task ResetAsync(string site) => TellAsync($"reset {site}");

    /// <summary>GitHub's tokens expire from now on, and come with refresh tokens.</summary>
    public Task RenewGitHubAsync() => TellAsync("renew");

    public Task ExpireAccessTokensAsync() => TellAsync("expire");

    /// <summary>The account's owner withdraws every access.</summary>
    public Task RevokeAsync() => TellAsync("revoke");

    /// <summary>The token endpoint is out of order.</summary>
    public Task BreakAsync() => TellAsync("down");

    public Task RepairAsync() => TellAsync("up");

    /// <summary>Shows a link back from now on, where it would send the browser back.</summary>
    public Task HoldAsync() => TellAsync("hold");

    public async Task<int> RefreshesAsync() => (await TellAsync("seen")).GetProperty("refreshes").GetInt32();

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<JsonElement> TellAsync(string command)
    {
        await process.StandardInput.WriteLineAsync(command);
        await process.StandardInput.FlushAsync();
        return await LineAsync(process);
    }

    private static async Task<JsonElement> LineAsync(Process process) => JsonDocument.Parse(
        await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException("The OAuth server ended by itself.")).RootElement;
}
