using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Operations;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>/status</c>: the state of this installation as a page for its operators, with a way back for messages that failed.</summary>
internal static class StatusPages
{
    private const string Path = "/status";

    public static void MapStatusPages(this IEndpointRouteBuilder site)
    {
        site.MapGet(Path, GetAsync).Needs(Scope.Operate).IsPage();
        site.MapPost(Path + "/poisoned/{id}/replay", ReplayAsync).Needs(Scope.Operate).IsPage();
    }

    private static async Task<IResult> GetAsync(HttpContext context, StatusParts parts, StatusPageOptions options, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var status = await parts.NowAsync(now, context.RequestAborted);
        return new PageResult<StatusPage>(
            "Status",
            (nameof(StatusPage.Now), now),
            (nameof(StatusPage.Version), status.Version),
            (nameof(StatusPage.Store), options.Store),
            (nameof(StatusPage.People), status.People),
            (nameof(StatusPage.CountingAnew), status.CountingAnew),
            (nameof(StatusPage.Connections), status.Connections),
            (nameof(StatusPage.Waiting), status.Waiting),
            (nameof(StatusPage.MostOverdue), status.MostOverdue),
            (nameof(StatusPage.PausedHosts), status.PausedHosts),
            (nameof(StatusPage.DiscardedPushes), status.DiscardedPushes),
            (nameof(StatusPage.Quota), status.YouTube is { } quota ? $"{quota.Used:N0} of {quota.Daily:N0} units" : null),
            (nameof(StatusPage.MailWaiting), status.Mail.Waiting),
            (nameof(StatusPage.MailSince), status.Mail.Since),
            (nameof(StatusPage.TurnOnMail), status.Mail.TurnOn),
            (nameof(StatusPage.Backup), status.Backup),
            (nameof(StatusPage.UnconfirmedMail), status.UnconfirmedMail),
            (nameof(StatusPage.Poisoned), status.Poisoned))
        { Section = Path };
    }

    private static async Task<IResult> ReplayAsync(string id, HttpContext context, PoisonedMessages poisoned)
    {
        var isThere = await poisoned.ReplayAsync(id, context.RequestAborted);
        Notices.Leave(context, isThere ? "The message is back in its queue." : "There is no such message. Somebody may have sent it again already.", isBad: !isThere);
        return Results.LocalRedirect(Path);
    }
}

/// <param name="Store">Where everything is stored, as a clause.</param>
/// <param name="TurnOnMail">How mail is turned on, in a sentence.</param>
internal sealed record StatusPageOptions(string Store, string TurnOnMail);
