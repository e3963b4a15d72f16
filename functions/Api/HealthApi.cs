using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Functions.Api;

/// <summary><c>GET /api/health</c>: alive; with <c>?ready</c> also whether the store answers (503 when it does not).</summary>
internal static class HealthApi
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/health", Get);

    private static async Task<IResult> Get(HttpContext context, ITable table)
    {
        if (context.Request.Query.ContainsKey("ready"))
            await table.Get(PeopleStore.Lookups, "health", "probe", context.RequestAborted);
        return Results.Json(new HealthAnswer("ok", App.Version), ApiJson.Default.HealthAnswer);
    }
}

internal sealed record HealthAnswer(string Status, string Version);
