using System.Text.Json;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;

namespace ContributionIngest.Tests.Support.FunctionsHost;

/// <summary>A function as the worker described it.</summary>
/// <param name="Trigger">The parameter that the trigger fills.</param>
/// <param name="Type"><c>timerTrigger</c>, <c>queueTrigger</c> or <c>httpTrigger</c>.</param>
public sealed record HostedFunction(string Id, string Name, string Trigger, string Type, string? Schedule, string? Queue, string? Route, string? AuthLevel)
{
    internal static HostedFunction Read(RpcFunctionMetadata metadata)
    {
        var bindings = metadata.RawBindings.Select(text => JsonDocument.Parse(text).RootElement).ToList();
        var trigger = bindings.Single(binding => Text(binding, "type")!.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase));
        return new(
            metadata.FunctionId,
            metadata.Name,
            Text(trigger, "name")!,
            Text(trigger, "type")!,
            Text(trigger, "schedule"),
            Text(trigger, "queueName"),
            Text(trigger, "route"),
            Text(trigger, "authLevel"));
    }

    private static string? Text(JsonElement binding, string name) => binding.TryGetProperty(name, out var value) ? value.ToString() : null;
}
