using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Programmes;
using NodaTime;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Chooses what to hand in where a form has room for some only: entries are suggested with reasons, and the person ticks others at will.</summary>
internal sealed class ChoicePages(ProgrammeCatalog programmes, ChoiceReader choices, Memberships memberships, PeopleStore people, TimeProvider clock)
{
    private const string Path = ProgrammePages.Root + "/{name}/choose";

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (string name, HttpContext context, ChoicePages pages) => pages.ShowAsync(name, context)).Needs(Scope.Read).IsPage();
        site.MapPost(Path, (string name, HttpContext context, ChoicePages pages) => pages.SaveAsync(name, context)).Needs(Scope.Write).IsPage().WithFormOptions(valueCountLimit: ChoiceReader.MaxEntries + 20);
    }

    private async Task<IResult> ShowAsync(string name, HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (programmes.Find(name) is not { } programme || ProgrammeForm.Of(programme).Room is not { } room)
            return ProgrammePages.NotFound();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var membership = await memberships.GetAsync(person, name, cancel) ?? new Membership();
        var choice = await choices.ReadAsync(person, programme, membership, room, LedgerParameters.Today(clock, zone), zone, cancel);
        return new PageResult<ChoosePage>(
            $"Choose for {programme.Name}",
            (nameof(ChoosePage.Programme), programme),
            (nameof(ChoosePage.Room), room),
            (nameof(ChoosePage.Mark), ProgrammeForm.Of(programme).Mark),
            (nameof(ChoosePage.Area), membership.Area),
            (nameof(ChoosePage.Choice), choice))
        { Section = ProgrammePages.Root };
    }

    private async Task<IResult> SaveAsync(string name, HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        if (programmes.Find(name) is not { } programme || ProgrammeForm.Of(programme).Room is not { } room)
            return ProgrammePages.NotFound();
        var isAnew = form["do"] == "suggest";
        var ids = form["entry"].OfType<string>().Where(Identity.IsWellFormed).Distinct(StringComparer.Ordinal).Take(ChoiceReader.MaxEntries).ToList();
        await memberships.ChangeAsync(person, name, membership => membership with { Chosen = isAnew ? null : ids }, cancel);
        var over = ids.Count - room;
        Notices.Leave(context, isAnew ? "These are suggested anew." : Said(ids.Count, over), isBad: !isAnew && over > 0);
        return Results.LocalRedirect($"{ProgrammePages.Root}/{name}/choose");
    }

    private static string Said(int chosen, int over) => (chosen, over) switch
    {
        (_, > 0) => $"{chosen} are chosen, {over} more than the form has room for.",
        (0, _) => "None is chosen, so nothing is handed in.",
        (1, _) => "1 is chosen, and only it is handed in.",
        _ => $"{chosen} are chosen, and only they are handed in.",
    };
}
