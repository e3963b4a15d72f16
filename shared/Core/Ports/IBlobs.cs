namespace ContributionIngest.Core.Ports;

/// <summary>
/// Named bytes in containers. A container's name is 3 to 63 of a–z, 0–9 and single hyphens; a blob's name is 1 to 1,024 characters,
/// segments separated by <c>/</c>, none of them empty or ending with a dot. Anything else is an <see cref="ArgumentException"/>
/// (<see cref="BlobLimits"/>).
/// Containers come into being with their first blob.
/// </summary>
public interface IBlobs
{
    Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    /// <summary>False when the name was taken; the blob is then as it was.</summary>
    Task<bool> PutIfAbsentAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    Task<byte[]?> GetAsync(string container, string name, CancellationToken cancel);

    /// <summary>False when there was none.</summary>
    Task<bool> DeleteAsync(string container, string name, CancellationToken cancel);

    /// <summary>
    /// All names that start with the prefix, ascending. The driver follows the store's pages, however short; a caller may delete what it was given
    /// and go on.
    /// </summary>
    IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancel);
}
