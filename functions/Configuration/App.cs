using System.Reflection;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Evidence;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Programmes.Forms;
using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Api.Connections;
using ContributionIngest.Functions.Api.Digests;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Operations;
using ContributionIngest.Functions.Api.Profile;
using ContributionIngest.Functions.Api.Programmes;
using ContributionIngest.Functions.Api.Templates;
using ContributionIngest.Functions.Security;
using ContributionIngest.Functions.Triggers;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The composition root.</summary>
public static class App
{
    public static WebApplication Build(Settings settings, AppDependencies dependencies) => Build(Framework(), settings, dependencies);

    /// <summary>The part that needs neither settings nor store. Only what is used of the framework: it watches no files and reads no settings.</summary>
    internal static WebApplicationBuilder Framework()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables();
        builder.Services.AddRoutingCore();
        // It would only start the metrics, which have no listener.
        builder.Services.RemoveAll<IStartupValidator>();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = RawBody.MaxRequestBytes);
        if (builder.Configuration.GetSection("Logging") is { } logging && logging.Exists())
            builder.Logging.AddConfiguration(logging);
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

    /// <summary>Registers everything that both hosts share.</summary>
    internal static void Register(IServiceCollection services, Settings settings, AppDependencies dependencies)
    {
        // Requests are not logged: addresses hold sign-in links and the codes of providers, and a provider's refusal may repeat what it was sent.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning));
        services.AddSingleton(dependencies.Clock).AddStores(dependencies.Stores).AddOptions(settings, dependencies);
        services.AddSources(settings, dependencies);
        services.AddContributions().AddConnectionStore().AddPeople().AddGrants().AddScheduling().AddPush().AddHarvesting().AddDigests().AddAccounts().AddBackup().AddMaintenance();
        services.AddSingleton<ConnectionService>().AddSingleton<PlaceSearch>().AddSingleton<ConnectionVerifier>().AddSingleton<WebhookRedelivery>().AddSingleton<RevisedEntries>(RevisedInReports.EntriesOf);
        services.AddSingleton(_ => new ProgrammeCatalog(settings.Programmes)).AddSingleton<Memberships>().AddSingleton<AreaChoiceStore>().AddSingleton<EvidenceStore>().AddSingleton<EvidenceReader>().AddSingleton<ReadinessReader>().AddSingleton<ProgrammeLinks>().AddSingleton<PlacedEntries>().AddSingleton<ProgrammeMatters>().AddSingleton<FormFiller>().AddSingleton<FormAnswers>().AddSingleton<FormReader>().AddSingleton<FormPages>().AddSingleton<ProgrammePages>().AddSingleton<MembershipPages>().AddSingleton<AreaPages>().AddSingleton<ChoiceReader>().AddSingleton<ChoicePages>();
        services.AddSingleton<AddressReader>().AddSingleton<LedgerLink>().AddSingleton<DeliveryBodies>().AddSingleton<ExportTurns>().AddDigestPages().AddLedgerPages().AddSingleton<TemplatePages>();
        services.AddSingleton<StatusParts>().AddSingleton<ProcessMetrics>().AddSingleton<IHostedService>(s => s.GetRequiredService<ProcessMetrics>());
        services.AddSingleton(_ => HostSettings.Read(AppContext.BaseDirectory)).AddSingleton<FunctionRunner>();
        services.AddExceptionHandler<ApiExceptionHandler>().AddSecurity(settings.Sources.Clients, dependencies.Web);
        services.AddSingleton<Owner>().AddSingleton<OwnerSignIn>().AddSingleton<AskedCookie>().AddSingleton<SignInPages>().AddSingleton<SetupPages>().AddSingleton<SignIn>().AddSingleton<ConnectionPages>().AddSingleton<ConnectPages>().AddSingleton<HomePage>().AddSingleton<ProfilePages>().AddAccountPages().AddSingleton<SettingsPages>().AddSingleton<DeletionPages>();
    }

    private static IServiceCollection AddStores(this IServiceCollection services, Stores stores)
    {
        services.AddSingleton(stores).AddSingleton(stores.Table).AddSingleton(stores.Blobs).AddSingleton(stores.Queue);
        return stores.MessageAvailable is { } available ? services.AddSingleton(available) : services;
    }

    /// <summary>The options that features take from the settings.</summary>
    private static void AddOptions(this IServiceCollection services, Settings settings, AppDependencies dependencies)
    {
        services.AddSingleton(settings);
        services.AddSingleton(_ => settings.Storage is null ? SecretKeyFile.Complete(settings.SecretKeys, settings.Data) : settings.SecretKeys);
        services.AddSingleton(new PublicAddress(settings.PublicUrl, settings.Site));
        services.AddSingleton(new OwnerOptions(settings.OwnerEmail, settings.OwnerZone)).AddSingleton(new SetupOptions(settings.SetupSecret, settings.SetupExpires));
        var isPrinted = settings.Storage is null && !settings.Mail.HasRelay;
        services.AddSingleton(new SignInPageOptions(settings.IsRegistrationOpen, SignInAddresses.Normalise(settings.Contact), isPrinted));
        services.AddSingleton(new StatusPageOptions(settings.Storage is null ? "in an embedded store" : "on Azure storage", MailSettings.HowToTurnOn));
        services.AddSingleton(new AccountPageOptions(settings.IsRegistrationOpen));
        services.AddSingleton(provider => SignInLinkLog.Options(settings, isPrinted, provider));
        services.AddSingleton(new RateLimitOptions(settings.RequestsPerMinute, IsShared: settings.Storage is not null || settings.PublicUrl is not null));
        services.AddSingleton(new HarvestOptions(dependencies.Stores.LeaseEpoch, settings.HarvestBudget));
        services.AddSingleton(new RetentionOptions(settings.RawDays)).AddSingleton(new WeeklyBackupOptions(settings.IsBackedUpWeekly, settings.BackupDays)).AddSingleton<TravellingKeys>();
        services.AddSingleton(new PushOptions(settings.Callbacks, settings.HarvestBudget));
        services.AddSingleton(new WebhookOptions(GitHubSource.Name, GitHubWebhook.Read, settings.Sources.GitHubApp?.HookSecret));
        services.AddSingleton(new MailPace(settings.Mail.PerHour, dependencies.Mail is not null));
        if (dependencies.Mail is { } mail)
            services.AddSingleton(mail);
    }
}
