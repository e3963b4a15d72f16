using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>A programme's form: filled with the ledger and with answers, and as a file to hand in.</summary>
internal static class FormApi
{
    /// <summary>How many entries a file leaves out because of faults.</summary>
    private const string LeftOut = "Contributions-Left-Out";

    private const int MaxAnswers = 500;
    private static readonly string[] Parts = ["person", "all", "entries"];

    private static readonly DescribedValue[] ExportDescribed =
    [
        .. FormReader.Described,
        new("format", typeof(string), "The programme's own format (`json` or `yaml`) where it has one, or a sheet. Without it, the programme's own, or else CSV.", ["json", "yaml", "csv", "xlsx", "markdown"]),
        new("faulty", typeof(string), "Whether entries with faults are left out. Otherwise the file is refused while there are any.", ["refuse", "skip"], "refuse"),
    ];

    public static void MapForms(this IEndpointRouteBuilder api)
    {
        api.MapGet("/programmes/{name}/form", GetAsync).Needs(Scope.Read).WithName("getForm").WithMetadata(FormReader.Described).Produces<FormAnswer>();
        api.MapPut("/programmes/{name}/answers", PutAsync).Needs(Scope.Write).WithName("answerForm").WithMetadata(FormReader.Described)
            .Reads<AnswersBody>("""{"person": {"name": "Ada Lovelace"}, "all": {"audience": "Developer; IT Pro"}}""", "application/merge-patch+json", "application/json").Produces<FormAnswer>();
        api.MapGet("/programmes/{name}/export", ExportAsync).Needs(Scope.Read).WithName("exportForm").WithMetadata(ExportDescribed)
            .Produces<string>(200, "application/json", "application/yaml", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/markdown").Refuses(422);
    }

    /// <summary>A programme's form, filled.</summary>
    /// <remarks>Values are those of the ledger and those you have answered, and nothing else: what is not known is absent. A `fault` keeps an entry out of the file; what is `open` is asked for before
    /// it is submitted, and the file may go without. Values of a list are separated by semicolons.</remarks>
    /// <param name="name">As in the list, such as google-developer-expert.</param>
    internal static async Task<IResult> GetAsync(string name, HttpContext context, ProgrammeCatalog programmes, FormReader forms)
    {
        if (programmes.Find(name) is not { } programme)
            return Problems.NotFound("programme");
        var parameters = LedgerParameters.Of(context.Request, FormReader.Described);
        return await forms.ReadAsync(context, programme, parameters) is { } form ? Results.Json(FormAnswer.Of(form), FormJson.Default.FormAnswer) : Problems.Invalid(parameters.Faults);
    }

    /// <summary>Answer what a form asks.</summary>
    /// <remarks>A JSON merge patch (RFC 7396) of answers about yourself, for all entries, and for entries by their ids, each by what the form keeps it under (`key`, or else `name`). Null takes an
    /// answer back. Nothing is kept if anything is wrong. A number that the ledger knows, such as attendees, is kept there as yours.</remarks>
    /// <param name="name">As in the list, such as google-developer-expert.</param>
    internal static async Task<IResult> PutAsync(string name, HttpContext context, ProgrammeCatalog programmes, FormReader forms, FormAnswers answers)
    {
        if (programmes.Find(name) is not { } programme)
            return Problems.NotFound("programme");
        var parameters = LedgerParameters.Of(context.Request, FormReader.Described);
        var (body, refusal) = await JsonBody.ReadObjectAsync(context);
        if (refusal is not null)
            return refusal;
        if (await forms.ReadAsync(context, programme, parameters) is not { } form)
            return Problems.Invalid(parameters.Faults);
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var changes = Read(body, faults);
        if (faults.Count > 0)
            return Problems.Invalid(faults);
        if (changes.Count > MaxAnswers)
            return Problems.Invalid("body", $"There are more than {MaxAnswers} answers; send them in several requests.");
        var wrong = await answers.SaveAsync(Caller.Of(context).Person, form, changes, context.RequestAborted);
        if (wrong.Count > 0)
            return Problems.Invalid(wrong.ToDictionary(StringComparer.Ordinal));
        return Results.Json(FormAnswer.Of((await forms.ReadAsync(context, programme, parameters))!), FormJson.Default.FormAnswer);
    }

    /// <summary>A file to hand in.</summary>
    /// <remarks>The entries of the window in the programme's own fields. It is refused with 422 while an entry has a fault; `faulty=skip` leaves those out and says how many in
    /// `Contributions-Left-Out` and in the file's name.</remarks>
    /// <param name="name">As in the list, such as google-developer-expert.</param>
    internal static async Task<IResult> ExportAsync(string name, HttpContext context, ProgrammeCatalog programmes, FormReader forms)
    {
        if (programmes.Find(name) is not { } programme)
            return Problems.NotFound("programme");
        var parameters = LedgerParameters.Of(context.Request, ExportDescribed);
        var formats = FormExport.Formats(ProgrammeForm.Of(programme).Format);
        var format = parameters.Choice("format", [.. formats.Select(known => known.Name)]);
        var skips = parameters.Choice("faulty", "refuse", "skip") == "skip";
        if (await forms.ReadAsync(context, programme, parameters) is not { } form)
            return Problems.Invalid(parameters.Faults);
        if (Refusal(form, skips) is { } refusal)
            return refusal;
        var file = await FormExport.WriteAsync(form, formats.First(known => known.Name == format), context.RequestAborted);
        context.Response.Headers[LeftOut] = file.LeftOut.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        return Results.File(file.Content, file.MediaType, file.Name);
    }

    private static IResult? Refusal(FilledForm form, bool skips)
    {
        if (form.Entries.Count == 0)
            return Problems.Unfit("nothingToExport", "There is nothing to hand in", "No contribution of the window has a place in the form.");
        var faults = form.Person.SelectMany(filled => filled.Findings).Where(IsFault).GroupBy(finding => $"person.{finding.Field}", StringComparer.Ordinal).ToDictionary(group => group.Key, Messages, StringComparer.Ordinal);
        if (faults.Count > 0)
            return Problems.Unfit("faulty", "The form is not complete", "Something about you is missing or wrong; see errors. It is asked once, and remembered.", faults);
        foreach (var entry in form.Entries.Where(entry => !skips && entry.IsFaulty))
        {
            foreach (var found in entry.Findings.Where(IsFault).GroupBy(finding => $"entries.{entry.Entry.Id}.{finding.Field}", StringComparer.Ordinal))
                faults[found.Key] = Messages(found);
        }

        if (faults.Count > 0)
            return Problems.Unfit("faulty", "Some contributions do not fit the form", $"{form.Faulty} of {form.Entries.Count} have faults; see errors. Correct them, or leave them out with faulty=skip.", faults);
        return form.Faulty == form.Entries.Count ? Problems.Unfit("nothingToExport", "There is nothing to hand in", $"All {form.Entries.Count} contributions have faults. Without faulty=skip they are listed.") : null;

        static bool IsFault(FormFinding finding) => finding.Kind == FindingKind.Fault;

        static string[] Messages(IEnumerable<FormFinding> findings) => [.. findings.Select(finding => $"{finding.Label}: {finding.Text} {finding.Fix}")];
    }

    private static AnswerChanges Read(JsonElement body, Dictionary<string, string[]> faults)
    {
        foreach (var property in body.EnumerateObject().Where(property => !Parts.Contains(property.Name, StringComparer.Ordinal)))
            faults[property.Name] = [$"There is no field '{Core.Model.Normaliser.Text(property.Name, 60)}' to write. Valid names are {string.Join(", ", Parts)}."];
        var entries = new Dictionary<string, IReadOnlyDictionary<string, string?>>(StringComparer.Ordinal);
        if (body.TryGetProperty("entries", out var sent) && sent.ValueKind == JsonValueKind.Object)
        {
            foreach (var entry in sent.EnumerateObject())
                entries[entry.Name] = Texts(entry.Value, $"entries.{entry.Name}", faults);
        }
        else if (sent.ValueKind is not JsonValueKind.Undefined)
        {
            faults["entries"] = ["An object of answers by the ids of entries is expected."];
        }

        return new AnswerChanges(Part("person"), Part("all"), entries);

        IReadOnlyDictionary<string, string?> Part(string name) => body.TryGetProperty(name, out var part) ? Texts(part, name, faults) : new Dictionary<string, string?>(StringComparer.Ordinal);
    }

    private static Dictionary<string, string?> Texts(JsonElement sent, string path, Dictionary<string, string[]> faults)
    {
        var texts = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (sent.ValueKind != JsonValueKind.Object)
        {
            faults[path] = ["An object of answers by name is expected."];
            return texts;
        }

        foreach (var property in sent.EnumerateObject())
        {
            if (IsText(property.Value))
                texts[property.Name] = Text(property.Value);
            else
                faults[$"{path}.{property.Name}"] = ["A text, a number, true, false, a list of texts without semicolons, or null is expected."];
        }

        return texts;
    }

    private static bool IsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => false,
        JsonValueKind.Array => value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && !item.GetString()!.Contains(FormText.Separator)),
        _ => true,
    };

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => FormText.Join(value.EnumerateArray().Select(item => item.GetString()!)),
        _ => value.GetRawText(),
    };
}
