using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Programmes;
using ContributionIngest.Web.SignIn;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Programmes, and where the person stands with one. What its window needs to know is in the address.</summary>
internal static class ProgrammePages
{
    private const string Path = "/programmes";

    public static void MapProgrammePages(this IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (ProgrammeCatalog programmes) => new PageResult<ProgrammesPage>("Programmes", (nameof(ProgrammesPage.Programmes), programmes.All)) { Section = Path, IsNarrow = true }).Needs(Scope.Read).IsPage();
        site.MapGet(Path + "/{name}", ShowAsync).Needs(Scope.Read).IsPage();
    }

    private static async Task<IResult> ShowAsync(string name, HttpContext context, ProgrammeCatalog programmes, LedgerReader reader, PeopleStore people, TimeProvider clock)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (programmes.Find(name) is not { } programme)
            return NotFound();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var today = LedgerParameters.Today(clock, zone);
        var asked = Asked(programme.Window?.Kind, context.Request.Query);
        var span = string.IsNullOrWhiteSpace(asked?.Value) ? null : TypedTime.Span(asked.Value.Value);
        var fault = !string.IsNullOrWhiteSpace(asked?.Value) && span is null ? "That is no date. Type it like 20 May 2026." : null;
        var membership = programme.Window?.Kind switch
        {
            WindowKind.Anniversary => new Membership(Accepted: span?.First),
            WindowKind.Cohort => new Membership(Cohort: span?.First),
            WindowKind.Deadline => new Membership(Deadline: span is var (_, last) ? new ContributionIngest.Core.Model.DateOrInstant(null, last).End(zone).AddSeconds(-1) : null),
            _ => new Membership(),
        };
        return new PageResult<ProgrammePage>(
            programme.Name,
            (nameof(ProgrammePage.Programme), programme),
            (nameof(ProgrammePage.Readiness), await Readiness.ReadAsync(reader, person, programme, membership, today, zone, cancel)),
            (nameof(ProgrammePage.Asked), asked),
            (nameof(ProgrammePage.Fault), fault))
        { Section = Path, IsNarrow = true, Status = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }

    private static (string Name, string Label, string? Value, string Hint)? Asked(WindowKind? kind, IQueryCollection query)
    {
        if (Membership.Needed(kind) is not { } name)
            return null;
        var (label, hint) = kind switch
        {
            WindowKind.Anniversary => ("Since when are you in it?", "Its year begins on that day. Such as 11 Jan 2026."),
            WindowKind.Cohort => ("When did your cohort begin?", "A month, such as Dec 2025."),
            _ => ("Until when are applications taken?", "Such as 30 Nov 2026."),
        };
        return (name, label, query[name].FirstOrDefault(), hint);
    }

    private static PageResult<MessagePage> NotFound() => new(
        "There is no such programme",
        (nameof(MessagePage.Title), "There is no such programme"),
        (nameof(MessagePage.Text), "Its file may have been taken out."),
        (nameof(MessagePage.Link), Path),
        (nameof(MessagePage.LinkText), "Programmes"))
    { Section = Path, Status = StatusCodes.Status404NotFound };
}
