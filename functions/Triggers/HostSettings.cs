using System.Text.Json;
using ContributionIngest.Core;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// What both hosts need of <c>host.json</c> (https://learn.microsoft.com/azure/azure-functions/functions-host-json), which settings named
/// <c>AzureFunctionsJobHost__PATH</c> overrule.
/// </summary>
/// <param name="FunctionTimeout">An invocation that takes longer ends the worker, and with it every other invocation.</param>
public sealed record HostSettings(TimeSpan FunctionTimeout, QueueRules Queues)
{
    private const string File = "host.json";

    /// <summary>When an invocation is cancelled: early enough that it can end by itself before the host ends the worker.</summary>
    public TimeSpan Deadline => FunctionTimeout - TimeSpan.FromSeconds(30);

    /// <param name="folder">Where the program lies.</param>
    /// <exception cref="StartupException">The file is not there, or lacks what is needed.</exception>
    public static HostSettings Read(string folder)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
            throw new StartupException([$"{File} is missing in {folder}."]);
        using var stream = System.IO.File.OpenRead(path);
        try
        {
            var host = new ConfigurationBuilder().AddJsonStream(stream).AddEnvironmentVariables("AzureFunctionsJobHost__").Build();
            return new HostSettings(host.GetValue<TimeSpan>("functionTimeout"), host.GetRequiredSection("extensions:queues").Get<QueueRules>()!);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidDataException or InvalidOperationException)
        {
            throw new StartupException([$"{File} cannot be used: {e.Message}"]);
        }
    }
}

/// <summary>
/// Section <c>extensions.queues</c> (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#hostjson-settings).
/// At most <see cref="BatchSize"/> + <see cref="NewBatchThreshold"/> messages of a queue are handled side by side.
/// </summary>
/// <param name="VisibilityTimeout">How long a message that failed stays hidden before it is tried again.</param>
public sealed record QueueRules(int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval);
