using ContributionIngest.Core.Grants;
using ContributionIngest.Core.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace ContributionIngest.Functions.Security;

internal static class SecurityRegistration
{
    /// <summary>How long a session lasts without use.</summary>
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromDays(30);

    /// <summary>Authentication, authorisation, limits of requests, antiforgery and data protection. Needs <see cref="SecretKeys"/>, <see cref="RateLimitOptions"/> and <see cref="ProviderCallbacks"/>.</summary>
    /// <param name="clients">The providers that accounts can be connected at.</param>
    /// <param name="web">Sends requests to them.</param>
    public static IServiceCollection AddSecurity(this IServiceCollection services, OAuthClients clients, HttpMessageHandler web)
    {
        KeyRing.Add(services);
        var authentication = services.AddAuthentication(Schemes.Any)
            .AddPolicyScheme(Schemes.Any, null, options => options.ForwardDefaultSelector = Scheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(Schemes.Key, null)
            .AddCookie(Schemes.Session, ConfigureSession);
        Providers.Add(authentication, clients, web);
        services.AddSingleton<SessionTickets>();
        services.AddOptions<CookieAuthenticationOptions>(Schemes.Session).Configure<SessionTickets, TimeProvider>((options, tickets, clock) =>
            (options.SessionStore, options.TimeProvider) = (tickets, clock));
        services.AddAuthorization(Policies.Add).AddSingleton<IAuthorizationMiddlewareResultHandler, Refusals>();
        RateLimits.Add(services);
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "csrf";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.FormFieldName = "csrf";
            options.HeaderName = "X-CSRF-Token";
            options.SuppressXFrameOptionsHeader = true;
        });
        return services;
    }

    /// <summary>Recognises callers, and refuses those who may not call an endpoint. Goes between routing and the endpoints.</summary>
    public static IApplicationBuilder UseSecurity(this IApplicationBuilder app)
    {
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        return app.Use(CrossSiteRequests.RefuseAsync);
    }

    /// <summary>Pages that sign in start from nobody: the framework would go on with the session of whoever was signed in.</summary>
    private static string Scheme(HttpContext context) =>
        context.Request.Headers.Authorization.Count > 0 || context.Request.Path.StartsWithSegments("/auth/link", StringComparison.OrdinalIgnoreCase) || context.Request.Path.StartsWithSegments("/auth/setup", StringComparison.OrdinalIgnoreCase)
            ? Schemes.Key
            : Schemes.Session;

    private static void ConfigureSession(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = SessionLifetime;
        options.SlidingExpiration = true;
    }
}
