using System.Text.Json;
using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Ports;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>Messages that failed at every attempt: kept where people see them, and can send them again.</summary>
public sealed class PoisonQueues(PoisonedMessages poisoned, DigestPlanner planner)
{
    [Function("RecordPoison")]
    public Task RecordHarvestAsync([QueueTrigger(HarvestMessage.Queue + QueueLimits.PoisonSuffix)] string message, CancellationToken cancel) =>
        poisoned.RecordAsync(HarvestMessage.Queue, message, cancel);

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
            await planner.RestAsync(digest, cancel);
    }
}
