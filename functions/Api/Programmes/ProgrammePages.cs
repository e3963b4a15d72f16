using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Programmes;
using ContributionIngest.Web.SignIn;
using NodaTime;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>The person's programmes and the others, and where the person stands with one.</summary>
internal sealed class ProgrammePages(ProgrammeCatalog programmes, Memberships memberships, ReadinessReader readiness, PeopleStore people, TimeProvider clock)
{
    public const string Root = "/programmes";

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Root, (HttpContext context, ProgrammePages pages) => pages.ListAsync(context)).Needs(Scope.Read).IsPage();
        site.MapGet(Root + "/{name}", (string name, HttpContext context, ProgrammePages pages) => pages.ShowAsync(name, context)).Needs(Scope.Read).IsPage();
    }

    /// <summary>Where the person stands with each of their programmes that has a file.</summary>
    public async Task<IReadOnlyList<ProgrammeView>> MineAsync(string person, DateTimeZone zone, CancellationToken cancel)
    {
        var (today, views) = (LedgerParameters.Today(clock, zone), new List<ProgrammeView>());
        foreach (var (id, membership) in await memberships.ListAsync(person, cancel))
        {
            if (programmes.Find(id) is { } programme)
                views.Add(new ProgrammeView(programme, membership, await readiness.ReadAsync(person, programme, membership, today, zone, cancel)));
        }

        return ProgrammeView.InOrder(views);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        return new PageResult<ProgrammesPage>(
            "Programmes",
            (nameof(ProgrammesPage.Programmes), programmes.All),
            (nameof(ProgrammesPage.Mine), await MineAsync(person, zone, cancel)),
            (nameof(ProgrammesPage.Today), LedgerParameters.Today(clock, zone)))
        { Section = Root };
    }

    private async Task<IResult> ShowAsync(string name, HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (programmes.Find(name) is not { } programme)
            return NotFound();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var today = LedgerParameters.Today(clock, zone);
        var mine = await memberships.GetAsync(person, name, cancel);
        var membership = mine ?? new Membership();
        return new PageResult<ProgrammePage>(
            programme.Name,
            (nameof(ProgrammePage.View), new ProgrammeView(programme, membership, await readiness.ReadAsync(person, programme, membership, today, zone, cancel))),
            (nameof(ProgrammePage.IsMine), mine is not null),
            (nameof(ProgrammePage.Today), today))
        { Section = Root };
    }

    public static IResult NotFound() => new PageResult<MessagePage>(
        "There is no such programme",
        (nameof(MessagePage.Title), "There is no such programme"),
        (nameof(MessagePage.Text), "Its file may have been taken out."),
        (nameof(MessagePage.Link), Root),
        (nameof(MessagePage.LinkText), "Programmes"))
    { Section = Root, Status = StatusCodes.Status404NotFound };
}
