using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Import;

public static class ImportRegistration
{
    /// <summary>The import of lists. Requires the ledger, the connections, the blobs and a clock.</summary>
    public static IServiceCollection AddImport(this IServiceCollection services) => services
        .AddSingleton<ImportStore>()
        .AddSingleton<WaitingFiles>()
        .AddSingleton<ImportPlanner>()
        .AddSingleton<LedgerImport>();
}
