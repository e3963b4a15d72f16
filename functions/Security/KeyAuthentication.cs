using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api;

namespace ContributionIngest.Functions.Security;

/// <summary>Accepts requests with an API key (<c>Authorization: Bearer ci_…</c>, RFC 6750) that has the scope the route needs.</summary>
public static class KeyAuthentication
{
    private const string Scheme = "Bearer ";

    public static TBuilder Needs<TBuilder>(this TBuilder builder, Scope scope)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter((context, next) => CheckAsync(context, next, scope)).WithMetadata(new NeededScope(scope));

    private static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, Scope scope)
    {
        var http = context.HttpContext;
        var header = http.Request.Headers.Authorization.ToString();
        var keys = http.RequestServices.GetRequiredService<ApiKeys>();
        var owner = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? await keys.FindAsync(header[Scheme.Length..].Trim(), http.RequestAborted)
            : null;
        if (owner is null)
            return Problems.Unauthorised();
        if (!owner.Key.Scope.HasFlag(scope))
            return Problems.Forbidden(ScopeConverter.Format(scope));
        http.Features.Set(new Caller(owner.Person, owner.Key.Scope));
        return await next(context);
    }
}

/// <summary>The scope an endpoint needs, as the API description shows it.</summary>
internal sealed record NeededScope(Scope Scope);

/// <summary>The caller and their scope. Set on the request by <see cref="KeyAuthentication"/>.</summary>
public sealed record Caller(string Person, Scope Scope)
{
    /// <exception cref="InvalidOperationException">The route does not use <see cref="KeyAuthentication"/>.</exception>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This route is not behind authentication.");
}
