using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Harvest;

/// <summary>Eight bytes for each draft of the last answer: drafts that hash as before never reach the ledger.</summary>
internal sealed class SeenHashes(byte[] before)
{
    /// <summary>What one row property holds.</summary>
    private const int Most = 8 * 1024;

    private readonly HashSet<ulong> known = [.. MemoryMarshal.Cast<byte, ulong>(before)];
    private readonly List<ulong> now = [];

    /// <summary>Notes the draft and says whether it is new or changed.</summary>
    public bool IsNew(Draft draft)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(DraftHash.Of(draft)), digest);
        var hash = MemoryMarshal.Read<ulong>(digest);
        if (now.Count < Most)
            now.Add(hash);
        return !known.Contains(hash);
    }

    /// <summary>The hashes to keep: those of this run, or the old ones where nothing was read.</summary>
    public byte[] ToBytes() => now.Count == 0 ? before : MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(now)).ToArray();
}
