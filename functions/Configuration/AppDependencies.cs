using ContributionIngest.Core;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Standalone;

namespace ContributionIngest.Functions.Configuration;

/// <summary>Where state is kept.</summary>
/// <param name="LeaseEpoch">Leases of another epoch are void; constant where several processes share the store.</param>
/// <param name="MessageAvailable">Completes at the next message of a queue; null where the store cannot tell.</param>
/// <param name="Owner">To be disposed with the app.</param>
public sealed record Stores(
    ITable Table,
    IBlobs Blobs,
    IQueue Queue,
    string LeaseEpoch,
    Func<string, CancellationToken, Task>? MessageAvailable = null,
    IDisposable? Owner = null)
{
    /// <summary>Leases of other processes count until they run out.</summary>
    private const string SharedEpoch = "shared";

    /// <exception cref="StartupException">The storage account cannot be told from the settings.</exception>
    public static Stores Open(Settings settings, TimeProvider clock) =>
        settings.Storage is { } storage ? Azure(storage, clock) : Local(settings, clock);

    private static Stores Azure(StorageSettings storage, TimeProvider clock)
    {
        try
        {
            var store = storage.ConnectionString is { } text
                ? AzureStore.FromConnectionString(text, clock)
                : AzureStore.FromIdentity(storage.Blobs!, storage.Queues!, storage.Tables!, storage.ClientId, clock);
            return new Stores(store.Table, store.Blobs, store.Queue, SharedEpoch);
        }
        catch (FormatException e)
        {
            throw new StartupException([$"{StorageSettings.Name} cannot be used: {e.Message}"]);
        }
    }

    private static Stores Local(Settings settings, TimeProvider clock)
    {
        var store = new SqliteStore(settings.Data, clock);
        return new Stores(store.Table, store.Blobs, store.Queue, store.Epoch, store.Queue.MessageAvailableAsync, store);
    }
}

/// <summary>What can be swapped, and nothing else can: the server, the stores, the web outside, the clock, and mail.</summary>
/// <param name="Mail">Null where nothing sends mail.</param>
public sealed record AppDependencies(
    Action<WebApplicationBuilder, Settings> Server,
    Stores Stores,
    HttpMessageHandler Web,
    TimeProvider Clock,
    IMail? Mail = null)
{
    /// <summary>Below the folder of the embedded store.</summary>
    public const string Outbox = "outbox";

    public static void Kestrel(WebApplicationBuilder builder, Settings settings) => StandaloneServer.Configure(builder, settings.Listen, settings.PublicUrl);

    public static AppDependencies Of(Settings settings)
    {
        var clock = TimeProvider.System;
        var policy = new AddressPolicy(settings.AllowNetworks);
        return new AppDependencies(Kestrel, Stores.Open(settings, clock), GuardedHandler.Create(policy), clock, MailOf(settings, clock));
    }

    private static IMail? MailOf(Settings settings, TimeProvider clock) => settings switch
    {
        { Mail.Smtp: { } smtp } => new SmtpMail(smtp, clock),
        { Storage: null } => new OutboxMail(Path.Combine(settings.Data, Outbox)),
        _ => null,
    };
}
