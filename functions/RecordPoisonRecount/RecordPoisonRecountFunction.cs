using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Recounts nobody could work off: kept where the operator sees them, and can send them again. Every night they are begun again.</summary>
public sealed class RecordPoisonRecountFunction(PoisonedMessages poisoned)
{
    public Task Run(FunctionCall call, CancellationToken cancel) => poisoned.Record(Recount.Queue, call.Message ?? string.Empty, cancel);
}
