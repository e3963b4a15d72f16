using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Templates;

/// <summary>What a person does again and again, kept to be logged by its id.</summary>
internal static class TemplatesApi
{
    private const string Example = """{"title": "Monthly meetup", "kind": "organising", "topics": ["Azure"], "metrics": {"attendees": 40}}""";

    public static void MapTemplates(this IEndpointRouteBuilder api)
    {
        api.MapGet("/templates", ListAsync).Needs(Scope.Read).WithName("listTemplates").Produces<ItemList<ContributionTemplate>>();
        api.MapPost("/templates", AddAsync).Needs(Scope.Write).WithName("addTemplate").Reads<TemplateBody>(Example).Produces<ContributionTemplate>(201).Sends("Location").Refuses(409);
        api.MapPut("/templates/{id}", ReplaceAsync).Needs(Scope.Write).WithName("replaceTemplate").Reads<TemplateBody>(Example).Produces<ContributionTemplate>();
        api.MapDelete("/templates/{id}", RemoveAsync).Needs(Scope.Write).WithName("deleteTemplate").Produces(204);
        api.MapPost("/templates/{id}/log", LogAsync).Needs(Scope.Write).WithName("logTemplate").Reads<TemplateLogBody>("""{"when": "2026-05-20", "metrics": {"attendees": 38}}""")
            .WithMetadata(LedgerLogging.IdempotencyKey).Produces<LedgerItem>(201).Produces<LedgerItem>().Sends("ETag", "Location").Refuses(409);
    }

    /// <summary>Your templates.</summary>
    /// <response code="200">The last used first.</response>
    internal static async Task<IResult> ListAsync(HttpContext context, TemplateStore templates) =>
        Results.Json(new ItemList<ContributionTemplate>(await templates.ListAsync(Caller.Of(context).Person, context.RequestAborted)), TemplatesJson.Default.ItemListContributionTemplate);

    /// <summary>Keep a template.</summary>
    /// <remarks>What is the same each time: `title` and `kind`, and any of the others. At most 100.</remarks>
    /// <response code="201">The template is kept.</response>
    internal static async Task<IResult> AddAsync(HttpContext context, TemplateStore templates, TimeProvider clock)
    {
        var (template, refusal) = await ReadAsync(context, clock);
        if (template is null)
            return refusal!;
        if (!await templates.AddAsync(Caller.Of(context).Person, template, context.RequestAborted))
            return Problems.Conflict($"There are {TemplateStore.MaxTemplates} templates already. Delete one first.");
        context.Response.Headers.Location = $"{context.Request.PathBase}{context.Request.Path}/{template.Id}";
        return Results.Json(template, TemplatesJson.Default.ContributionTemplate, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>Replace a template.</summary>
    /// <remarks>Entries that were logged with it stay as they are.</remarks>
    internal static async Task<IResult> ReplaceAsync(string id, HttpContext context, TemplateStore templates, TimeProvider clock)
    {
        var person = Caller.Of(context).Person;
        if (await templates.GetAsync(person, id, context.RequestAborted) is null)
            return Problems.NotFound("template");
        var (template, refusal) = await ReadAsync(context, clock);
        if (template is null)
            return refusal!;
        var changed = await templates.ChangeAsync(person, id, known => template with { Id = known.Id, Since = known.Since, LastUsed = known.LastUsed }, context.RequestAborted);
        return changed is null ? Problems.NotFound("template") : Results.Json(changed, TemplatesJson.Default.ContributionTemplate);
    }

    /// <summary>Delete a template.</summary>
    /// <remarks>Entries that were logged with it stay.</remarks>
    internal static async Task<IResult> RemoveAsync(string id, HttpContext context, TemplateStore templates) =>
        await templates.RemoveAsync(Caller.Of(context).Person, id, context.RequestAborted) ? Results.NoContent() : Problems.NotFound("template");

    /// <summary>Log a template.</summary>
    /// <remarks>For today, or for the day in the body, until `endsAt` if it went on. Numbers in the body are merged into the template's; the body may be left out.</remarks>
    /// <response code="201">The entry was logged.</response>
    /// <response code="200">The same request was logged before.</response>
    internal static async Task<IResult> LogAsync(string id, HttpContext context, TemplateStore templates, TemplateLogging logging, PeopleStore people)
    {
        var (person, request, cancel) = (Caller.Of(context).Person, context.Request, context.RequestAborted);
        if (await templates.GetAsync(person, id, cancel) is not { } template)
            return Problems.NotFound("template");
        var (sent, refusal) = request.ContentLength is null or 0 && request.ContentType is null ? (JsonElement.Parse("{}"), null) : await JsonBody.ReadObjectAsync(context);
        if (refusal is not null)
            return refusal;
        var fields = logging.Fields(template, sent, await LedgerParameters.ZoneAsync(people, person, cancel));
        var key = LedgerLogging.Key(request, fields) ?? Identity.Random();
        return await logging.LogAsync(person, template, fields, key, cancel) switch
        {
            null => fields.Problem,
            { IsSame: false } => LedgerLogging.KeyTaken(),
            var logged => LedgerEntry.Of(logged.Entry, logged.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, $"{request.PathBase}/api/ledger/{logged.Entry.Id}"),
        };
    }

    private static async Task<(ContributionTemplate? Template, IResult? Refusal)> ReadAsync(HttpContext context, TimeProvider clock)
    {
        var (body, refusal) = await JsonBody.ReadObjectAsync(context);
        if (refusal is not null)
            return (null, refusal);
        var fields = new LedgerFields(body, TemplateFields.Known, NodaTime.DateTimeZone.Utc, clock.GetUtcNow());
        return TemplateFields.Read(fields, clock.GetUtcNow()) is { } template ? (template, null) : (null, fields.Problem);
    }
}

/// <summary>`title` and `kind`, and any further fields.</summary>
/// <param name="Metrics">Numbers from 0 to 1e15 by name, such as how many usually attend.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateBody(
    [property: StringLength(Normaliser.TitleLength, MinimumLength = 1)] string Title, Kind Kind, Role? Role, [property: MaxLength(Normaliser.TopicCount)] string[]? Topics,
    Dictionary<string, double>? Metrics, bool? Private, [property: MaxLength(Normaliser.SummaryLength)] string? Note);

/// <summary>What differs from the template this time.</summary>
/// <param name="When">An instant, or a day in your time zone; today if absent.</param>
/// <param name="EndsAt">Until when it went on.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TemplateLogBody(DateOrInstant? When, DateOrInstant? EndsAt, Dictionary<string, double>? Metrics, bool? Private, [property: MaxLength(Normaliser.SummaryLength)] string? Note);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ItemList<ContributionTemplate>))]
[JsonSerializable(typeof(ContributionTemplate))]
internal sealed partial class TemplatesJson : JsonSerializerContext;
