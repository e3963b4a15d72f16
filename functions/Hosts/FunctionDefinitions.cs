using System.Text.Json;
using ContributionIngest.Core.Ports;
using NCrontab;

namespace ContributionIngest.Functions.Hosts;

/// <summary>
/// <c>host.json</c> and every <c>FUNCTION/function.json</c> beside it. Both doors live by these files, so that a schedule or a queue is
/// named once.
/// </summary>
public sealed record FunctionDefinitions(HostDefinition Host, IReadOnlyList<FunctionDefinition> All)
{
    private static readonly CrontabSchedule.ParseOptions SixFields = new() { IncludingSeconds = true };

    /// <summary>Those that are called by a timer or a queue, and therefore need code in the function table.</summary>
    public IEnumerable<FunctionDefinition> Triggered => All.Where(f => f.Http is null);

    /// <summary>The files that were published or built beside the program.</summary>
    public static FunctionDefinitions Read() => Read(AppContext.BaseDirectory);

    /// <exception cref="StartException">All faults of all files at once.</exception>
    public static FunctionDefinitions Read(string folder)
    {
        List<string> faults = [];
        var host = DefinitionFile.Open(folder, "host.json", faults) is { } file ? ReadHost(file) : null;
        var functions = Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder)
                .Select(path => Path.GetFileName(path))
                .Where(name => File.Exists(Path.Combine(folder, name, "function.json")))
                .Order(StringComparer.Ordinal)
                .Select(name => ReadFunction(folder, name, faults))
                .OfType<FunctionDefinition>()
                .ToList()
            : [];
        if (functions.Count == 0 && faults.Count == 0)
            faults.Add($"There is no function folder in {folder}.");
        return host is not null && faults.Count == 0 ? new(host, functions) : throw new StartException(faults);
    }

    private static HostDefinition ReadHost(DefinitionFile file)
    {
        const string Queues = "extensions.queues.";
        if (file.Text("version", "") != "2.0")
            file.Fault("version must be \"2.0\".");
        if (file.Text(Queues + "messageEncoding", "base64") != "base64")
            file.Fault("extensions.queues.messageEncoding must be base64, as the storage drivers write it.");
        var batch = file.Count(Queues + "batchSize", 16, 1, 32);
        return new HostDefinition(
            file.Span("functionTimeout", null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30)),
            file.Text("extensions.http.routePrefix", "api"),
            new QueueRules(
                batch,
                file.Count(Queues + "newBatchThreshold", batch / 2, 0, 1000),
                // The store itself gives up after this many deliveries.
                file.Count(Queues + "maxDequeueCount", IQueue.MaximumAttempts, 1, IQueue.MaximumAttempts),
                file.Span(Queues + "visibilityTimeout", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(7)),
                file.Span(Queues + "maxPollingInterval", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1))));
    }

    private static FunctionDefinition? ReadFunction(string folder, string name, List<string> faults)
    {
        if (DefinitionFile.Open(folder, $"{name}/function.json", faults) is not { } file)
            return null;
        if (!IsFunctionName(name) || string.Equals(name, "host", StringComparison.OrdinalIgnoreCase))
            file.Fault($"'{name}' is no function name: a letter, then letters, digits, - and _, at most 128, and not \"host\".");
        var bindings = file.At("bindings") is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray().ToList() : [];
        var types = string.Join(" + ", bindings.Select(b => b.TryGetProperty("type", out var type) ? type.ToString() : "?"));
        var trigger = bindings.Count > 0 ? new DefinitionFile($"{name}/function.json", bindings[0], faults) : file;
        switch (types)
        {
            case "timerTrigger":
                return ReadTimer(trigger, name);
            case "queueTrigger":
                return ReadQueue(trigger, name);
            // Any other shape of an HTTP function would reach the handler as an envelope and never as a request.
            case "httpTrigger + http":
                return ReadHttp(trigger, name);
            default:
                file.Fault($"bindings are '{types}', allowed are timerTrigger, queueTrigger, or httpTrigger + http.");
                return null;
        }
    }

    private static FunctionDefinition? ReadTimer(DefinitionFile trigger, string name)
    {
        var text = trigger.Text("schedule", "");
        if (CrontabSchedule.TryParse(text, SixFields) is { } schedule)
            return new(name, Timer: new TimerTrigger(text, schedule));
        trigger.Fault($"schedule is '{text}', allowed are six fields: second minute hour day month weekday.");
        return null;
    }

    private static FunctionDefinition? ReadQueue(DefinitionFile trigger, string name)
    {
        var queue = trigger.Text("queueName", "");
        if (IsQueueName(queue))
            return new(name, Queue: new QueueTrigger(queue));
        trigger.Fault($"queueName is '{queue}', allowed are 3 to 63 of a-z, 0-9 and single hyphens.");
        return null;
    }

    private static FunctionDefinition ReadHttp(DefinitionFile trigger, string name)
    {
        var level = trigger.Text("authLevel", "function");
        if (level is not ("anonymous" or "function" or "admin"))
            trigger.Fault($"authLevel is '{level}', allowed are anonymous, function and admin.");
        var methods = trigger.At("methods") is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray().Select(m => m.ToString()) : [];
        return new(name, Http: new HttpTrigger(trigger.Text("route", name), [.. methods], level));
    }

    private static bool IsFunctionName(string name) =>
        name.Length <= 128 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsQueueName(string queue) =>
        queue.Length is >= 3 and <= 63
        && queue.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && !queue.StartsWith('-') && !queue.EndsWith('-') && !queue.Contains("--", StringComparison.Ordinal);
}
