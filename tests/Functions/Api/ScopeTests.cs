using ContributionIngest.Functions.Security;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

public sealed class ScopeTests
{
    /// <summary>A new route needs a scope, a signed token, or a line here with its reason in the code.</summary>
    [Fact]
    public async Task Only_these_routes_need_no_key()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        var open = app.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<NeededScope>() is null).Select(endpoint => endpoint.RoutePattern.RawText!).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(
            ["/", "/api/health", "/api/openapi.json", "/api/webhooks/github/{hook}", "/api/webhooks/websub/{id}", "{*path:nonfile}"],
            open.Where(route => !route.EndsWith("/{token}", StringComparison.Ordinal)));
    }
}
