using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Core.Sources.YouTube;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Operations;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The list of sources, and the fetcher they share.</summary>
internal static class SourceList
{
    /// <param name="units">The daily quota of the YouTube key. Null gives this process a quota of its own.</param>
    public static SourceCatalog Of(Fetcher fetcher, TimeProvider clock, SourceSettings settings, Quota? units = null) => new(
        new Core.Sources.Feeds.FeedSource(fetcher, clock),
        new GitHubSource(fetcher, settings.GitHub, clock),
        new YouTubeSource(fetcher, clock, settings.YouTube, units ?? new Quota(settings.YouTube.DailyUnits, clock)),
        new Core.Sources.Meetup.MeetupSource(fetcher, clock, settings.Meetup));

    public static Fetcher Fetcher(Settings settings, HttpMessageHandler web, TimeProvider clock)
    {
        var contact = settings.Contact is null ? string.Empty : $" (+{settings.Contact})";
        return new Fetcher(web, new AddressPolicy(settings.AllowNetworks), clock, $"ContributionIngest/{ProductVersion.Text}{contact}");
    }

    public static void AddSources(this IServiceCollection services, Settings settings, AppDependencies dependencies)
    {
        var (sources, clock) = (settings.Sources, dependencies.Clock);
        services.AddSingleton(_ => Fetcher(settings, dependencies.Web, clock)).AddSingleton<PageReader>().AddSingleton<Core.Sources.Feeds.OwnershipCheck>();

        services.AddSingleton(sources.Clients);
        services.AddSingleton(new MetricHistory(YouTubeSource.Redefined));

        // All processes that share a store share the quota.
        services.AddSingleton(s => new Quota(sources.YouTube.DailyUnits, clock, (day, wanted, cancel) =>
            s.GetRequiredService<SharedQuota>().GrantAsync(QuotaStatus.YouTube, day, wanted, sources.YouTube.DailyUnits, cancel)));
        if (sources.YouTube.Key is not null)
            services.AddSingleton<QuotaStatus>();
        services.AddSingleton(s => Of(s.GetRequiredService<Fetcher>(), clock, sources, s.GetRequiredService<Quota>()));
        if (sources.GitHubApp is { Id: { } id, Key: { } key })
        {
            services.AddSingleton<Func<CancellationToken, Task<RedeliveryRun>>>(s =>
                new GitHubRedelivery(new GitHubApp(s.GetRequiredService<Fetcher>(), sources.GitHub, id, key, clock), clock).RunAsync);
        }
    }
}
