using ContributionIngest.Core.People;
using ContributionIngest.Functions.Auth;

namespace ContributionIngest.Functions.Api;

/// <summary>The ledger over HTTP: ask, log by hand, edit, count, draw.</summary>
public static class LedgerApi
{
    /// <param name="api">The group <c>/api</c>.</param>
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapMethods("/ledger", Routes.Read, LedgerList.Answer).Needs(Scope.Read);
        api.MapPost("/ledger", LedgerLogging.Answer).Needs(Scope.Write);
        api.MapMethods("/ledger/summary", Routes.Read, SummaryApi.Answer).Needs(Scope.Read);
        api.MapMethods("/ledger/{id}", Routes.Read, LedgerEntry.Answer).Needs(Scope.Read);
        api.MapPatch("/ledger/{id}", LedgerChange.Answer).Needs(Scope.Write);
        api.MapDelete("/ledger/{id}", LedgerRemoval.Answer).Needs(Scope.Write);
        api.MapMethods("/ledger/{id}/history", Routes.Read, LedgerEntry.History).Needs(Scope.Read);
        api.MapMethods("/ledger/{id}/metrics", Routes.Read, LedgerMetrics.Answer).Needs(Scope.Read);
        api.MapMethods("/charts/heatmap.svg", Routes.Read, ChartsApi.HeatMap).Needs(Scope.Read);
        api.MapMethods("/charts/weekly.svg", Routes.Read, ChartsApi.Weekly).Needs(Scope.Read);
    }
}
