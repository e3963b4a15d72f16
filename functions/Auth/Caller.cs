using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Auth;

/// <summary>Who asks, and what they may do. Put on the request by <see cref="KeyAuthentication"/>.</summary>
public sealed record Caller(string Person, Scope Scope)
{
    /// <exception cref="InvalidOperationException">The route is not behind <see cref="KeyAuthentication"/>.</exception>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This route is not behind authentication.");
}
