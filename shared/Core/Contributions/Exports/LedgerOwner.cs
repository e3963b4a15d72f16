using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>Whose ledger is exported.</summary>
/// <param name="Name">Null if unknown.</param>
/// <param name="Zone">The zone in which the person's days are counted.</param>
public sealed record LedgerOwner(string Person, string? Name, DateTimeZone Zone)
{
    /// <summary>What a document with the ledger is called.</summary>
    public string Title => Name is null ? "Contributions" : "Contributions of " + Name;

    /// <summary>The day of an entry. Sources give a bare day as midnight UTC; in another zone that could be a different day.</summary>
    public DateOnly Day(DateTimeOffset time, DatePrecision precision) =>
        precision is DatePrecision.Day or DatePrecision.Derived && time.UtcDateTime.TimeOfDay == TimeSpan.Zero
            ? DateOnly.FromDateTime(time.UtcDateTime)
            : MonthRollup.Day(time, Zone);

    /// <summary>The same for the same name, and unlike any other ledger's: a UUID of version 8, made of a hash (RFC 9562 section 5.8).</summary>
    /// <param name="name">The id of an entry, or what else stands for something in this ledger.</param>
    public Guid Uuid(string name)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Person}\0{name}"), digest);
        digest[6] = (byte)(0x80 | (digest[6] & 0x0F));
        digest[8] = (byte)(0x80 | (digest[8] & 0x3F));
        return new Guid(digest[..16], bigEndian: true);
    }
}
