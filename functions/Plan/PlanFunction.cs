using ContributionIngest.Core.Harvest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Every minute: what is due becomes messages.</summary>
public sealed class PlanFunction(Planner planner)
{
    public Task Run(FunctionCall call, CancellationToken cancel) => planner.Run(cancel);
}
