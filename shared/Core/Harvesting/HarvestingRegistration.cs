using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Harvesting;

public static class HarvestingRegistration
{
    /// <summary>The harvest loop: needs <see cref="HarvestOptions"/>, <see cref="RetentionOptions"/>, the sources and what it stands on.</summary>
    public static IServiceCollection AddHarvesting(this IServiceCollection services) => services
        .AddSingleton<HarvestStore>()
        .AddSingleton<HarvestReports>()
        .AddSingleton<HarvestPlanner>()
        .AddSingleton<Harvester>()
        .AddSingleton<DeliveryRun>()
        .AddSingleton<ConnectionRemoval>()
        .AddSingleton<RawAnswers>()
        .AddSingleton<PoisonedMessages>();
}
