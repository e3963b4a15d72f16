using System.Buffers;
using System.Text.Json;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Query;
using ContributionIngest.Functions.Auth;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary><c>GET /ledger/{id}</c> and its history.</summary>
internal static class LedgerEntry
{
    public static async Task<IResult> Answer(HttpContext context, string id, [FromServices] LedgerReader reader) =>
        await Find(context, id, reader) is { } entry ? Of(entry) : Missing();

    public static async Task<IResult> History(HttpContext context, string id, [FromServices] LedgerReader reader)
    {
        if (await Find(context, id, reader) is not { } entry)
            return Missing();
        var body = new ArrayBufferWriter<byte>();
        ItemWriter.History(body, await reader.History(Caller.Of(context).Person, entry, context.RequestAborted));
        return new LedgerAnswer(body.WrittenMemory, LedgerFormat.Json.MediaType);
    }

    public static LedgerAnswer Of(Contribution entry, int status = StatusCodes.Status200OK, string? location = null)
    {
        var body = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(body, ItemWriter.Options))
            ItemWriter.Item(writer, entry, harvested: true);
        return new LedgerAnswer(body.WrittenMemory, LedgerFormat.Json.MediaType, LedgerEditor.Tag(entry)) { Status = status, Location = location };
    }

    /// <summary>What cannot be an id is not looked for.</summary>
    public static async Task<Contribution?> Find(HttpContext context, string id, LedgerReader reader) =>
        Identity.IsWellFormed(id) ? await reader.Get(Caller.Of(context).Person, id, context.RequestAborted) : null;

    public static IResult Missing() => Problems.NotFound("contribution");
}
