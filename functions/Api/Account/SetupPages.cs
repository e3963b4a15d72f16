using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.SignIn;
using Microsoft.AspNetCore.Authentication;

namespace ContributionIngest.Functions.Api.Account;

/// <param name="Secret">The one-time secret that the deployment made; null if there is none, and then there is no such page.</param>
/// <param name="Expires">When it stops working; null if it does not.</param>
public sealed record SetupOptions(string? Secret, DateTimeOffset? Expires)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => Secret is null ? "no set-up" : "set-up";
}

/// <summary>
/// <c>/auth/setup</c>: the owner's first sign-in to a new deployment, where mail may not work yet. The set-up secret works once, until it expires; who has a
/// session needs it no more, and others get a link by mail.
/// </summary>
internal sealed class SetupPages(
    SetupOptions options, OwnerOptions ownerOptions, Owner owner, SetupUse use, AttemptCounter attempts, SignIn signIn, TimeProvider clock)
{
    private const string Path = "/auth/setup";
    private const int GuessesPerHour = 10;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, SetupPages pages) => pages.AskAsync(context)).IsOpen();
        site.MapPost(Path, (HttpContext context, SetupPages pages) => pages.TakeAsync(context)).IsOpen().IsForm();
    }

    private async Task<IResult> AskAsync(HttpContext context)
    {
        if (await RefusalAsync(SetupCookie.Read(context), context.RequestAborted) is { } refusal)
            return refusal;
        SetupCookie.Keep(context);
        return Form(null);
    }

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        var (browser, cancel) = (SetupCookie.Read(context), context.RequestAborted);
        if (await RefusalAsync(browser, cancel) is { } refusal)
            return refusal;
        var typed = (await PageForm.ReadAsync(context))["secret"].ToString().Trim();
        if (await attempts.CountAsync("set-up", GuessesPerHour, TimeSpan.FromHours(1), cancel) is { } wait)
        {
            context.Response.Headers.RetryAfter = AttemptCounter.Seconds(wait);
            return Form($"Too many secrets were tried. The next one can be tried in {Math.Ceiling(wait.TotalMinutes):N0} minutes.", StatusCodes.Status429TooManyRequests);
        }

        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(typed)), SHA256.HashData(Encoding.UTF8.GetBytes(options.Secret!))))
            return Form("This is not the set-up secret of this deployment. Copy it once more from the deployment's key vault.");
        return await UseAsync(context, browser ?? Identity.Hash(Identity.Random()));
    }

    private async Task<IResult> UseAsync(HttpContext context, string browser)
    {
        // From here on nothing is cancelled: what was begun is finished, whether or not somebody still waits for the answer.
        if (await use.ClaimAsync(browser, CancellationToken.None) is not { } claim)
            return Over();
        var person = await owner.GetOrCreateAsync(CancellationToken.None);

        // The secret is used up last: after a failure it still works.
        await signIn.InAsync(context, person.Id, "setup");
        if (!await use.FinishAsync(claim, CancellationToken.None))
        {
            await context.SignOutAsync(Schemes.Session);
            return Form("This secret was used in another browser meanwhile.", StatusCodes.Status409Conflict);
        }

        SetupCookie.Forget(context);
        return Results.LocalRedirect("/");
    }

    /// <summary>Null if the secret can be used.</summary>
    private async Task<IResult?> RefusalAsync(string? browser, CancellationToken cancel)
    {
        if (options.Secret is null || await use.IsOverAsync(browser, cancel))
            return Over();
        return options.Expires <= clock.GetUtcNow() ? Expired(options.Expires.Value) : null;
    }

    private PageResult<SetupPage> Form(string? problem, int status = StatusCodes.Status400BadRequest) => new(
        "Set up",
        (nameof(SetupPage.Address), ownerOptions.Email),
        (nameof(SetupPage.Expires), options.Expires is { } expires ? Text(expires) : null),
        (nameof(SetupPage.Problem), problem))
    {
        IsAlone = true,
        Status = problem is null ? StatusCodes.Status200OK : status,
    };

    private static PageResult<MessagePage> Over() => new(
        "Set up",
        (nameof(MessagePage.Title), "There is nothing to set up"),
        (nameof(MessagePage.Text), "This server has its operator. Who has an account signs in."),
        (nameof(MessagePage.Link), "/auth/sign-in"),
        (nameof(MessagePage.LinkText), "Sign in"))
    { IsAlone = true, Status = StatusCodes.Status404NotFound };

    private static PageResult<MessagePage> Expired(DateTimeOffset expired) => new(
        "Set up",
        (nameof(MessagePage.Title), "The set-up secret has expired"),
        (nameof(MessagePage.Text), $"It worked until {Text(expired)}. Deploying again makes a new one: azd provision --no-state, or the deployment of the template."))
    { IsAlone = true, Status = StatusCodes.Status410Gone };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);
}

/// <summary>What the claim of the set-up secret knows a browser by, so that it can go on when the answer did not reach it.</summary>
internal static class SetupCookie
{
    private const string Name = "setup";

    private static readonly CookieBuilder Options = new()
    {
        Path = "/auth/setup", HttpOnly = true, SameSite = SameSiteMode.Strict, SecurePolicy = CookieSecurePolicy.SameAsRequest,
    };

    /// <summary>The hash of what the browser holds; null if it holds nothing.</summary>
    public static string? Read(HttpContext context) =>
        context.Request.Cookies.TryGetValue(Name, out var secret) && Identity.IsWellFormed(secret) ? Identity.Hash(secret) : null;

    public static void Keep(HttpContext context)
    {
        if (Read(context) is null)
            context.Response.Cookies.Append(Name, Identity.Random(), Options.Build(context));
    }

    public static void Forget(HttpContext context) => context.Response.Cookies.Delete(Name, Options.Build(context));
}
