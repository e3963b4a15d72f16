using System.Runtime.CompilerServices;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Support;

/// <summary>Blobs with which things go wrong.</summary>
internal sealed class FaultyBlobs(IBlobs inner, StoreFaults faults) : IBlobs
{
    public Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel) => faults.WriteAsync(
        async () =>
        {
            await inner.PutAsync(container, name, content, cancel);
            return true;
        },
        cancel);

    public Task<bool> PutIfAbsentAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.PutIfAbsentAsync(container, name, content, cancel), cancel);

    public Task<byte[]?> GetAsync(string container, string name, CancellationToken cancel) =>
        faults.ReadAsync(() => inner.GetAsync(container, name, cancel), cancel);

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.DeleteAsync(container, name, cancel), cancel);

    public async IAsyncEnumerable<string> ListAsync(string container, string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        await faults.ReadAsync(() => Task.FromResult(true), cancel);
        var last = "";
        while (true)
        {
            var (piece, count) = (faults.Piece(), 0);
            await foreach (var name in inner.ListAsync(container, prefix, cancel))
            {
                if (string.CompareOrdinal(name, last) <= 0)
                    continue;
                if (count == piece)
                    break;
                count++;
                last = name;
                yield return name;
            }

            if (piece is null || count < piece)
                yield break;
            await faults.Between();
        }
    }
}
