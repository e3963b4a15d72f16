using System.Text.Json;
using System.Text.Json.Nodes;
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
internal sealed partial class LogByHandPages(LedgerReader reader, LedgerEditor editor, PeopleStore people, LedgerLink link, TimeProvider clock)
{
    private const string Path = "/log";
    private const int RecentKinds = 3;

    /// <summary>The newest entries, among which those logged by hand are looked for.</summary>
    private const int EntriesForRecent = 300;

    public static void Map(IEndpointRouteBuilder site)
    {
        site.MapGet(Path, (HttpContext context, LogByHandPages pages) => pages.ShowAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path, (HttpContext context, LogByHandPages pages) => pages.LogAsync(context)).Needs(Scope.Write).IsPage();
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
        return await PageAsync(context, Identity.Random(), name => name switch { "title" => title, "note" => text, "url" => url, "kind" => kind, _ => null });
    }

    private async Task<IResult> LogAsync(HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        var once = Identity.IsWellFormed(form["once"]) ? form["once"].ToString() : Identity.Random();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var (body, faults) = Body(form, zone);
        var now = clock.GetUtcNow();
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
        return logged.IsSame ? Done(context, logged.Entry, logged.IsNew) : await UsedAsync(context, form, logged.Entry);
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
            { Entry: { } entry, IsNew: true } => Done(context, entry, isNew: true),
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
            Fields = [.. view.Fields.Select(field => field with { Fault = faults.GetValueOrDefault(field.Name) ?? Fault(field.Name == "attendees" ? "metrics.attendees" : field.Name) })],
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

    private static IResult Done(HttpContext context, Contribution entry, bool isNew)
    {
        Notices.Leave(context, isNew ? $"{ContributionPages.Quoted(entry)} is in the ledger." : $"{ContributionPages.Quoted(entry)} was in the ledger already. What you typed is kept with it.");
        return Results.LocalRedirect(ContributionPages.PathOf(entry));
    }

    /// <summary>What was typed as a body of the API, and what is wrong with it as typed.</summary>
    private static (JsonObject Body, Dictionary<string, string> Faults) Body(IFormCollection form, DateTimeZone zone)
    {
        var (body, faults) = (new JsonObject(), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var name in new[] { "url", "title", "kind", "note" })
        {
            if (form[name].ToString().Trim() is { Length: > 0 } typed)
                body[name] = name == "url" && !typed.Contains("://", StringComparison.Ordinal) ? "https://" + typed : typed;
        }

        if (form["when"].ToString().Trim() is { Length: > 0 } day)
        {
            var (text, fault) = TypedTime.Read(day, zone);
            if (fault is null)
                body["when"] = text;
            else
                faults["when"] = fault;
        }

        if (form["topics"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } topics)
            body["topics"] = new JsonArray([.. topics.Select(topic => JsonValue.Create(topic))]);
        if (form["attendees"].ToString().Trim() is { Length: > 0 } number)
        {
            if (TypedNumber.Read(number) is { } attendees)
                body["metrics"] = new JsonObject { ["attendees"] = attendees };
            else
                faults["attendees"] = TypedNumber.Fault;
        }

        if (form["private"] == "true")
            body["private"] = true;
        return (body, faults);
    }

    private async Task<IResult> PageAsync(HttpContext context, string once, Func<string, string?> value, int status = StatusCodes.Status200OK, Func<LogView, LogView>? change = null)
    {
        List<EntryField> fields =
        [
            Of("url", "Link", "Title, kind and day are read from the page; what you type wins."),
            Of("title", "Title"),
            Of("kind", "Kind"),
            Of("when", "When was it?", "Such as 20 May 2026, or 20 May 2026, 18:00."),
            Of("topics", "Topics", "Separated by commas."),
            Of("attendees", "Attended", "Leave it empty if it is not known."),
            Of("note", "Note"),
            Of("private", "Private"),
        ];
        var view = new LogView(once, fields, await RecentAsync(Caller.Of(context).Person, context.RequestAborted));
        return new PageResult<LogContributionPage>("Log a contribution", (nameof(LogContributionPage.View), change?.Invoke(view) ?? view)) { Section = Path, IsNarrow = true, Status = status };

        EntryField Of(string name, string label, string? hint = null) => new(name, label, value(name) ?? "") { Hint = hint };
    }

    /// <summary>The kinds that the person logged last, of those that happened lately.</summary>
    private async Task<IReadOnlyList<(Kind Kind, DateOnly Last)>> RecentAsync(string person, CancellationToken cancel)
    {
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var latest = await reader.NewestAsync(person, null, null, null, EntriesForRecent, cancel);
        return [.. latest.Items.Where(entry => entry.Source == LedgerLogging.Manual && entry.Review != Review.Rejected).OrderByDescending(entry => entry.FirstSeen)
            .DistinctBy(entry => entry.Effective().Kind).Take(RecentKinds).Select(entry => (entry.Effective().Kind, EntryText.Day(entry.Effective(), zone)))];
    }

    [GeneratedRegex(@"https?://\S+", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Address();
}
