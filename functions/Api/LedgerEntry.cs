using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Query;
using ContributionIngest.Functions.Auth;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary><c>GET /ledger/{id}</c> and its history.</summary>
internal static class LedgerEntry
{
    public static async Task<IResult> AnswerAsync(HttpContext context, string id, [FromServices] LedgerReader reader) =>
        await FindAsync(context, id, reader) is { } entry ? Of(entry) : Missing();

    public static async Task<IResult> HistoryAsync(HttpContext context, string id, [FromServices] LedgerReader reader)
    {
        if (await FindAsync(context, id, reader) is not { } entry)
            return Missing();
        var revisions = await reader.HistoryAsync(Caller.Of(context).Person, entry, context.RequestAborted);
        return LedgerAnswer.Of(new ItemList<RevisionItem>([.. revisions.Select(RevisionItem.Of)]), QueryJson.Web.ItemListRevisionItem);
    }

    public static LedgerAnswer Of(Contribution entry, int status = StatusCodes.Status200OK, string? location = null) =>
        LedgerAnswer.Of(new LedgerItem(entry, harvested: true), QueryJson.Web.LedgerItem, LedgerEditor.Tag(entry), status: status, location: location);

    /// <summary>What cannot be an id is not looked for.</summary>
    public static async Task<Contribution?> FindAsync(HttpContext context, string id, LedgerReader reader) =>
        Identity.IsWellFormed(id) ? await reader.GetAsync(Caller.Of(context).Person, id, context.RequestAborted) : null;

    public static IResult Missing() => Problems.NotFound("contribution");
}
