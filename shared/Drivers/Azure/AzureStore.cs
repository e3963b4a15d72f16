using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>The three ports on one Azure storage account, by the clients of its services.</summary>
public sealed class AzureStore
{
    private AzureStore(TableServiceClient tables, QueueServiceClient queues, BlobServiceClient blobs, TimeProvider clock)
    {
        Table = new AzureTable(tables, new StorageCalls(tables.Uri, clock));
        Queue = new AzureQueue(queues, new StorageCalls(queues.Uri, clock));
        Blobs = new AzureBlobs(blobs, new StorageCalls(blobs.Uri, clock));
    }

    public ITable Table { get; }

    public IQueue Queue { get; }

    public IBlobs Blobs { get; }

    /// <param name="transport">What carries the requests; null for the clients' own.</param>
    /// <exception cref="FormatException">It is no connection string of a storage account. The message never repeats a part of it.</exception>
    public static AzureStore FromConnectionString(string text, TimeProvider clock, HttpPipelineTransport? transport = null)
    {
        try
        {
            var tables = new TableServiceClient(text, Options(new TableClientOptions(), transport));
            var queues = new QueueServiceClient(text, QueueOptions(transport));
            var blobs = new BlobServiceClient(text, BlobOptions(transport));
            if (IsHttp(tables.Uri) && IsHttp(queues.Uri) && IsHttp(blobs.Uri))
                return new AzureStore(tables, queues, blobs, clock);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            // What the clients say may hold parts of it.
        }

        throw new FormatException(
            "A connection string of a storage account has parts like Name=value between semicolons, AccountName with AccountKey or with "
            + "SharedAccessSignature among them, and endpoints by http or https; or it is UseDevelopmentStorage=true, for the emulator.");
    }

    /// <param name="clientId">Of a user-assigned identity; null for the one that is there.</param>
    public static AzureStore FromIdentity(Uri blobs, Uri queues, Uri tables, string? clientId, TimeProvider clock) =>
        FromCredential(
            blobs,
            queues,
            tables,
            new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId, ExcludeInteractiveBrowserCredential = true }),
            clock);

    internal static AzureStore FromCredential(
        Uri blobs, Uri queues, Uri tables, TokenCredential credential, TimeProvider clock, HttpPipelineTransport? transport = null) =>
        new(
            new TableServiceClient(tables, credential, Options(new TableClientOptions(), transport)),
            new QueueServiceClient(queues, credential, QueueOptions(transport)),
            new BlobServiceClient(blobs, credential, BlobOptions(transport)),
            clock);

    // The versions of the services are older than what the clients would ask for, so that emulators know them.
    private static QueueClientOptions QueueOptions(HttpPipelineTransport? transport) =>
        Options(new QueueClientOptions(QueueClientOptions.ServiceVersion.V2021_12_02) { MessageEncoding = QueueMessageEncoding.None }, transport);

    private static BlobClientOptions BlobOptions(HttpPipelineTransport? transport)
    {
        var options = Options(new BlobClientOptions(BlobClientOptions.ServiceVersion.V2021_12_02), transport);
        options.AddPolicy(new WholeAnswers(), HttpPipelinePosition.PerCall);
        return options;
    }

    private static T Options<T>(T options, HttpPipelineTransport? transport)
        where T : ClientOptions
    {
        // StorageCalls does both by the clock it is given.
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Diagnostics.ApplicationId = "ContributionIngest";
        if (transport is not null)
            options.Transport = transport;
        return options;
    }

    private static bool IsHttp(Uri address) => address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp;

    /// <summary>Reads a blob to its end before the client sees it, which would go on with a broken one by requests of its own.</summary>
    private sealed class WholeAnswers : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message) => message.BufferResponse = true;
    }
}
