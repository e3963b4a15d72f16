using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.HttpOverrides;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// The ASP.NET Core pipeline for requests that the Functions host forwards. The worker's own pipeline knows only the functions' routes and cannot
/// hold middleware. The standalone server uses Kestrel's pipeline instead.
/// </summary>
/// <param name="map">Adds the middleware and endpoints.</param>
public sealed class HttpPipeline(IServiceProvider services, Action<IApplicationBuilder> map)
{
    private readonly Lazy<RequestDelegate> pipeline = new(() =>
    {
        var app = new ApplicationBuilder(services);
        // The Functions host puts the public address in the request itself, and the scheme and client address in headers.
        app.UseForwardedHeaders(Proxies.Loopback(ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto));
        map(app);
        return app.Build();
    });

    public Task RunAsync(HttpContext context)
    {
        // The worker's routing matched the function, not the endpoint that the request is for.
        context.SetEndpoint(null);
        context.Request.RouteValues.Clear();
        return pipeline.Value(context);
    }
}
