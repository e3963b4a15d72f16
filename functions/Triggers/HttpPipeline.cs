using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.HttpOverrides;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// The ASP.NET Core pipeline for requests that the Functions host hands on: the one that stands alone runs on Kestrel. The worker's own pipeline knows
/// the functions' routes and has no place for middleware.
/// </summary>
/// <param name="map">Adds what the pipeline consists of.</param>
public sealed class HttpPipeline(IServiceProvider services, Action<IApplicationBuilder> map)
{
    private readonly Lazy<RequestDelegate> pipeline = new(() =>
    {
        var app = new ApplicationBuilder(services);
        // The Functions host gives the public address as the request's own, and says the scheme and the client in headers.
        app.UseForwardedHeaders(Proxies.Loopback(ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto));
        map(app);
        return app.Build();
    });

    public Task RunAsync(HttpContext context)
    {
        // What the worker's own routing found is the function, not what the request asks for.
        context.SetEndpoint(null);
        context.Request.RouteValues.Clear();
        return pipeline.Value(context);
    }
}
