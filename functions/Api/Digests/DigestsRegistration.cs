using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Pages;

namespace ContributionIngest.Functions.Api.Digests;

internal static class DigestsRegistration
{
    public static IServiceCollection AddDigestPages(this IServiceCollection services) => services
        .AddSingleton<DigestAddresses>()
        .AddSingleton(s => new MailIdentity(s.GetRequiredService<DigestAddresses>().Host, s.GetRequiredService<DigestAddresses>().Links))
        .AddSingleton<MailRenderer>()
        .AddSingleton<DigestMailHtml>(s => s.GetRequiredService<MailRenderer>().DigestAsync)
        .AddSingleton<SignInMailHtml>(s => s.GetRequiredService<MailRenderer>().SignInAsync)
        .AddSingleton<DigestPages>()
        .AddSingleton<DigestArchivePages>()
        .AddSingleton<EntryPages>()
        .AddSingleton<LogPages>();

    /// <summary>Maps the pages that a digest links to.</summary>
    public static void MapDigestPages(this IEndpointRouteBuilder site)
    {
        EntryPages.Map(site);
        LogPages.Map(site);
        DigestPages.Map(site);
        DigestArchivePages.Map(site);
    }
}
