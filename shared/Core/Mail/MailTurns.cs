using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Mail;

/// <summary>A message of queue <c>mail</c>: a digest, or a sign-in link if <see cref="SignIn"/> is set.</summary>
/// <param name="Turn">When it is to be sent; null if it has no turn yet.</param>
/// <param name="IsTooMany">No turn is free within the longest time a queue can delay a message.</param>
public sealed record MailMessage(string? Person, string? Week, DateTimeOffset? Turn = null, bool IsTooMany = false)
{
    public const string Queue = "mail";

    public SignInRequest? SignIn { get; init; }
}

/// <summary>Somebody asked for a sign-in link. Whether the address is known here is found out when the mail is sent, so that asking does not tell.</summary>
/// <param name="Id">Becomes the link's id: a message that is delivered twice makes one link and one mail.</param>
/// <param name="Browser">Hash of what the browser that asked holds; null if any browser may use the link.</param>
/// <param name="Return">The path to go on to.</param>
/// <param name="Person">Whose address it is to become; null to sign in with it.</param>
public sealed record SignInRequest(string Id, string Address, string? Browser, string? Return, DateTimeOffset At, string? Locale, int Attempts = 0, string? Person = null)
{
    /// <summary>Until when the link of an invitation works; null for other links, which work for minutes.</summary>
    public DateTimeOffset? InvitedUntil { get; init; }

    /// <summary>The name of who is invited.</summary>
    public string? Name { get; init; }
}

/// <param name="PerHour">Mails per hour over all processes; relays enforce such limits.</param>
/// <param name="IsOn">Whether mail can be sent.</param>
public sealed record MailPace(int PerHour, bool IsOn);

/// <summary>
/// Assigns turns to mails, one after the other, from row <c>mail|turns</c> of table <c>lookups</c>. A message becomes visible at its turn, so
/// processes need no other coordination.
/// </summary>
public sealed class MailTurns(ITable table, IQueue queue, MailPace pace, TimeProvider clock)
{
    private const string Partition = "mail";
    private const string Turns = "turns";

    /// <summary>A queue delays a message for at most seven days; any later, and the mail would arrive together with the next week's.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(6.5);

    /// <summary>Whether mail can be sent.</summary>
    public bool IsOn => pace.IsOn;

    /// <summary>The next free turn; null if none is free for days.</summary>
    public Task<(DateTimeOffset? Turn, DateTimeOffset Now)> TakeAsync(CancellationToken cancel) => MoveAsync(free => free, cancel);

    /// <summary>A turn at once, before all mails that wait. Mails that get their turns later keep the pace.</summary>
    public Task TakeFirstAsync(CancellationToken cancel) => MoveAsync(_ => DateTimeOffset.MinValue, cancel);

    public Task PutAsync(MailMessage message, TimeSpan delay, CancellationToken cancel) =>
        queue.PutAsync(MailMessage.Queue, JsonSerializer.Serialize(message, OutgoingJson.Default.MailMessage), delay, cancel);

    /// <param name="wanted">Given the next free turn, the turn to take.</param>
    private Task<(DateTimeOffset? Turn, DateTimeOffset Now)> MoveAsync(Func<DateTimeOffset, DateTimeOffset> wanted, CancellationToken cancel) => OptimisticRetry.RunAsync<(DateTimeOffset?, DateTimeOffset)>(
        async () =>
        {
            var now = clock.GetUtcNow();
            var row = await table.GetAsync(TableNames.Lookups, Partition, Turns, cancel);
            var free = row is null ? now : DateTimeOffset.Parse((string)row.Values["free"]!, CultureInfo.InvariantCulture);
            if (free < now)
                free = now;
            var turn = wanted(free) > now ? wanted(free) : now;
            if (turn - now > MaxDelay)
                return new((null, now));
            var taken = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["free"] = (free + (TimeSpan.FromHours(1) / pace.PerHour)).ToString("O", CultureInfo.InvariantCulture),
                ["who"] = Identity.Random(),
            };
            return await table.ReplaceAsync(TableNames.Lookups, new Row(Partition, Turns, taken, row?.ETag), cancel) ? new((turn, now)) : null;
        },
        clock,
        cancel);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(MailMessage))]
public sealed partial class OutgoingJson : JsonSerializerContext;
