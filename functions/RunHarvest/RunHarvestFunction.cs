using System.Text.Json;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>One harvest of one connection for each message of queue <c>harvest</c>: the place is read, or what it pushed.</summary>
public sealed class RunHarvestFunction(Harvester harvester, PushedRun pushed)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    public Task Run(FunctionCall call, CancellationToken cancel)
    {
        var message = JsonSerializer.Deserialize(call.Message ?? "null", HarvestJson.Default.HarvestMessage) ?? throw new JsonException("The message is empty.");
        return message.Pushed is { } push ? pushed.Run(message, push, cancel) : harvester.Run(message, cancel);
    }
}
