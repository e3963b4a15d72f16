using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

internal sealed class AzureDriver(Azurite azurite) : IDriver
{
    private readonly AzureStore store =
        AzureStore.FromConnectionString(azurite.ConnectionString, new TestClock { Skip = TimeSpan.FromSeconds(31) });

    public ITable Table => store.Table;

    public IBlobs Blobs => store.Blobs;

    public IQueue Queue => store.Queue;

    public Task AdvanceAsync(TimeSpan by) => azurite.AdvanceAsync(by);

    public void Dispose()
    {
        // The emulator is shared; what the tests leave behind ends with it.
    }
}

[Collection(Azurite.Collection)]
public sealed class AzureTableContract(Azurite azurite) : TableContract(new AzureDriver(azurite));

[Collection(Azurite.Collection)]
public sealed class AzureTransactionContract(Azurite azurite) : TransactionContract(new AzureDriver(azurite));

[Collection(Azurite.Collection)]
public sealed class AzureTableLimitsContract(Azurite azurite) : TableLimitsContract(new AzureDriver(azurite));

[Collection(Azurite.Collection)]
public sealed class AzureQueueContract(Azurite azurite) : QueueContract(new AzureDriver(azurite));

[Collection(Azurite.Collection)]
public sealed class AzureBlobsContract(Azurite azurite) : BlobsContract(new AzureDriver(azurite));
