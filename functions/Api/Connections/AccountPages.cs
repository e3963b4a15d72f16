using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.SignIn;
using Microsoft.AspNetCore.Authentication;

namespace ContributionIngest.Functions.Api.Connections;

/// <param name="IsOpen">Anybody may open an account.</param>
public sealed record AccountPageOptions(bool IsOpen);

/// <summary>Connects accounts at providers, and signs in with them: what comes before the provider's own pages and after.</summary>
internal sealed class AccountPages(
    OAuthClients clients, SourceCatalog catalog, ConnectionService connecting, GrantStore grants, PeopleStore people, Deletions deletions, DigestPlanner planner, AuditTrail audit, SignIn signIn,
    AccountPageOptions options, IHostApplicationLifetime lifetime)
{
    private const string ConnectionsPath = "/connections";
    private const string SignInPath = "/auth/sign-in";

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapPost(ConnectionsPath + "/accounts/{source}", (string source, HttpContext context, AccountPages pages) => pages.Connect(source, context)).Needs(Scope.Write).IsPage();
        site.MapPost(SignInPath + "/{source}", (string source, HttpContext context, AccountPages pages) => pages.SignInAsync(source, context)).IsOpen().IsForm();
    }

    /// <summary>The page that leads on to the provider.</summary>
    public static IResult Leave(OAuthClient client, string address) => new PageResult<LeavePage>(
        $"On to {client.Title}", (nameof(LeavePage.Provider), client.Title), (nameof(LeavePage.Address), address))
    { IsAlone = true, HasNoForms = true, Refresh = address };

    public async Task<IResult> GrantedAsync(HttpContext context, OAuthClient client, ProviderErrand errand, GrantedTokens tokens)
    {
        try
        {
            return errand.Person is null
                ? await FinishSignInAsync(context, client, errand, tokens)
                : await FinishConnectAsync(context, client, errand.Person, tokens);
        }
        catch (Exception e) when (e is SourceException or TooBusyException)
        {
            return Message($"{client.Title} could not be read", e.Message, errand.Person is not null, StatusCodes.Status502BadGateway);
        }
    }

    public static Task<IResult> RefusedAsync(HttpContext context, OAuthClient client, ProviderErrand? errand, ProviderRefusal refusal)
    {
        var (title, text, status) = refusal switch
        {
            ProviderRefusal.Denied => ("Nothing was connected", $"You declined at {client.Title}. Nothing was saved.", StatusCodes.Status403Forbidden),
            ProviderRefusal.Unknown => ("This answer was not expected", $"This browser did not ask {client.Title} for it, asked too long ago, or has had its answer. Begin again.", StatusCodes.Status400BadRequest),
            ProviderRefusal.TooLittle => ("Something is missing", $"Without the permission that was not ticked, nothing can be read from {client.Title}. Connect again and leave it ticked.", StatusCodes.Status403Forbidden),
            _ => ($"{client.Title} gave no access", $"{client.Title} did not answer, or not as expected. Nothing was saved. Try again in a few minutes.", StatusCodes.Status502BadGateway),
        };
        return Task.FromResult<IResult>(Message(title, text, errand is null || errand.Person is not null, status));
    }

    private IResult Connect(string source, HttpContext context) => clients.Find(source) is { } client
        ? Providers.Send(client, new ProviderErrand(Caller.Of(context).Person, ConnectionsPath))
        : NotFound();

    private async Task<IResult> SignInAsync(string source, HttpContext context)
    {
        var returnPath = LocalPath.Of((await PageForm.ReadAsync(context))["return"]);
        return clients.Find(source) is { CanSignIn: true } client ? Providers.Send(client, new ProviderErrand(null, returnPath)) : NotFound();
    }

    /// <summary>A client that leaves does not undo what was granted, so only a stop of the program cancels this.</summary>
    private async Task<IResult> FinishConnectAsync(HttpContext context, OAuthClient client, string person, GrantedTokens tokens)
    {
        // The browser may have changed hands while it was away.
        var session = await context.AuthenticateAsync(Schemes.Session);
        if (session.Principal is not { } principal || Caller.Find(principal) is not { } caller || caller.Person != person)
            return Message("Somebody else is signed in", $"The account at {client.Title} was to be connected by who was signed in before. Nothing was saved.", isConnecting: true, StatusCodes.Status403Forbidden);
        context.User = principal;
        var cancel = lifetime.ApplicationStopping;
        var account = await AccountAsync(client, tokens, cancel);
        if (account.Places.Count == 0)
            return Message("There is nothing to read", $"This account at {client.Title} organises or publishes nothing that is read from there. Nothing was saved.", isConnecting: true, StatusCodes.Status404NotFound);
        var connected = await connecting.ConnectAccountAsync(person, client.Source, account, tokens, caller.Credential, cancel);
        if (client.CanSignIn)
            await grants.ClaimAsync(person, client.Source, account.Id, cancel);
        await audit.AddAsync(person, AuditTrail.AccountConnected, $"{client.Title}: {account.Name ?? account.Id}", null, caller.Credential, cancel);
        var names = string.Join(", ", connected.Select(connection => connection.Title ?? connection.Origin));
        Notices.Leave(context, Normaliser.Text($"{names} {(connected.Count == 1 ? "is" : "are")} connected. The past is being read.", 500)!);
        return Results.LocalRedirect(ConnectionsPath);
    }

    private async Task<IResult> FinishSignInAsync(HttpContext context, OAuthClient client, ProviderErrand errand, GrantedTokens tokens)
    {
        var cancel = lifetime.ApplicationStopping;
        var account = await AccountAsync(client, tokens, cancel);
        var person = await grants.FindPersonAsync(client.Source, account.Id, cancel);
        if (!options.IsOpen && (person is null || await people.GetAsync(person, cancel) is null))
        {
            return Message(
                "Nobody here signs in with this account", $"Sign in by mail, then connect {client.Title} on the page Connections. After that this works, too.", isConnecting: false, StatusCodes.Status403Forbidden);
        }

        if (person is not null && await deletions.HasPersonAsync(person, cancel))
        {
            return Message(
                "This account is being deleted", "What is stored about it is still being removed. When that is done, in an hour or so, this works again as for somebody new.", isConnecting: false, StatusCodes.Status409Conflict);
        }

        // The claim comes first: it decides among competing sign-ins. Repeating completes what a process left unfinished.
        person ??= await grants.ClaimAsync(Identity.Random(), client.Source, account.Id, cancel);
        if (await people.GetAsync(person, cancel) is null)
            await planner.PlanAsync(await people.CreateAsync(person, (id, now) => new Person { Id = id, Name = account.Name, Since = now }, cancel), cancel);

        // Connections whose access was withdrawn are read again with the new one.
        if (await grants.GetAsync(person, GrantStore.IdOf(client.Source, account.Id), cancel) is ({ RefusedAt: null }, _))
            await grants.PutAsync(person, client.Source, account.Id, account.Name, tokens, cancel);
        else
            await connecting.ConnectAccountAsync(person, client.Source, account, tokens, null, cancel);
        await signIn.InAsync(context, person, client.Source);
        return Results.LocalRedirect(errand.Return);
    }

    private async Task<SourceAccount> AccountAsync(OAuthClient client, GrantedTokens tokens, CancellationToken cancel)
    {
        using var work = DocumentWork.Begin(DocumentWork.MaxRequestWait);
        return await ((IAccountSource)catalog.Get(client.Source)).AccountAsync(tokens.Access, cancel);
    }

    private static PageResult<MessagePage> Message(string title, string text, bool isConnecting, int status) => new(
        title,
        (nameof(MessagePage.Title), title),
        (nameof(MessagePage.Text), text),
        (nameof(MessagePage.Link), isConnecting ? ConnectionsPath : SignInPath),
        (nameof(MessagePage.LinkText), isConnecting ? "Connections" : "Sign in"))
    { IsAlone = true, HasNoForms = true, Status = status };

    private static PageResult<MessagePage> NotFound() => Message(
        "This cannot be connected here", "This server is not registered with that provider. Connect by public address instead.", isConnecting: true, StatusCodes.Status404NotFound);
}

internal static class AccountPagesRegistration
{
    public static IServiceCollection AddAccountPages(this IServiceCollection services) => services
        .AddSingleton<AccountPages>()
        .AddSingleton(provider => new ProviderCallbacks(
            AccountPages.Leave, provider.GetRequiredService<AccountPages>().GrantedAsync, AccountPages.RefusedAsync));
}
