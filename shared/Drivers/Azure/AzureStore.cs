using Azure.Core;
using Azure.Core.Pipeline;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>The three ports on one Azure storage account.</summary>
public sealed class AzureStore
{
    /// <param name="transport">What carries the requests; null for Azure.Core's own.</param>
    public AzureStore(StorageAccount account, TimeProvider clock, HttpPipelineTransport? transport = null)
    {
        Table = new AzureTable(Service(account.Table, isTable: true));
        Queue = new AzureQueue(Service(account.Queue, isTable: false));
        Blobs = new AzureBlobs(Service(account.Blob, isTable: false));

        StorageService Service(Uri endpoint, bool isTable)
        {
            HttpPipelinePolicy authentication = account.Key is { } key
                ? new SharedKeyPolicy(account.Name, key, isTable)
                : new BearerTokenAuthenticationPolicy(account.Credential!, "https://storage.azure.com/.default");
            return new StorageService(endpoint, HttpPipelineBuilder.Build(new Options(transport), authentication), clock);
        }
    }

    public ITable Table { get; }

    public IQueue Queue { get; }

    public IBlobs Blobs { get; }

    private sealed class Options : ClientOptions
    {
        public Options(HttpPipelineTransport? transport)
        {
            // StorageService does both by the clock it is given.
            Retry.MaxRetries = 0;
            Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
            Diagnostics.ApplicationId = "ContributionIngest";
            if (transport is not null)
                Transport = transport;
        }
    }
}
