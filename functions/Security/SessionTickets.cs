using System.Security.Claims;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace ContributionIngest.Functions.Security;

/// <summary>
/// Keeps sessions in the store, so that they can be listed and ended. The cookie holds only which session it is and the session's secret, encrypted. What
/// the person may do is looked up with each request.
/// </summary>
internal sealed class SessionTickets(Sessions sessions, PeopleStore people) : ITicketStore
{
    public const string How = "how";
    public const string Browser = "browser";

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var person = ticket.Principal.FindFirstValue(ClaimTypes.NameIdentifier)!;
        var properties = ticket.Properties;
        properties.Items.TryGetValue(Browser, out var browser);
        var (secret, session) = await sessions.CreateAsync(person, properties.Items[How]!, browser, properties.ExpiresUtc!.Value, CancellationToken.None);
        return $"{person}.{session.Id}.{secret}";
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        if (Parse(key) is not var (person, id, secret))
            return null;
        var owner = people.GetAsync(person, CancellationToken.None);
        if (await sessions.FindAsync(person, id, secret, CancellationToken.None) is not { } session || await owner is not { } known)
            return null;
        var scope = Scope.Read | Scope.Write | (known.Operator ? Scope.Operate : Scope.None);
        var properties = new AuthenticationProperties { IsPersistent = true, IssuedUtc = session.Renewed, ExpiresUtc = session.Until };
        return new AuthenticationTicket(Policies.Principal(Schemes.Session, person, scope, id), properties, Schemes.Session);
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket) => Parse(key) is var (person, id, _)
        ? sessions.RenewAsync(person, id, ticket.Properties.IssuedUtc!.Value, ticket.Properties.ExpiresUtc!.Value, CancellationToken.None)
        : Task.CompletedTask;

    public Task RemoveAsync(string key) => Parse(key) is var (person, id, _) ? sessions.EndAsync(person, id, CancellationToken.None) : Task.CompletedTask;

    private static (string Person, string Id, string Secret)? Parse(string key) =>
        key.Split('.') is [var person, var id, var secret] && Identity.IsWellFormed(person) && Identity.IsWellFormed(id) ? (person, id, secret) : null;
}
