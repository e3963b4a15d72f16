using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.SignIn;

namespace ContributionIngest.Functions.Api.Account;

/// <summary>What the sign-in pages say about this installation.</summary>
/// <param name="IsOpen">Anybody may open an account.</param>
/// <param name="OperatorAddress">Whom to ask for an invitation.</param>
/// <param name="IsPrinted">Mail stays on this machine, so links are printed as well.</param>
public sealed record SignInPageOptions(bool IsOpen, string? OperatorAddress, bool IsPrinted);

/// <summary>
/// Sign-in by a mailed link: <c>/auth/sign-in</c> asks for the address, <c>/auth/sent</c> says what happens next, <c>/auth/link/{token}</c> signs in after a click.
/// The answer is the same for all addresses.
/// </summary>
internal sealed class SignInPages(
    SignInMailer mailer, SignInLinks links, SignInAddresses addresses, PeopleStore people, AttemptCounter attempts, AuditTrail audit, SignIn signIn,
    AskedCookie asked, DigestPlanner planner, OAuthClients clients, SignInPageOptions options, SetupOptions setup)
{
    private const int MailsPerHour = 5;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet("/auth/sign-in", (HttpContext context, SignInPages pages) => pages.Ask(context)).IsOpen();
        site.MapPost("/auth/sign-in", (HttpContext context, SignInPages pages) => pages.SendAsync(context)).IsOpen().IsForm();
        site.MapGet("/auth/sent", (HttpContext context, SignInPages pages) => pages.SentAsync(context)).IsOpen();
        site.MapGet("/auth/link/{token}", (string token, HttpContext context, SignInPages pages) => pages.ShowAsync(token, context)).IsOpen();
        site.MapPost("/auth/link/{token}", (string token, HttpContext context, SignInPages pages) => pages.UseAsync(token, context)).IsOpen().IsForm();
        site.MapPost("/auth/sign-out", (HttpContext context, SignIn signIn) => signIn.OutAsync(context)).IsOpen().IsForm();
    }

    private IResult Ask(HttpContext context) => Caller.Find(context.User) is null
        ? Form(LocalPath.Of(context.Request.Query["return"]), null, null)
        : Results.LocalRedirect(LocalPath.Of(context.Request.Query["return"]));

    private PageResult<SignInPage> Form(string returnPath, string? typed, string? problem) => new(
        "Sign in",
        (nameof(SignInPage.Return), returnPath),
        (nameof(SignInPage.Email), typed),
        (nameof(SignInPage.Problem), problem),
        (nameof(SignInPage.CanMail), mailer.IsOn),
        (nameof(SignInPage.HasSetup), setup.Secret is not null),
        (nameof(SignInPage.Clients), clients.All.Where(client => client.CanSignIn).ToList()),
        (nameof(SignInPage.IsOpen), options.IsOpen),
        (nameof(SignInPage.OperatorAddress), options.OperatorAddress))
    {
        IsAlone = true,
        Status = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
    };

    private async Task<IResult> SendAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        var form = await PageForm.ReadAsync(context);
        var (typed, returnPath) = (form["email"].ToString(), LocalPath.Of(form["return"]));
        if (!mailer.IsOn)
            return Form(returnPath, null, null);
        if (SignInAddresses.Normalise(typed) is not { } address)
            return Form(returnPath, Normaliser.Text(typed, SignInAddresses.MaxLength), "A mail address has a name, an @ and a host, such as juna@example.org.");
        if (await attempts.CountAsync(AttemptCounter.SignInMail(address), MailsPerHour, TimeSpan.FromHours(1), cancel) is { } wait)
        {
            context.Response.Headers.RetryAfter = AttemptCounter.Seconds(wait);
            return new PageResult<MessagePage>(
                "Enough links were asked for",
                (nameof(MessagePage.Title), "Enough links were asked for"),
                (nameof(MessagePage.Text), $"{MailsPerHour} links an hour go to one address. The last one still works for 15 minutes. Another can be asked for in {Math.Ceiling(wait.TotalMinutes):N0} minutes."))
            {
                IsAlone = true,
                Status = StatusCodes.Status429TooManyRequests,
            };
        }

        var browser = await asked.KeepAsync(context, address, returnPath);
        await mailer.AskAsync(address, browser, returnPath, context.Request.GetTypedHeaders().AcceptLanguage.FirstOrDefault()?.Value.Value, cancel);
        return Results.LocalRedirect("/auth/sent");
    }

    private async Task<IResult> SentAsync(HttpContext context)
    {
        if (await asked.ReadAsync(context) is not { } last)
            return Results.LocalRedirect("/auth/sign-in");
        return new PageResult<LinkSentPage>(
            "Look in your mail",
            (nameof(LinkSentPage.Email), last.Address),
            (nameof(LinkSentPage.Return), last.Return),
            (nameof(LinkSentPage.IsOpen), options.IsOpen),
            (nameof(LinkSentPage.IsPrinted), options.IsPrinted))
        { IsAlone = true };
    }

    /// <summary>Changes nothing: mail scanners open every address in a mail.</summary>
    private async Task<IResult> ShowAsync(string token, HttpContext context)
    {
        var opened = await links.OpenAsync(token, context.RequestAborted);
        return await RefusalAsync(opened, context) ?? new PageResult<LinkPage>("Sign in", (nameof(LinkPage.Address), opened.Link!.Address)) { IsAlone = true };
    }

    private async Task<IResult> UseAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        var opened = await links.OpenAsync(token, cancel);
        if (await RefusalAsync(opened, context) is { } refusal)
            return refusal;
        var link = opened.Link!;

        // All of this may be repeated, so the link is used up last: after a failure it still works.
        if (await AccountAsync(opened.Person!, link, cancel) is not { } person || !await links.UseAsync(opened.Person!, link.Id, cancel))
            return Refused(SignInLinkState.Used);
        await signIn.InAsync(context, person, link.Address is null ? "link" : "mail");
        return Results.LocalRedirect(LocalPath.Of(link.Return));
    }

    /// <summary>The person whom the link signs in: opens the account of somebody new, and makes the address one to sign in with. Null if it is another person's by now.</summary>
    private async Task<string?> AccountAsync(string person, SignInLink link, CancellationToken cancel)
    {
        if (await people.GetAsync(person, cancel) is null)
        {
            // Who asked twice before the first link was followed has an account by now.
            if (link.Address is not null && await addresses.FindAsync(link.Address, cancel) is { } known)
                return known;
            await planner.PlanAsync(await people.CreateAsync(person, (id, now) => new Person { Id = id, Name = link.Name, Email = link.Address, Since = now }, cancel), cancel);
        }

        if (link.Address is null)
            return person;
        var isNew = (await addresses.ListAsync(person, cancel)).All(known => known.Address != link.Address);
        if (!await addresses.AddAsync(person, link.Address, cancel))
            return null;
        if (isNew)
        {
            await audit.AddAsync(person, AuditTrail.AddressAdded, link.Address, null, null, cancel);
            if (await people.ChangeAsync(person, p => p with { Email = p.Email ?? link.Address }, cancel) is { } changed)
                await planner.PlanAsync(changed, cancel);
        }

        return person;
    }

    /// <summary>Null if the link can be used in this browser.</summary>
    private async Task<IResult?> RefusalAsync(OpenedSignInLink opened, HttpContext context)
    {
        if (opened.State != SignInLinkState.Valid)
            return opened.State == SignInLinkState.Unknown ? Refused(opened.State).AsGuess() : Refused(opened.State);
        if (opened.Link!.Browser is not { } browser)
            return null;
        if (await asked.ReadAsync(context) is { } last && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Identity.Hash(last.Secret)), Encoding.UTF8.GetBytes(browser)))
            return null;
        return new PageResult<LinkRefusedPage>(
            "Another browser",
            (nameof(LinkRefusedPage.Title), "This link was asked for in another browser"),
            (nameof(LinkRefusedPage.Text), "It works only there, so that nobody else can use it. Open it in that browser, or have one mailed for this browser."),
            (nameof(LinkRefusedPage.Address), mailer.IsOn ? opened.Link.Address : null))
        { IsAlone = true, Status = StatusCodes.Status403Forbidden };
    }

    private PageResult<LinkRefusedPage> Refused(SignInLinkState state)
    {
        var (title, text) = state switch
        {
            SignInLinkState.Expired => ("This link is too old", "A mailed link works for 15 minutes."),
            SignInLinkState.Used => ("This link was used", options.IsPrinted ? "Each link works once. The server prints a new one each time it starts." : "Each link works once. Ask again to get a new one."),
            _ => ("This link does not work", "It is not one of this server, or it was cut off. Copy all of it from the mail."),
        };
        return new(title, (nameof(LinkRefusedPage.Title), title), (nameof(LinkRefusedPage.Text), text)) { IsAlone = true, Status = StatusCodes.Status404NotFound };
    }
}
