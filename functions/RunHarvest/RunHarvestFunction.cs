using System.Text.Json;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>One harvest of one connection for each message of queue <c>harvest</c>.</summary>
public sealed class RunHarvestFunction(Harvester harvester)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    public Task Run(FunctionCall call, CancellationToken cancel) => harvester.Run(
        JsonSerializer.Deserialize(call.Message ?? "null", HarvestJson.Default.HarvestMessage) ?? throw new JsonException("The message is empty."),
        cancel);
}
