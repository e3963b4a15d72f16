using Microsoft.Playwright;
using Xunit;

namespace ContributionIngest.Tests.Web;

/// <summary>The machine's own Chromium and a real OAuth server, once for all tests of the pages.</summary>
public sealed class Chromium : IAsyncLifetime
{
    public const string Collection = "Chromium";

    /// <summary>In milliseconds: a machine that runs all tests is slow at times.</summary>
    public const int Patience = 120_000;

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright? playwright;

    public IBrowser Browser { get; private set; } = null!;

    public OAuthServer OAuth { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        OAuth = await OAuthServer.StartAsync();
        playwright = await Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program() });
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        playwright?.Dispose();
        if (OAuth is not null)
            await OAuth.DisposeAsync();
    }

    private static string Program() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("The pages are tested in Chromium, which is not installed. Install it, on Debian by: apt-get install chromium");
}

[CollectionDefinition(Chromium.Collection)]
public sealed class ChromiumTests : ICollectionFixture<Chromium>;
