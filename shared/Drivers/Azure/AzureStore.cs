using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Azure;

/// <summary>The stores on an Azure storage account.</summary>
public sealed class AzureStore
{
    private readonly string? text;
    private readonly (TokenCredential Credential, Uri Blobs, Uri Queues, Uri Tables) identity;
    private readonly HttpPipelineTransport? transport;

    private AzureStore(
        string? text, (TokenCredential Credential, Uri Blobs, Uri Queues, Uri Tables) identity, TimeProvider clock, HttpPipelineTransport? transport)
    {
        (this.text, this.identity, this.transport) = (text, identity, transport);
        var tables = text is null
            ? new TableServiceClient(identity.Tables, identity.Credential, Options(new TableClientOptions(), transport))
            : new TableServiceClient(text, Options(new TableClientOptions(), transport));
        if (!IsHttp(tables.Uri))
            throw new FormatException("The tables are not reached by HTTP.");
        Table = new AzureTable(tables, new StorageCalls(tables.Uri, clock));
        Queue = new AzureQueue(this, clock);
        Blobs = new AzureBlobs(this, clock);
    }

    public ITable Table { get; }

    public IQueue Queue { get; }

    public IBlobs Blobs { get; }

    /// <param name="transport">Null for the clients' own.</param>
    /// <exception cref="FormatException">Not a connection string of a storage account. The message never contains a part of it.</exception>
    public static AzureStore FromConnectionString(string text, TimeProvider clock, HttpPipelineTransport? transport = null)
    {
        try
        {
            if (NamesQueuesAndBlobs(text))
                return new AzureStore(text, default, clock, transport);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            // The clients' messages may contain parts of it.
        }

        throw new FormatException(
            "A connection string of a storage account has parts like Name=value between semicolons, AccountName with AccountKey or with "
            + "SharedAccessSignature among them, and endpoints by http or https; or it is UseDevelopmentStorage=true, for the emulator.");
    }

    /// <param name="clientId">Of a user-assigned identity; null for the system-assigned one.</param>
    public static AzureStore FromIdentity(Uri blobs, Uri queues, Uri tables, string? clientId, TimeProvider clock) =>
        FromCredential(blobs, queues, tables, new DefaultAzureCredential(
            new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId, ExcludeInteractiveBrowserCredential = true }), clock);

    internal static AzureStore FromCredential(
        Uri blobs, Uri queues, Uri tables, TokenCredential credential, TimeProvider clock, HttpPipelineTransport? transport = null) =>
        new(null, (credential, blobs, queues, tables), clock, transport);

    /// <summary>Created when first needed, like that of blobs: a process that only answers requests needs neither, and their code takes 3 MB.</summary>
    internal QueueServiceClient QueueClient() => text is null
        ? new QueueServiceClient(identity.Queues, identity.Credential, QueueOptions(transport))
        : new QueueServiceClient(text, QueueOptions(transport));

    internal BlobServiceClient BlobClient() => text is null
        ? new BlobServiceClient(identity.Blobs, identity.Credential, BlobOptions(transport))
        : new BlobServiceClient(text, BlobOptions(transport));

    // By account name or by their endpoints; checked now rather than when the clients are created.
    private static bool NamesQueuesAndBlobs(string text)
    {
        var parts = text.Split(';').Select(part => part.Trim().Split('=', 2)).Where(part => part.Length == 2)
            .ToDictionary(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        return (parts.ContainsKey("AccountName") || parts.ContainsKey("UseDevelopmentStorage")
                || (parts.ContainsKey("QueueEndpoint") && parts.ContainsKey("BlobEndpoint")))
            && parts.All(part => !part.Key.EndsWith("Endpoint", StringComparison.OrdinalIgnoreCase)
                || (Uri.TryCreate(part.Value, UriKind.Absolute, out var address) && IsHttp(address)));
    }

    // Older service versions than the clients' default, for emulators.
    private static QueueClientOptions QueueOptions(HttpPipelineTransport? transport) =>
        Options(new QueueClientOptions(QueueClientOptions.ServiceVersion.V2021_12_02) { MessageEncoding = QueueMessageEncoding.None }, transport);

    private static BlobClientOptions BlobOptions(HttpPipelineTransport? transport)
    {
        var options = Options(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2021_12_02), transport);
        options.AddPolicy(new BufferedResponses(), HttpPipelinePosition.PerCall);
        return options;
    }

    private static T Options<T>(T options, HttpPipelineTransport? transport)
        where T : ClientOptions
    {
        // StorageCalls does both, by its own clock.
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Diagnostics.ApplicationId = "ContributionIngest";
        if (transport is not null)
            options.Transport = transport;
        return options;
    }

    private static bool IsHttp(Uri address) => address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp;

    /// <summary>Buffers a whole blob; the client would resume a broken download by requests of its own.</summary>
    private sealed class BufferedResponses : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message) => message.BufferResponse = true;
    }
}
