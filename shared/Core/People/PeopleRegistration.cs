using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Core.People;

public static class PeopleRegistration
{
    /// <summary>People, their keys and their secrets. Requires the tables, the blobs, a clock, <see cref="SecretKeys"/>, <see cref="SecretCipher"/> and <see cref="SignInMailHtml"/>.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services) => services
        .AddSingleton<PeopleStore>()
        .AddSingleton<ApiKeys>()
        .AddSingleton<Sessions>()
        .AddSingleton<SignInAddresses>().AddSingleton<ProfileNames>()
        .AddSingleton<SignInLinks>()
        .AddSingleton<SignInMailer>()
        .AddSingleton<Invitations>()
        .AddSingleton<AttemptCounter>()
        .AddSingleton<SetupUse>()
        .AddSingleton<AuditTrail>()
        .AddSingleton<Deletions>()
        .AddSingleton<Exports>()
        .AddSingleton<TemplateStore>()
        .AddSingleton<SecretEnvelopes>()
        .AddSingleton<SecretProtector>();
}
