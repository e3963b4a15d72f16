using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Query;
using ContributionIngest.Functions.Auth;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary><c>GET /ledger/summary</c>: counts by period, split if asked; no entry is read for it.</summary>
internal static class SummaryApi
{
    public static async Task<IResult> AnswerAsync(
        HttpContext context, [FromServices] LedgerReader reader, [FromServices] PeopleStore people, [FromServices] TimeProvider clock)
    {
        var (cancel, person) = (context.RequestAborted, Caller.Of(context).Person);
        var parameters = LedgerParameters.Of(context.Request, SummaryQuery.Names);
        var query = SummaryQuery.Parse(parameters);
        if (!parameters.IsSound)
            return Problems.Invalid(parameters.Faults);
        var (from, to) = query.Days(LedgerParameters.Today(clock, await LedgerParameters.ZoneAsync(people, person, cancel)));
        var summary = await Summary.ReadAsync(reader, person, query.By, from, to, cancel);
        return LedgerAnswer.Of(SummaryAnswer.Of(summary, query, from, to), QueryJson.Web.SummaryAnswer);
    }
}
