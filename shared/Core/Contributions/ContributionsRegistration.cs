using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Contributions;

public static class ContributionsRegistration
{
    /// <summary>The ledger. Requires the tables, the queues and a clock.</summary>
    public static IServiceCollection AddContributions(this IServiceCollection services) => services
        .AddSingleton<LedgerTransactions>()
        .AddSingleton<LedgerWriter>()
        .AddSingleton<LedgerEditor>()
        .AddSingleton<LedgerReader>().AddSingleton<LedgerLines>()
        .AddSingleton<RollupRebuilder>()
        .AddSingleton<TopicFolding>();
}
