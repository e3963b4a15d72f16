using System.Reflection;
using System.Text.Json;
using ContributionIngest.Core;
using ContributionIngest.Functions.Triggers;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

public sealed class TriggerTests
{
    [Fact]
    public void Every_timer_and_queue_function_is_found_with_its_schedule_or_queue()
    {
        Assert.Equal(
            [
                "CountEntries", "Plan", "Prune", "RecordPoison", "RecordPoisonDigest", "RecordPoisonMail", "RecordPoisonMaintenance", "RecordPoisonRecount", "RecountLedger",
                "RedeliverHooks", "RenewPush", "RunHarvest", "RunMaintenance", "SendDigest", "SendMail",
            ],
            TriggeredFunction.All.Select(function => function.Name));
        Assert.All(TriggeredFunction.All, function => Assert.True(function.Schedule is null != function.Queue is null, function.Name));
    }

    [Fact]
    public void Every_queue_function_has_one_for_its_poison_queue()
    {
        var queues = TriggeredFunction.All.Select(function => function.Queue).OfType<string>().ToHashSet(StringComparer.Ordinal);
        Assert.All(queues.Where(queue => !queue.EndsWith("-poison", StringComparison.Ordinal)), queue => Assert.Contains(queue + "-poison", queues));
    }

    [Fact]
    public void Catch_all_function_sorts_last_by_name()
    {
        var http = typeof(Website).GetMethods().Select(method => method.GetCustomAttribute<FunctionAttribute>()?.Name).OfType<string>();
        Assert.Equal("Website", http.Max(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Host_file_has_the_settings_used_by_both_hosts()
    {
        var host = HostSettings.Read(AppContext.BaseDirectory);
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(9.5)), (host.FunctionTimeout, host.Deadline));
        Assert.Equal(new QueueRules(8, 8, 5, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)), host.Queues);
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "host.json")));
        Assert.Equal("", file.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        Assert.Equal("OpenTelemetry", file.RootElement.GetProperty("telemetryMode").GetString());
        // The extensions are shipped with the app.
        Assert.False(file.RootElement.TryGetProperty("extensionBundle", out _));
    }

    [Theory]
    [InlineData("{", "cannot be used")]
    [InlineData("{\"functionTimeout\":\"00:10:00\"}", "cannot be used")]
    [InlineData("{\"functionTimeout\":\"soon\",\"extensions\":{\"queues\":{\"batchSize\":8}}}", "cannot be used")]
    [InlineData(null, "host.json is missing")]
    public void Invalid_host_file_is_reported_in_one_sentence(string? text, string refusal)
    {
        var folder = Directory.CreateTempSubdirectory();
        if (text is not null)
            File.WriteAllText(Path.Combine(folder.FullName, "host.json"), text);
        var fault = Assert.Single(Assert.Throws<StartupException>(() => HostSettings.Read(folder.FullName)).Faults);
        Assert.Contains(refusal, fault, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }
}
