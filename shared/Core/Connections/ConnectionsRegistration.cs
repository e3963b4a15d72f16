using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Connections;

public static class ConnectionsRegistration
{
    /// <summary>Connections of people: needs the tables.</summary>
    public static IServiceCollection AddConnectionStore(this IServiceCollection services) => services
        .AddSingleton<ConnectionStore>()
        .AddSingleton<OriginIndex>();
}
