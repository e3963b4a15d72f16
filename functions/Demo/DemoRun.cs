using ContributionIngest.Core.Fetch;
using ContributionIngest.Core.People;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Standalone;

namespace ContributionIngest.Functions.Demo;

/// <summary>
/// The whole program over the bundled world: the same app, server, store and gate as always, in a folder that goes with it. Nothing that is
/// set for the real one, in the environment or in a file, counts here.
/// </summary>
internal static class DemoRun
{
    /// <param name="output">Who started it reads this.</param>
    /// <param name="port">0 for any free one.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">The port is taken.</exception>
    public static async Task<int> RunAsync(TextWriter output, int port, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        var world = World.Read(clock.GetUtcNow());
        using var folder = new DataFolder();
        await using var server = await WorldServer.StartAsync(world);
        var settings = SettingsFor(world, folder, port);
        var stores = Stores.Open(settings, clock);
        using var store = stores.Owner;
        var web = GuardedHandler.Create(new AddressPolicy(settings.AllowNetworks));
        var mail = new OutboxMail(Path.Combine(folder.Path, AppDependencies.Outbox));
        await using var app = App.Build(settings, new AppDependencies(Server, stores, web, clock, mail));
        await using var stop = cancel.Register(app.Lifetime.StopApplication);
        await StandaloneServer.RunAsync(app, settings, () => TellAsync(app, world, output));
        return 0;
    }

    private static Settings SettingsFor(World world, DataFolder folder, int port)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Data"] = folder.Path,
            ["Listen"] = new ListenAddress("127.0.0.1", port).ToString(),
            ["OwnerZone"] = world.Person.Zone,
            ["AllowNetworks"] = "127.0.0.0/8",
        };
        foreach (var (name, value) in world.Sites.SelectMany(site => site.Settings))
            values[name] = value;
        return Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }

    private static void Server(WebApplicationBuilder builder, Settings settings)
    {
        builder.Configuration.Sources.Clear();
        StandaloneServer.Configure(builder, settings);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
    }

    private static async Task TellAsync(WebApplication app, World world, TextWriter output)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            var owner = await OwnerAsync(app, world, stopping);
            output.WriteLine($"ContributionIngest {App.Version}, the demo");
            output.WriteLine($"A year of {world.Person.Name}, who {world.Person.About}.");
            output.WriteLine("She and her sites are invented, and nothing of this leaves your machine.");
            output.WriteLine();
            var revised = await ActivatorUtilities.CreateInstance<DemoYear>(app.Services, world, owner.Person, output).HarvestAsync(stopping);
            var tour = new DemoTour(output, new Uri(app.Urls.First()), owner.Key);
            await tour.LogTalkAsync(world, stopping);
            tour.Print(revised, world.CrossPosted, world.Address(world.Blogs[^1].Site + "/"));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            output.WriteLine("Stopped before the year was told.");
        }
    }

    private static async Task<(string Person, string Key)> OwnerAsync(WebApplication app, World world, CancellationToken cancel)
    {
        var owner = app.Services.GetRequiredService<Owner>();
        var key = await owner.EnsureAsync(cancel) ?? throw new InvalidOperationException("The demo's store was not empty.");
        var person = await owner.FindAsync(cancel) ?? throw new InvalidOperationException("The demo has no owner.");
        await app.Services.GetRequiredService<PeopleStore>().ChangeAsync(person.Id, known => known with { Name = world.Person.Name }, cancel);
        return (person.Id, key);
    }

    /// <summary>Goes with the run.</summary>
    private sealed class DataFolder : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("contributioningest-demo-");

        public string Path => folder.FullName;

        public void Dispose() => folder.Delete(recursive: true);
    }
}
