using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using NCrontab;

namespace ContributionIngest.Functions.Triggers;

/// <summary>A function that a timer or queue triggers. Its attributes are the only place where schedules and queue names are defined.</summary>
/// <param name="Schedule">Six fields, seconds first, in UTC; null for a queue function.</param>
/// <param name="Queue">Null for a timer function.</param>
/// <param name="RunAsync">
/// Calls the method on a new instance of its class with the text of the message, or null for a timer. If it throws, a message is redelivered and
/// finally moved to the poison queue; a timer waits for its next tick.
/// </param>
public sealed record TriggeredFunction(
    string Name, CrontabSchedule? Schedule, string? Queue, Func<IServiceProvider, string?, CancellationToken, Task> RunAsync)
{
    private static readonly CrontabSchedule.ParseOptions SixFields = new() { IncludingSeconds = true };

    private static readonly Lazy<IReadOnlyList<TriggeredFunction>> Functions = new(() =>
        [.. typeof(TriggeredFunction).Assembly.GetExportedTypes()
            .Where(type => type.Namespace == typeof(TriggeredFunction).Namespace)
            .SelectMany(type => type.GetMethods())
            .Select(Read)
            .OfType<TriggeredFunction>()
            .OrderBy(function => function.Name, StringComparer.Ordinal)]);

    public static IReadOnlyList<TriggeredFunction> All => Functions.Value;

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
            : new(function.Name, timer is null ? null : CrontabSchedule.Parse(timer.Schedule, SixFields), queue?.QueueName, CreateInvoker(method));
    }

    private static Func<IServiceProvider, string?, CancellationToken, Task> CreateInvoker(MethodInfo method)
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
