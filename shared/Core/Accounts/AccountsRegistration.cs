using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Accounts;

public static class AccountsRegistration
{
    /// <summary>Accounts as a whole: their deletion and their export. Needs everything that stores something about people.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services
        .AddSingleton<AccountExport>()
        .AddSingleton<AccountDeletion>()
        .AddSingleton<WeeklyCopies>()
        .AddSingleton<DeletionSteps>()
        .AddSingleton<DeletionSweep>();
}
