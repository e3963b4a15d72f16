namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>The ledger as pages.</summary>
internal static class LedgerSite
{
    public static IServiceCollection AddLedgerPages(this IServiceCollection services) => services
        .AddSingleton<LedgerListPages>()
        .AddSingleton<ContributionPages>()
        .AddSingleton<ContributionEditPages>()
        .AddSingleton<SeveralPages>()
        .AddSingleton<TemplateLogging>()
        .AddSingleton<LogByHandPages>();

    public static void MapLedgerPages(this IEndpointRouteBuilder site)
    {
        LedgerListPages.Map(site);
        ContributionPages.Map(site);
        ContributionEditPages.Map(site);
        SeveralPages.Map(site);
        LogByHandPages.Map(site);
    }
}
