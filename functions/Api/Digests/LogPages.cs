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

/// <summary><c>/act/log</c>: logs an entry of a kind that a digest reported as missing, or a template that it offered, by the rules of <c>POST /ledger</c>.</summary>
internal sealed class LogPages(SignedLinks signed, PeopleStore people, LedgerEditor editor, TemplateStore templates, TemplateLogging logging, TimeProvider clock)
{
    private static readonly string[] FieldNames = ["title", "when", "url"];

    public static void Map(IEndpointRouteBuilder app) => app.MapMethods(
        "/act/log/{token}", [HttpMethods.Get, HttpMethods.Post], (string token, HttpContext context, LogPages page) => page.AnswerAsync(token, context)).IsOpen();

    private async Task<IResult> AnswerAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await signed.UnprotectAsync(SignedLinks.Purpose(DigestAction.Log), token, cancel) is not { } grant
            || await people.GetAsync(grant.Person, cancel) is not { } person)
            return DigestPages.Expired(context);
        var texts = DigestTexts.Of(person.Locale);
        var form = HttpMethods.IsPost(context.Request.Method) ? await PageForm.ReadAsync(context) : FormCollection.Empty;
        if (await templates.GetAsync(person.Id, grant.About, cancel) is { } template)
            return await LogAgainAsync(token, context, person, template, texts, form);
        if (!EnumText<Kind>.TryParse(grant.About, out var kind))
            return DigestPages.Expired(context);
        if (!form.ContainsKey("do"))
            return LinkedPages.Show(context, texts, Ask(texts, kind, form));

        var body = new JsonObject { ["kind"] = EnumText<Kind>.Of(kind) };
        foreach (var name in FieldNames)
        {
            if (form[name].ToString().Trim() is { Length: > 0 } typedValue)
                body[name] = typedValue;
        }

        var now = clock.GetUtcNow();
        using var document = JsonDocument.Parse(body.ToJsonString());
        var fields = new LedgerFields(document.RootElement, LedgerLogging.Known, DigestSchedule.Zone(person), now);

        // Submitting the same form twice logs one entry.
        var draft = LedgerLogging.Draft(fields, $"mail {Identity.Hash(token + body.ToJsonString())}", now);
        if (!fields.IsValid)
            return LinkedPages.Refuse(context, texts, Ask(texts, kind, form), fields);
        var logged = await editor.LogAsync(person.Id, LedgerLogging.Hand, draft, PersonalValues.Of, cancel);
        return LinkedPages.Show(context, texts, new LinkedView(texts["act.log.done"]) { Quote = logged.Entry.Effective().Title });
    }

    /// <summary>The same link logs once for each day, however often the form is sent.</summary>
    private async Task<IResult> LogAgainAsync(string token, HttpContext context, Person person, ContributionTemplate template, DigestTexts texts, IFormCollection form)
    {
        var zone = DigestSchedule.Zone(person);
        var number = LogForm.Numbers.FirstOrDefault(template.Metrics.ContainsKey);
        var label = number == "minutes" ? texts["number.minutes"] : texts["number.attendees"];
        var view = new LinkedView(texts["act.again.log"])
        {
            Quote = template.Title,
            Text = texts["act.again.log.text"],
            Fields = [Field("when", texts["act.edit.when"], LedgerParameters.Today(clock, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)) with { Hint = texts["act.edit.whenHint"] }, .. number is null ? Array.Empty<EntryField>() : [Field(number, label, LogForm.ValueOf(template, number)!)]],
            Buttons = [new LinkedButton(texts["act.log.do"], IsMain: true)],
        };
        if (!form.ContainsKey("do"))
            return LinkedPages.Show(context, texts, view);

        var (body, faults) = LogForm.Body(form, zone);
        foreach (var name in body.Select(field => field.Key).Except(["when", "metrics"], StringComparer.Ordinal).ToList())
            body.Remove(name);
        var fields = logging.Fields(template, JsonElement.Parse(body.ToJsonString()), zone);
        foreach (var (name, fault) in faults)
            fields.Fault(name, fault);
        var key = $"mail {Identity.Hash(token + fields.Time("when")?.Time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))}";
        return await logging.LogAsync(person.Id, template, fields, key, context.RequestAborted) switch
        {
            null => LinkedPages.Refuse(context, texts, view, fields),
            var logged => LinkedPages.Show(context, texts, new LinkedView(texts["act.log.done"]) { Quote = logged.Entry.Effective().Title }),
        };

        EntryField Field(string name, string label, string usual) => new(name, label, form.ContainsKey("do") ? form[name].ToString() : usual);
    }

    private static LinkedView Ask(DigestTexts texts, Kind kind, IFormCollection typed)
    {
        return new LinkedView(texts["act.log.title"])
        {
            Quote = texts.Name(kind),
            Text = texts["act.log.text"],
            Fields = [Field("title", "act.edit.name"), Field("when", "act.edit.when") with { Hint = texts["act.edit.whenHint"] }, Field("url", "act.log.url")],
            Buttons = [new LinkedButton(texts["act.log.do"], IsMain: true)],
        };

        EntryField Field(string name, string label) => new(name, texts[label], typed[name].ToString());
    }
}
