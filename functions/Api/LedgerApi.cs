using ContributionIngest.Core.People;
using ContributionIngest.Functions.Auth;

namespace ContributionIngest.Functions.Api;

/// <summary>The ledger over HTTP: ask, log by hand, edit, count, draw.</summary>
public static class LedgerApi
{
    /// <param name="api">The group <c>/api</c>.</param>
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapMethods("/ledger", Routes.Read, LedgerList.AnswerAsync).Needs(Scope.Read);
        api.MapPost("/ledger", LedgerLogging.AnswerAsync).Needs(Scope.Write);
        api.MapMethods("/ledger/summary", Routes.Read, SummaryApi.AnswerAsync).Needs(Scope.Read);
        api.MapMethods("/ledger/{id}", Routes.Read, LedgerEntry.AnswerAsync).Needs(Scope.Read);
        api.MapPatch("/ledger/{id}", LedgerChange.AnswerAsync).Needs(Scope.Write);
        api.MapDelete("/ledger/{id}", LedgerRemoval.AnswerAsync).Needs(Scope.Write);
        api.MapMethods("/ledger/{id}/history", Routes.Read, LedgerEntry.HistoryAsync).Needs(Scope.Read);
        api.MapMethods("/ledger/{id}/metrics", Routes.Read, LedgerMetrics.AnswerAsync).Needs(Scope.Read);
        api.MapMethods("/charts/heatmap.svg", Routes.Read, ChartsApi.HeatMapAsync).Needs(Scope.Read);
        api.MapMethods("/charts/weekly.svg", Routes.Read, ChartsApi.WeeklyAsync).Needs(Scope.Read);
    }
}
