using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.People;

public static class PeopleRegistration
{
    /// <summary>People, their keys and their secrets. Requires the tables, the blobs, a clock and <see cref="SecretKeys"/>.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services) => services
        .AddSingleton<PeopleStore>()
        .AddSingleton<ApiKeys>()
        .AddSingleton<SecretProtector>();
}
