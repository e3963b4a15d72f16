using ContributionIngest.Tests.Support.FunctionsHost.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace ContributionIngest.Tests.Support.FunctionsHost;

/// <summary>The address of a Functions host that browsers open: each request becomes an invocation of the worker.</summary>
internal sealed class HostFront : IAsyncDisposable
{
    private readonly WebApplication server;

    private HostFront(WebApplication server) => this.server = server;

    public string Address => server.Urls.Single();

    public static async Task<HostFront> StartAsync(FunctionsTestHost host)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var started = builder.Build();
        started.Run(context => ForwardAsync(host, context));
        await started.StartAsync();
        return new HostFront(started);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task ForwardAsync(FunctionsTestHost host, HttpContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.GetEncodedUrl());
        if (context.Request.ContentLength is not (null or 0))
            request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        var (answer, invocation) = await host.SendAsync(request, CancellationToken.None);
        using (answer)
        {
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            {
                if (name is not ("Transfer-Encoding" or "Connection"))
                    context.Response.Headers[name] = new StringValues([.. values]);
            }

            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            var ended = await invocation;
            if (ended.Result.Status != StatusResult.Types.Status.Success)
                throw new InvalidOperationException($"{context.Request.Path} failed: {ended.Result.Exception?.Message}");
        }
    }
}
