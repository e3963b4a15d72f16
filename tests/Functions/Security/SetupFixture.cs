using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Drivers;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>A new deployment: two instances of the app over one store of either driver, without mail.</summary>
internal sealed class SetupFixture : IAsyncDisposable
{
    public const string Secret = "a-secret-of-the-deployment";

    private readonly TemporaryFolder folder = new();
    private readonly SqliteStore? local;
    private readonly Azurite? azurite;
    private readonly List<HttpClient> clients = [];
    private WebApplication[] apps = [];

    private SetupFixture(Azurite? azurite)
    {
        this.azurite = azurite;
        local = azurite is null ? new SqliteStore(folder.FullName, Clock) : null;
        Log.Plant(Secret);
    }

    public TestClock Clock { get; } = new();

    public SecretWatch Log { get; } = new();

    /// <summary>The tables as the first instance sees them.</summary>
    public WatchedTable Table { get; private set; } = null!;

    public static async Task<SetupFixture> StartAsync(bool azure, string? expires = null)
    {
        var emulator = azure ? new Azurite() : null;
        if (emulator is not null)
            await emulator.InitializeAsync();
        var fixture = new SetupFixture(emulator);
        await fixture.DeployAsync(Secret, expires);
        return fixture;
    }

    /// <summary>Both instances start anew with these settings; the store stays.</summary>
    public async Task DeployAsync(string secret, string? expires = null)
    {
        await StopAsync();
        var settings = AppFixture.ReadSettings(
        [
            new("Data", folder.FullName), new("OwnerEmail", SignInFixture.Address), new("PublicUrl", "http://localhost"), new("RequestsPerMinute", "0"),
            new("SetupSecret", secret), new("SetupExpires", expires),
        ]);
        var (first, second) = (Open(), Open());
        Table = new WatchedTable(first.Table);
        apps = [.. new[] { first with { Table = Table }, second }.Select(stores => App.Build(settings, AppFixture.Dependencies(stores, Clock) with { Server = Server }))];
        foreach (var app in apps)
            await app.StartAsync();
    }

    /// <param name="instance">0 or 1.</param>
    public Browser Browser(int instance)
    {
        var client = apps[instance].GetTestClient();
        clients.Add(client);
        return new Browser(client, Clock, Log);
    }

    /// <summary>A browser that shows the form.</summary>
    public Task<Browser> AtFormAsync(int instance) => Browser(instance).OpenAsync("/auth/setup");

    public static Task<Browser> SubmitAsync(Browser browser, string secret = Secret) => browser.SubmitAsync("/auth/setup", ("secret", secret));

    /// <summary>Whether the browser is the owner's by now.</summary>
    public static async Task<bool> IsInAsync(Browser browser)
    {
        await browser.OpenAsync("/settings");
        return browser.Path == "/settings" && browser.Page.Contains(SignInFixture.Address, StringComparison.Ordinal);
    }

    /// <summary>The rows of people, and of what looks them up.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync()
    {
        var rows = new List<string>();
        foreach (var name in (string[])[TableNames.Lookups, TableNames.People])
        {
            await foreach (var row in Open().Table.ScanAsync(name, "!", "~", CancellationToken.None))
                rows.Add($"{name} {row.Partition} {row.Key} {row.ETag}");
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        local?.Dispose();
        if (azurite is not null)
            await azurite.DisposeAsync();
        folder.Dispose();
        Assert(Log.Found.IsEmpty);
    }

    private async Task StopAsync()
    {
        clients.ForEach(client => client.Dispose());
        clients.Clear();
        foreach (var app in apps)
            await app.DisposeAsync();
    }

    private void Server(WebApplicationBuilder builder, Settings settings)
    {
        builder.WebHost.UseTestServer();
        builder.Logging.AddProvider(Log);
    }

    private Stores Open()
    {
        if (local is not null)
            return new Stores(local.Table, local.Blobs, local.Queue, "shared");
        var store = AzureStore.FromConnectionString(azurite!.ConnectionString, Clock);
        return new Stores(store.Table, store.Blobs, store.Queue, "shared");
    }

    private static void Assert(bool isNothingLogged)
    {
        if (!isNothingLogged)
            throw new InvalidOperationException("A secret was logged.");
    }
}
