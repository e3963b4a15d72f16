using System.Net;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support;
using ContributionIngest.Tests.Support.FunctionsHost;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>The app as a worker over an embedded store, for tests that look at one request or one invocation.</summary>
internal sealed class WorkerSite : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SqliteStore store;
    private WorkerApp worker = null!;

    private WorkerSite() => store = new SqliteStore(folder.FullName, TimeProvider.System);

    public FunctionsTestHost Host => worker.Host;

    public IServiceProvider Services => worker.App.Services;

    public IQueue Queue => store.Queue;

    /// <summary>Only where a test asked for it.</summary>
    public HangingTable Hanging { get; private set; } = null!;

    public static Task<WorkerSite> StartAsync(params (string Name, string Value)[] settings) => StartAsync(TimeProvider.System, hangs: false, settings);

    public static async Task<WorkerSite> StartAsync(TimeProvider clock, bool hangs, params (string Name, string Value)[] settings)
    {
        var site = new WorkerSite();
        site.Hanging = new HangingTable(site.store.Table);
        var stores = new Stores(hangs ? site.Hanging : site.store.Table, site.store.Blobs, site.store.Queue, site.store.Epoch);
        var read = AppFixture.ReadSettings(settings.Append(("Data", site.folder.FullName)).Select(s => KeyValuePair.Create(s.Item1, (string?)s.Item2)));
        site.worker = await WorkerApp.StartAsync(read, AppFixture.Dependencies(stores, clock));
        return site;
    }

    /// <summary>The answer, once the invocation has ended as well.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpRequestMessage request)
    {
        var (answer, invocation) = await Host.SendAsync(request, CancellationToken.None);
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync();
            await invocation;
            return (answer.StatusCode, body + string.Join('\n', answer.Headers.Select(header => $"\n{header.Key}: {string.Join(',', header.Value)}")));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await worker.DisposeAsync();
        store.Dispose();
        folder.Dispose();
    }
}
