using System.Text.Json.Serialization;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>Queues the mails of digests for their turns.</summary>
public sealed class MailQueue(MailTurns turns, TimeProvider clock)
{
    /// <summary>A turn missed by more than this is given up, so that a backlog from an outage is not sent all at once.</summary>
    private static readonly TimeSpan MaxLateness = TimeSpan.FromMinutes(5);

    /// <summary>Why a digest was not mailed where no mail can be sent; part of its record.</summary>
    internal const string NoMail = "Nothing sends mail here.";

    /// <returns>Whether the digest is to be mailed, and if not, why.</returns>
    public (MailState Mail, string? Reason) InitialState(Person person, WeekDigest digest) => (BlockedReason(person), person, digest) switch
    {
        ({ } reason, _, _) => (MailState.None, reason),
        (_, { EffectiveDigest.SkipQuiet: true }, { IsQuiet: true }) => (MailState.None, "The week was quiet."),
        _ => (MailState.Waiting, null),
    };

    /// <summary>Why no mail can be sent to the person now, in a sentence; null if it can.</summary>
    public string? BlockedReason(Person person) => person switch
    {
        { Email: null } => "There is no address to send it to.",
        { EffectiveDigest.Off: true } => "The digest is off.",
        { EffectiveDigest.Bounced: true } => "The address does not accept mail.",
        _ => turns.IsOn ? null : NoMail,
    };

    /// <summary>Queues the mail with a turn.</summary>
    public async Task QueueAsync(string person, Week week, CancellationToken cancel)
    {
        var message = new MailMessage(person, week.ToString());
        var (turn, now) = await turns.TakeAsync(cancel);
        await turns.PutAsync(message with { Turn = turn, IsTooMany = turn is null }, (turn ?? now) - now, cancel);
    }

    /// <summary>Queues the mail to take its turn after a delay; until then it blocks no other mail.</summary>
    public Task QueueAfterAsync(string person, Week week, TimeSpan delay, CancellationToken cancel) =>
        turns.PutAsync(new MailMessage(person, week.ToString()), delay, cancel);

    /// <summary>Whether the mail may be sent now.</summary>
    public bool IsDue(MailMessage message) => message.Turn > clock.GetUtcNow() - MaxLateness;
}

/// <summary>An attempt to send a mail that has not been confirmed.</summary>
/// <param name="Id">Unique to this attempt: only the attempt named in the digest's record may send the mail.</param>
public sealed record SendAttempt(string Person, string Week, DateTimeOffset At, [property: JsonIgnore] string Id);

/// <summary>
/// Mails being sent, in table <c>lookups</c> under <c>mail|claims</c>. A row is written before the digest's record is claimed and removed afterwards.
/// If both still match after <see cref="ConfirmationTime"/>, the mail is unconfirmed.
/// </summary>
public sealed class SendAttempts(ITable table, DigestStore store)
{
    /// <summary>A mail that takes longer to send is unconfirmed.</summary>
    public static readonly TimeSpan ConfirmationTime = TimeSpan.FromMinutes(15);

    private const string Partition = "mail|claims";

    public async Task AddAsync(SendAttempt attempt, CancellationToken cancel) => await table.WriteAsync(TableNames.Lookups, TableWrite.Put(Row(attempt)), cancel);

    public async Task RemoveAsync(SendAttempt attempt, CancellationToken cancel) => await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(Row(attempt)), cancel);

    /// <summary>The attempts that their digest's record still names.</summary>
    public async Task<IReadOnlyList<SendAttempt>> AllAsync(CancellationToken cancel)
    {
        var all = new List<SendAttempt>();
        await foreach (var attempt in table.RangeAsync(TableNames.Lookups, Partition, "0", "~", null, cancel).Select(Read))
        {
            // A process that died between the two writes left a row that no record refers to.
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
