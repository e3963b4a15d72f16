using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Ledger;
using ContributionIngest.Web.SignIn;
using NodaTime;

namespace ContributionIngest.Functions.Api.Templates;

/// <summary><c>/log/templates</c>: keeps, changes and deletes templates, by the rules of <c>/api/templates</c>.</summary>
internal sealed class TemplatePages(TemplateStore templates, LedgerReader reader, PeopleStore people, TimeProvider clock)
{
    private const string Section = "/log";
    private const string Path = Section + "/templates";

    /// <summary>A whole template in one field, as the way back from its deletion sends it.</summary>
    private const string Values = "values";

    /// <summary>Leaves letters of all scripts unescaped, so that a note fits into a field.</summary>
    private static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, TemplatePages pages) => pages.ListAsync(context)).Needs(Scope.Write).IsPage();
        site.MapGet(Path + "/new", (HttpContext context, TemplatePages pages) => pages.NewAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path, (HttpContext context, TemplatePages pages) => pages.SaveAsync(null, context)).Needs(Scope.Write).IsPage();
        site.MapGet(Path + "/{id}", (string id, HttpContext context, TemplatePages pages) => pages.ShowAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/{id}", (string id, HttpContext context, TemplatePages pages) => pages.SaveAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/{id}/delete", (string id, HttpContext context, TemplatePages pages) => pages.DeleteAsync(id, context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        return new PageResult<TemplatesPage>(
            "Templates",
            (nameof(TemplatesPage.Templates), await templates.ListAsync(person, cancel)),
            (nameof(TemplatesPage.Zone), await LedgerParameters.ZoneAsync(people, person, cancel)))
        { Section = Section, IsNarrow = true };
    }

    /// <summary>Filled in from an entry, if the address names one.</summary>
    private async Task<IResult> NewAsync(HttpContext context)
    {
        var entry = await LedgerEntry.FindAsync(context, context.Request.Query["entry"].ToString(), reader);
        return Page(null, entry is null ? _ => null : ValuesOf(ContributionTemplate.Of(entry, clock.GetUtcNow())));
    }

    private async Task<IResult> ShowAsync(string id, HttpContext context) =>
        await templates.GetAsync(Caller.Of(context).Person, id, context.RequestAborted) is { } template ? Page(template, ValuesOf(template)) : Missing();

    private async Task<IResult> SaveAsync(string? id, HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        var known = id is null ? null : await templates.GetAsync(person, id, cancel);
        if (id is not null && known is null)
            return Missing();
        var (body, faults) = form[Values].ToString() is { Length: > 0 } whole ? (Parsed(whole), new Dictionary<string, string>(StringComparer.Ordinal)) : LogForm.Body(form, DateTimeZone.Utc);
        foreach (var name in body.Select(field => field.Key).Except(TemplateFields.Known, StringComparer.Ordinal).ToList())
            body.Remove(name);
        if (known is not null)
            LogForm.Complete(body, known with { Role = null });
        var fields = new LedgerFields(JsonElement.Parse(body.ToJsonString()), TemplateFields.Known, DateTimeZone.Utc, clock.GetUtcNow());
        if (TemplateFields.Read(fields, clock.GetUtcNow()) is not { } read || faults.Count > 0)
            return Page(known, name => form[name], StatusCodes.Status400BadRequest, name => faults.GetValueOrDefault(name) ?? Fault(fields, name));
        if (known is null && !await templates.AddAsync(person, read, cancel))
        {
            Notices.Leave(context, $"There are {TemplateStore.MaxTemplates} templates already. Nothing was kept; delete one first.", isBad: true);
            return Results.LocalRedirect(Path);
        }

        if (known is not null)
            await templates.ChangeAsync(person, known.Id, now => read with { Id = now.Id, Since = now.Since, LastUsed = now.LastUsed }, cancel);
        Notices.Leave(context, $"{Quoted(read)} is {(known is null ? "kept" : "saved")}.");
        return Results.LocalRedirect(Path);
    }

    private async Task<IResult> DeleteAsync(string id, HttpContext context)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (await templates.GetAsync(person, id, cancel) is not { } template)
            return Missing();
        await templates.RemoveAsync(person, id, cancel);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { [Values] = TemplateLogging.Body(template).ToJsonString(Written) };
        Notices.Leave(context, $"{Quoted(template)} is deleted. What was logged with it stays.", undo: new UndoForm(Path, fields));
        return Results.LocalRedirect(Path);
    }

    private static JsonObject Parsed(string values)
    {
        try
        {
            return JsonNode.Parse(values) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static Func<string, string?> ValuesOf(ContributionTemplate template) => name => LogForm.ValueOf(template, name);

    private static string? Fault(LedgerFields fields, string name) => (name, fields.FaultsOf(LogForm.BodyField(name))) switch
    {
        (_, []) => null,
        ("title", _) when !fields.Has("title") => "Say what it is.",
        ("kind", _) when !fields.Has("kind") => "Choose what it is.",
        var (_, messages) => string.Join(' ', messages),
    };

    private static string Quoted(ContributionTemplate template) => $"“\u2068{Normaliser.Text(template.Title, 100)}\u2069”";

    private static PageResult<TemplatePage> Page(ContributionTemplate? template, Func<string, string?> value, int status = StatusCodes.Status200OK, Func<string, string?>? fault = null)
    {
        EntryField[] fields =
        [
            LogForm.Field("title", "Title", value),
            LogForm.Field("kind", "Kind", value),
            LogForm.Field("role", "Role", value),
            LogForm.Field("topics", "Topics", value, "Separated by commas."),
            LogForm.Field("attendees", "Usually attended", value),
            LogForm.Field("minutes", "Minutes", value),
            LogForm.Field("note", "Note", value),
            LogForm.Field("private", "Private", value),
        ];
        var view = new TemplateView(template, [.. fields.Select(field => field with { Fault = fault?.Invoke(field.Name) })]);
        return new("Template", (nameof(TemplatePage.View), view)) { Section = Section, IsNarrow = true, Status = status };
    }

    private static PageResult<MessagePage> Missing() => new(
        "There is no such template",
        (nameof(MessagePage.Title), "There is no such template"),
        (nameof(MessagePage.Text), "It may have been deleted."),
        (nameof(MessagePage.Link), Path),
        (nameof(MessagePage.LinkText), "Templates"))
    { Section = Section, Status = StatusCodes.Status404NotFound };
}
