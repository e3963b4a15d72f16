using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.SignIn;

namespace ContributionIngest.Functions.Api.Account;

/// <param name="Secret">The one-time secret that the deployment made; null if there is none, and then there is no such page.</param>
public sealed record SetupOptions(string? Secret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => Secret is null ? "no set-up" : "set-up";
}

/// <summary>
/// <c>/auth/setup</c>: the owner's first sign-in to a new deployment, where mail may not work yet. The set-up secret works once; who has a session needs it
/// no more, and others get a link by mail.
/// </summary>
internal sealed class SetupPages(SetupOptions options, OwnerOptions ownerOptions, Owner owner, PeopleStore people, AttemptCounter attempts, SignIn signIn)
{
    private const int GuessesPerHour = 10;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet("/auth/setup", (HttpContext context, SetupPages pages) => pages.AskAsync(context)).IsOpen();
        site.MapPost("/auth/setup", (HttpContext context, SetupPages pages) => pages.TakeAsync(context)).IsOpen().IsForm();
    }

    private async Task<IResult> AskAsync(HttpContext context) =>
        await IsOverAsync(context.RequestAborted) ? Over() : Form(null);

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await IsOverAsync(cancel))
            return Over();
        var typed = (await PageForm.ReadAsync(context))["secret"].ToString().Trim();
        if (await attempts.CountAsync("set-up", GuessesPerHour, TimeSpan.FromHours(1), cancel) is { } wait)
        {
            context.Response.Headers.RetryAfter = AttemptCounter.Seconds(wait);
            return Form($"Too many secrets were tried. The next one can be tried in {Math.Ceiling(wait.TotalMinutes):N0} minutes.", StatusCodes.Status429TooManyRequests);
        }

        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(typed)), SHA256.HashData(Encoding.UTF8.GetBytes(options.Secret!))))
            return Form("This is not the set-up secret of this deployment. Copy it once more from the deployment's output.");
        var person = await owner.GetOrCreateAsync(CancellationToken.None);

        // The secret is used up last: after a failure it still works.
        await signIn.InAsync(context, person.Id, "setup");
        await people.FinishSetupAsync(CancellationToken.None);
        return Results.LocalRedirect("/");
    }

    private async Task<bool> IsOverAsync(CancellationToken cancel) => options.Secret is null || await people.IsSetUpAsync(cancel);

    private PageResult<SetupPage> Form(string? problem, int status = StatusCodes.Status400BadRequest) => new(
        "Set up", (nameof(SetupPage.Address), ownerOptions.Email), (nameof(SetupPage.Problem), problem)) { IsAlone = true, Status = problem is null ? StatusCodes.Status200OK : status };

    private static PageResult<MessagePage> Over() => new(
        "Set up",
        (nameof(MessagePage.Title), "There is nothing to set up"),
        (nameof(MessagePage.Text), "This server has its operator. Who has an account signs in."),
        (nameof(MessagePage.Link), "/auth/sign-in"),
        (nameof(MessagePage.LinkText), "Sign in"))
    { IsAlone = true, Status = StatusCodes.Status404NotFound };
}
