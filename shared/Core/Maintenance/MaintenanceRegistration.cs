using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Maintenance;

public static class MaintenanceRegistration
{
    /// <summary>Work on the whole store: needs people, the ledger, harvesting, pushes and digests.</summary>
    public static IServiceCollection AddMaintenance(this IServiceCollection services) => services
        .AddSingleton<MaintenanceRun>()
        .AddSingleton<PersonMaintenance>()
        .AddSingleton<EntryTotal>();
}
