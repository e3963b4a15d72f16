using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Query;
using ContributionIngest.Functions.Auth;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary><c>GET /ledger/{id}/metrics</c>: the numbers of an entry over time, and how they grew in a window (<c>from</c>, <c>to</c>).</summary>
internal static class LedgerMetrics
{
    private static readonly string[] Known = ["from", "to"];

    public static async Task<IResult> AnswerAsync(HttpContext context, string id, [FromServices] LedgerReader reader, [FromServices] PeopleStore people)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var parameters = LedgerParameters.Of(context.Request, Known);
        var (from, to) = (parameters.Moment("from"), parameters.Moment("to"));
        if (!parameters.IsSound)
            return Problems.Invalid(parameters.Faults);
        if (await LedgerEntry.FindAsync(context, id, reader) is not { } entry)
            return LedgerEntry.Missing();
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var snapshots = await reader.SnapshotsAsync(person, entry, cancel);
        var series = MetricHistory.Of(entry.Source, snapshots, from?.Start(zone), to?.End(zone));
        return LedgerAnswer.Of(new ItemList<MetricSeries>(series), QueryJson.Web.ItemListMetricSeries);
    }
}
