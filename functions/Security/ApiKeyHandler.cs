using System.Text.Encodings.Web;
using ContributionIngest.Core.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ContributionIngest.Functions.Security;

/// <summary>Recognises an API key (<c>Authorization: Bearer ci_…</c>, RFC 6750).</summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The item of a request whose key is not known.</summary>
    internal static readonly object WrongKey = new();

    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        if (await keys.FindAsync(header[Prefix.Length..].Trim(), Context.RequestAborted) is not { } owner)
        {
            Context.Items[WrongKey] = true;
            return AuthenticateResult.Fail("The key is not known.");
        }

        return AuthenticateResult.Success(new AuthenticationTicket(Policies.Principal(Scheme.Name, owner.Person, owner.Key.Scope, owner.Key.Id), Scheme.Name));
    }
}
