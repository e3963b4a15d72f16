using System.Text.Json;
using ContributionIngest.Core.Digest;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>One mail for each message of queue <c>mail</c>.</summary>
public sealed class SendMailFunction(Postman postman)
{
    /// <exception cref="JsonException">The message is none of ours; it ends among the poisoned ones.</exception>
    public Task Run(FunctionCall call, CancellationToken cancel) => postman.Run(
        JsonSerializer.Deserialize(call.Message ?? "null", OutgoingJson.Default.MailMessage) ?? throw new JsonException("The message is empty."), cancel);
}
