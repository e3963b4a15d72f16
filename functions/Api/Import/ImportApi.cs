using System.Text.Json.Serialization;
using System.Text.Json;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Import;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Import;

/// <summary><c>/ledger/import</c> and <c>/ledger/imports</c>: lists that people keep, into the ledger, and back out.</summary>
internal static class ImportApi
{
    private const string MapHint = "What a column is, as `field:header`, such as `title:Was`; `-:header` leaves it out. Remembered for tables with the same headers.";

    private static readonly DescribedValue[] Described =
    [
        new("dryRun", typeof(bool), "Says what would be done, and writes nothing.", Default: false),
        new("name", typeof(string), "The file's name, for the list of imports.", Max: 200),
        new("kind", typeof(Kind), "The kind of rows for which neither a column nor the name of the sheet gives one."),
        new("dayOrder", typeof(DayOrder), "Which number of 3/4/2020 is the day. Without it, other rows of the column decide, or the row is left out."),
        new("firstIsMonth", typeof(bool), "If all days of the date column are the first of a month, only the months are known.", Default: false),
        new("private", typeof(bool), "All new entries are private.", Default: false),
        new("map", typeof(string[]), MapHint),
    ];

    private static readonly string[] MediaTypes =
        ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-ndjson", "application/yaml", "application/json", "application/octet-stream"];

    /// <param name="api">The group <c>/api</c>.</param>
    public static void MapImports(this IEndpointRouteBuilder api)
    {
        api.MapPost("/ledger/import", ImportAsync).Needs(Scope.Write).WithName("importLedger").Reads<string>(null, MediaTypes).WithMetadata([.. Described])
            .Produces<ImportAnswer>().Refuses(408, 413, 422);
        api.MapGet("/ledger/imports", ListAsync).Needs(Scope.Read).WithName("listImports").Produces<ItemList<ImportBatch>>();
        api.MapDelete("/ledger/imports/{id}", UndoAsync).Needs(Scope.Write).WithName("undoImport").Produces<UndoneImport>();
    }

    /// <summary>Import a list.</summary>
    /// <remarks>The body is the file: a table (CSV, XLSX), a list of talks (YAML, JSON) or our own export (NDJSON), recognised by its content; at most 10 MB, 5,000 rows and 100 columns.
    /// Rows that the ledger has already become evidence of their entries. Importing the same rows again changes nothing; an interrupted import is completed by the same request.</remarks>
    /// <response code="200">What was done, or would be: counts, and what is wrong with which row. A dry run also has each row.</response>
    /// <response code="408">The body did not arrive within 30 seconds.</response>
    /// <response code="413">The file is larger than 10 MB.</response>
    /// <response code="422">The file cannot be imported as it is; `detail` says what to do.</response>
    internal static async Task<IResult> ImportAsync(HttpContext context, ImportRequests imports)
    {
        var parameters = LedgerParameters.Of(context.Request, Described);
        var options = Options(parameters, context.Request.Query["map"]);
        var isDryRun = parameters.Choice("dryRun", "false", "true") == "true";
        var name = parameters.One("name");
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        return await imports.RunAsync(context, async (content, person, zone, cancel) =>
        {
            var plan = isDryRun
                ? await imports.Planner.PlanAsync(person, content, options, zone, cancel)
                : await imports.Import.ImportAsync(person, content, options, zone, Caller.Of(context).Credential, name, imports.Stopping);
            var answer = new ImportAnswer(isDryRun ? null : plan.Id, isDryRun, plan.Format, plan.Counts, plan.Sheets, plan.Notes, plan.Faults, isDryRun ? plan.Items : null);
            return Results.Json(answer, ImportApiJson.Web.ImportAnswer);
        });
    }

    /// <summary>Your imports.</summary>
    /// <response code="200">The newest first. One that is `running` was interrupted, unless it is under way: the same import again completes it.</response>
    internal static async Task<IResult> ListAsync(HttpContext context, ImportStore store) =>
        Results.Json(new ItemList<ImportBatch>(await store.ListAsync(Caller.Of(context).Person, context.RequestAborted)), ImportApiJson.Web.ItemListImportBatch);

    /// <summary>Take an import back.</summary>
    /// <remarks>Entries that it brought and nothing else shows go, and so does its evidence. What you have changed since stays.</remarks>
    /// <response code="200">How many entries and how much evidence went, and the ids of those that stay.</response>
    internal static async Task<IResult> UndoAsync(string id, HttpContext context, ImportRequests imports) =>
        await imports.Import.UndoAsync(Caller.Of(context).Person, id, imports.Stopping) is { } undone ? Results.Json(undone, ImportApiJson.Web.UndoneImport) : Problems.NotFound("import");

    private static ImportOptions Options(Parameters parameters, IEnumerable<string?> map)
    {
        var columns = new Dictionary<string, ImportField?>(StringComparer.Ordinal);
        foreach (var said in map.OfType<string>())
        {
            var field = default(ImportField);
            var isRead = said.Split(':', 2) is [var word, { Length: > 0 }] && (word == "-" || EnumText<ImportField>.TryParse(word, out field));
            if (!isRead)
                parameters.Refuse("map", said, $"a field and a header such as title:Was; fields are -, {string.Join(", ", EnumText<ImportField>.All)}");
            else
                columns[ColumnMapping.Key(said[(said.IndexOf(':', StringComparison.Ordinal) + 1)..])] = said[0] == '-' ? null : field;
        }

        return new ImportOptions(
            Word<Kind>(parameters, "kind"),
            Word<DayOrder>(parameters, "dayOrder"),
            parameters.Choice("firstIsMonth", "false", "true") == "true",
            parameters.Choice("private", "false", "true") == "true")
        { Columns = new ColumnMapping(columns) };
    }

    private static T? Word<T>(Parameters parameters, string name)
        where T : struct, Enum
    {
        if (parameters.One(name) is not { } text)
            return null;
        if (Core.Model.EnumText<T>.TryParse(text, out var word))
            return word;
        parameters.Refuse(name, text, $"one of {string.Join(", ", Core.Model.EnumText<T>.All)}");
        return null;
    }
}

/// <param name="Import">The id of the import; null for a dry run.</param>
/// <param name="Faults">What is wrong, by sheet, row and column; a row is left out if it says so.</param>
/// <param name="Rows">Of a dry run: each row, and what becomes of it.</param>
internal sealed record ImportAnswer(
    string? Import, bool DryRun, string Format, ImportCounts Counts, IReadOnlyList<PlannedSheet> Sheets, IReadOnlyList<string> Notes, IReadOnlyList<ImportFault> Faults, IReadOnlyList<ImportItem>? Rows);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter), typeof(EnumTextConverter<DayOrder>)])]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(ItemList<ImportBatch>))]
[JsonSerializable(typeof(UndoneImport))]
internal sealed partial class ImportApiJson : JsonSerializerContext
{
    /// <summary>Leaves letters of all scripts unescaped; escapes characters that are special in HTML.</summary>
    public static ImportApiJson Web => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All) });
}
