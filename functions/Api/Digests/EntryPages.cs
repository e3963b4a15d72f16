using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Digests;
using ContributionIngest.Web.Ledger;

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
            return LinkedPages.Show(context, texts, Ask(action, texts, entry, person));
        return action == DigestAction.Edit
            ? await EditAsync(texts, entry, person, form, context)
            : await ApplyAsync(action, texts, entry, person, form, context);
    }

    private static LinkedView Ask(DigestAction action, DigestTexts texts, Contribution entry, Person person, IFormCollection? typed = null)
    {
        var name = Name(action);
        return new LinkedView(texts[$"act.{name}.title"])
        {
            Quote = entry.Effective().Title,
            Text = texts[$"act.{name}.text"],
            Fields = action == DigestAction.Edit ? Fields(texts, entry, person, typed) : [],
            Buttons = [new LinkedButton(texts[$"act.{name}.do"], IsMain: true)],
        };
    }

    /// <summary>The confirmation page offers to undo the change and carries the previous value.</summary>
    private async Task<IResult> ApplyAsync(DigestAction action, DigestTexts texts, Contribution entry, Person person, IFormCollection form, HttpContext context)
    {
        var isUndo = form["do"] == "undo";
        var was = form["was"].ToString();
        await editor.EditAsync(person.Id, entry.Id, null, current => isUndo ? Before(action, PersonalValues.Of(current), was) : After(action, PersonalValues.Of(current)), context.RequestAborted);
        var before = action == DigestAction.NotMine ? EnumText<Review>.Of(entry.Review) : Privacy(entry);
        return LinkedPages.Show(context, texts, new LinkedView(isUndo ? texts["act.undone"] : texts[$"act.{Name(action)}.done"])
        {
            Quote = entry.Effective().Title,
            Buttons = isUndo ? [] : [new LinkedButton(texts["act.undo"], "undo", Was: before)],
        });
    }

    private static string Privacy(Contribution entry) => entry.Private ? "private" : "public";

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
            return LinkedPages.Refuse(context, texts, Ask(DigestAction.Edit, texts, entry, person, form), fields);
        await editor.EditAsync(
            person.Id, entry.Id, null, current => LedgerChange.Merge(current, new LedgerFields(document.RootElement, LedgerChange.Known, zone, clock.GetUtcNow())), context.RequestAborted);
        var after = await reader.GetAsync(person.Id, entry.Id, context.RequestAborted) ?? entry;
        return LinkedPages.Show(context, texts, new LinkedView(texts["act.edit.done"])
        {
            Quote = after.Effective().Title,
            Fields = Fields(texts, after, person),
            Buttons = [new LinkedButton(texts["act.edit.do"])],
        });

        void AddIfChanged(string name, string known)
        {
            var typedValue = form[name].ToString().Trim();
            if (form.ContainsKey(name) && typedValue != known)
                change[name] = typedValue.Length == 0 ? null : typedValue;
        }
    }

    private static EntryField[] Fields(DigestTexts texts, Contribution entry, Person person, IFormCollection? typed = null)
    {
        var values = entry.Effective();
        return
        [
            Field("title", "act.edit.name", values.Title),
            Field("when", "act.edit.when", Day(values.When, person)) with { Hint = texts["act.edit.whenHint"] },
            Field("note", "act.edit.note", entry.Note),
        ];

        EntryField Field(string name, string label, string? known) =>
            new(name, texts[label], typed?.ContainsKey(name) == true ? typed[name].ToString() : known ?? "");
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
