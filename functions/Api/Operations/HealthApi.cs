using ContributionIngest.Core.Storage;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary><c>GET /api/health</c>: alive; with <c>?ready</c> also whether the store answers (503 when it does not).</summary>
internal static class HealthApi
{
    private const string Path = "/health";
    private const string Json = "application/json; charset=utf-8";

    private static readonly string Alive = $$"""{"status":"ok","version":"{{ProductVersion.Text}}"}""";

    public static void MapHealth(this IEndpointRouteBuilder api) => api.MapMethods(Path, ReadMethods.All, GetAsync).WithName("getHealth")
        .WithMetadata(new DescribedValue("ready", typeof(bool), "Given with any value: asks the store as well, and answers 503 when it does not.")).Produces<HealthAnswer>();

    /// <summary>Before routing: whoever starts the program asks this first, and again and again, and need not wait until all routes are there.</summary>
    public static Task AtOnceAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!ReadMethods.All.Contains(request.Method, StringComparer.Ordinal) || request.QueryString.HasValue || request.Path != "/api" + Path)
            return next(context);
        (context.Response.ContentType, context.Response.ContentLength) = (Json, Alive.Length);
        return context.Response.WriteAsync(Alive, context.RequestAborted);
    }

    /// <summary>Whether it is alive.</summary>
    internal static async Task<IResult> GetAsync(HttpContext context, ITable table)
    {
        if (context.Request.Query.ContainsKey("ready"))
            await table.GetAsync(TableNames.Lookups, "health", "probe", context.RequestAborted);
        return Results.Text(Alive, Json);
    }
}

/// <summary>What the answer consists of; it is written as text, since it is asked for before anything is ready.</summary>
internal sealed record HealthAnswer(string Status, string Version);
