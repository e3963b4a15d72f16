using ContributionIngest.Core.Diagnostics;
using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Harvest.Hooks;
using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.Ports;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>Every minute: what is due becomes messages, and how long the oldest messages have been waiting is measured.</summary>
public sealed class PlanTimer(Planner harvests, DigestPlanner digests, IQueue queue)
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

/// <summary>Every ten minutes: subscriptions that are due are renewed, asked for again, or ended.</summary>
public sealed class RenewSubscriptionsTimer(Renewal renewal)
{
    [Function("RenewPush")]
    public Task RunAsync([TimerTrigger("30 */10 * * * *")] TimerInfo timer, CancellationToken cancel) => renewal.RunAsync(cancel);
}

/// <summary>Every six hours: what the hook of the operator's GitHub App did not take is asked for again.</summary>
public sealed class RedeliverHooksTimer(Redelivery redelivery)
{
    [Function("RedeliverHooks")]
    public Task RunAsync([TimerTrigger("0 20 */6 * * *")] TimerInfo timer, CancellationToken cancel) => redelivery.RunAsync(cancel);
}
