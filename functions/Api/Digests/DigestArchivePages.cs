using System.Globalization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Digests;
using ContributionIngest.Web.Layout;
using NodaTime;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary><c>/digests</c>: the person's digests by week, this week as it would be now, and when a digest comes.</summary>
internal sealed class DigestArchivePages(
    PeopleStore people, DigestStore digests, DigestRun run, DigestPlanner planner, DigestMailer mailer, SignInMailer signInMailer, AuditTrail audit, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private const string Path = "/digests";
    private const int MaxShown = 200;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, DigestArchivePages pages) => pages.ListAsync(context)).Needs(Scope.Read).IsPage();
        site.MapGet(Path + "/now", (HttpContext context, DigestArchivePages pages) => pages.NowAsync(context)).Needs(Scope.Read).IsPage();
        site.MapGet(Path + "/{week}", (string week, HttpContext context, DigestArchivePages pages) => pages.WeekAsync(week, context)).Needs(Scope.Read).IsPage();
        site.MapPost(Path + "/settings", (HttpContext context, DigestArchivePages pages) => pages.SaveAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/test", (HttpContext context, DigestArchivePages pages) => pages.TestAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/{week}/mail", (string week, HttpContext context, DigestArchivePages pages) => pages.MailAsync(week, context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var (id, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (await people.GetAsync(id, cancel) is not { } me)
            return Problems.NotFound("person");
        return new PageResult<DigestsPage>(
            "Digests",
            (nameof(DigestsPage.Me), me),
            (nameof(DigestsPage.Records), await digests.NewestAsync(id, MaxShown, cancel)),
            (nameof(DigestsPage.CanMail), signInMailer.IsOn),
            (nameof(DigestsPage.NextAt), me.EffectiveDigest.Off ? null : DigestSchedule.Next(me, clock.GetUtcNow())))
        { Section = Path, IsNarrow = true };
    }

    private async Task<IResult> NowAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await people.GetAsync(Caller.Of(context).Person, cancel) is not { } me)
            return Problems.NotFound("person");
        return Show(await run.PreviewAsync(me, Week.Of(MonthRollup.Day(clock.GetUtcNow(), DigestSchedule.Zone(me))), cancel));
    }

    private async Task<IResult> WeekAsync(string week, HttpContext context)
    {
        var (id, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        return Week.Parse(week) is { } asked && await digests.GetAsync(id, asked, cancel) is { } found && await digests.ContentAsync(found.Record, cancel) is { } digest
            ? Show(digest)
            : NotFound();
    }

    private async Task<IResult> SaveAsync(HttpContext context)
    {
        var (caller, form) = (Caller.Of(context), await PageForm.ReadAsync(context));
        if (!Enum.TryParse<IsoDayOfWeek>(form["day"], out var day) || !Enum.IsDefined(day) || day == IsoDayOfWeek.None
            || !int.TryParse(form["hour"], NumberStyles.None, CultureInfo.InvariantCulture, out var hour) || hour > 23)
            return Done(context, "The day or the hour is not one of the list. Nothing was saved.", isBad: true);

        // A client disconnect does not cancel the writes: what is planned must follow what is saved.
        var cancel = lifetime.ApplicationStopping;
        if (await people.ChangeAsync(
            caller.Person, p => p with { Digest = p.EffectiveDigest with { Day = day, Hour = hour, SkipQuiet = form["skipQuiet"] == "yes", Off = form["off"] == "yes" } }, cancel) is { } after)
        {
            await planner.PlanAsync(after, cancel);
            await audit.AddAsync(after.Id, AuditTrail.ProfileChanged, null, null, caller.Credential, cancel);
        }

        return Done(context, form["off"] == "yes" ? "No digest is made from now on." : "It is saved.");
    }

    private async Task<IResult> TestAsync(HttpContext context)
    {
        var (id, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (await people.GetAsync(id, cancel) is not { Email: not null } me)
            return Done(context, "There is no address to send it to. Add one in the settings.", isBad: true);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var after = await people.ChangeAsync(id, p => p with { Tries = new TestMails(today, p.Tries?.Day == today ? p.Tries.Count + 1 : 1) }, cancel);
        if (after?.Tries is not { Count: <= TestMails.MaxPerDay })
            return Done(context, $"At most {TestMails.MaxPerDay} test mails can be sent a day. The next one can be sent tomorrow.", isBad: true);
        var result = await mailer.SendTestAsync(me, await run.PreviewAsync(me, Week.Of(MonthRollup.Day(clock.GetUtcNow(), DigestSchedule.Zone(me))), cancel), cancel);
        return result.Outcome == MailOutcome.Accepted
            ? Done(context, $"This week is mailed to {me.Email}.")
            : Done(context, Normaliser.Text(result.Detail, 500) ?? "The mail was not sent.", isBad: true);
    }

    private async Task<IResult> MailAsync(string week, HttpContext context)
    {
        if (Week.Parse(week) is not { } asked)
            return NotFound();
        return await mailer.ResendAsync(Caller.Of(context).Person, asked, context.RequestAborted) switch
        {
            null => NotFound(),
            { } problem when problem.Length > 0 => Done(context, problem, isBad: true),
            _ => Done(context, "Its mail is waiting for its turn."),
        };
    }

    private static IResult Done(HttpContext context, string text, bool isBad = false)
    {
        Notices.Leave(context, text, isBad);
        return Results.LocalRedirect(Path);
    }

    /// <summary>What a mail does by signed links, the person does on the entry's own page.</summary>
    private static PageResult<DigestPage> Show(WeekDigest digest)
    {
        var links = new DigestLinks(null, new Uri(Path + "#settings", UriKind.Relative), null, (id, action) => action switch
        {
            DigestAction.Edit => new Uri($"/ledger/{id}", UriKind.Relative),
            DigestAction.Connection => new Uri($"/connections/{id}", UriKind.Relative),
            DigestAction.Programme => new Uri($"{Programmes.ProgrammePages.Root}/{id}", UriKind.Relative),
            DigestAction.Log => new Uri($"/log?{(Identity.IsWellFormed(id) ? "template" : "kind")}={id}", UriKind.Relative),
            _ => null,
        });
        var parts = DigestParts.Of(digest, links);
        return new PageResult<DigestPage>(parts.Headline, (nameof(DigestPage.Parts), parts)) { Section = Path, IsNarrow = true, Language = parts.Language };
    }

    private static PageResult<Web.SignIn.MessagePage> NotFound() => new(
        "There is no such digest",
        (nameof(Web.SignIn.MessagePage.Title), "There is no such digest"),
        (nameof(Web.SignIn.MessagePage.Text), "A digest is made for each week from the first one on."),
        (nameof(Web.SignIn.MessagePage.Link), Path),
        (nameof(Web.SignIn.MessagePage.LinkText), "Digests"))
    { Section = Path, Status = StatusCodes.Status404NotFound };
}
