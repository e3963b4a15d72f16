using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>/ledger/{id}/part-of</c>: which entry another one belongs to and counts with, such as a recording with its talk.</summary>
internal static class PartOfApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPut("/ledger/{id}/part-of", SetAsync).Needs(Scope.Write).WithName("setPartOf")
            .Reads<PartOfBody>("""{"entry": "abcdefghijklmnopqrstuvwxyz"}""").Produces<LedgerItem>().Sends("ETag").Refuses(409);
        api.MapDelete("/ledger/{id}/part-of", RemoveAsync).Needs(Scope.Write).WithName("removePartOf").Produces<LedgerItem>().Sends("ETag");
    }

    /// <summary>Say what an entry belongs to.</summary>
    /// <remarks>It stays an entry, and counts with the other one instead of beside it. It stays so, whatever is harvested.</remarks>
    /// <response code="409">One of them belongs to another already, has parts itself, or does not count.</response>
    internal static async Task<IResult> SetAsync(HttpContext context, string id, [FromServices] LedgerEditor editor)
    {
        var (body, refusal) = await JsonBody.ReadAsync(context, PartOfJson.Default.PartOfBody);
        if (refusal is not null)
            return refusal;
        if (!Identity.IsWellFormed(body!.Entry))
            return Problems.Invalid("entry", "The id of an entry of the ledger is expected.");
        return await AnswerAsync(context, id, body.Entry, editor);
    }

    /// <summary>Let an entry count by itself.</summary>
    /// <remarks>It will not become part of the same entry again, whatever is harvested.</remarks>
    internal static Task<IResult> RemoveAsync(HttpContext context, string id, [FromServices] LedgerEditor editor) => AnswerAsync(context, id, null, editor);

    private static async Task<IResult> AnswerAsync(HttpContext context, string id, string? of, LedgerEditor editor)
    {
        if (!Identity.IsWellFormed(id))
            return LedgerEntry.Missing();
        var (outcome, entry) = await editor.SetPartAsync(Caller.Of(context).Person, id, of, context.RequestAborted);
        return outcome switch
        {
            PartOutcome.Done => LedgerEntry.Of(entry!),
            PartOutcome.NoSuchWhole => Problems.Invalid("entry", "There is no such entry in the ledger."),
            PartOutcome.NotPossible => Problems.Conflict("One of the two belongs to another entry already, has entries that belong to it, or does not count itself."),
            _ => LedgerEntry.Missing(),
        };
    }
}

/// <param name="Entry">The id of the entry that it belongs to.</param>
internal sealed record PartOfBody(string Entry);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(PartOfBody))]
internal sealed partial class PartOfJson : JsonSerializerContext;
