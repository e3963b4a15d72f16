using System.Runtime.CompilerServices;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Tests.Infrastructure;

/// <summary>Blobs with which things go wrong.</summary>
internal sealed class FaultyBlobs(IBlobs inner, StoreFaults faults) : IBlobs
{
    public Task Put(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel) => faults.Write(
        async () =>
        {
            await inner.Put(container, name, content, cancel);
            return true;
        },
        cancel);

    public Task<bool> PutIfAbsent(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        faults.Write(() => inner.PutIfAbsent(container, name, content, cancel), cancel);

    public Task<byte[]?> Get(string container, string name, CancellationToken cancel) =>
        faults.Read(() => inner.Get(container, name, cancel), cancel);

    public Task<bool> Delete(string container, string name, CancellationToken cancel) =>
        faults.Write(() => inner.Delete(container, name, cancel), cancel);

    public async IAsyncEnumerable<string> List(string container, string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        await faults.Read(() => Task.FromResult(true), cancel);
        var last = "";
        while (true)
        {
            var (piece, count) = (faults.Piece(), 0);
            await foreach (var name in inner.List(container, prefix, cancel))
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
