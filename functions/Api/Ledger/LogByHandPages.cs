using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;
using ContributionIngest.Web.Ledger;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>
/// <c>/log</c>: logs by link or by hand, by the rules of <c>POST /api/ledger</c>. Other apps share a page by opening it with <c>title</c>, <c>text</c> and
/// <c>url</c>, which only fills the form in.
/// </summary>
internal sealed partial class LogByHandPages(LedgerReader reader, LedgerEditor editor, PeopleStore people, LedgerLink link, TemplateStore templates, TemplateLogging logging, TimeProvider clock)
{
    private const string Path = "/log";
    private const int RecentKinds = 3;

    /// <summary>The newest entries, among which those logged by hand are looked for.</summary>
    private const int EntriesForRecent = 300;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, LogByHandPages pages) => pages.ShowAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path, (HttpContext context, LogByHandPages pages) => pages.LogAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/again", (HttpContext context, LogByHandPages pages) => pages.LogAgainAsync(context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> ShowAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (title, text) = (Normaliser.Text(query["title"], Normaliser.TitleLength), Normaliser.Text(query["text"], Normaliser.SummaryLength));

        // Many apps share the address within the text.
        var url = Normaliser.Address(query["url"]) ?? new[] { query["url"].ToString(), text, title }.OfType<string>().Select(shared => Normaliser.Address(Address().Match(shared).Value)).FirstOrDefault(found => found is not null);
        text = Normaliser.Text(Address().Replace(text ?? "", ""), Normaliser.SummaryLength);
        title = Normaliser.Text(Address().Replace(title ?? "", ""), Normaliser.TitleLength);
        var kind = EnumText<Kind>.TryParse(query["kind"], out var known) ? EnumText<Kind>.Of(known) : null;
        if (await templates.GetAsync(Caller.Of(context).Person, query["template"].ToString(), context.RequestAborted) is { } template)
            return await PageAsync(context, Identity.Random(), name => name == "template" ? template.Id : LogForm.ValueOf(template, name));
        return await PageAsync(context, Identity.Random(), name => name switch { "title" => title, "note" => text, "url" => url, "kind" => kind, _ => null });
    }

    private async Task<IResult> LogAsync(HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        var once = Identity.IsWellFormed(form["once"]) ? form["once"].ToString() : Identity.Random();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var (body, faults) = LogForm.Body(form, zone);
        var now = clock.GetUtcNow();
        if (await templates.GetAsync(person, form["template"].ToString(), cancel) is { } template)
            LogForm.Complete(body, template);
        using var document = JsonDocument.Parse(body.ToJsonString());
        var fields = new LedgerFields(document.RootElement, LedgerLogging.Known, zone, now);
        var key = "page " + once;
        if (faults.Count == 0 && LedgerLink.IsNeeded(fields))
            return await LogLinkAsync(context, form, fields, once, key, cancel);

        var draft = LedgerLogging.Draft(fields, key, now);
        var (note, isPrivate, metrics) = (fields.Text("note", Normaliser.SummaryLength), fields.Flag("private"), fields.Metrics("metrics"));
        if (faults.Count > 0 || !fields.IsValid)
            return await RefusedAsync(context, form, once, fields, faults);
        var logged = await editor.LogAsync(person, LedgerLogging.Hand, draft, known => LedgerLogging.MergeTyped(known, note, isPrivate, metrics), cancel);
        return logged.IsSame ? await DoneAsync(context, form, logged.Entry, logged.IsNew) : await UsedAsync(context, form, logged.Entry);
    }

    /// <summary>Logs a template for today. The same button of the same page logs once a day, however often it is pressed.</summary>
    private async Task<IResult> LogAgainAsync(HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        if (await templates.GetAsync(person, form["template"].ToString(), cancel) is not { } template)
        {
            Notices.Leave(context, "There is no such template any more. Nothing was logged.", isBad: true);
            return Results.LocalRedirect(Path);
        }

        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var once = Identity.IsWellFormed(form["once"]) ? form["once"].ToString() : Identity.Random();
        var fields = logging.Fields(template, JsonElement.Parse("{}"), zone);
        var logged = await logging.LogAsync(person, template, fields, $"page {once} {template.Id} {fields.Time("when")!.Value.Time:yyyy-MM-dd}", cancel);
        if (logged is not { IsSame: true })
        {
            Notices.Leave(context, "The template was changed since this page was opened. Nothing was logged.", isBad: true);
            return Results.LocalRedirect(Path);
        }

        Notices.Leave(context, $"{ContributionPages.Quoted(logged.Entry)} is in the ledger, for today.", undo: new UndoForm($"{ContributionPages.PathOf(logged.Entry)}/delete", new Dictionary<string, string>(StringComparer.Ordinal)));
        return Results.LocalRedirect(ContributionPages.PathOf(logged.Entry));
    }

    private async Task<IResult> LogLinkAsync(HttpContext context, IFormCollection form, LedgerFields fields, string once, string key, CancellationToken cancel)
    {
        LinkOutcome? outcome;
        try
        {
            outcome = await link.LogAsync(Caller.Of(context).Person, fields, key, cancel);
        }
        catch (TooBusyException e)
        {
            return await PageAsync(context, once, name => form[name], StatusCodes.Status503ServiceUnavailable, view => view with { Problem = e.Message });
        }

        return outcome switch
        {
            { Entry: { } entry, IsNew: true } => await DoneAsync(context, form, entry, isNew: true),
            { Entry: { } entry } => await KnownAsync(context, form, [entry]),
            { Known: { } known } => await KnownAsync(context, form, known),
            { Unread: { } unread } => await PageAsync(
                context, once, name => form[name], StatusCodes.Status422UnprocessableEntity,
                view => view with { Problem = $"{unread.Message} Type title, kind and day; then the page is not needed." }),
            { Found: { } found } => await RefusedAsync(context, form, once, fields, new Dictionary<string, string>(StringComparer.Ordinal), found),
            null => await RefusedAsync(context, form, once, fields, new Dictionary<string, string>(StringComparer.Ordinal)),
            _ => await UsedAsync(context, form, await reader.GetAsync(Caller.Of(context).Person, Identity.Of(LedgerLogging.Manual, LedgerLogging.Manual, key), cancel)),
        };
    }

    private Task<IResult> KnownAsync(HttpContext context, IFormCollection form, IReadOnlyList<Contribution> known) =>
        PageAsync(context, Identity.Random(), name => form[name], StatusCodes.Status409Conflict, view => view with { Known = known });

    /// <summary>The form logged something else before: the browser went back to it.</summary>
    private Task<IResult> UsedAsync(HttpContext context, IFormCollection form, Contribution? logged) => PageAsync(
        context, Identity.Random(), name => form[name], StatusCodes.Status409Conflict,
        view => view with { Problem = "This form was sent before, with something else in it. Send it again to log this as well.", Known = logged is null ? [] : [logged] });

    /// <param name="found">What the page said; it fills in what was not typed.</param>
    private Task<IResult> RefusedAsync(HttpContext context, IFormCollection form, string once, LedgerFields fields, Dictionary<string, string> faults, Draft? found = null)
    {
        return PageAsync(context, once, Value, StatusCodes.Status400BadRequest, view => view with
        {
            Fields = [.. view.Fields.Select(field => field with { Fault = faults.GetValueOrDefault(field.Name) ?? Fault(LogForm.BodyField(field.Name)) })],
        });

        string? Value(string name) => form[name].ToString() is { Length: > 0 } typed ? typed : name switch
        {
            "title" => found?.Title,
            "kind" => found is null ? null : EnumText<Kind>.Of(found.Kind),
            _ => null,
        };

        string? Fault(string name) => fields.FaultsOf(name) switch
        {
            [] => null,
            _ when fields.Has(name) => string.Join(' ', fields.FaultsOf(name)),
            _ => (name, found) switch
            {
                ("title", null) => "Say what it was, or paste a link.",
                ("title", _) => "The page has no title. Say what it was.",
                ("kind", _) => "Choose what it was.",
                ("when", null) => "Type the day, such as 20 May 2026.",
                ("when", _) => "The page says no day. Type it, such as 20 May 2026.",
                _ => string.Join(' ', fields.FaultsOf(name)),
            },
        };
    }

    private async Task<IResult> DoneAsync(HttpContext context, IFormCollection form, Contribution entry, bool isNew)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (form["template"].ToString() is { Length: > 0 } template)
            await templates.UseAsync(person, template, cancel);
        var kept = form["keep"] != "true" ? "" : await templates.KeepAsync(person, entry, cancel) ? " It is kept as a template." : $" There are {TemplateStore.MaxTemplates} templates already, so it is not kept as one.";
        Notices.Leave(context, isNew ? $"{ContributionPages.Quoted(entry)} is in the ledger.{kept}" : $"{ContributionPages.Quoted(entry)} was in the ledger already. What you typed is kept with it.{kept}");
        return Results.LocalRedirect(ContributionPages.PathOf(entry));
    }

    private async Task<IResult> PageAsync(HttpContext context, string once, Func<string, string?> value, int status = StatusCodes.Status200OK, Func<LogView, LogView>? change = null)
    {
        List<EntryField> fields =
        [
            LogForm.Field("url", "Link", value, "Title, kind and day are read from the page; what you type wins."),
            LogForm.Field("title", "Title", value),
            LogForm.Field("kind", "Kind", value),
            LogForm.Field("topics", "Topics", value, "Separated by commas."),
            LogForm.Field("when", "When was it?", value, "Such as 20 May 2026, or 20 May 2026, 18:00."),
            LogForm.Field("endsAt", "Until", value, "If it went on for longer."),
            LogForm.Field("attendees", "Attended", value, "Leave it empty if it is not known."),
            LogForm.Field("minutes", "Minutes", value),
            LogForm.Field("note", "Note", value),
            LogForm.Field("private", "Private", value),
            LogForm.Field("template", "Template", value),
            LogForm.Field("keep", "Keep as template", value),
        ];
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var view = new LogView(once, fields, await RecentAsync(person, zone, cancel)) { Templates = await templates.ListAsync(person, cancel), Zone = zone };
        return new PageResult<LogContributionPage>("Log a contribution", (nameof(LogContributionPage.View), change?.Invoke(view) ?? view)) { Section = Path, IsNarrow = true, Status = status };
    }

    /// <summary>The kinds that the person logged last, of those that happened lately.</summary>
    private async Task<IReadOnlyList<(Kind Kind, DateOnly Last)>> RecentAsync(string person, DateTimeZone zone, CancellationToken cancel)
    {
        var latest = await reader.NewestAsync(person, null, null, null, EntriesForRecent, cancel);
        return [.. latest.Items.Where(entry => entry.Source == LedgerLogging.Manual && entry.Review != Review.Rejected).OrderByDescending(entry => entry.FirstSeen)
            .DistinctBy(entry => entry.Effective().Kind).Take(RecentKinds).Select(entry => (entry.Effective().Kind, EntryText.Day(entry.Effective(), zone)))];
    }

    [GeneratedRegex(@"https?://\S+", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Address();
}
