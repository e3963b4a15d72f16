using System.Collections.ObjectModel;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Areas;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Programmes;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>In which areas a programme's entries are and the word that decided; topics and entries are placed here.</summary>
internal sealed class AreaPages(ProgrammeCatalog programmes, PlacedEntries placed, AreaChoiceStore choices, PeopleStore people, TimeProvider clock)
{
    private const string Path = ProgrammePages.Root + "/{name}/areas";

    private const int MaxFields = AreaShare.MaxToPlace + AreasPage.PerPage + 20;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (string name, HttpContext context, AreaPages pages) => pages.ShowAsync(name, context, ReadOnlyDictionary<string, string>.Empty)).Needs(Scope.Read).IsPage();
        site.MapPost(Path, (string name, HttpContext context, AreaPages pages) => pages.SaveAsync(name, context)).Needs(Scope.Write).IsPage().WithFormOptions(valueCountLimit: MaxFields);
    }

    /// <param name="faults">What was typed and is no area, by field.</param>
    private async Task<IResult> ShowAsync(string name, HttpContext context, IReadOnlyDictionary<string, string> faults)
    {
        var (person, cancel, query) = (Caller.Of(context).Person, context.RequestAborted, context.Request.Query);
        if (programmes.Find(name) is not { } programme || AreaList.Find(programme.Areas) is not { } list)
            return ProgrammePages.NotFound();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var (entries, share, said) = await placed.ReadAsync(person, programme, list, LedgerParameters.Today(clock, zone), zone, cancel);
        var parts = query["part"].ToString().Split(',').Select(word => EnumText<AreaPart>.TryParse(word, out var part) ? part : (AreaPart?)null).OfType<AreaPart>().ToHashSet();
        var page = int.TryParse(query["page"], out var number) && number > 0 ? number : 1;
        return new PageResult<AreasPage>(
            $"Areas of {programme.Name}",
            (nameof(AreasPage.Programme), programme),
            (nameof(AreasPage.List), list),
            (nameof(AreasPage.Share), share),
            (nameof(AreasPage.Entries), entries.Where(entry => parts.Count == 0 || parts.Contains(entry.Place.Part)).ToList()),
            (nameof(AreasPage.Said), said.Topics),
            (nameof(AreasPage.Parts), parts),
            (nameof(AreasPage.Page), page),
            (nameof(AreasPage.Faults), faults))
        { Section = ProgrammePages.Root, Status = faults.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }

    private async Task<IResult> SaveAsync(string name, HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        if (programmes.Find(name) is not { } programme || AreaList.Find(programme.Areas) is not { } list)
            return ProgrammePages.NotFound();
        var (topics, entries, faults) = (new Dictionary<string, string?>(StringComparer.Ordinal), new Dictionary<string, string?>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var (field, sent) in form)
        {
            if (field.Split('.', 2) is not [("topic" or "entry") and var what, { Length: > 0 } of])
                continue;
            var typed = sent.ToString().Trim();
            if (typed == form[$"was.{field}"].ToString().Trim() && what == "entry")
                continue;
            var area = typed.Length == 0 || typed == AreasPage.Nothing ? typed : list.Named(typed);
            if (area is null || (what == "entry" && (typed == AreasPage.Nothing || !Identity.IsWellFormed(of))))
                faults[field] = typed;
            else if (what == "entry")
                entries[of] = area.Length == 0 ? null : area;
            else if (area.Length > 0)
                topics[of] = area == AreasPage.Nothing ? "" : area;
        }

        foreach (var topic in form["forget"].OfType<string>().Where(topic => AreaList.Fold(topic).Length > 0))
            topics[topic] = null;
        if (faults.Count > 0)
            return await ShowAsync(name, context, faults);
        if (topics.Count > 0 && !await choices.PlaceTopicsAsync(person, list.Id, topics, cancel))
        {
            Notices.Leave(context, $"You have placed {AreaChoices.MaxTopics} topics. Take some back first.", isBad: true);
            return Back();
        }

        foreach (var (entry, area) in entries)
            await choices.PlaceEntryAsync(person, list.Id, entry, area, cancel);
        Notices.Leave(context, topics.Count + entries.Count == 0 ? "Nothing was changed." : "It is saved, and counted so from now on.");
        return Back();

        IResult Back() => Results.LocalRedirect($"{ProgrammePages.Root}/{name}/areas{context.Request.QueryString}");
    }
}
