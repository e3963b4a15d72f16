using ContributionIngest.Functions.Api;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace ContributionIngest.Functions.Security;

/// <summary>
/// Refuses changes that another site makes a signed-in browser ask for: what changes something needs the token of a page of ours, in the form or in header
/// <c>X-CSRF-Token</c>. Requests with a key need none, and neither do endpoints that check a signed link or a signature.
/// </summary>
internal static class CrossSiteRequests
{
    public static async Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        var method = context.Request.Method;
        var isSafe = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
        var isChecked = !isSafe && NeedsToken(context);

        // The check reads the form, so the limits of our forms apply from here on.
        if (isChecked && context.Request.HasFormContentType)
            context.Features.Set<IFormFeature>(new FormFeature(context.Request, PageForm.Limits(context)));
        if (!isChecked || await IsOursAsync(context))
            await next(context);
        else
            await Problems.ForeignForm().ExecuteAsync(context);
    }

    private static async Task<bool> IsOursAsync(HttpContext context)
    {
        try
        {
            return await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
        }
        // The framework throws either for a form that is truncated or over a limit; our pages send no such form.
        catch (Exception e) when (e is AntiforgeryValidationException or InvalidDataException or IOException or BadHttpRequestException)
        {
            return false;
        }
    }

    private static bool NeedsToken(HttpContext context) => context.GetEndpoint() is { } endpoint
        && (endpoint.Is(EndpointTrait.Form)
            || (endpoint.Metadata.GetMetadata<NeededScope>() is not null && Caller.Find(context.User) is { IsSession: true }));
}
