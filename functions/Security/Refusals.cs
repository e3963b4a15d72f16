using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace ContributionIngest.Functions.Security;

/// <summary>What a caller gets who may not call an endpoint: the sign-in page for a page, a problem document for everything else.</summary>
internal sealed class Refusals : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            return next(context);
        var endpoint = context.GetEndpoint();
        var needed = endpoint?.Metadata.GetMetadata<NeededScope>();
        if (authorizeResult.Forbidden)
            return Problems.Forbidden(needed is null ? "" : ScopeConverter.Format(needed.Scope)).ExecuteAsync(context);
        if (context.Items.ContainsKey(ApiKeyHandler.WrongKey))
            return Problems.Unauthorised().AsGuess().ExecuteAsync(context);
        if (!endpoint.Is(EndpointTrait.Page))
            return Problems.Unauthorised().ExecuteAsync(context);

        // A form cannot be sent again after signing in, so its page is not where to go on.
        var back = HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : "/";
        context.Response.Redirect($"/auth/sign-in?return={Uri.EscapeDataString(back)}");
        return Task.CompletedTask;
    }
}
