using System.Security.Claims;
using ContributionIngest.Core.People;
using Microsoft.AspNetCore.Authorization;

namespace ContributionIngest.Functions.Security;

/// <summary>Who may call an endpoint. Each endpoint declares it once; one that does not is refused when the endpoints are built.</summary>
public static class Policies
{
    /// <summary>A key or a session that has the scope.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Scope scope)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(ScopeConverter.Format(scope)).WithMetadata(new NeededScope(scope));

    /// <summary>Everybody: the endpoint shows nothing of a person, or checks a signed link, a signature or a one-time secret itself.</summary>
    public static TBuilder IsOpen<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AllowAnonymous();

    /// <summary>A page: who is not signed in is sent to the sign-in page, and back afterwards.</summary>
    public static TBuilder IsPage<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(EndpointTrait.Page);

    /// <summary>Takes a form of one of our pages, also from who is not signed in: it must carry the page's token.</summary>
    public static TBuilder IsForm<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(EndpointTrait.Form);

    /// <summary>Endpoints in the group must declare who may call them.</summary>
    public static RouteGroupBuilder DeclaringPolicies(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            if (!endpoint.Metadata.Any(metadata => metadata is IAuthorizeData or IAllowAnonymous))
                throw new InvalidOperationException($"{endpoint.DisplayName} does not declare who may call it: use {nameof(Needs)} or {nameof(IsOpen)}.");
        });
        return group;
    }

    internal static bool Is(this Endpoint? endpoint, EndpointTrait trait) => endpoint?.Metadata.OfType<EndpointTrait>().Contains(trait) == true;

    public static void Add(AuthorizationOptions options)
    {
        foreach (var scope in new[] { Scope.Read, Scope.Write, Scope.Operate })
            options.AddPolicy(ScopeConverter.Format(scope), policy => policy.RequireAuthenticatedUser().RequireClaim(ScopeClaim, ScopeConverter.Format(scope)));
        options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build();
    }

    internal const string ScopeClaim = "scope";

    /// <summary>The identity of a caller.</summary>
    /// <param name="scheme">How the caller was recognised.</param>
    /// <param name="credential">The id of the key or the session.</param>
    internal static ClaimsPrincipal Principal(string scheme, string person, Scope scope, string credential)
    {
        var scopes = ScopeConverter.Format(scope).Split(' ').Select(name => new Claim(ScopeClaim, name));
        return new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, person), new Claim(CredentialClaim, credential), .. scopes], scheme));
    }

    internal const string CredentialClaim = "credential";
}

/// <summary>The scope an endpoint needs, as the API description and refusals show it.</summary>
internal sealed record NeededScope(Scope Scope);

/// <summary>Metadata of an endpoint.</summary>
internal enum EndpointTrait
{
    /// <summary>A page for people.</summary>
    Page,

    /// <summary>Takes a form of one of our pages from anybody.</summary>
    Form,
}

/// <summary>The authenticated caller of an endpoint that needs a scope.</summary>
/// <param name="Credential">The id of the caller's key or session.</param>
/// <param name="IsSession">Signed in with a browser.</param>
public sealed record Caller(string Person, Scope Scope, string Credential, bool IsSession)
{
    /// <exception cref="InvalidOperationException">The endpoint needs no scope.</exception>
    public static Caller Of(HttpContext context) => Find(context.User) ?? throw new InvalidOperationException("This endpoint needs no scope, so it has no caller.");

    /// <summary>Null if nobody is signed in.</summary>
    public static Caller? Find(ClaimsPrincipal user)
    {
        if (user.FindFirstValue(ClaimTypes.NameIdentifier) is not { } person)
            return null;
        var scope = ScopeConverter.TryParse(string.Join(' ', user.FindAll(Policies.ScopeClaim).Select(claim => claim.Value)), out var known) ? known : Scope.None;
        return new Caller(person, scope, user.FindFirstValue(Policies.CredentialClaim)!, user.Identity?.AuthenticationType == Schemes.Session);
    }
}

/// <summary>Names of authentication schemes.</summary>
internal static class Schemes
{
    /// <summary>A key if there is an <c>Authorization</c> header, otherwise a session.</summary>
    public const string Any = "Any";

    public const string Key = "Key";

    public const string Session = "Session";
}
