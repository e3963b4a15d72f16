using ContributionIngest.Core;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>Every minute: queues the work that is due and measures how long messages and how many mails wait.</summary>
public sealed class PlanTrigger(HarvestPlanner harvests, DigestPlanner digests, IQueue queue)
{
    [Function("Plan")]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancel)
    {
        await harvests.RunAsync(cancel);
        await digests.RunAsync(cancel);
        foreach (var name in TriggeredFunction.All.Select(function => function.Queue).OfType<string>().Where(name => !QueueLimits.IsPoison(name)))
            Telemetry.OldestMessage(name, await queue.OldestAgeAsync(name, cancel) ?? TimeSpan.Zero);
        Telemetry.MailsWaiting(await queue.CountAsync(MailMessage.Queue, cancel));
    }
}

/// <summary>Every ten minutes: renews, retries or ends the subscriptions that are due.</summary>
public sealed class RenewSubscriptionsTrigger(SubscriptionRenewal renewal)
{
    [Function("RenewPush")]
    public Task RunAsync([TimerTrigger("30 */10 * * * *")] TimerInfo timer, CancellationToken cancel) => renewal.RunAsync(cancel);
}

/// <summary>Every six hours: requests redelivery of what the webhook of the operator's GitHub App failed to accept.</summary>
public sealed class RedeliverHooksTrigger(WebhookRedelivery redelivery)
{
    [Function("RedeliverHooks")]
    public Task RunAsync([TimerTrigger("0 20 */6 * * *")] TimerInfo timer, CancellationToken cancel) => redelivery.RunAsync(cancel);
}

/// <summary>Every night: queues the deletion of what has expired, and each person's part of the maintenance.</summary>
public sealed class PruneTrigger(MaintenanceRun maintenance)
{
    [Function("Prune")]
    public Task RunAsync([TimerTrigger("0 20 3 * * *")] TimerInfo timer, CancellationToken cancel) => maintenance.StartNightAsync(cancel);
}

/// <summary>Every hour: queues a count of all entries, which the home page shows.</summary>
public sealed class CountEntriesTrigger(MaintenanceRun maintenance)
{
    [Function("CountEntries")]
    public Task RunAsync([TimerTrigger("0 40 * * * *")] TimerInfo timer, CancellationToken cancel) => maintenance.StartCountAsync(cancel);
}
