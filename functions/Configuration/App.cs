using System.Reflection;
using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Core.Sources.Meetup;
using ContributionIngest.Core.Sources.YouTube;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Operations;
using ContributionIngest.Functions.Triggers;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The only place where the rooms are put together.</summary>
public static class App
{
    /// <summary>Bytes of a request body that are read, where a route does not say otherwise.</summary>
    public const int BodyLimit = 64 * 1024;

    public static string Version { get; } =
        typeof(App).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static WebApplication Build(Settings settings, AppDependencies dependencies) => Build(Framework(), settings, dependencies);

    /// <summary>The part that knows neither settings nor store. Of the framework only what is used: no files watched, no settings of its own.</summary>
    internal static WebApplicationBuilder Framework()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables();
        builder.Services.AddRoutingCore();
        // The one thing it would look after is the metrics, which nobody listens to.
        builder.Services.RemoveAll<IStartupValidator>();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = RawBody.MostThrownAway);
        if (builder.Configuration.GetSection("Logging") is { } logging && logging.Exists())
            builder.Logging.AddConfiguration(logging);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        return builder;
    }

    internal static WebApplication Build(WebApplicationBuilder builder, Settings settings, AppDependencies dependencies)
    {
        Register(builder.Services, settings, dependencies);
        TelemetryExport.Add(builder.Services, builder.Configuration, isWorker: false);
        dependencies.Server(builder, settings);
        var app = builder.Build();
        Routes.Map(app);
        return app;
    }

    /// <summary>The list of sources.</summary>
    /// <param name="units">Of YouTube's key; null where no other process spends from them.</param>
    public static SourceCatalog Catalog(Fetcher fetcher, TimeProvider clock, SourceSettings settings, Quota? units = null) => new(
        new FeedSource(fetcher, clock),
        new GitHubSource(fetcher, settings.GitHub, clock),
        new YouTubeSource(fetcher, clock, settings.YouTube, units ?? new Quota(settings.YouTube.DailyUnits, clock)),
        new MeetupSource(fetcher, clock, settings.Meetup));

    /// <summary>One budget for all processes over one store.</summary>
    private static Quota Units(YouTubeOptions options, SharedQuota ledger, TimeProvider clock) => new(
        options.DailyUnits, clock, (day, wanted, cancel) => ledger.GrantAsync(QuotaStatus.YouTube, day, wanted, options.DailyUnits, cancel));

    public static Fetcher Fetcher(Settings settings, HttpMessageHandler web, TimeProvider clock)
    {
        var contact = settings.Contact is null ? string.Empty : $" (+{settings.Contact})";
        return new Fetcher(web, new AddressPolicy(settings.AllowNetworks), clock, $"ContributionIngest/{Version}{contact}");
    }

    private static GitHubApp? GitHubApp(Fetcher fetcher, TimeProvider clock, SourceSettings settings) =>
        settings.GitHubApp is { Id: { } id, Key: { } key } ? new GitHubApp(fetcher, settings.GitHub, id, key, clock) : null;

    /// <summary>Everything that both hosts are made of.</summary>
    internal static void Register(IServiceCollection services, Settings settings, AppDependencies dependencies)
    {
        services.AddSingleton(_ => HostSettings.Read(AppContext.BaseDirectory)).AddSingleton<FunctionRunner>();
        var (table, blobs, queue, clock) = (dependencies.Stores.Table, dependencies.Stores.Blobs, dependencies.Stores.Queue, dependencies.Clock);
        var options = new HarvestOptions(dependencies.Stores.LeaseEpoch, settings.HarvestBudget);
        services.AddSingleton(settings).AddSingleton(dependencies.Stores).AddSingleton(clock);
        services.AddSingleton(table).AddSingleton(blobs).AddSingleton(queue).AddSingleton(options);
        if (dependencies.Stores.MessageAvailable is { } arrival)
            services.AddSingleton(arrival);

        services.AddSingleton(_ => Fetcher(settings, dependencies.Web, clock));
        services.AddSingleton(s => new PageReader(s.GetRequiredService<Fetcher>()));
        var units = Units(settings.Sources.YouTube, new SharedQuota(table), clock);
        services.AddSingleton(s => Catalog(s.GetRequiredService<Fetcher>(), clock, settings.Sources, units));

        var transactions = new LedgerTransactions(table, clock);
        var rebuilder = new RollupRebuilder(transactions, queue);
        var (people, ledger, editor) = (new PeopleStore(table, clock), new LedgerWriter(transactions), new LedgerEditor(transactions));
        services.AddSingleton(people);
        services.AddSingleton(new ApiKeys(table, clock));
        services.AddSingleton(new ConnectionStore(table));
        services.AddSingleton(new HarvestReports(table));

        services.AddSingleton(new LedgerReader(table));
        services.AddSingleton(ledger).AddSingleton(editor).AddSingleton(rebuilder);
        services.AddSingleton(new TopicFolding(transactions, rebuilder));
        services.AddSingleton(s => new LedgerLink(
            new LedgerLook(s.GetRequiredService<SourceCatalog>(), s.GetRequiredService<PageReader>(), clock), new LedgerReader(table), editor, clock));

        var store = new HarvestStore(table, blobs, queue, ledger);
        var raw = new RawAnswers(blobs, clock);
        var poison = new PoisonedMessages(store, table, queue, clock);
        var (hooks, ring, discarded) = (new WebhookStore(table), new SecretRing(blobs, settings.SecretKeys), new DiscardedDeliveries(table, clock));
        services.AddSingleton(store).AddSingleton(raw).AddSingleton(poison);
        services.AddSingleton<ProcessMetrics>().AddSingleton<IHostedService>(s => s.GetRequiredService<ProcessMetrics>());
        services.AddSingleton(s => new StatusParts(
            people, rebuilder, store.Connections, queue, store.PausedHosts, poison, discarded, hooks, new SendAttempts(table, new DigestStore(table, blobs)),
            settings.Sources.YouTube.Key is null ? null : new QuotaStatus(new SharedQuota(table), units),
            s.GetRequiredService<ProcessMetrics>()));
        services.AddSingleton(s => new Harvester(
            store, raw, s.GetRequiredService<SourceCatalog>(), s.GetRequiredService<Subscriptions>(), s.GetRequiredService<ConnectionRemoval>(), rebuilder, options, clock));
        services.AddSingleton(new HarvestPlanner(store, options, clock));
        services.AddSingleton(s => new ConnectionRemoval(store, s.GetRequiredService<Subscriptions>(), hooks, editor, clock));
        services.AddSingleton(s => new ConnectionService(store, s.GetRequiredService<SourceCatalog>(), s.GetRequiredService<ConnectionRemoval>(), clock));

        var (subscriptions, bodies) = (new SubscriptionStore(table, ring), new PushedBodies(blobs, clock));
        services.AddSingleton(bodies).AddSingleton(new WebSubReceiver(subscriptions, bodies, discarded, store, clock));
        services.AddSingleton(s => new Subscriptions(
            subscriptions, store, new Hub(s.GetRequiredService<Fetcher>()), new PushOptions(settings.Callbacks), clock));
        services.AddSingleton(s => new DeliveryRun(store, bodies, raw, s.GetRequiredService<SourceCatalog>(), clock));
        services.AddSingleton(s => new SubscriptionRenewal(subscriptions, s.GetRequiredService<Subscriptions>(), store, options, clock));

        services.AddSingleton(_ => discarded).AddSingleton(ring).AddSingleton(new PersonalWebhooks(hooks, ring, clock));
        services.AddSingleton(s => new WebhookReceiver(
            hooks, s.GetRequiredService<PersonalWebhooks>(), new WebhookOptions(settings.Sources.GitHubApp?.HookSecret), bodies, discarded, store, clock));
        services.AddSingleton(s => new Redelivery(GitHubApp(s.GetRequiredService<Fetcher>(), clock, settings.Sources), hooks, clock));

        DigestServices.Register(services, settings, dependencies, ring, people, rebuilder);
        services.AddSingleton(new Owner(settings, people, new ApiKeys(table, clock), new DigestPlanner(table, queue, clock)));
    }
}
