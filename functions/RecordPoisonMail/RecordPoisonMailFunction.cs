using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Mails nobody could get off: kept where people see them, and can send them again.</summary>
public sealed class RecordPoisonMailFunction(PoisonedMessages poisoned)
{
    public Task Run(FunctionCall call, CancellationToken cancel) => poisoned.Record(MailMessage.Queue, call.Message ?? string.Empty, cancel);
}
