using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>Runs one harvest of one connection per message: reads the source, or processes what the source pushed.</summary>
public sealed class HarvestTrigger(Harvester harvester, DeliveryRun pushed)
{
    /// <exception cref="JsonException">The message is malformed; it ends up in the poison queue.</exception>
    [Function("RunHarvest")]
    public Task RunAsync([QueueTrigger(HarvestQueue.Name)] string message, CancellationToken cancel)
    {
        var harvest = QueueMessages.Read(message, HarvestMessageJson.Default.HarvestMessage);
        return harvest.Pushed is { } push ? pushed.RunAsync(harvest, push, cancel) : harvester.RunAsync(harvest, cancel);
    }
}

/// <summary>Rebuilds one person's rollups per message, until they are in the person's current time zone.</summary>
public sealed class RebuildRollupsTrigger(PeopleStore people, RollupRebuilder rebuilder)
{
    /// <exception cref="JsonException">The message is malformed; it ends up in the poison queue.</exception>
    [Function("RecountLedger")]
    public async Task RunAsync([QueueTrigger(RollupRebuilder.Queue)] string message, CancellationToken cancel)
    {
        var request = QueueMessages.Read(message, RollupJson.Default.RollupRebuildMessage);
        await rebuilder.FinishAsync(request.Person, cancel);

        // With two concurrent zone changes, the rebuild may have started with the later zone and ended with the earlier one.
        if (await people.GetAsync(request.Person, cancel) is { } person)
            await rebuilder.SetZoneAsync(person.Id, person.Zone, cancel);
    }
}

/// <summary>Makes one person's weekly digest per message.</summary>
public sealed class DigestTrigger(DigestRun digests)
{
    /// <exception cref="JsonException">The message is malformed; it ends up in the poison queue.</exception>
    [Function("SendDigest")]
    public Task RunAsync([QueueTrigger(DigestMessage.Queue)] string message, CancellationToken cancel) =>
        digests.RunAsync(QueueMessages.Read(message, DigestJson.Default.DigestMessage), cancel);
}

/// <summary>Sends one mail per message.</summary>
public sealed class MailTrigger(DigestMailer digests, SignInMailer signIns)
{
    /// <exception cref="JsonException">The message is malformed; it ends up in the poison queue.</exception>
    [Function("SendMail")]
    public Task RunAsync([QueueTrigger(MailMessage.Queue)] string message, CancellationToken cancel) =>
        QueueMessages.Read(message, OutgoingJson.Default.MailMessage) is { SignIn: { } request } ? signIns.RunAsync(request, cancel)
            : digests.RunAsync(QueueMessages.Read(message, OutgoingJson.Default.MailMessage), cancel);
}

/// <summary>Does one slice of the maintenance per message.</summary>
public sealed class MaintenanceTrigger(MaintenanceRun maintenance)
{
    /// <exception cref="JsonException">The message is malformed; it ends up in the poison queue.</exception>
    [Function("RunMaintenance")]
    public Task RunAsync([QueueTrigger(MaintenanceMessage.Queue)] string message, CancellationToken cancel) =>
        maintenance.RunAsync(QueueMessages.Read(message, MaintenanceJson.Default.MaintenanceMessage), cancel);
}

internal static class QueueMessages
{
    /// <exception cref="JsonException">It is not a message of this type.</exception>
    public static T Read<T>(string message, JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(message, type) ?? throw new JsonException("The message is empty.");
}

/// <summary>Records messages that failed on every attempt, so that an operator can see and resend them. One about somebody whose account is deleted just ends.</summary>
public sealed class PoisonTriggers(PoisonedMessages poisoned, DigestPlanner planner, AccountDeletion deletion)
{
    [Function("RecordPoison")]
    public Task RecordHarvestAsync([QueueTrigger(HarvestQueue.Name + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        RecordAsync(HarvestQueue.Name, message, cancel);

    [Function("RecordPoisonRecount")]
    public Task RecordRecountAsync([QueueTrigger(RollupRebuilder.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        RecordAsync(RollupRebuilder.Queue, message, cancel);

    [Function("RecordPoisonMaintenance")]
    public Task RecordMaintenanceAsync([QueueTrigger(MaintenanceMessage.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        RecordAsync(MaintenanceMessage.Queue, message, cancel);

    [Function("RecordPoisonMail")]
    public Task RecordMailAsync([QueueTrigger(MailMessage.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        RecordAsync(MailMessage.Queue, message, cancel);

    /// <summary>Also postpones the digest until tomorrow.</summary>
    [Function("RecordPoisonDigest")]
    public async Task RecordDigestAsync([QueueTrigger(DigestMessage.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel)
    {
        if (await RecordAsync(DigestMessage.Queue, message, cancel) && DigestJson.Default.DigestMessage.ReadOrNull(message) is { Person: not null } digest)
            await planner.PostponeAsync(digest, cancel);
    }

    private async Task<bool> RecordAsync(string queue, string message, CancellationToken cancel)
    {
        if (await deletion.IsAboutNobodyAsync(message, cancel))
            return false;
        await poisoned.RecordAsync(queue, message, cancel);
        return true;
    }
}
