using ContributionIngest.Core.Backup;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Security;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Core.Backup;

/// <summary>An empty embedded store with the app's services over it, which nobody has started.</summary>
internal sealed class Target : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly WebApplication app;

    public Target()
    {
        Store = new SqliteStore(folder.FullName, Clock);
        Table = new WatchedTable(Store.Table);
        app = ContributionIngest.Functions.Configuration.App.Build(
            AppFixture.ReadSettings([new("Data", folder.FullName)]), AppFixture.Dependencies(new Stores(Table, Store.Blobs, Store.Queue, Store.Epoch), Clock));
    }

    public TestClock Clock { get; } = new(FilledStore.Now.AddDays(9)) { Skip = TimeSpan.FromHours(1) };

    public SqliteStore Store { get; }

    public WatchedTable Table { get; }

    public IServiceProvider Services => app.Services;

    public Task<RestoreResult> RestoreAsync(string file, string? passphrase = null, string? person = null) => RestoreAsync(Services, file, passphrase, person);

    public static Task<RestoreResult> RestoreAsync(IServiceProvider services, string file, string? passphrase = null, string? person = null) =>
        services.GetRequiredService<ArchiveRestore>().RunAsync(new RestoreRequest(file, passphrase, person), "test", services.GetRequiredService<TravellingKeys>().RestoreAsync, null, default);

    public static Task<ArchiveEnd> BackUpAsync(IServiceProvider services, string file, string? passphrase = null) =>
        services.GetRequiredService<ArchiveBackup>().RunAsync(new BackupRequest(file, "a store", "test", WithRaw: true, passphrase), services.GetRequiredService<TravellingKeys>().ReadAsync, null, default);

    public Task<IReadOnlyList<string>> DumpAsync() => FilledStore.DumpAsync(Store.Table, Store.Blobs);

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Store.Dispose();
        folder.Dispose();
    }
}
