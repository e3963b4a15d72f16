using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Azure.Storage.Queues;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Drivers;
using ContributionIngest.Tests.Support.FunctionsHost;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>The published program as the Functions host starts it, over the storage emulator.</summary>
[Collection(Published.Collection)]
public sealed class PublishedWorkerTests(Published published) : IAsyncLifetime
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly CancellationToken limit = new CancellationTokenSource(Longest).Token;
    private readonly Azurite azurite = new();
    private readonly StringBuilder output = new();
    private Process? process;

    public Task InitializeAsync() => azurite.InitializeAsync();

    public async Task DisposeAsync()
    {
        if (process is { HasExited: false })
            process.Kill(entireProcessTree: true);
        process?.Dispose();
        await azurite.DisposeAsync();
    }

    [Fact]
    public async Task Worker_has_every_function_of_the_code_and_the_website_takes_all_other_routes()
    {
        await using var host = await StartAsync();
        var triggered = host.Functions.Where(function => function.Route is null).ToDictionary(function => function.Name, function => function.Queue, StringComparer.Ordinal);
        Assert.Equal(TriggeredFunction.All.Select(function => (function.Name, function.Queue)).Order(), triggered.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal(
            [("GitHubWebhook", "api/webhooks/github/{hook}"), ("HubCallback", "api/webhooks/websub/{id}"), ("Website", "{*path}")],
            host.Functions.Where(function => function.Route is not null).Select(function => (function.Name, function.Route!)));
        Assert.All(host.Functions.Where(function => function.Route is not null), function => Assert.Equal("Anonymous", function.AuthLevel, ignoreCase: true));
    }

    [Fact]
    public async Task Worker_answers_requests_runs_timers_and_exits_when_the_host_asks()
    {
        await using var host = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, HttpMethod.Get, "/api/health?ready")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, HttpMethod.Post, "/Plan")).Status);
        foreach (var timer in TriggeredFunction.All.Where(function => function.Schedule is not null))
        {
            var ended = await host.RunTimerAsync(timer.Name, limit);
            Assert.True(ended.Result.Status == StatusResult.Types.Status.Success, $"{timer.Name}: {ended.Result.Exception?.Message}");
        }

        await host.TerminateAsync(limit);
        await process!.WaitForExitAsync(limit);
        // After 0 the host would take the worker for alive.
        Assert.NotEqual(0, process.ExitCode);
    }

    [Fact]
    public async Task Message_that_fails_five_times_is_recorded_where_the_operator_sees_it()
    {
        var key = await KeyAsync();
        await using var host = await StartAsync();
        var queues = new QueueServiceClient(azurite.ConnectionString, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
        var queue = queues.GetQueueClient("harvest");
        await queue.CreateIfNotExistsAsync(cancellationToken: limit);
        await queue.SendMessageAsync(Convert.ToBase64String("no message of ours"u8), limit);
        var listener = new QueueListener(host, queues, maxDequeueCount: 5, TimeSpan.Zero);
        var deliveries = 0;
        for (int taken; (taken = await listener.PollAsync(limit)) > 0;)
            deliveries += taken;

        // The sixth is what the poison queue's own function took.
        Assert.Equal(6, deliveries);
        var (status, body) = await AskAsync(host, HttpMethod.Get, "/api/status", key);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("no message of ours", Assert.Single(JsonDocument.Parse(body).RootElement.GetProperty("poisoned").EnumerateArray()).GetProperty("body").GetString());
    }

    [Fact]
    public async Task Logs_of_the_worker_have_none_of_the_secrets_that_it_was_given()
    {
        await using var secrets = await SecretScenario.StartAsync();
        (string, string)[] settings = [.. secrets.Settings().Select(setting => (setting.Key, setting.Value))];
        var key = await KeyAsync(settings);
        await using var host = await StartAsync(settings);
        var queues = new QueueServiceClient(azurite.ConnectionString, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
        var queue = new QueueListener(host, queues, maxDequeueCount: 5, TimeSpan.Zero);
        await secrets.UseAsync(
            key,
            async request =>
            {
                request.RequestUri = new Uri("https://app.example" + request.RequestUri);
                var (answer, invocation) = await host.SendAsync(request, limit);
                await invocation;
                return answer;
            },
            () => queue.PollAsync(limit));
        await host.TerminateAsync(limit);
        await process!.WaitForExitAsync(limit);

        Assert.NotEmpty(host.Logs);
        secrets.AssertUnknownTo(output + string.Join('\n', host.Logs.Select(log => $"{log.Message} {log.Exception?.Message} {log.Exception?.StackTrace}")));
    }

    [Fact]
    public async Task Startup_error_is_printed_as_one_sentence()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["RawDays"] = "x", ["FUNCTIONS_APPLICATION_DIRECTORY"] = published.Folder };
        var (exit, said) = await Published.RunAsync("dotnet", published.Folder, settings, "functions.dll", "--functions-uri", "http://127.0.0.1:1", "--functions-worker-id", "w", "--functions-request-id", "r", "--functions-grpc-max-message-length", "1000000");
        Assert.Equal(1, exit);
        Assert.Contains("RawDays is 'x', allowed is a whole number from 1 to 3650.", said, StringComparison.Ordinal);
        Assert.Contains("AzureWebJobsStorage is not set", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_exports_traces_and_metrics_to_the_configured_collector_and_flushes_before_it_exits()
    {
        var collected = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, limit);
            collected.AddOrUpdate(context.Request.Path, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync(limit);
        await using var host = await StartAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        Assert.Equal(StatusResult.Types.Status.Success, (await host.RunTimerAsync("Plan", limit)).Result.Status);
        await host.TerminateAsync(limit);
        await process!.WaitForExitAsync(limit);

        Assert.Contains("function Plan", collected["/v1/traces"], StringComparison.Ordinal);
        // From trigger to storage.
        Assert.Contains("Azure.Data.Tables", collected["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("ledger.queue.oldest", collected["/v1/metrics"], StringComparison.Ordinal);
    }

    private Task<FunctionsTestHost> StartAsync(params (string Name, string Value)[] more) => FunctionsTestHost.StartAsync(
        published.Folder,
        arguments =>
        {
            process = Published.Start("dotnet", published.Folder, Settings(more), [Path.Combine(published.Folder, "functions.dll"), .. arguments]);
            process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
            process.ErrorDataReceived += (_, line) => output.AppendLine(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return Task.CompletedTask;
        },
        limit);

    private Dictionary<string, string> Settings(params (string Name, string Value)[] more) => new(more.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)), StringComparer.Ordinal)
    {
        ["AzureWebJobsStorage"] = azurite.ConnectionString,
        ["FUNCTIONS_APPLICATION_DIRECTORY"] = published.Folder,
        // As the real host passes its own on.
        ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:1"),
    };

    private async Task<string> KeyAsync(params (string Name, string Value)[] more)
    {
        var (exit, said) = await Published.RunAsync(published.Executable, published.Folder, Settings(more), "keys", "new", "test");
        Assert.True(exit == 0, said);
        return said.Split("Bearer ")[1].Split('\n')[0].Trim();
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(FunctionsTestHost host, HttpMethod method, string path, string? key = null)
    {
        using var request = new HttpRequestMessage(method, "https://app.example" + path);
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var (answer, invocation) = await host.SendAsync(request, CancellationToken.None);
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync();
            Assert.Equal(StatusResult.Types.Status.Success, (await invocation).Result.Status);
            return (answer.StatusCode, body);
        }
    }
}
