using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Scheduling;

public static class SchedulingRegistration
{
    /// <summary>What is due when: needs the tables and the queues.</summary>
    public static IServiceCollection AddScheduling(this IServiceCollection services) => services
        .AddSingleton<DueIndex>()
        .AddSingleton<PausedHosts>()
        .AddSingleton<HarvestQueue>()
        .AddSingleton<SharedQuota>();
}
