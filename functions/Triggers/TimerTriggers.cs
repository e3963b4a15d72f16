using ContributionIngest.Core;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>Every minute: queues the work that is due and measures the age of the oldest message in each queue.</summary>
public sealed class PlanTrigger(HarvestPlanner harvests, DigestPlanner digests, IQueue queue)
{
    [Function("Plan")]
    public async Task RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancel)
    {
        await harvests.RunAsync(cancel);
        await digests.RunAsync(cancel);
        foreach (var name in TriggeredFunction.All.Select(function => function.Queue).OfType<string>().Where(name => !QueueLimits.IsPoison(name)))
            Telemetry.OldestMessage(name, await queue.OldestAgeAsync(name, cancel) ?? TimeSpan.Zero);
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

/// <summary>Every night: deletes expired raw responses, deliveries and reports, resumes time zone changes, publishes what was logged by hand and has begun, and repairs
/// digest schedules.</summary>
public sealed class PruneTrigger(
    RetentionOptions retention, PeopleStore people, RollupRebuilder rebuilder, HarvestStore store, RawAnswers raw, PushBodyStore pushed, PoisonedMessages poisoned, LedgerEditor editor, DigestMaintenance digests)
{
    [Function("Prune")]
    public async Task RunAsync([TimerTrigger("0 20 3 * * *")] TimerInfo timer, CancellationToken cancel)
    {
        await raw.PruneAsync(retention.Days, cancel);
        await pushed.PruneAsync(cancel);
        await poisoned.PruneAsync(retention.Days, cancel);
        foreach (var person in await people.AllAsync(cancel))
        {
            if (await people.GetAsync(person, cancel) is { } known)
            {
                // Restarts a time zone change that was never completed.
                await rebuilder.SetZoneAsync(known.Id, known.Zone, cancel);
                await editor.PublishStartedAsync(known.Id, cancel);
                await digests.RunAsync(known, cancel);
            }

            foreach (var connected in await store.Connections.ListAsync(person, cancel))
                await store.Reports.PruneAsync(person, connected.Connection.Id, HarvestReports.Kept, cancel);
        }
    }
}
