using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Drivers;

internal sealed class LocalDriver : IDriver
{
    private readonly TemporaryFolder folder = new();
    private readonly SqliteStore store;

    public LocalDriver() => store = new SqliteStore(folder.FullName, Clock);

    public TestClock Clock { get; } = new() { Skip = TimeSpan.Zero };

    public ITable Table => store.Table;

    public IBlobs Blobs => store.Blobs;

    public IQueue Queue => store.Queue;

    public Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }
}

public sealed class LocalTableContract() : TableContract(new LocalDriver());

public sealed class LocalTransactionContract() : TransactionContract(new LocalDriver());

public sealed class LocalTableLimitsContract() : TableLimitsContract(new LocalDriver());

public sealed class LocalQueueContract() : QueueContract(new LocalDriver());

public sealed class LocalBlobsContract() : BlobsContract(new LocalDriver());
