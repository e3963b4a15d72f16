using ContributionIngest.Core.Harvest.Hooks;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Every six hours: what the hook of the operator's GitHub App did not take is asked for again.</summary>
public sealed class RedeliverHooksFunction(Redelivery redelivery)
{
    public Task Run(FunctionCall call, CancellationToken cancel) => redelivery.Run(cancel);
}
