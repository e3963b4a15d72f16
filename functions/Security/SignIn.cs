using ContributionIngest.Core.People;
using Microsoft.AspNetCore.Authentication;

namespace ContributionIngest.Functions.Security;

/// <summary>Signs browsers in and out, and records it.</summary>
internal sealed class SignIn(AuditTrail audit)
{
    /// <param name="how">See <see cref="Session"/>.</param>
    public async Task InAsync(HttpContext context, string person, string how)
    {
        var properties = new AuthenticationProperties { IsPersistent = true };
        properties.Items[SessionTickets.How] = how;
        properties.Items[SessionTickets.Browser] = context.Request.Headers.UserAgent.ToString();

        // With the cookie of an earlier session the framework would go on with that one, and with its person.
        context.Request.Headers.Cookie = default;
        await context.SignInAsync(Schemes.Session, Policies.Principal(Schemes.Session, person, Scope.Read, ""), properties);
        await audit.AddAsync(person, AuditTrail.SignedIn, how, null, null, CancellationToken.None);
    }

    public async Task<IResult> OutAsync(HttpContext context)
    {
        if (Caller.Find(context.User) is { IsSession: true } caller)
            await audit.AddAsync(caller.Person, AuditTrail.SignedOut, null, null, caller.Credential, CancellationToken.None);
        await context.SignOutAsync(Schemes.Session);
        return Results.LocalRedirect("/auth/sign-in");
    }
}

/// <summary>Where to go on after signing in: a path of this site, whatever a link says.</summary>
internal static class LocalPath
{
    private const int MaxLength = 500;

    /// <summary>The path with its query, or <c>/</c> if it leads elsewhere.</summary>
    public static string Of(string? path) =>
        path is { Length: > 0 and <= MaxLength } && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal) && !path.Any(char.IsControl)
            ? path
            : "/";
}
