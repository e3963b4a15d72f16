using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>GET /api/health</c>: liveness; with <c>?ready</c> also whether the store responds (503 if it does not).</summary>
internal static class HealthApi
{
    private const string Path = "/health";
    private const string Json = "application/json; charset=utf-8";

    private static readonly string Alive = $$"""{"status":"ok","version":"{{ProductVersion.Text}}"}""";

    public static void MapHealth(this IEndpointRouteBuilder api) => api.MapMethods(Path, ReadMethods.All, GetAsync).IsOpen().WithName("getHealth")
        .WithMetadata(new DescribedValue("ready", typeof(bool), "With any value, the store is checked as well; the response is 503 if it does not respond.")).Produces<HealthAnswer>();

    /// <summary>Responds before routing: hosts poll this during startup, and it must not wait until all routes are built.</summary>
    public static Task RespondEarlyAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!ReadMethods.All.Contains(request.Method, StringComparer.Ordinal) || request.QueryString.HasValue || request.Path != "/api" + Path)
            return next(context);
        (context.Response.ContentType, context.Response.ContentLength) = (Json, Alive.Length);
        return context.Response.WriteAsync(Alive, context.RequestAborted);
    }

    /// <summary>Check the server's health.</summary>
    internal static async Task<IResult> GetAsync(HttpContext context, ITable table)
    {
        if (context.Request.Query.ContainsKey("ready"))
            await table.GetAsync(TableNames.Lookups, "health", "probe", context.RequestAborted);
        return Results.Text(Alive, Json);
    }
}

/// <summary>The schema of the response, which is written as text because it is requested before anything else is ready.</summary>
internal sealed record HealthAnswer(string Status, string Version);
