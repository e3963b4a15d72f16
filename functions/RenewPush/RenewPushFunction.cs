using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Every ten minutes: subscriptions that are due are renewed, asked for again, or ended.</summary>
public sealed class RenewPushFunction(Renewal renewal)
{
    public Task Run(FunctionCall call, CancellationToken cancel) => renewal.Run(cancel);
}
