using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Core.Sources.Meetup;
using ContributionIngest.Core.Sources.YouTube;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Operations;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The list of sources, and the one way by which they reach the web.</summary>
internal static class SourceList
{
    /// <param name="units">Of YouTube's key; null where no other process spends from them.</param>
    public static SourceCatalog Of(Fetcher fetcher, TimeProvider clock, SourceSettings settings, Quota? units = null) => new(
        new FeedSource(fetcher, clock),
        new GitHubSource(fetcher, settings.GitHub, clock),
        new YouTubeSource(fetcher, clock, settings.YouTube, units ?? new Quota(settings.YouTube.DailyUnits, clock)),
        new MeetupSource(fetcher, clock, settings.Meetup));

    public static Fetcher Fetcher(Settings settings, HttpMessageHandler web, TimeProvider clock)
    {
        var contact = settings.Contact is null ? string.Empty : $" (+{settings.Contact})";
        return new Fetcher(web, new AddressPolicy(settings.AllowNetworks), clock, $"ContributionIngest/{ProductVersion.Text}{contact}");
    }

    public static void AddSources(this IServiceCollection services, Settings settings, AppDependencies dependencies)
    {
        var (sources, clock) = (settings.Sources, dependencies.Clock);
        services.AddSingleton(_ => Fetcher(settings, dependencies.Web, clock)).AddSingleton<PageReader>();

        services.AddSingleton(new MetricHistory(YouTubeSource.Redefined));

        // One budget for all processes over one store.
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
