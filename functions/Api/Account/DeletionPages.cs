using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.SignIn;
using Microsoft.AspNetCore.Authentication;

namespace ContributionIngest.Functions.Api.Account;

/// <summary><c>POST /account/delete</c>: what the last section of the settings asks for.</summary>
internal sealed class DeletionPages(PeopleStore people, SignInAddresses addresses, AccountDeletion deletion, MaintenanceRun maintenance)
{
    public static void Map(IEndpointRouteBuilder site) =>
        site.MapPost("/account/delete", (HttpContext context, DeletionPages pages) => pages.DeleteAsync(context)).Needs(Scope.Write).IsPage();

    private async Task<IResult> DeleteAsync(HttpContext context)
    {
        var (caller, form) = (Caller.Of(context), await PageForm.ReadAsync(context));
        if (await people.GetAsync(caller.Person, context.RequestAborted) is not { } me)
            return Problems.NotFound("person");
        if (!await DeletionApi.IsConfirmedAsync(form["confirm"], me, addresses, context.RequestAborted))
            return Refused(context, "That is not your address. Nothing was deleted.");
        if (await DeletionApi.BeginAsync(me, null, caller.Credential, deletion, maintenance) is not { } begun)
            return Refused(context, "You are the last operator. Make somebody else one first. Nothing was deleted.");
        await context.SignOutAsync(Schemes.Session);
        return new PageResult<MessagePage>(
            "Everything is being deleted",
            (nameof(MessagePage.Title), "Everything is being deleted"),
            (nameof(MessagePage.Text), "You are signed out everywhere, and your keys no longer work. What is stored about you is removed within minutes, and looked for once more after an hour. "
                + "A digest that waited to be mailed is not sent, but its place in the queue may last up to seven days."),
            (nameof(MessagePage.Link), DeletionApi.PathOf(begun)),
            (nameof(MessagePage.LinkText), "How far it is"))
        { IsAlone = true, HasNoForms = true };
    }

    private static IResult Refused(HttpContext context, string text)
    {
        Notices.Leave(context, text, isBad: true);
        return Results.LocalRedirect("/settings#delete");
    }
}
