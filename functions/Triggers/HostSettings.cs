using System.Text.Json;
using ContributionIngest.Core;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// The parts of <c>host.json</c> that both hosts need (https://learn.microsoft.com/azure/azure-functions/functions-host-json).
/// Settings named <c>AzureFunctionsJobHost__PATH</c> override the file.
/// </summary>
/// <param name="FunctionTimeout">An invocation that takes longer terminates the worker and every other invocation in it.</param>
public sealed record HostSettings(TimeSpan FunctionTimeout, QueueRules Queues)
{
    private const string File = "host.json";

    /// <summary>When an invocation is cancelled: early enough for it to finish before the host terminates the worker.</summary>
    public TimeSpan Deadline => FunctionTimeout - TimeSpan.FromSeconds(30);

    /// <param name="folder">The folder of the program.</param>
    /// <exception cref="StartupException">The file is missing or incomplete.</exception>
    public static HostSettings Read(string folder)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
            throw new StartupException([$"{File} is missing in {folder}. Publish or unpack the program again."]);
        using var stream = System.IO.File.OpenRead(path);
        try
        {
            var host = new ConfigurationBuilder().AddJsonStream(stream).AddEnvironmentVariables("AzureFunctionsJobHost__").Build();
            return new HostSettings(host.GetValue<TimeSpan>("functionTimeout"), host.GetRequiredSection("extensions:queues").Get<QueueRules>()!);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidDataException or InvalidOperationException)
        {
            throw new StartupException([$"'{path}' cannot be used: it must be JSON with functionTimeout and extensions.queues, as the program was published with."]);
        }
    }
}

/// <summary>
/// Section <c>extensions.queues</c> (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#hostjson-settings).
/// At most <see cref="BatchSize"/> + <see cref="NewBatchThreshold"/> messages of a queue are handled concurrently.
/// </summary>
/// <param name="VisibilityTimeout">How long a failed message stays hidden before it is retried.</param>
public sealed record QueueRules(int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval);
