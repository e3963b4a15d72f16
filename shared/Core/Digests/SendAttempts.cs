using System.Text.Json.Serialization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>A mail that began to leave and was never confirmed.</summary>
/// <param name="Id">Of this attempt alone: whoever finds it on the digest's record has the mail to themselves.</param>
public sealed record SendAttempt(string Person, string Week, DateTimeOffset At, [property: JsonIgnore] string Id);

/// <summary>
/// Mails about to leave, in table <c>lookups</c> under <c>mail|claims</c>, written before the digest's record says so and taken away after: where
/// both agree and time has passed, the mail is unconfirmed.
/// </summary>
public sealed class SendAttempts(ITable table, DigestStore store)
{
    /// <summary>A mail that takes longer to leave is unconfirmed.</summary>
    public static readonly TimeSpan Leaving = TimeSpan.FromMinutes(15);

    private const string Partition = "mail|claims";

    public async Task AddAsync(SendAttempt attempt, CancellationToken cancel) => await table.WriteAsync(TableNames.Lookups, TableWrite.Put(Row(attempt)), cancel);

    public async Task RemoveAsync(SendAttempt attempt, CancellationToken cancel) => await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(Row(attempt)), cancel);

    /// <summary>Those that stand on their digest's record.</summary>
    public async Task<IReadOnlyList<SendAttempt>> AllAsync(CancellationToken cancel)
    {
        var all = new List<SendAttempt>();
        await foreach (var attempt in table.RangeAsync(TableNames.Lookups, Partition, "0", "~", null, cancel).Select(Read))
        {
            // A process that ended between the two left a claim to nothing.
            if (await store.GetAsync(attempt.Person, Week.Parse(attempt.Week)!.Value, cancel) is { } found && found.Record.Claim == attempt.Id)
                all.Add(attempt);
        }

        return all;
    }

    private static Row Row(SendAttempt attempt) => new(
        Partition, $"{attempt.Person}|{attempt.Week}|{attempt.Id}", new Dictionary<string, object?>(StringComparer.Ordinal) { ["at"] = attempt.At });

    private static SendAttempt Read(Row row)
    {
        var parts = row.Key.Split('|');
        return new SendAttempt(parts[0], parts[1], (DateTimeOffset)row.Values["at"]!, parts[2]);
    }
}
