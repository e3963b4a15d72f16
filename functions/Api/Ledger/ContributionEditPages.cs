using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Ledger;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>
/// <c>/ledger/{id}/edit</c>: edits by the rules of PATCH. The form carries what it was made with, so only what was touched is changed, and what somebody else
/// changed meanwhile is shown beside it.
/// </summary>
internal sealed class ContributionEditPages(LedgerReader reader, LedgerEditor editor, PeopleStore people, TimeProvider clock)
{
    /// <summary>Each field is sent twice, as it is and as it was.</summary>
    private const int MaxFields = 80;

    private const int MaxNumbers = 12;

    /// <summary>Of saving beside a harvest that changes other fields of the entry.</summary>
    private const int MaxTries = 5;

    private static readonly string[] UsualNumbers = ["attendees", "views", "minutes"];

    public static void Map(IEndpointRouteBuilder site)
    {
        const string Path = LedgerAddress.Root + "/{id}/edit";
        site.MapGet(Path, (string id, HttpContext context, ContributionEditPages pages) => pages.ShowAsync(id, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path, (string id, HttpContext context, ContributionEditPages pages) => pages.SaveAsync(id, context)).Needs(Scope.Write).IsPage().WithFormOptions(valueCountLimit: MaxFields);
    }

    private async Task<IResult> ShowAsync(string id, HttpContext context)
    {
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return ContributionPages.Missing();
        var zone = await LedgerParameters.ZoneAsync(people, Caller.Of(context).Person, context.RequestAborted);
        return Page(new EditView(entry, LedgerEditor.Tag(entry), FieldsOf(entry, zone)));
    }

    private static PageResult<EditEntryPage> Page(EditView view, int status = StatusCodes.Status200OK) =>
        new("Edit", (nameof(EditEntryPage.View), view)) { Section = LedgerAddress.Root, IsNarrow = true, Status = status };

    private async Task<IResult> SaveAsync(string id, HttpContext context)
    {
        var (person, cancel, form) = (Caller.Of(context).Person, context.RequestAborted, await PageForm.ReadAsync(context));
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await LedgerEntry.FindAsync(context, id, reader) is not { } current)
                return ContributionPages.Missing();
            var (tag, fields) = (LedgerEditor.Tag(current), FieldsOf(current, zone));
            var typed = fields.Select(field => Typed(field, form)).ToList();
            if (form["tag"] != tag && typed.Exists(field => IsChangedTwice(field, form)))
                return Page(new EditView(current, tag, typed.ConvertAll(field => IsChangedTwice(field, form) ? field with { Now = field.Original } : field), IsConflict: true), StatusCodes.Status409Conflict);
            var touched = typed.Where(field => field.Value != field.Original).ToList();
            if (touched.Count == 0)
                return Done(context, current, "Nothing was changed.");

            var (body, faults) = Body(current, touched, zone);
            using var document = JsonDocument.Parse(body.ToJsonString());
            var read = Read(document);
            LedgerChange.Merge(current, read);
            if (faults.Count > 0 || !read.IsValid)
                return Page(new EditView(current, tag, typed.ConvertAll(field => field with { Fault = faults.GetValueOrDefault(field.Name) ?? FaultOf(field, read) })), StatusCodes.Status400BadRequest);
            var (outcome, after) = await editor.EditAsync(person, current.Id, tag, entry => LedgerChange.Merge(entry, Read(document)), cancel);
            if (outcome == EditOutcome.Done)
                return Done(context, after!, $"{ContributionPages.Quoted(after!)} is saved.");
        }

        throw new Core.Storage.ConcurrencyException();

