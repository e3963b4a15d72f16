using System.Net;
using System.Text;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>The app as a worker in this process: what the middleware adds to invocations, and what becomes of requests.</summary>
public sealed class WorkerTests
{
    private const StatusResult.Types.Status Success = StatusResult.Types.Status.Success;
    private const StatusResult.Types.Status Failure = StatusResult.Types.Status.Failure;

    [Fact]
    public async Task Foreign_message_fails_so_that_the_host_retries_it()
    {
        await using var app = await WorkerSite.StartAsync();
        var ended = await app.Host.RunQueueAsync("RunHarvest", "none of ours", 4, CancellationToken.None);
        Assert.Equal(Failure, ended.Result.Status);
        Assert.Contains(app.Host.Logs, line => line.Message == "RunHarvest failed on attempt 4.");
    }

    [Fact]
    public async Task Invocation_cancelled_by_the_host_releases_its_message_without_counting_the_attempt()
    {
        await using var app = await WorkerSite.StartAsync(TimeProvider.System, hangs: true);
        using var stop = new CancellationTokenSource();
        var invocation = app.Host.RunQueueAsync("RecordPoisonMail", "{\"ä€😀\":1}", 5, stop.Token);
        await app.Hanging.Reached;
        await stop.CancelAsync();
        Assert.Equal(Success, (await invocation).Result.Status);
        var message = Assert.Single(await app.Queue.ReceiveAsync("mail-poison", 32, TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Equal(("{\"ä€😀\":1}", 1), (message.Body, message.Attempt));
    }

    [Fact]
    public async Task Timer_cancelled_by_the_host_fails()
    {
        await using var app = await WorkerSite.StartAsync(TimeProvider.System, hangs: true);
        using var stop = new CancellationTokenSource();
        var invocation = app.Host.RunTimerAsync("RenewPush", stop.Token);
        await app.Hanging.Reached;
        await stop.CancelAsync();
        Assert.Equal(Failure, (await invocation).Result.Status);
    }

    [Fact]
    public async Task Invocation_is_cancelled_before_the_host_would_kill_the_worker_and_its_attempt_counts()
    {
        var clock = StandaloneHost.At("2026-03-01T00:00:00Z");
        await using var app = await WorkerSite.StartAsync(clock, hangs: true);
        var invocation = app.Host.RunQueueAsync("RecordPoisonMail", "{}", 1, CancellationToken.None);
        await app.Hanging.Reached;
        clock.Advance(TimeSpan.FromMinutes(9.5));
        Assert.Equal(Failure, (await invocation).Result.Status);
        Assert.Contains(app.Host.Logs, line => line.Message.StartsWith("RecordPoisonMail did not finish within 00:09:30", StringComparison.Ordinal));
        Assert.Equal(0, await app.Queue.CountAsync("mail-poison", CancellationToken.None));
    }

    [Theory]
    [InlineData("GET", "/api/health", HttpStatusCode.OK)]
    [InlineData("HEAD", "/api/health", HttpStatusCode.OK)]
    [InlineData("GET", "/", HttpStatusCode.OK)]
    [InlineData("GET", "/api/openapi.json", HttpStatusCode.OK)]
    [InlineData("GET", "/api/me", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/Plan", HttpStatusCode.NotFound)]
    [InlineData("POST", "/RunHarvest", HttpStatusCode.NotFound)]
    [InlineData("PROPFIND", "/api/ledger", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/webhooks/websub/none", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/webhooks/github/none", HttpStatusCode.NotFound)]
    public async Task Every_request_passes_the_same_pipeline(string method, string path, HttpStatusCode expected)
    {
        await using var app = await WorkerSite.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), "https://app.example" + path);
        var (status, headers) = await app.SendAsync(request);
        Assert.Equal(expected, status);
        Assert.Contains("X-Content-Type-Options: nosniff", headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_with_its_own_invocation_id_or_non_ASCII_headers_gets_the_answer_to_its_own_request()
    {
        await using var app = await WorkerSite.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://app.example/api/health");
        request.Headers.Add("x-ms-invocation-id", Guid.NewGuid().ToString());
        Assert.True(request.Headers.TryAddWithoutValidation("X-Name", "Größe"));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Client_disconnect_ends_its_request_and_the_invocation()
    {
        await using var app = await WorkerSite.StartAsync(TimeProvider.System, hangs: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://app.example/api/status");
        request.Headers.Authorization = new("Bearer", await app.Services.GetRequiredService<Owner>().EnsureAsync(CancellationToken.None));
        using var client = new CancellationTokenSource();
        var (answer, invocation) = app.Host.Send(request, client.Token);
        await app.Hanging.Reached;
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await invocation.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Body_of_31_MB_is_rejected_as_too_large()
    {
        await using var app = await WorkerSite.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://app.example/api/connections") { Content = new ByteArrayContent(new byte[31_000_000]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new("Bearer", await app.Services.GetRequiredService<Owner>().EnsureAsync(CancellationToken.None));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await app.SendAsync(request)).Status);
    }
}
