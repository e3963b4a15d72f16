using System.Text.Json.Serialization;
using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary>The state of this installation, for its operator.</summary>
internal static class StatusApi
{
    public static void MapStatus(this IEndpointRouteBuilder api)
    {
        api.MapGet("/status", GetAsync).Needs(Scope.Operate).WithName("getStatus").Produces<StatusAnswer>();
        api.MapPost("/status/poisoned/{id}/replay", ReplayAsync).Needs(Scope.Operate).WithName("replay").Produces(202);
    }

    /// <summary>Status of this installation.</summary>
    internal static async Task<IResult> GetAsync(HttpContext context, StatusParts parts, TimeProvider clock) =>
        Results.Json(await parts.NowAsync(clock.GetUtcNow(), context.RequestAborted), OperationsJson.Default.StatusAnswer);

    /// <summary>Retry a message that failed five times.</summary>
    /// <remarks>The message is sent again unchanged, byte for byte.</remarks>
    /// <response code="202">The message is back in its queue.</response>
    internal static async Task<IResult> ReplayAsync(string id, HttpContext context, PoisonedMessages poisoned) =>
        await poisoned.ReplayAsync(id, context.RequestAborted) ? Results.Accepted() : Problems.NotFound("message");
}

/// <summary>The services that the status is read from.</summary>
internal sealed record StatusParts(
    PeopleStore People,
    RollupRebuilder Recount,
    ConnectionStore Connections,
    IQueue Queue,
    PausedHosts PausedHosts,
    PoisonedMessages Poisoned,
    DiscardedDeliveries Discarded,
    WebhookStore Hooks,
    SendAttempts Claims,
    ProcessMetrics Metrics,
    ProgrammeCatalog Programmes,
    UnmailedDigests Mail,
    StatusPageOptions Options,
    WeeklyBackup Backup,
    QuotaStatus? Units = null)
{
    public async Task<StatusAnswer> NowAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var people = await People.AllAsync(cancel);
        var health = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var counting = 0;
        DateTimeOffset? oldest = null;
        foreach (var person in people)
        {
            counting += (await Recount.StateAsync(person, cancel)).Was is null ? 0 : 1;
            foreach (var state in (await Connections.ListAsync(person, cancel)).Select(c => c.State))
            {
                var word = EnumText<Health>.Of(state.Health);
                health[word] = health.GetValueOrDefault(word) + 1;
                if (state.NextRun is { } next && (oldest is null || next < oldest))
                    oldest = next;
            }
        }

        var mail = await Mail.CountAsync(people, cancel);
        return new StatusAnswer
        {
            Version = ProductVersion.Text,
            At = now,
            People = people.Count,
            CountingAnew = counting,
            Connections = health,
            Waiting = await Queue.CountAsync(HarvestQueue.Name, cancel),
            MostOverdue = oldest < now ? now - oldest : null,
            PausedHosts = await PausedHosts.NowAsync(now, cancel),
            YouTube = Units is { } units ? await units.NowAsync(cancel) : null,
            DiscardedPushes = await Discarded.TotalAsync(cancel),
            Mail = new MailStatus(mail.IsOn, mail.Waiting, mail.Since, mail.IsOn ? null : Options.TurnOnMail),
            UnconfirmedMail = [.. (await Claims.AllAsync(cancel)).Where(c => now - c.At > SendAttempts.ConfirmationTime)],
            LastAppDelivery = await Hooks.LastOfAsync(WebhookStore.App, cancel),
            Redelivery = await Hooks.LastRedeliveryAsync(cancel),
            Poisoned = await Poisoned.NewestAsync(100, cancel),
            ProgrammeFaults = Programmes.Faults.Count > 0 ? Programmes.Faults : null,
            Backup = await Backup.StatusAsync(cancel),
            Metrics = Metrics.Now(),
        };
    }
}

/// <summary>Usage of the YouTube API key's quota.</summary>
internal sealed record QuotaStatus(SharedQuota Ledger, Quota Units)
{
    public const string YouTube = "youtube";

    public async Task<QuotaItem> NowAsync(CancellationToken cancel) => new(Units.Day, await Ledger.GrantedAsync(YouTube, Units.Day, cancel), Units.Daily);
}

/// <param name="Day">The day in the provider's time zone.</param>
/// <param name="Used">Units granted to processes; each may hold a block that it has not spent yet.</param>
internal sealed record QuotaItem(string Day, long Used, int Daily);

/// <param name="On">Whether mail can be sent.</param>
/// <param name="Waiting">Messages of queue <c>mail</c>; while no mail can be sent, digests of the last year that were made and not mailed for that reason.</param>
/// <param name="Since">When the oldest of those digests was made; absent if there is none.</param>
/// <param name="TurnOn">How mail is turned on; absent if it is.</param>
internal sealed record MailStatus(bool On, int Waiting, DateTimeOffset? Since, string? TurnOn);

internal sealed record StatusAnswer
{
    public required string Version { get; init; }

    public required DateTimeOffset At { get; init; }

    public required int People { get; init; }

    /// <summary>Number of people whose entries are being recounted after a change of zone or topics.</summary>
    public required int CountingAnew { get; init; }

    /// <summary>Number of connections by health.</summary>
    public required IReadOnlyDictionary<string, int> Connections { get; init; }

    /// <summary>Number of messages in queue <c>harvest</c>.</summary>
    public required int Waiting { get; init; }

    /// <summary>How long the most overdue connection has been due; absent if none is.</summary>
    public TimeSpan? MostOverdue { get; init; }

    public required IReadOnlyDictionary<string, DateTimeOffset> PausedHosts { get; init; }

    /// <summary>Absent if no key is set.</summary>
    public QuotaItem? YouTube { get; init; }

    /// <summary>Number of deliveries from hubs and GitHub discarded because their signature was missing or wrong.</summary>
    public required long DiscardedPushes { get; init; }

    /// <summary>The last delivery to the operator's GitHub App, to the minute; absent before the first.</summary>
    public LastDelivery? LastAppDelivery { get; init; }

    /// <summary>The last check for failed deliveries of that hook; absent before the first.</summary>
    public RedeliveryRun? Redelivery { get; init; }

    /// <summary>Mail that waits.</summary>
    public required MailStatus Mail { get; init; }

    /// <summary>Mails whose sending began but was never confirmed; they are sent again only on request.</summary>
    public required IReadOnlyList<SendAttempt> UnconfirmedMail { get; init; }

    public required IReadOnlyList<PoisonedMessage> Poisoned { get; init; }

    /// <summary>Programme files of the operator that were refused, with line and reason; absent if none was.</summary>
    public IReadOnlyList<ProgrammeFault>? ProgrammeFaults { get; init; }

    /// <summary>The weekly backup; absent if none is made.</summary>
    public WeeklyStatus? Backup { get; init; }

    /// <summary>Metrics of this process since it started; other processes of the same app have their own.</summary>
    public required IReadOnlyList<MetricItem> Metrics { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(StatusAnswer))]
internal sealed partial class OperationsJson : JsonSerializerContext;
