using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Digest;

/// <summary>A message of queue <c>mail</c>.</summary>
public sealed record MailMessage(string Person, string Week)
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
public sealed class Outgoing(ITable table, IQueue queue, MailPace pace, TimeProvider clock)
{
    private const string Partition = "mail";
    private const string Turns = "turns";

    /// <summary>A queue hides a message for seven days at most.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(6.5);

    /// <returns>Whether the digest is to be mailed, and why not.</returns>
    public (MailState Mail, string? Reason) Wanted(Person person, WeekDigest digest) => (person, digest) switch
    {
        ({ Email: null }, _) => (MailState.None, "There is no address to send it to."),
        ({ Wish.Bounced: true }, _) => (MailState.None, "The address takes no mail."),
        ({ Wish.SkipQuiet: true }, { IsQuiet: true }) => (MailState.None, "The week was quiet."),
        _ when !pace.IsOn => (MailState.None, "Nothing sends mail here."),
        _ => (MailState.Waiting, null),
    };

    /// <summary>Sent at its turn, and not before so long.</summary>
    public async Task Queue(string person, Week week, CancellationToken cancel, TimeSpan after = default)
    {
        var delay = await Turn(after, cancel);
        var message = new MailMessage(person, week.ToString());
        await queue.Put(MailMessage.Queue, JsonSerializer.Serialize(message, OutgoingJson.Default.MailMessage), delay, cancel);
    }

    private async Task<TimeSpan> Turn(TimeSpan after, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var now = clock.GetUtcNow();
            var row = await table.Get(PeopleStore.Lookups, Partition, Turns, cancel);
            var free = row is null ? now : DateTimeOffset.Parse((string)row.Values["free"]!, CultureInfo.InvariantCulture);
            var turn = free > now + after ? free : now + after;
            turn = turn < now + Longest ? turn : now + Longest;
            var taken = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                // A mail that has to wait anyway takes no turn from the others.
                ["free"] = (after > TimeSpan.Zero ? free : turn + (TimeSpan.FromHours(1) / pace.PerHour)).ToString("O", CultureInfo.InvariantCulture),
                ["who"] = Identity.Random(),
            };
            var next = new Row(Partition, Turns, taken, row?.ETag);
            var write = await table.Write(PeopleStore.Lookups, row is null ? TableWrite.Insert(next) : TableWrite.Replace(next), cancel);
            if (write.Outcome == WriteOutcome.Done)
                return turn - now;
        }

        throw new LedgerBusyException();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MailMessage))]
public sealed partial class OutgoingJson : JsonSerializerContext;
