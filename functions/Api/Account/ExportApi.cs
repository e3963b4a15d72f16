using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Account;

/// <summary>Everything of a person as JSON lines, for the person and for operators, and how the last exports went.</summary>
internal static class ExportApi
{
    private static readonly DescribedValue After = new("after", typeof(string), "The `cursor` of the last line that arrived, to go on after it.");

    public static void MapExports(this IEndpointRouteBuilder api)
    {
        api.MapGet("/me/export", ExportMeAsync).Needs(Scope.Read).WithName("exportMe").WithMetadata(After).Produces<ExportedLine>(200, ExportStream.MediaType).Refuses(503);
        api.MapGet("/me/exports", ListAsync).Needs(Scope.Read).WithName("listExports").Produces<ItemList<Export>>();
        api.MapGet("/people/{id}/export", ExportPersonAsync).Needs(Scope.Operate).WithName("exportPerson").WithMetadata(After).Produces<ExportedLine>(200, ExportStream.MediaType).Refuses(503);
    }

    /// <summary>Everything of yours.</summary>
    /// <remarks>One JSON object a line, streamed: `type` (person, key, session, address, signInLink, account, connection, connectionState, audit, digest, export, template, programme, answers, evidence,
    /// report, hook, topics, contribution, revision, metrics), `cursor`, and `data`. Secrets are left out. The last line has the type `end` and the number of lines by type; without it the export was cut off. Ask again with
    /// `after` and the `cursor` of the last whole line, and append the answer. An entry that is changed meanwhile may come twice; the later one counts.</remarks>
    internal static Task<IResult> ExportMeAsync(HttpContext context, AccountExport export, ExportTurns turns, Exports exports, AuditTrail audit, TimeProvider clock) =>
        Task.FromResult(Stream(Caller.Of(context).Person, null, context, new ExportParts(export, turns, exports, audit, clock)));

    /// <summary>Everything of a person.</summary>
    /// <remarks>The same as the person gets with `GET /me/export`. It is recorded in the person's trail.</remarks>
    internal static async Task<IResult> ExportPersonAsync(
        string id, HttpContext context, PeopleStore people, AccountExport export, ExportTurns turns, Exports exports, AuditTrail audit, TimeProvider clock)
    {
        if (!Identity.IsWellFormed(id) || await people.GetAsync(id, context.RequestAborted) is null)
            return Problems.NotFound("person");
        return Stream(id, Caller.Of(context).Person, context, new ExportParts(export, turns, exports, audit, clock));
    }

    /// <summary>Your last exports.</summary>
    /// <response code="200">The last ten, newest first. One that says nothing for two minutes was cut off.</response>
    internal static async Task<IResult> ListAsync(HttpContext context, Exports exports) =>
        Results.Json(new ItemList<Export>(await exports.ListAsync(Caller.Of(context).Person, context.RequestAborted)), ExportApiJson.Default.ItemListExport);

    private static IResult Stream(string person, string? by, HttpContext context, ExportParts parts)
    {
        var after = context.Request.Query[After.Name].ToString();
        var cursor = after.Length == 0 ? null : ExportCursor.Parse(after);
        if (after.Length > 0 && cursor is null)
            return Problems.Invalid(After.Name, "It is not one of ours; `cursor` of the last line that arrived is expected.");
        return new ExportStream(person, by == person ? null : by, Caller.Of(context).Credential, cursor, parts);
    }
}

internal sealed record ExportParts(AccountExport Export, ExportTurns Turns, Exports Exports, AuditTrail Audit, TimeProvider Clock);

/// <summary>Writes the lines as they are read. Its row tells how far it is, and that it was cut off if the client leaves or something fails.</summary>
internal sealed class ExportStream(string person, string? by, string credential, ExportCursor? after, ExportParts parts) : IResult
{
    public const string MediaType = "application/x-ndjson";

    private const int FlushAt = 32 * 1024;

    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
    private Export? export;
    private long lines;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancel) = (httpContext.Response, httpContext.RequestAborted);
        using var turn = await parts.Turns.EnterAsync(httpContext);
        export = await parts.Exports.BeginAsync(person, by, after is not null, cancel);
        await parts.Audit.AddAsync(person, AuditTrail.Exported, null, by, credential, cancel);
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = "attachment; filename=\"contributions-export.ndjson\"";
        try
        {
            await WriteAsync(turn.WatchAsync(parts.Export.ReadAsync(person, after, cancel), cancel), response, cancel);
        }
        catch
        {
            // Whatever it was, the row says that the export was cut off, and the failure goes on.
            await EndAsync();
            throw;
        }

        await parts.Exports.SaveAsync(person, export, ExportState.Finished, lines, CancellationToken.None);
    }

    private async Task WriteAsync(IAsyncEnumerable<ExportLine> read, HttpResponse response, CancellationToken cancel)
    {
        var (output, noted) = (response.BodyWriter, parts.Clock.GetTimestamp());
        await foreach (var line in read.WithCancellation(cancel))
        {
            // Types and cursors have no character that JSON escapes.
            output.Write(System.Text.Encoding.ASCII.GetBytes($"{{\"type\":\"{line.Type}\",\"cursor\":\"{line.Cursor}\",\"data\":"));
            output.Write(line.Data);
            output.Write("}\n"u8);
            counts[line.Type] = counts.GetValueOrDefault(line.Type) + 1;
            lines++;
            if (output.UnflushedBytes > FlushAt)
                await output.FlushAsync(cancel);
            if (parts.Clock.GetElapsedTime(noted) < Exports.NoteInterval)
                continue;
            await parts.Exports.SaveAsync(person, export!, ExportState.Running, lines, cancel);
            noted = parts.Clock.GetTimestamp();
        }

        output.Write(JsonSerializer.SerializeToUtf8Bytes(new ExportedLine("end", null, null, counts), ExportApiJson.Default.ExportedLine));
        output.Write("\n"u8);
        await output.FlushAsync(cancel);
        cancel.ThrowIfCancellationRequested();
    }

    private async Task EndAsync()
    {
        try
        {
            await parts.Exports.SaveAsync(person, export!, ExportState.CutOff, lines, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // Its silence tells as much.
        }
    }
}

/// <summary>A line of an export.</summary>
/// <param name="Cursor">Absent in the last line.</param>
/// <param name="Data">Absent in the last line.</param>
/// <param name="Counts">Only in the last line: the number of lines of this answer by type.</param>
internal sealed record ExportedLine(string Type, string? Cursor, JsonElement? Data, IReadOnlyDictionary<string, long>? Counts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExportedLine))]
[JsonSerializable(typeof(ItemList<Export>))]
internal sealed partial class ExportApiJson : JsonSerializerContext;
