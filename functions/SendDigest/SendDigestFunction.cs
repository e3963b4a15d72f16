using System.Text.Json;
using ContributionIngest.Core.Digest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>One person's week for each message of queue <c>digest</c>.</summary>
public sealed class SendDigestFunction(DigestRun digests)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    public Task Run(FunctionCall call, CancellationToken cancel) => digests.Run(
        JsonSerializer.Deserialize(call.Message ?? "null", DigestJson.Default.DigestMessage) ?? throw new JsonException("The message is empty."), cancel);
}
