using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>
/// <c>/act/not-mine</c>, <c>/act/private</c>, <c>/act/edit</c>: a digest's actions on one entry. GET changes nothing, since
/// mail scanners open every link; only submitting the form does.
/// </summary>
internal sealed class EntryPages(SignedLinks signed, PeopleStore people, LedgerReader reader, LedgerEditor editor, TimeProvider clock)
{
    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var action in new[] { DigestAction.NotMine, DigestAction.Private, DigestAction.Edit })
        {
            app.MapMethods(
                $"/act/{SignedLinks.Purpose(action)}/{{token}}",
                [HttpMethods.Get, HttpMethods.Post],
                (string token, HttpContext context, EntryPages pages) => pages.AnswerAsync(action, token, context)).IsOpen();
        }
    }

    private async Task<IResult> AnswerAsync(DigestAction action, string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await signed.UnprotectAsync(SignedLinks.Purpose(action), token, cancel) is not { } grant
            || await people.GetAsync(grant.Person, cancel) is not { } person
            || await reader.GetAsync(grant.Person, grant.About, cancel) is not { } entry)
            return DigestPages.Expired(context);
        var texts = DigestTexts.Of(person.Locale);
        var form = HttpMethods.IsPost(context.Request.Method) ? await PageForm.ReadAsync(context) : FormCollection.Empty;
        if (!form.ContainsKey("do"))
            return Ask(action, texts, entry, person).Show(context);
        return action == DigestAction.Edit
            ? await EditAsync(texts, entry, person, form, context)
            : await ApplyAsync(action, texts, entry, person, form, context);
    }

    private static MailPage Ask(DigestAction action, DigestTexts texts, Contribution entry, Person person, IFormCollection? typed = null)
    {
        var name = Name(action);
        var page = new MailPage(texts.Language, texts[$"act.{name}.title"]).Quote(entry.Effective().Title).Paragraph(texts[$"act.{name}.text"]);
        return page.Form(texts[$"act.{name}.do"], action == DigestAction.Edit ? Fields(texts, entry, person, typed) : "");
    }

    /// <summary>The confirmation page offers to undo the change and carries the previous value.</summary>
    private async Task<IResult> ApplyAsync(DigestAction action, DigestTexts texts, Contribution entry, Person person, IFormCollection form, HttpContext context)
    {
        var isUndo = form["do"] == "undo";
        var was = form["was"].ToString();
        await editor.EditAsync(person.Id, entry.Id, null, current => isUndo ? Before(action, PersonalValues.Of(current), was) : After(action, PersonalValues.Of(current)), context.RequestAborted);
        var page = new MailPage(texts.Language, isUndo ? texts["act.undone"] : texts[$"act.{Name(action)}.done"]).Quote(entry.Effective().Title);
        var before = action == DigestAction.NotMine ? EnumText<Review>.Of(entry.Review) : entry.Private ? "private" : "public";
        return (isUndo ? page : page.Form(texts["act.undo"], MailPage.Hidden("was", before), value: "undo", isSecond: true)).Show(context);
    }

    private static PersonalValues After(DigestAction action, PersonalValues values) =>
        action == DigestAction.NotMine ? values with { Review = Review.Rejected } : values with { Private = true };

    private static PersonalValues Before(DigestAction action, PersonalValues values, string was) => action == DigestAction.NotMine
        ? values with { Review = EnumText<Review>.TryParse(was, out var review) ? review : Review.New }
        : values with { Private = was == "private" };

    private async Task<IResult> EditAsync(DigestTexts texts, Contribution entry, Person person, IFormCollection form, HttpContext context)
    {
        // The same rules as for PATCH: untouched fields are not sent.
        var values = entry.Effective();
        var change = new JsonObject();
        AddIfChanged("title", values.Title);
        AddIfChanged("when", Day(values.When, person));
        AddIfChanged("note", entry.Note ?? "");
        using var document = JsonDocument.Parse(change.ToJsonString());
        var zone = DigestSchedule.Zone(person);
        var fields = new LedgerFields(document.RootElement, LedgerChange.Known, zone, clock.GetUtcNow());
        LedgerChange.Merge(entry, fields);
        if (!fields.IsValid)
            return Ask(DigestAction.Edit, texts, entry, person, form).Fault(string.Join(' ', fields.Faults)).Show(context);
        await editor.EditAsync(
            person.Id, entry.Id, null, current => LedgerChange.Merge(current, new LedgerFields(document.RootElement, LedgerChange.Known, zone, clock.GetUtcNow())), context.RequestAborted);
        var after = await reader.GetAsync(person.Id, entry.Id, context.RequestAborted) ?? entry;
        return new MailPage(texts.Language, texts["act.edit.done"]).Quote(after.Effective().Title).Form(texts["act.edit.do"], Fields(texts, after, person), isSecond: true).Show(context);

        void AddIfChanged(string name, string known)
        {
            var typedValue = form[name].ToString().Trim();
            if (form.ContainsKey(name) && typedValue != known)
                change[name] = typedValue.Length == 0 ? null : typedValue;
        }
    }

    private static string Fields(DigestTexts texts, Contribution entry, Person person, IFormCollection? typed = null)
    {
        var values = entry.Effective();
        return Field("title", "act.edit.name", values.Title) + Field("when", "act.edit.when", Day(values.When, person)) + Field("note", "act.edit.note", entry.Note);

        string Field(string name, string label, string? known) => MailPage.Field(name, texts[label], typed?[name].ToString() is { Length: > 0 } typedValue ? typedValue : known);
    }

    private static string Day(DateTimeOffset when, Person person) =>
        MonthRollup.Day(when, DigestSchedule.Zone(person)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Name(DigestAction action) => action switch
    {
        DigestAction.NotMine => "notMine",
        DigestAction.Private => "private",
        _ => "edit",
    };
}
