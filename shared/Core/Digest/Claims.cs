using System.Text.Json.Serialization;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Digest;

/// <summary>A mail that began to leave and was never confirmed.</summary>
/// <param name="Id">Of this attempt alone: whoever finds it on the digest's record has the mail to themselves.</param>
public sealed record Claim(string Person, string Week, DateTimeOffset At, [property: JsonIgnore] string Id);

/// <summary>
/// Mails about to leave, in table <c>lookups</c> under <c>mail|claims</c>, written before the digest's record says so and taken away after: where
/// both agree and time has passed, the mail is unconfirmed.
/// </summary>
public sealed class Claims(ITable table, DigestStore store)
{
    /// <summary>A mail that takes longer to leave is unconfirmed.</summary>
    public static readonly TimeSpan Leaving = TimeSpan.FromMinutes(15);

    private const string Partition = "mail|claims";

    public async Task Add(Claim claim, CancellationToken cancel) => await table.Write(PeopleStore.Lookups, TableWrite.Put(Row(claim)), cancel);

    public async Task Remove(Claim claim, CancellationToken cancel) => await table.Write(PeopleStore.Lookups, TableWrite.Delete(Row(claim)), cancel);

    /// <summary>Those that stand on their digest's record.</summary>
    public async Task<IReadOnlyList<Claim>> All(CancellationToken cancel)
    {
        var all = new List<Claim>();
        await foreach (var claim in table.Range(PeopleStore.Lookups, Partition, "0", "~", null, cancel).Select(Read))
        {
            // A process that ended between the two left a claim to nothing.
            if (await store.Get(claim.Person, Week.Parse(claim.Week)!.Value, cancel) is { } found && found.Record.Claim == claim.Id)
                all.Add(claim);
        }

        return all;
    }

    private static Row Row(Claim claim) => new(
        Partition, $"{claim.Person}|{claim.Week}|{claim.Id}", new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = claim.At });

    private static Claim Read(Row row)
    {
        var parts = row.Key.Split('|');
        return new Claim(parts[0], parts[1], (DateTimeOffset)row.Values["at"]!, parts[2]);
    }
}
