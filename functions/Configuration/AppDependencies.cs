using ContributionIngest.Core;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Drivers.Mail;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Standalone;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The storage of the app.</summary>
/// <param name="LeaseEpoch">Leases of another epoch are void. Constant if several processes share the store.</param>
/// <param name="MessageAvailable">Completes when a queue gets a message; null if the store cannot signal that.</param>
/// <param name="Owner">Disposed with the app.</param>
public sealed record Stores(
    ITable Table,
    IBlobs Blobs,
    IQueue Queue,
    string LeaseEpoch,
    Func<string, CancellationToken, Task>? MessageAvailable = null,
    IDisposable? Owner = null)
{
    /// <summary>Leases of other processes are valid until they expire.</summary>
    private const string SharedEpoch = "shared";

    /// <exception cref="StartupException">The settings do not identify a storage account.</exception>
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

/// <summary>Everything tests can replace: the server, storage, outbound HTTP, the clock, and mail.</summary>
/// <param name="Mail">Null if no mail is sent.</param>
public sealed record AppDependencies(
    Action<WebApplicationBuilder, Settings> Server,
    Stores Stores,
    HttpMessageHandler Web,
    TimeProvider Clock,
    IMail? Mail = null)
{
    /// <summary>A subfolder of the embedded store's folder.</summary>
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
        { Mail.Communication: { } communication } => CommunicationMail.FromIdentity(communication, settings.Storage?.ClientId, clock),
        { Storage: null } => new OutboxMail(Path.Combine(settings.Data, Outbox)),
        _ => null,
    };
}