        LedgerFields Read(JsonDocument document) => new(document.RootElement, LedgerChange.Known, zone, clock.GetUtcNow());
    }

    private static IResult Done(HttpContext context, Contribution entry, string text)
    {
        Notices.Leave(context, text);
        return Results.LocalRedirect(ContributionPages.PathOf(entry));
    }

    private static string? FaultOf(EntryField field, LedgerFields fields) => fields.FaultsOf(field.Name) is { Count: > 0 } messages ? string.Join(' ', messages) : null;

    /// <summary>The field as it was sent; what was not touched is as it is now.</summary>
    private static EntryField Typed(EntryField now, IFormCollection form)
    {
        var was = form["was." + now.Name];
        if (was.Count == 0 || (now.Name != "private" && !form.ContainsKey(now.Name)))
            return now;
        var typed = now.Name == "private" ? (form["private"] == "true" ? "true" : "false") : form[now.Name].ToString().Trim();
        return typed == was.ToString().Trim() ? now : now with { Value = typed };
    }

    private static bool IsChangedTwice(EntryField typed, IFormCollection form) => typed.Value != typed.Original && form["was." + typed.Name].ToString().Trim() != typed.Original;

    /// <summary>What was touched as a merge patch; empty and harvested values give the harvested ones back.</summary>
    private static (JsonObject Body, Dictionary<string, string> Faults) Body(Contribution entry, IReadOnlyList<EntryField> touched, DateTimeZone zone)
    {
        var (body, metrics, faults) = (new JsonObject(), new JsonObject(), new Dictionary<string, string>(StringComparer.Ordinal));
        var harvested = FieldsOf(Harvested(entry), zone);
        foreach (var field in touched)
        {
            var isBack = field.Value.Length == 0 || (field.Name is not ("private" or "note") && harvested.FirstOrDefault(known => known.Name == field.Name)?.Value == field.Value);
            switch (field.Name)
            {
                case "private":
                    body["private"] = field.Value == "true";
                    break;
                case var name when name.StartsWith("metrics.", StringComparison.Ordinal):
                    if (isBack)
                        metrics[name["metrics.".Length..]] = null;
                    else if (TypedNumber.Read(field.Value) is { } number)
                        metrics[name["metrics.".Length..]] = number;
                    else
                        faults[name] = TypedNumber.Fault;
                    break;
                case var name when isBack:
                    body[name] = null;
                    break;
                case "when" or "endsAt":
                    var (text, fault) = TypedTime.Read(field.Value, zone);
                    if (fault is null)
                        body[field.Name] = text;
                    else
                        faults[field.Name] = fault;
                    break;
                case "topics":
                    body["topics"] = new JsonArray([.. field.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(topic => JsonValue.Create(topic))]);
                    break;
                default:
                    body[field.Name] = field.Value;
                    break;
            }
        }

        if (metrics.Count > 0)
            body["metrics"] = metrics;
        return (body, faults);
    }

    private static Contribution Harvested(Contribution entry) => entry with { Edits = Edits.None, Folded = null };

    /// <summary>The fields as they are in the ledger.</summary>
    private static List<EntryField> FieldsOf(Contribution entry, DateTimeZone zone)
    {
        var (values, harvested, metrics) = (entry.WithEdits(), entry.Harvested, entry.EffectiveMetrics());
        var edits = entry.Edits;
        List<EntryField> fields =
        [
            Of("title", "Title", values.Title, edits.Title is null ? null : $"“{harvested.Title}”"),
            Of("kind", "Kind", EnumText<Kind>.Of(values.Kind), edits.Kind is null ? null : KindText.One(harvested.Kind)),
            Of("role", "Role", EnumText<Role>.Of(values.Role), edits.Role is null ? null : EnumText<Role>.Of(harvested.Role)),
            Of("when", "When was it?", TypedTime.Show(values.When, values.DatePrecision != DatePrecision.Exact, zone), edits.When is null ? null : TypedTime.Show(harvested.When, harvested.DatePrecision != DatePrecision.Exact, zone), $"Such as 20 May 2026, or 20 May 2026, 18:00, in {zone.Id}."),
            Of("endsAt", "Until", values.EndsAt is { } end ? TypedTime.Show(end, isDay: false, zone) : "", edits.EndsAt is null ? null : harvested.EndsAt is { } known ? TypedTime.Show(known, isDay: false, zone) : "no end"),
            Of("url", "Address", values.Url ?? "", edits.Url is null ? null : harvested.Url ?? "no address"),
            Of("topics", "Topics", string.Join(", ", values.Topics), edits.Topics is null ? null : harvested.Topics.Count == 0 ? "none" : string.Join(", ", harvested.Topics), "Separated by commas."),
            Of("note", "Note", entry.Note ?? "", null, "For you. The search finds it."),
            Of("private", "Private", entry.Private ? "true" : "false", null),
        ];
        foreach (var name in NumberText.Ordered(UsualNumbers.Concat(metrics.Keys)).Take(MaxNumbers))
        {
            var isTyped = edits.Metrics?.ContainsKey(name) == true;
            var measured = entry.Metrics.TryGetValue(name, out var metric) ? $"{Numbers.Of(metric.Value)}, measured" : null;
            fields.Add(Of($"metrics.{name}", NumberText.Label(name), metrics.TryGetValue(name, out var value) ? value.Value.ToString("0.##########", CultureInfo.InvariantCulture) : "", isTyped ? measured : null));
        }

        return fields;

        static EntryField Of(string name, string label, string value, string? harvested, string? hint = null) =>
            new(name, label, value) { Original = value, Hint = harvested is null ? hint : $"Empty gives back: {harvested}" };
    }
}

/// <summary>Numbers as people type them.</summary>
internal static class TypedNumber
{
    public const string Fault = "That is no number. Type digits, such as 40.";

    /// <summary>Null if it is none.</summary>
    public static double? Read(string typed) =>
        double.TryParse(typed, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;
}
