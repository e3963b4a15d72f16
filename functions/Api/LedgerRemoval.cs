using ContributionIngest.Core.Ledger;
using ContributionIngest.Functions.Auth;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary><c>DELETE /ledger/{id}</c>: what was logged by hand goes, what was harvested can be rejected.</summary>
internal static class LedgerRemoval
{
    public static async Task<IResult> AnswerAsync(
        HttpContext context, string id, [FromServices] LedgerReader reader, [FromServices] LedgerEditor editor)
    {
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return LedgerEntry.Missing();
        if (!LedgerCondition.Holds(context.Request, entry))
            return Problems.Stale();
        var tag = context.Request.Headers.IfMatch.Count == 0 ? null : LedgerEditor.Tag(entry);
        return await editor.RemoveAsync(Caller.Of(context).Person, entry.Id, tag, context.RequestAborted) switch
        {
            EditOutcome.Stale => Problems.Stale(),
            EditOutcome.Done => Results.NoContent(),
            EditOutcome.NotByHand => Problems.Conflict(
                "A harvested contribution would come back with the next harvest. Reject it instead: PATCH it with {\"review\": \"rejected\"}."),
            _ => LedgerEntry.Missing(),
        };
    }
}
