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

/// <summary><c>/act/log</c>: logs an entry of a kind that a digest reported as missing, by the rules of <c>POST /ledger</c>.</summary>
internal sealed class LogPages(SignedLinks signed, PeopleStore people, LedgerEditor editor, TimeProvider clock)
{
    private static readonly string[] FieldNames = ["title", "when", "url"];

    public static void Map(IEndpointRouteBuilder app) => app.MapMethods(
        "/act/log/{token}", [HttpMethods.Get, HttpMethods.Post], (string token, HttpContext context, LogPages page) => page.AnswerAsync(token, context)).IsOpen();

    private async Task<IResult> AnswerAsync(string token, HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (await signed.UnprotectAsync(SignedLinks.Purpose(DigestAction.Log), token, cancel) is not { } grant
            || !EnumText<Kind>.TryParse(grant.About, out var kind) || await people.GetAsync(grant.Person, cancel) is not { } person)
            return DigestPages.Expired(context);
        var texts = DigestTexts.Of(person.Locale);
        var form = HttpMethods.IsPost(context.Request.Method) ? await PageForm.ReadAsync(context) : FormCollection.Empty;
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
