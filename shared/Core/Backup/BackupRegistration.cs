using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Backup;

public static class BackupRegistration
{
    /// <summary>Archives of the store and their restoration: needs everything that stores something, and <see cref="Accounts.WeeklyBackupOptions"/>.</summary>
    public static IServiceCollection AddBackup(this IServiceCollection services) => services
        .AddSingleton<PartMaker>()
        .AddSingleton<ArchiveBackup>()
        .AddSingleton<ArchiveRestore>()
        .AddSingleton<RestoreTarget>()
        .AddSingleton<RestoredWork>()
        .AddSingleton<WeeklyBackup>();
}
