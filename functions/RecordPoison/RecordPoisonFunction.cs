using ContributionIngest.Core.Harvest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Messages nobody could work off: kept where people see them, and can send them again.</summary>
public sealed class RecordPoisonFunction(PoisonedMessages poisoned)
{
    public Task Run(FunctionCall call, CancellationToken cancel) =>
        poisoned.Record(HarvestMessage.Queue, call.Message ?? string.Empty, cancel);
}
