using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Api.Connections;
using ContributionIngest.Functions.Api.Digests;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Mcp;
using ContributionIngest.Functions.Api.Operations;
using ContributionIngest.Functions.Api.Profile;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Api.Programmes;
using ContributionIngest.Functions.Api.Templates;
using ContributionIngest.Functions.Api.Webhooks;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Configuration;

/// <summary>All HTTP endpoints, and what every response has in common.</summary>
internal static class Routes
{
    public static void Map(IApplicationBuilder app)
    {
        app.Use(AddHeadersAsync);
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = _ => Task.CompletedTask });
        app.Use(HealthApi.RespondEarlyAsync);
        app.UseRouting();
        app.UseSecurity();
        app.UseEndpoints(Endpoints);
    }

    private static void Endpoints(IEndpointRouteBuilder endpoints)
    {
        var site = endpoints.MapGroup("").DeclaringPolicies();
        HomePage.Map(site);
        site.MapAssets();
        SignInPages.Map(site);
        SetupPages.Map(site);
        SettingsPages.Map(site);
        DeletionPages.Map(site);
        ConnectPages.Map(site);
        ConnectionPages.Map(site);
        AccountPages.Map(site);
        site.MapVerification();
        site.MapStatusPages();
        site.MapReport();
        ProfilePages.Map(site);
        site.MapDigestPages();
        site.MapLedgerPages();
        TemplatePages.Map(site);
        ProgrammePages.Map(site);
        MembershipPages.Map(site);
        AreaPages.Map(site);
        ChoicePages.Map(site);
        site.MapEvidencePage();
        FormPages.Map(site);
        var api = site.MapGroup("/api");
        OpenApi.Map(api);
        api.MapHealth();
        api.MapLedger();
        api.MapTopics();
        api.MapTemplates();
        api.MapConnections();
        api.MapConnectionHooks();
        api.MapAccount();
        api.MapDigests();
        api.MapProgrammes();
        api.MapMemberships();
        api.MapAreas();
        api.MapEvidence();
        api.MapForms();
        api.MapWebSub();
        api.MapGitHubWebhooks();
        api.MapStatus();
        api.MapPeople();
        api.MapDeletions();
        api.MapExports();
        McpApi.Map(site, api);
    }

    /// <summary>Set on every response that has no stricter headers of its own.</summary>
    private static Task AddHeadersAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(static state =>
        {
            var headers = ((HttpContext)state).Response.Headers;
            headers.TryAdd("X-Content-Type-Options", "nosniff");
            headers.TryAdd(
                "Content-Security-Policy",
                "default-src 'none'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
            headers.TryAdd("Referrer-Policy", "no-referrer");

            // What only one person may see stays out of caches. The ledger has ETags, and sets what goes with them.
            if (((HttpContext)state).GetEndpoint()?.Metadata.GetMetadata<NeededScope>() is not null)
                headers.TryAdd("Cache-Control", "no-store");
            if (((HttpContext)state).Request.IsHttps)
                headers.TryAdd("Strict-Transport-Security", "max-age=31536000");
            return Task.CompletedTask;
        }, context);
        return next(context);
    }
}
