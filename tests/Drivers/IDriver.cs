using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Drivers;

/// <summary>The three ports of one driver, and its time.</summary>
public interface IDriver : IDisposable
{
    ITable Table { get; }

    IBlobs Blobs { get; }

    IQueue Queue { get; }

    Task AdvanceAsync(TimeSpan by);
}
