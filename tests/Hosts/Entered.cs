using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Drivers.Local;
using ContributionIngest.Functions;
using ContributionIngest.Functions.Hosts;
using ContributionIngest.Tests.Drivers;
using ContributionIngest.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Hosts;

/// <summary>
/// The whole app on a real port, behind one of the two doors, over one of the two drivers. Behind the Functions host's door the test is the
/// host: it takes messages from the queue and calls the functions by their envelopes.
/// </summary>
internal sealed class Entered : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly WebApplication app;
    private readonly Settings settings;
    private readonly WatchedQueue queue;
    private readonly ITable table;
    private readonly Azurite? azurite;
    private readonly LocalStore? local;
    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly int? port;
    private readonly Uri site;
    private string? key;
    private Task<int>? exit;

    private Entered(HttpMessageHandler web, Azurite? azurite, bool hosted)
    {
        this.azurite = azurite;
        port = hosted ? Hosted.FreePort() : null;
        var listen = $"http://127.0.0.1:{(hosted ? 0 : Hosted.FreePort())}";
        settings = Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Data"] = folder.FullName, ["Listen"] = listen }).Build());
        local = azurite is null ? new LocalStore(folder.FullName, Clock) : null;
        var azure = azurite is null ? null : new AzureStore(azurite.Account, Clock, Requests);
        table = local?.Table ?? azure!.Table;
        queue = new WatchedQueue(local?.Queue ?? azure!.Queue);
        var stores = new Stores(table, local?.Blobs ?? azure!.Blobs, queue, local?.Epoch ?? "shared", queue.Arrival);
        app = Functions.App.Build(settings, new Edges(Door, stores, web, Clock));
        site = new Uri(port is { } p ? $"http://127.0.0.1:{p}" : listen);
    }

    public StillClock Clock { get; } = new();

    /// <summary>What the Azure drivers sent.</summary>
    public FaultTransport Requests { get; } = new();

    public static async Task<Entered> Start(HttpMessageHandler web, bool azure, bool hosted)
    {
        var emulator = azure ? new Azurite() : null;
        if (emulator is not null)
            await emulator.InitializeAsync();
        var entered = new Entered(web, emulator, hosted);
        entered.exit = Doors.Run(entered.app, entered.settings);
        var started = new TaskCompletionSource();
        using var _ = entered.app.Lifetime.ApplicationStarted.Register(started.SetResult);
        await await Task.WhenAny(started.Task, entered.exit);
        entered.key = await entered.app.Services.GetRequiredService<Owner>().Ensure(CancellationToken.None);
        return entered;
    }

    /// <summary>What they sent to tables and blobs since <see cref="FaultTransport.Sent"/> was cleared.</summary>
    public IReadOnlyList<SentRequest> Stored() => [.. Requests.Sent.Where(request => request.Address.Port != azurite!.Account.Queue.Port)];

    public async Task<JsonElement> Send(HttpMethod method, string path, string? json = null, string type = "application/json", string? idempotency = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(site, "/api" + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, type);
        if (idempotency is not null)
            request.Headers.Add("Idempotency-Key", idempotency);
        using var response = await client.SendAsync(request, CancellationToken.None);
        var text = await response.Content.ReadAsStringAsync();
        Assert(response.IsSuccessStatusCode, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default;
    }

    /// <summary>Until no message is left.</summary>
    public async Task Work()
    {
        if (port is null)
        {
            await queue.Idle();
            return;
        }

        for (var worked = 1; worked > 0;)
        {
            worked = 0;
            foreach (var function in FunctionDefinitions.Read().All.Where(f => f.Queue is not null))
            {
                foreach (var message in await queue.Receive(function.Queue!.Queue, 16, TimeSpan.FromMinutes(10), CancellationToken.None))
                {
                    await Call(function.Name, message);
                    await queue.Delete(function.Queue.Queue, message, CancellationToken.None);
                    worked++;
                }
            }
        }
    }

    /// <summary>Every row of the person's ledger, with what is random named by the order it came in.</summary>
    public async Task<IReadOnlyList<string>> Ledger()
    {
        var person = (await app.Services.GetRequiredService<PeopleStore>().All(CancellationToken.None)).Single();
        var connections = await app.Services.GetRequiredService<ConnectionStore>().List(person, CancellationToken.None);
        return await table.Range("ledger", person, " ", "\uffff", null, CancellationToken.None)
            .Select(row => Known(connections.Select((c, i) => (c.Connection.Id, Name: $"connection{i}"))
                .Aggregate(Line(row).Replace(person, "person", StringComparison.Ordinal), (line, c) => line.Replace(c.Id, c.Name, StringComparison.Ordinal))))
            .Order(StringComparer.Ordinal)
            .ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        app.Lifetime.StopApplication();
        await exit!;
        await app.DisposeAsync();
        local?.Dispose();
        if (azurite is not null)
            await azurite.DisposeAsync();
        folder.Dispose();
    }

    private void Door(WebApplicationBuilder builder, Settings read)
    {
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["FUNCTIONS_CUSTOMHANDLER_PORT"] = port?.ToString(CultureInfo.InvariantCulture),
        });
        Doors.Configure(builder, read);
    }

    /// <summary>As the host calls (recorded in <c>queue-json.http</c>): a string that holds the message, encoded once more.</summary>
    private async Task Call(string function, QueueMessage message)
    {
        var body = $$"""{"Data":{"message":{{Quoted(Quoted(message.Body))}}},"Metadata":{"DequeueCount":"{{message.Attempt}}","Id":"\"{{message.Id}}\"","sys":{"MethodName":"{{function}}"} } }""";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(site, function)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await client.SendAsync(request, CancellationToken.None);
        Assert(answer.StatusCode == HttpStatusCode.OK, $"{function} answered {(int)answer.StatusCode} to {message.Body}");
    }

    /// <summary>References of an address stand in the order of connections' ids, which are random.</summary>
    private static string Known(string line)
    {
        const string Start = " doc=[";
        var start = line.IndexOf(Start, StringComparison.Ordinal);
        if (!line.StartsWith("u|", StringComparison.Ordinal) || start < 0)
            return line;
        return line[..(start + Start.Length)] + string.Join("},", line[(start + Start.Length)..].TrimEnd(']').TrimEnd('}').Split("},").Order(StringComparer.Ordinal));
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Line(Row row) => $"{row.Key} " + string.Join(' ', row.Values.OrderBy(v => v.Key, StringComparer.Ordinal)
        .Select(v => $"{v.Key}={(v.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(v.Value, CultureInfo.InvariantCulture))}"));

    private static void Assert(bool isTrue, string otherwise)
    {
        if (!isTrue)
            throw new InvalidOperationException(otherwise);
    }
}
