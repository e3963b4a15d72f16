using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Digest;

/// <summary>A mail that began to leave and was never confirmed.</summary>
public sealed record Claim(string Person, string Week, DateTimeOffset At);

/// <summary>Mails about to leave, in table <c>lookups</c> under <c>mail|claims</c>: what stays there is unconfirmed.</summary>
public sealed class Claims(ITable table)
{
    /// <summary>A mail that takes longer to leave is unconfirmed.</summary>
    public static readonly TimeSpan Leaving = TimeSpan.FromMinutes(15);

    private const string Partition = "mail|claims";

    public async Task Add(Claim claim, CancellationToken cancel) => await table.Write(PeopleStore.Lookups, TableWrite.Put(Row(claim)), cancel);

    public async Task Remove(Claim claim, CancellationToken cancel) => await table.Write(PeopleStore.Lookups, TableWrite.Delete(Row(claim)), cancel);

    /// <summary>At most 1,000.</summary>
    public async Task<IReadOnlyList<Claim>> All(CancellationToken cancel)
    {
        var page = await table.Range(PeopleStore.Lookups, Partition, "0", "~", 1000, null, cancel);
        return [.. page.Rows.Select(Read)];
    }

    private static Row Row(Claim claim) => new(
        Partition, $"{claim.Person}|{claim.Week}", new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = claim.At });

    private static Claim Read(Row row)
    {
        var parts = row.Key.Split('|');
        return new Claim(parts[0], parts[1], (DateTimeOffset)row.Values["at"]!);
    }
}
