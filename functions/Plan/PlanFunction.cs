using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Every minute: what is due becomes messages.</summary>
public sealed class PlanFunction(Planner harvests, DigestPlanner digests)
{
    public async Task Run(FunctionCall call, CancellationToken cancel)
    {
        await harvests.Run(cancel);
        await digests.Run(cancel);
    }
}
