using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Api.Connections;
using ContributionIngest.Functions.Api.Digests;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Operations;
using ContributionIngest.Functions.Api.Webhooks;

namespace ContributionIngest.Functions.Configuration;

/// <summary>Everything that answers over HTTP, and what is true of every answer.</summary>
internal static partial class Routes
{
    public static void Map(IApplicationBuilder app)
    {
        app.Use(GuardAsync);
        app.Use(HealthApi.AtOnceAsync);
        app.UseRouting();
        app.UseEndpoints(Endpoints);
    }

    private static void Endpoints(IEndpointRouteBuilder site)
    {
        site.MapFallback("{*path}", () => Problems.NotFound("page"));
        site.MapHome();
        site.MapDigestPages();
        var api = site.MapGroup("/api");
        OpenApi.Map(api);
        api.MapHealth();
        api.MapLedger();
        api.MapTopics();
        api.MapConnections();
        api.MapConnectionHooks();
        api.MapAccount();
        api.MapDigests();
        api.MapWebSub();
        api.MapGitHubWebhooks();
        api.MapStatus();
    }

    private static async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Clear();
            await Answer(context, e).ExecuteAsync(context);
        }
    }

    private static IResult Answer(HttpContext context, Exception e)
    {
        switch (e)
        {
            case ConcurrencyException:
                return Problems.Busy();
            case StoreUnavailableException:
                return Problems.Unavailable();
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Problems.TooLarge(RawBody.MostThrownAway);
            case BadHttpRequestException bad:
                return Problems.Invalid("body", bad.Message);
            default:
                Log.Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Api"), e, context.Request.Method);
                return Problems.Failed();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "A {Method} request broke.")]
        public static partial void Failed(ILogger logger, Exception error, string method);
    }
}
