using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>One harvest of one connection for each message: the place is read, or what it pushed.</summary>
public sealed class HarvestTrigger(Harvester harvester, DeliveryRun pushed)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    [Function("RunHarvest")]
    public Task RunAsync([QueueTrigger(HarvestQueue.Name)] string message, CancellationToken cancel)
    {
        var harvest = QueueMessages.Read(message, HarvestMessageJson.Default.HarvestMessage);
        return harvest.Pushed is { } push ? pushed.RunAsync(harvest, push, cancel) : harvester.RunAsync(harvest, cancel);
    }
}

/// <summary>One person's entries are counted anew for each message, until they are counted in the zone the person lives in.</summary>
public sealed class RebuildRollupsTrigger(PeopleStore people, RollupRebuilder rebuilder)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    [Function("RecountLedger")]
    public async Task RunAsync([QueueTrigger(RollupRebuilder.Queue)] string message, CancellationToken cancel)
    {
        var asked = QueueMessages.Read(message, RollupJson.Default.RollupRebuildMessage);
        await rebuilder.FinishAsync(asked.Person, cancel);

        // Of two changes at once the counts may have begun with the later and ended with the earlier.
        if (await people.GetAsync(asked.Person, cancel) is { } person)
            await rebuilder.SetZoneAsync(person.Id, person.Zone, cancel);
    }
}

/// <summary>One person's week for each message.</summary>
public sealed class DigestTrigger(DigestRun digests)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    [Function("SendDigest")]
    public Task RunAsync([QueueTrigger(DigestMessage.Queue)] string message, CancellationToken cancel) =>
        digests.RunAsync(QueueMessages.Read(message, DigestJson.Default.DigestMessage), cancel);
}

/// <summary>One mail for each message.</summary>
public sealed class MailTrigger(DigestMailer mailer)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    [Function("SendMail")]
    public Task RunAsync([QueueTrigger(MailMessage.Queue)] string message, CancellationToken cancel) =>
        mailer.RunAsync(QueueMessages.Read(message, OutgoingJson.Default.MailMessage), cancel);
}

internal static class QueueMessages
{
    /// <exception cref="JsonException">It is no message of this kind.</exception>
    public static T Read<T>(string message, JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(message, type) ?? throw new JsonException("The message is empty.");
}

/// <summary>Messages that failed at every attempt: kept where people see them, and can send them again.</summary>
public sealed class PoisonTriggers(PoisonedMessages poisoned, DigestPlanner planner)
{
    [Function("RecordPoison")]
    public Task RecordHarvestAsync([QueueTrigger(HarvestQueue.Name + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        poisoned.RecordAsync(HarvestQueue.Name, message, cancel);

    [Function("RecordPoisonRecount")]
    public Task RecordRecountAsync([QueueTrigger(RollupRebuilder.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        poisoned.RecordAsync(RollupRebuilder.Queue, message, cancel);

    [Function("RecordPoisonMail")]
    public Task RecordMailAsync([QueueTrigger(MailMessage.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        poisoned.RecordAsync(MailMessage.Queue, message, cancel);

    /// <summary>The digest is tried again tomorrow.</summary>
    [Function("RecordPoisonDigest")]
    public async Task RecordDigestAsync([QueueTrigger(DigestMessage.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel)
    {
        await poisoned.RecordAsync(DigestMessage.Queue, message, cancel);
        if (DigestJson.Default.DigestMessage.ReadOrNull(message) is { Person: not null } digest)
            await planner.PostponeAsync(digest, cancel);
    }
}
