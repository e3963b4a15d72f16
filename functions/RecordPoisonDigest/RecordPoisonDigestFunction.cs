using System.Text.Json;
using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Digests nobody could make: kept where people see them, and tried again tomorrow.</summary>
public sealed class RecordPoisonDigestFunction(PoisonedMessages poisoned, DigestPlanner planner)
{
    public async Task Run(FunctionCall call, CancellationToken cancel)
    {
        var body = call.Message ?? string.Empty;
        await poisoned.Record(DigestMessage.Queue, body, cancel);
        if (Message(body) is { Person: not null } message)
            await planner.Rest(message, cancel);
    }

    private static DigestMessage? Message(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, DigestJson.Default.DigestMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
