using System.Globalization;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Programmes;
using Microsoft.AspNetCore.Components;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>
/// <c>/programmes/{name}/form</c>: what the form asks, in a batch; what does not fit, settled in place; and the file. <c>/programmes/{name}/sheet</c>: the same to copy from.
/// </summary>
internal sealed class FormPages(ProgrammeCatalog programmes, FormReader forms, FormAnswers answers)
{
    /// <summary>Of fifty entries with all their fields.</summary>
    private const int MaxFields = 2000;

    private static readonly DescribedValue[] Known = [new("private", typeof(string)), new("page", typeof(int)), new("entry", typeof(string))];

    public static void Map(IEndpointRouteBuilder site)
    {
        const string Path = ProgrammePages.Root + "/{name}";
        site.MapGet(Path + "/form", (string name, HttpContext context, FormPages pages) => pages.ShowAsync(name, context)).Needs(Scope.Read).IsPage();
        site.MapPost(Path + "/form", (string name, HttpContext context, FormPages pages) => pages.SaveAsync(name, context)).Needs(Scope.Write).IsPage().WithFormOptions(valueCountLimit: MaxFields);
        site.MapGet(Path + "/sheet", (string name, HttpContext context, FormPages pages) => pages.SheetAsync(name, context)).Needs(Scope.Read).IsPage();
    }

    private async Task<IResult> ShowAsync(string name, HttpContext context) =>
        await ViewAsync(name, context) is { } view ? Page<FormPage>(view) : ProgrammePages.NotFound();

    private async Task<IResult> SheetAsync(string name, HttpContext context) =>
        await ViewAsync(name, context, isSheet: true) is { } view ? Page<FormSheetPage>(view) : ProgrammePages.NotFound();

    private async Task<IResult> SaveAsync(string name, HttpContext context)
    {
        var form = await PageForm.ReadAsync(context);
        if (await ViewAsync(name, context) is not { } view)
            return ProgrammePages.NotFound();
        if (form.Count == 0)
        {
            Notices.Leave(context, "Nothing was saved: the page was too large. Save fewer answers at once.", isBad: true);
            return Results.LocalRedirect(view.Here);
        }

        var typed = form.Where(field => field.Key != "csrf").ToDictionary(field => field.Key, field => FormText.Join(field.Value.OfType<string>().Where(value => value.Length > 0)), StringComparer.Ordinal);
        var changes = Changes(view, typed);
        var faults = await answers.SaveAsync(Caller.Of(context).Person, view.Form, changes, context.RequestAborted);
        if (faults.Count > 0)
        {
            var named = faults.ToDictionary(fault => fault.Key.StartsWith("entries.", StringComparison.Ordinal) ? "entry." + fault.Key["entries.".Length..] : fault.Key, fault => string.Join(' ', fault.Value), StringComparer.Ordinal);
            return Page<FormPage>(view with { Typed = typed, Faults = named }, StatusCodes.Status400BadRequest);
        }

        Notices.Leave(context, changes.Count switch { 0 => "Nothing was changed.", 1 => "1 answer is saved.", _ => $"{changes.Count.ToString(CultureInfo.InvariantCulture)} answers are saved." });
        return Results.LocalRedirect(view.Here);
    }

    /// <param name="isSheet">All entries, and not what needs the person alone, those with faults first.</param>
    /// <returns>Null if there is no such programme, or no such entry in its form.</returns>
    private async Task<FormView?> ViewAsync(string name, HttpContext context, bool isSheet = false)
    {
        if (programmes.Find(name) is not { } programme)
            return null;

        // An address that somebody has changed shows the first page; what it says of other things is not looked at.
        var query = context.Request.Query;
        var isPrivate = query["private"] == "include";
        var only = query["entry"].FirstOrDefault() is { Length: > 0 } id ? id : null;
        var parameters = new Parameters(isPrivate || only is not null ? [KeyValuePair.Create<string, IReadOnlyList<string>>("private", ["include"])] : [], [.. Known.Select(known => known.Name), .. FormReader.Described.Select(known => known.Name)]);
        var form = (await forms.ReadAsync(context, programme, parameters))!;
        if (only is not null)
            return form.Entries.FirstOrDefault(entry => entry.Entry.Id == only) is { } one ? new FormView(form, [one], 1, 1, only, isPrivate) : null;
        var shown = form.Entries.Where(entry => isSheet || FormView.NeedsPerson(entry)).OrderByDescending(entry => !isSheet && entry.IsFaulty).ToList();
        var pages = Math.Max(1, (shown.Count + FormView.EntriesPerPage - 1) / FormView.EntriesPerPage);
        var page = int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, pages) : 1;
        return new FormView(form, [.. shown.Skip((page - 1) * FormView.EntriesPerPage).Take(FormView.EntriesPerPage)], page, pages, null, isPrivate);
    }

    private static PageResult<TPage> Page<TPage>(FormView view, int status = StatusCodes.Status200OK)
        where TPage : IComponent => new(view.Form.Programme.Name, ("View", view)) { Section = ProgrammePages.Root, Status = status };

    /// <summary>What was typed and is not so already. An empty input takes an answer back, and says nothing of what the ledger has.</summary>
    private static AnswerChanges Changes(FormView view, IReadOnlyDictionary<string, string> typed)
    {
        var about = Different(view.Form.Person.Where(filled => filled.Field.From == FieldSource.Person).Select(filled => (view.About(filled).Name, filled.Field, filled.Text, IsOwn: true)), typed);
        var all = Different(view.Form.QuestionsForAll.Select(question => (view.ForAll(question.Field, 0).Name, question.Field, view.Form.Membership.Answers.GetValueOrDefault(question.Field.AnswerKey), IsOwn: true)), typed);
        var entries = view.Shown
            .Select(entry => (entry.Entry.Id, Answers: Different(entry.Fields.Where(filled => filled.Field.IsAnswered).Select(filled => (view.Of(entry, filled).Name, filled.Field, filled.Text, IsOwn: filled.Origin == ValueOrigin.Entry || filled.Field.IsKeptInLedger)), typed)))
            .Where(entry => entry.Answers.Count > 0).ToDictionary(entry => entry.Id, entry => entry.Answers, StringComparer.Ordinal);
        return new AnswerChanges(about, all, entries);
    }

    private static IReadOnlyDictionary<string, string?> Different(IEnumerable<(string Name, FormField Field, string? Before, bool IsOwn)> inputs, IReadOnlyDictionary<string, string> typed)
    {
        var changes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, asked, before, isOwn) in inputs)
        {
            if (!typed.TryGetValue(name, out var sent))
                continue;
            var value = FormText.Clean(asked, sent);
            if (value is null ? before is not null && isOwn : value != FormText.Clean(asked, before))
                changes[asked.AnswerKey] = value;
            else if (value is not null && before is not null && FormText.HasHiddenCharacters(before) && Normaliser.Line(value, int.MaxValue - 2) is { } line)
                changes[asked.AnswerKey] = line;
        }

        return changes;
    }
}
