using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>A message of queue <c>mail</c>.</summary>
/// <param name="Turn">When it is to leave; null where it has to take a turn first.</param>
/// <param name="IsTooMany">No turn is free in the time a queue hides messages.</param>
public sealed record MailMessage(string Person, string Week, DateTimeOffset? Turn = null, bool IsTooMany = false)
{
    public const string Queue = "mail";
}

/// <param name="PerHour">Mails an hour, whatever the number of processes; relays count.</param>
/// <param name="IsOn">Something sends mail here.</param>
public sealed record MailPace(int PerHour, bool IsOn);

/// <summary>
/// Mail that waits for its turn. Turns are given out one after the other from row <c>mail|turns</c> of table <c>lookups</c>, and a message becomes
/// visible at its turn, so that no process has to know of another.
/// </summary>
public sealed class MailQueue(ITable table, IQueue queue, MailPace pace, TimeProvider clock)
{
    private const int MostRivals = 50;
    private const string Partition = "mail";
    private const string Turns = "turns";

    /// <summary>A queue hides a message for seven days at most, and after that a mail would come with the next week's.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(6.5);

    /// <summary>A turn that was missed by more is given up, so that what piled up while nobody worked does not leave at once.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <returns>Whether the digest is to be mailed, and why not.</returns>
    public (MailState Mail, string? Reason) Wanted(Person person, WeekDigest digest) => (Unable(person), person, digest) switch
    {
        ({ } reason, _, _) => (MailState.None, reason),
        (_, { EffectiveDigest.SkipQuiet: true }, { IsQuiet: true }) => (MailState.None, "The week was quiet."),
        _ => (MailState.Waiting, null),
    };

    /// <summary>Why no mail can go to the person now, in a sentence; null when it can.</summary>
    public string? Unable(Person person) => person switch
    {
        { Email: null } => "There is no address to send it to.",
        { EffectiveDigest.Off: true } => "The digest is off.",
        { EffectiveDigest.Bounced: true } => "The address takes no mail.",
        _ => pace.IsOn ? null : "Nothing sends mail here.",
    };

    /// <summary>Sent at its turn.</summary>
    public async Task QueueAsync(string person, Week week, CancellationToken cancel)
    {
        var message = new MailMessage(person, week.ToString());
        var (turn, now) = await TurnAsync(cancel);
        await PutAsync(message with { Turn = turn, IsTooMany = turn is null }, (turn ?? now) - now, cancel);
    }

    /// <summary>Takes its turn when the time is over: until then it stands in nobody's way.</summary>
    public Task QueueAfterAsync(string person, Week week, TimeSpan time, CancellationToken cancel) =>
        PutAsync(new MailMessage(person, week.ToString()), time, cancel);

    /// <summary>Whether it may leave now.</summary>
    public bool IsDue(MailMessage message) => message.Turn > clock.GetUtcNow() - Late;

    private Task PutAsync(MailMessage message, TimeSpan delay, CancellationToken cancel) =>
        queue.PutAsync(MailMessage.Queue, JsonSerializer.Serialize(message, OutgoingJson.Default.MailMessage), delay, cancel);

    private Task<(DateTimeOffset? Turn, DateTimeOffset Now)> TurnAsync(CancellationToken cancel) => OptimisticRetry.RunAsync<(DateTimeOffset?, DateTimeOffset)>(
        async () =>
        {
            var now = clock.GetUtcNow();
            var row = await table.GetAsync(TableNames.Lookups, Partition, Turns, cancel);
            var free = row is null ? now : DateTimeOffset.Parse((string)row.Values["free"]!, CultureInfo.InvariantCulture);
            var turn = free > now ? free : now;
            if (turn - now > Longest)
                return new((null, now));
            var taken = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["free"] = (turn + (TimeSpan.FromHours(1) / pace.PerHour)).ToString("O", CultureInfo.InvariantCulture),
                ["who"] = Identity.Random(),
            };
            return await table.ReplaceAsync(TableNames.Lookups, new Row(Partition, Turns, taken, row?.ETag), cancel) ? new((turn, now)) : null;
        },
        MostRivals);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(MailMessage))]
public sealed partial class OutgoingJson : JsonSerializerContext;

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
