using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using NCrontab;

namespace ContributionIngest.Functions.Triggers;

/// <summary>A function that a timer or a queue starts, as the attributes of its method say: schedules and queues are written nowhere else.</summary>
/// <param name="Schedule">Six fields, seconds first, UTC; null for the function of a queue.</param>
/// <param name="Queue">Null for the function of a timer.</param>
/// <param name="RunAsync">
/// The method itself, called with the services its class needs and the text of the message (null for a timer). Returning means done; throwing means
/// failed: a message is then delivered again and ends in the poison queue, a timer waits for its next tick.
/// </param>
public sealed record TriggeredFunction(
    string Name, CrontabSchedule? Schedule, string? Queue, Func<IServiceProvider, string?, CancellationToken, Task> RunAsync)
{
    private static readonly CrontabSchedule.ParseOptions SixFields = new() { IncludingSeconds = true };

    private static readonly Lazy<IReadOnlyList<TriggeredFunction>> Found = new(() =>
        [.. typeof(TriggeredFunction).Assembly.GetExportedTypes()
            .Where(type => type.Namespace == typeof(TriggeredFunction).Namespace)
            .SelectMany(type => type.GetMethods())
            .Select(Read)
            .OfType<TriggeredFunction>()
            .OrderBy(function => function.Name, StringComparer.Ordinal)]);

    public static IReadOnlyList<TriggeredFunction> All => Found.Value;

    /// <exception cref="InvalidOperationException">There is no such function.</exception>
    public static TriggeredFunction Named(string name) => All.First(function => function.Name == name);

    private static TriggeredFunction? Read(MethodInfo method)
    {
        if (method.GetCustomAttribute<FunctionAttribute>() is not { } function)
            return null;
        var triggers = method.GetParameters().SelectMany(parameter => parameter.GetCustomAttributes()).ToList();
        var timer = triggers.OfType<TimerTriggerAttribute>().SingleOrDefault();
        var queue = triggers.OfType<QueueTriggerAttribute>().SingleOrDefault();
        return timer is null && queue is null
            ? null
            : new(function.Name, timer is null ? null : CrontabSchedule.Parse(timer.Schedule, SixFields), queue?.QueueName, Code(method));
    }

    private static Func<IServiceProvider, string?, CancellationToken, Task> Code(MethodInfo method)
    {
        var parameters = method.GetParameters().Select(parameter => parameter.ParameterType).ToList();
        return (services, message, cancel) =>
        {
            var arguments = parameters.Select(type => type == typeof(CancellationToken) ? cancel : type == typeof(string) ? message : (object?)new TimerInfo());
            var instance = ActivatorUtilities.CreateInstance(services, method.DeclaringType!);
            return (Task)method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, [.. arguments], null)!;
        };
    }
}
