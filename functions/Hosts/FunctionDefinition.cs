using NCrontab;

namespace ContributionIngest.Functions.Hosts;

/// <summary>What one <c>function.json</c> says; exactly one of the three triggers is there.</summary>
public sealed record FunctionDefinition(string Name, TimerTrigger? Timer = null, QueueTrigger? Queue = null, HttpTrigger? Http = null);

/// <param name="Schedule">Six fields, seconds first, UTC.</param>
public sealed record TimerTrigger(string Text, CrontabSchedule Schedule);

public sealed record QueueTrigger(string Queue)
{
    /// <summary>The host keeps no poison queue for a poison queue: a message that fails there stays hidden and is tried again.</summary>
    public bool IsPoison => Queue.EndsWith("-poison", StringComparison.Ordinal);
}

/// <param name="Methods">Empty for all.</param>
/// <param name="AuthLevel">anonymous, function or admin.</param>
public sealed record HttpTrigger(string Route, IReadOnlyList<string> Methods, string AuthLevel);

/// <summary>What both doors need of <c>host.json</c>.</summary>
public sealed record HostDefinition(TimeSpan FunctionTimeout, string RoutePrefix, QueueRules Queues)
{
    /// <summary>When a call is cancelled: early enough that it can end by itself before the host kills the process.</summary>
    public TimeSpan Deadline => FunctionTimeout - TimeSpan.FromSeconds(30);
}

/// <summary>
/// Section <c>extensions.queues</c> (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#hostjson-settings).
/// At most <see cref="BatchSize"/> + <see cref="NewBatchThreshold"/> messages of a queue are handled side by side.
/// </summary>
/// <param name="VisibilityTimeout">How long a message that failed stays hidden before it is tried again.</param>
public sealed record QueueRules(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval);
