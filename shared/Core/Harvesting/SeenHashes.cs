using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// Eight bytes for each draft of the last answer: drafts that hash as before never reach the ledger. A draft counts as seen from
/// <see cref="Note"/> on, which is called once its entry is durable.
/// </summary>
internal sealed class SeenHashes(byte[] before)
{
    /// <summary>What one row property holds.</summary>
    private const int Most = 8 * 1024;

    private readonly HashSet<ulong> known = [.. MemoryMarshal.Cast<byte, ulong>(before)];
    private readonly List<ulong> now = [];

    public bool IsNew(Draft draft) => !known.Contains(Hash(draft));

    public void Note(IEnumerable<Draft> drafts) => now.AddRange(drafts.Take(Most - now.Count).Select(Hash));

    /// <summary>The hashes to keep: those of this run, or the old ones where nothing was read.</summary>
    public byte[] ToBytes() => now.Count == 0 ? before : MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(now)).ToArray();

    private static ulong Hash(Draft draft)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(DraftHash.Of(draft)), digest);
        return MemoryMarshal.Read<ulong>(digest);
    }
}
