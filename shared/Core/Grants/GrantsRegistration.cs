using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.Grants;

public static class GrantsRegistration
{
    /// <summary>Access to people's accounts: needs people, connections, the fetcher and <see cref="OAuthClients"/>.</summary>
    public static IServiceCollection AddGrants(this IServiceCollection services) => services
        .AddSingleton<GrantStore>()
        .AddSingleton<TokenService>();
}
