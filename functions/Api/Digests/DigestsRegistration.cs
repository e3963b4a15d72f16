using ContributionIngest.Core.Digests;

namespace ContributionIngest.Functions.Api.Digests;

internal static class DigestsRegistration
{
    public static IServiceCollection AddDigestPages(this IServiceCollection services) => services
        .AddSingleton<DigestAddresses>()
        .AddSingleton(s => new MailIdentity(s.GetRequiredService<DigestAddresses>().Host, s.GetRequiredService<DigestAddresses>().Links))
        .AddSingleton<DigestMailRenderer>()
        .AddSingleton<DigestMailHtml>(s => s.GetRequiredService<DigestMailRenderer>().RenderAsync)
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
