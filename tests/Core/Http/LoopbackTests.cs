using System.IO.Compression;
using System.Net;
using System.Text;
using ContributionIngest.Core.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ContributionIngest.Tests.Core.Http;

/// <summary>The real handler against a real server on loopback, which the policy opens by name.</summary>
public sealed class LoopbackTests : IAsyncLifetime, IDisposable
{
    private readonly AddressPolicy policy = new([IPNetwork.Parse("127.0.0.0/8")]);
    private WebApplication server = null!;
    private SocketsHttpHandler handler = null!;
    private Fetcher fetcher = null!;
    private Uri root = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        server = builder.Build();
        server.Run(AnswerAsync);
        await server.StartAsync();
        root = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        handler = GuardedHandler.Create(policy);
        fetcher = new Fetcher(handler, policy, TimeProvider.System, "test/1");
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose()
    {
        fetcher.Dispose();
        handler.Dispose();
    }

    [Fact]
    public async Task Compressed_body_arrives_whole_and_validators_are_returned_byte_for_byte()
    {
        var first = await fetcher.SendAsync(new FetchRequest(new Uri(root, "/packed")), default);
        var second = await fetcher.SendAsync(new FetchRequest(new Uri(root, "/packed")) { ETag = first.Header("ETag") }, default);

        Assert.Equal("hello", Encoding.UTF8.GetString(first.Body));
        Assert.Equal(FetchOutcome.NotModified, second.Outcome);
    }

    [Fact]
    public async Task Redirect_out_of_the_allowed_network_is_refused() =>
        Assert.Equal("refusedAddress", (await fetcher.SendAsync(new FetchRequest(new Uri(root, "/inside")), default)).Code);

    [Fact]
    public async Task Endless_headers_are_refused() =>
        Assert.Equal("headersTooLarge", (await fetcher.SendAsync(new FetchRequest(new Uri(root, "/headers")), default)).Code);

    [Fact]
    public async Task Truncated_body_is_no_content() =>
        Assert.Equal("connection", (await fetcher.SendAsync(new FetchRequest(new Uri(root, "/broken")) { Method = "POST" }, default)).Code);

    [Fact]
    public async Task Loopback_is_refused_unless_allowed()
    {
        using var strict = GuardedHandler.Create(AddressPolicy.PublicOnly);
        using var open = new Fetcher(strict, policy, TimeProvider.System, "test/1");

        Assert.Equal("refusedAddress", (await open.SendAsync(new FetchRequest(root), default)).Code);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/packed" when context.Request.Headers.IfNoneMatch == "W/\"gr-n\"":
                context.Response.StatusCode = 304;
                break;
            case "/packed":
                context.Response.Headers.ETag = "W/\"gr-n\"";
                context.Response.Headers.ContentEncoding = "gzip";
                await using (var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest))
                    await gzip.WriteAsync("hello"u8.ToArray(), context.RequestAborted);
                break;
            case "/inside":
                context.Response.Redirect("http://169.254.169.254/latest/meta-data");
                break;
            case "/headers":
                context.Response.Headers["X-Long"] = new string('x', 100_000);
                break;
            case "/broken":
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("only this", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }
}
