using System.Globalization;
using System.Security.Claims;
using ContributionIngest.Core.Grants;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;

namespace ContributionIngest.Functions.Security;

/// <summary>What a browser was sent to a provider for.</summary>
/// <param name="Person">Who connects an account; null to sign in.</param>
/// <param name="Return">The path to go on to.</param>
internal sealed record ProviderErrand(string? Person, string Return);

/// <summary>Why a browser came back without access.</summary>
internal enum ProviderRefusal
{
    /// <summary>The person said no.</summary>
    Denied,

    /// <summary>This browser was not sent there, or was answered before.</summary>
    Unknown,

    /// <summary>Less was granted than reading needs.</summary>
    TooLittle,

    /// <summary>The provider did not give a token for the code.</summary>
    Failed,
}

/// <summary>The pages around a provider's own.</summary>
/// <param name="Leave">The answer that sends the browser on to an address of the provider.</param>
/// <param name="Granted">What follows when it comes back with access.</param>
/// <param name="Refused">What follows when it comes back without.</param>
internal sealed record ProviderCallbacks(
    Func<OAuthClient, string, IResult> Leave,
    Func<HttpContext, OAuthClient, ProviderErrand, GrantedTokens, Task<IResult>> Granted,
    Func<HttpContext, OAuthClient, ProviderErrand?, ProviderRefusal, Task<IResult>> Refused);

/// <summary>
/// Sends browsers to OAuth providers and takes them back at <c>/auth/(source)/callback</c>, by the framework's handler: state, code challenge, the
/// exchange of the code. Token requests go through the same guarded handler as everything that is fetched.
/// </summary>
internal static class Providers
{
    private const string PersonItem = "person";
    private const string ReturnItem = "return";

    /// <summary>GitHub separates scopes by commas.</summary>
    private static readonly char[] ScopeSeparators = [' ', ','];

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a person may take at the provider.</summary>
    private static readonly TimeSpan ErrandLifetime = TimeSpan.FromMinutes(15);

    public static void Add(AuthenticationBuilder authentication, OAuthClients clients, HttpMessageHandler web)
    {
        foreach (var client in clients.All)
        {
            authentication.AddOAuth(client.Source, client.Title, options => Configure(options, client, web));
        }
    }

    /// <summary>
    /// Sends the browser to the provider. A form leads here, and browsers hold redirects after a form against the page's <c>form-action</c>: so a page leads on.
    /// </summary>
    public static IResult Send(OAuthClient client, ProviderErrand errand)
    {
        var properties = new AuthenticationProperties();
        properties.SetString(PersonItem, errand.Person);
        properties.SetString(ReturnItem, errand.Return);
        return Results.Challenge(properties, [client.Source]);
    }

    private static void Configure(OAuthOptions options, OAuthClient client, HttpMessageHandler web)
    {
        (options.ClientId, options.ClientSecret) = (client.Id, client.Secret);
        (options.AuthorizationEndpoint, options.TokenEndpoint) = (client.Authorize.AbsoluteUri, client.Token.AbsoluteUri);
        options.CallbackPath = $"/auth/{client.Source}/callback";
        options.UsePkce = client.UsesPkce;
        foreach (var scope in client.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            options.Scope.Add(scope);
        foreach (var (name, value) in client.Parameters)
            options.AdditionalAuthorizationParameters[name] = value;
        options.SignInScheme = Schemes.Session;
        options.SaveTokens = true;
        options.BackchannelHttpHandler = web;
        options.BackchannelTimeout = Timeout;
        options.RemoteAuthenticationTimeout = ErrandLifetime;
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Events = new OAuthEvents
        {
            OnRedirectToAuthorizationEndpoint = context =>
                context.HttpContext.RequestServices.GetRequiredService<ProviderCallbacks>().Leave(client, context.RedirectUri).ExecuteAsync(context.HttpContext),
            OnCreatingTicket = context => CheckScopeAsync(context, client),
            OnTicketReceived = async context =>
            {
                var granted = context.HttpContext.RequestServices.GetRequiredService<ProviderCallbacks>().Granted;
                var result = await granted(context.HttpContext, client, ErrandOf(context.Properties)!, TokensOf(context.Properties!));
                await result.ExecuteAsync(context.HttpContext);
                context.HandleResponse();
            },
            OnAccessDenied = async context =>
            {
                await RefuseAsync(context.HttpContext, client, ErrandOf(context.Properties), ProviderRefusal.Denied);
                context.HandleResponse();
            },
            OnRemoteFailure = async context =>
            {
                await RefuseAsync(context.HttpContext, client, ErrandOf(PropertiesOf(context)), RefusalOf(context.Failure));
                context.HandleResponse();
            },
        };
    }

    /// <summary>The framework tells these cases apart by its messages only. A second answer to the same errand has no correlation cookie.</summary>
    private static ProviderRefusal RefusalOf(Exception? failure) => failure switch
    {
        ScopeException => ProviderRefusal.TooLittle,
        AuthenticationFailureException { Message: "Correlation failed." or "The oauth state was missing or invalid." } => ProviderRefusal.Unknown,
        _ => ProviderRefusal.Failed,
    };

    private static async Task RefuseAsync(HttpContext context, OAuthClient client, ProviderErrand? errand, ProviderRefusal refusal)
    {
        var result = await context.RequestServices.GetRequiredService<ProviderCallbacks>().Refused(context, client, errand, refusal);
        await result.ExecuteAsync(context);
    }

    /// <summary>The handler drops them when it throws, as it does for a provider that does not answer.</summary>
    private static AuthenticationProperties? PropertiesOf(RemoteFailureContext context) =>
        context.Properties ?? ((OAuthOptions)context.Options).StateDataFormat.Unprotect(context.Request.Query["state"]);

    private static ProviderErrand? ErrandOf(AuthenticationProperties? properties) => properties is null
        ? null
        : new(properties.GetString(PersonItem), LocalPath.Of(properties.GetString(ReturnItem)));

    private static GrantedTokens TokensOf(AuthenticationProperties properties) => new(
        properties.GetTokenValue("access_token")!,
        properties.GetTokenValue("refresh_token"),
        DateTimeOffset.TryParse(properties.GetTokenValue("expires_at"), CultureInfo.InvariantCulture, out var at) ? at : null);

    /// <summary>Google lets people untick what was asked for, and names what was granted (RFC 6749 section 5.1).</summary>
    private static Task CheckScopeAsync(OAuthCreatingTicketContext context, OAuthClient client)
    {
        if (context.TokenResponse.Response?.RootElement.TryGetProperty("scope", out var scope) == true && scope.GetString() is { } granted
            && client.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(granted.Split(ScopeSeparators), StringComparer.Ordinal).Any())
        {
            throw new ScopeException();
        }

        context.Identity!.AddClaim(new Claim(ClaimTypes.AuthenticationMethod, client.Source));
        return Task.CompletedTask;
    }

    private sealed class ScopeException() : Exception("Less was granted than was asked for.");
}
