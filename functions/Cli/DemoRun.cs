using System.Net.Http.Headers;
using System.Net.Http.Json;
using ContributionIngest.Core;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.People;
using ContributionIngest.Demo;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Standalone;

namespace ContributionIngest.Functions.Cli;

/// <summary>
/// Runs the whole program over the bundled sites: the real app, server, store and outbound checks, in a temporary folder. It ignores the settings
/// in the environment and in files.
/// </summary>
internal static class DemoRun
{
    /// <param name="output">The terminal of the user.</param>
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
        await StandaloneServer.RunAsync(app, settings.Listen, () => TellAsync(app, world, output));
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
        AppDependencies.Kestrel(builder, settings);
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
            output.WriteLine($"ContributionIngest {ProductVersion.Text}, the demo");
            output.WriteLine($"A year of {world.Person.Name}, who {world.Person.About}.");
            output.WriteLine("She and her sites are invented, and nothing of this leaves your machine.");
            output.WriteLine();
            var revised = await ActivatorUtilities.CreateInstance<DemoHarvest>(app.Services, world, owner.Person, output).HarvestAsync(stopping);
            var token = await app.Services.GetRequiredService<OwnerSignIn>().TokenAsync(stopping);
            var tour = new DemoTour(output, new Uri(app.Urls.First()), owner.Key, $"/auth/link/{token}");
            await tour.LogTalkAsync(world, stopping);
            await tour.AddProgrammesAsync(world, stopping);

            // A timer counts every hour; the demo is looked at now.
            await app.Services.GetRequiredService<MaintenanceRun>().RunAsync(new MaintenanceMessage(MaintenanceTask.Count), stopping);
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

    /// <summary>Deleted at the end of the run.</summary>
    private sealed class DataFolder : IDisposable
    {
        private readonly DirectoryInfo folder = Create();

        public string Path => folder.FullName;

        public void Dispose() => folder.Delete(recursive: true);

        private static DirectoryInfo Create()
        {
            try
            {
                return Directory.CreateTempSubdirectory("contributioningest-demo-");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartupException([$"The demo cannot make a folder in '{System.IO.Path.GetTempPath()}': {FileErrors.Reason(e)}. The environment variable TMPDIR names another place."]);
            }
        }
    }
}

/// <summary>Prints what to open and which <c>curl</c> commands to try, to be pasted one by one or all at once.</summary>
/// <param name="signIn">The path of the link that signs in.</param>
internal sealed class DemoTour(TextWriter output, Uri app, string key, string signIn)
{
    /// <summary>Logs a talk by hand.</summary>
    public async Task LogTalkAsync(World world, CancellationToken cancel)
    {
        var talk = world.Person.Talk;
        var entry = new
        {
            Kind = "talk",
            talk.Title,
            When = world.Day(talk.Ago),
            talk.Url,
            talk.Summary,
            talk.Note,
            talk.Topics,
            Metrics = new { talk.Attendees, talk.Minutes },
        };

        await SendAsync(HttpMethod.Post, "/api/ledger", entry, cancel);
        output.WriteLine($"  logged     by hand the talk “{talk.Title}”");
    }

    /// <summary>Adds a programme that looks for depth in one area, and one that looks for several kinds.</summary>
    public async Task AddProgrammesAsync(World world, CancellationToken cancel)
    {
        await SendAsync(HttpMethod.Put, "/api/programmes/microsoft-mvp/membership", new { Area = ".NET", HandIn = world.Day(-30) }, cancel);
        await SendAsync(HttpMethod.Patch, "/api/programmes/microsoft-mvp/areas", new { world.Person.Topics }, cancel);
        await SendAsync(HttpMethod.Put, "/api/programmes/cncf-ambassador/membership", new { }, cancel);
        output.WriteLine("  added      two award programmes, to see where she stands with them");
        output.WriteLine();
    }

    // Not the Fetcher, which is for sources: this is a client of our own API.
    private async Task SendAsync<T>(HttpMethod method, string path, T body, CancellationToken cancel)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(method, Address(path)) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <param name="crossPosted">Title of a post published in two blogs.</param>
    /// <param name="blog">The address of a page to preview.</param>
    public void Print(IReadOnlyList<RevisedPost> revised, string crossPosted, string blog)
    {
        output.WriteLine($"Open   {Address(signIn)}");
        output.WriteLine("       which signs you in, once");
        output.WriteLine("Stop   Ctrl-C; all of this is gone then");
        output.WriteLine();
        output.WriteLine("Ask the ledger from another terminal:");
        Line("the newest five entries", "/api/ledger?limit=5");
        Line("everything, ready for a spreadsheet", "/api/ledger?format=csv&limit=all");
        foreach (var post in revised)
            Line($"all revisions of a post on {post.Blog} that was changed after it had been harvested", $"/api/ledger/{post.Id}/history");
        Line("a post that stands in two of the blogs: one contribution, two sightings", $"/api/ledger?q={Uri.EscapeDataString(crossPosted)}");
        Line("how much of what, month by month", "/api/ledger/summary?by=month&split=kind");
        Line("the year as a picture; with  -o year.svg  added it is a file to open", "/api/charts/heatmap.svg");
        Line("the week's digest; with  format=html  it is what the mail shows", "/api/digests/preview?format=text", "{}");
        Line("the connections and how they are", "/api/connections");
        Line("the talk that was logged by hand", "/api/ledger?source=manual");
        Line("the evenings she organises, two of them still to come", "/api/ledger?source=meetup");
        Line("pull requests that were merged, with what they changed", "/api/ledger?kind=pullRequest&status=merged&limit=5");
        Line("where she stands with an award programme, and what is behind each sentence", "/api/programmes/microsoft-mvp/readiness");
        Line("everything about SQLite", "/api/ledger?q=sqlite");
        Line("what connecting the team's whole blog would bring; nothing is written", "/api/preview", $$"""{"address":"{{blog}}"}""");
        output.Flush();
    }

    private void Line(string what, string path, string? body = null)
    {
        var sent = body is null ? "" : $"-H 'Content-Type: application/json' -d '{body}' ";
        output.WriteLine();
        output.WriteLine($"# {what}");
        output.WriteLine($"curl -s -H 'Authorization: Bearer {key}' {sent}'{Address(path)}'");
    }

    private string Address(string path) => new Uri(app, path).AbsoluteUri;
}
