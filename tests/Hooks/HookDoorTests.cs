using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ContributionIngest.Drivers.Local;
using ContributionIngest.Functions;
using ContributionIngest.Functions.Hosts;
using ContributionIngest.Tests.Hosts;
using ContributionIngest.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace ContributionIngest.Tests.Hooks;

/// <summary>The whole app on a real port behind the door of the Functions host: bytes come through as they were signed, and floods do not.</summary>
public sealed class HookDoorTests
{
    private const string Secret = "s";

    [Theory]
    [InlineData("proxied-request", true)]
    [InlineData("proxied-request", false)]
    [InlineData("forwarded-request", false)]
    public async Task A_delivery_passes_the_Functions_host_byte_for_byte(string recorded, bool chunked)
    {
        await using var door = await Door.Open();
        var body = "{\r\n\t\"zen\": \"ä€😀\u2028 \\u0000\",\r\n\r\n  \"hook_id\": 1 }\n";
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = await File.ReadAllTextAsync(Path.Combine(Hosts.Repository.Root, "tests", "Hosts", "Recorded", recorded + ".http"));
        head = head[(head.IndexOf('\n', StringComparison.Ordinal) + 1)..].TrimEnd('\n');
        var length = chunked ? "Transfer-Encoding: chunked" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes.Length}");
        var answer = await door.Send(
            $"POST /api/webhooks/github/app HTTP/1.1\n{head}\n{length}\nContent-Type: application/json\nX-GitHub-Event: ping\nX-Hub-Signature-256: {Hooked.Sign(Secret, bytes)}",
            chunked ? [.. Encoding.ASCII.GetBytes($"5\r\n"), .. bytes[..5], .. Encoding.ASCII.GetBytes($"\r\n{bytes.Length - 5:x}\r\n"), .. bytes[5..], .. "\r\n0\r\n\r\n"u8] : bytes);
        Assert.Equal(200, answer.Status);
        Assert.Contains("{\"result\":\"pong\"}", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_sends_thirty_megabytes_hears_that_it_is_too_much(bool saysSo)
    {
        await using var door = await Door.Open();
        var head = $"POST /api/webhooks/github/app HTTP/1.1\nHost: app.example\nX-Hub-Signature-256: sha256={new string('a', 64)}\n";
        byte[] chunk = [.. "100000\r\n"u8, .. new byte[0x100000], .. "\r\n"u8];
        var answer = saysSo
            ? await door.Send(head + "Content-Length: 31457280", new byte[31_457_280])
            : await door.Send(head + "Transfer-Encoding: chunked", [.. Enumerable.Repeat(chunk, 30).SelectMany(piece => piece), .. "0\r\n\r\n"u8]);
        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task Who_does_not_sign_a_large_body_hears_so()
    {
        await using var door = await Door.Open();
        var answer = await door.Send("POST /api/webhooks/github/app HTTP/1.1\nHost: app.example\nContent-Length: 2000000", new byte[2_000_000]);
        Assert.Equal(401, answer.Status);
        Assert.Contains(answer.Headers, header => header == "WWW-Authenticate: X-Hub-Signature-256");
    }

    /// <summary>The app as the Functions host starts it, over a store in a folder.</summary>
    private sealed class Door(TemporaryFolder folder, LocalStore store, WebApplication app, int port) : IAsyncDisposable
    {
        public static async Task<Door> Open()
        {
            var folder = new TemporaryFolder();
            var store = new LocalStore(folder.FullName, TimeProvider.System);
            var port = Hosted.FreePort();
            var values = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Data"] = folder.FullName, ["GitHubHookSecret"] = Secret };
            var settings = Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
            var web = new ScriptedWeb(request => throw new InvalidOperationException($"Nobody scripted {request.RequestUri}."));
            var stores = new Stores(store.Table, store.Blobs, store.Queue, store.Epoch);
            var app = Functions.App.Build(settings, new Edges(Host, stores, web, TimeProvider.System));
            await app.StartAsync();
            return new Door(folder, store, app, port);

            void Host(WebApplicationBuilder builder, Settings read)
            {
                builder.Configuration["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(CultureInfo.InvariantCulture);
                Doors.Configure(builder, read);
            }
        }

        public async Task<Answer> Send(string head, byte[] body)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await using var stream = socket.GetStream();
            var lines = head.Replace("PORT", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) + "\nConnection: close\n\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(lines.Replace("\n", "\r\n", StringComparison.Ordinal)));
            await stream.WriteAsync(body);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return Answer.Parse(await reader.ReadToEndAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            store.Dispose();
            folder.Dispose();
        }
    }
}
