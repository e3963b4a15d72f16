using System.Net;
using ContributionIngest.Core.Http;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Support.ScriptedWeb;

namespace ContributionIngest.Tests.Core.Http;

public sealed class HostPauseTests
{
    private readonly TestClock clock = new();

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Mon, 01 Jun 2026 12:05:00 GMT", 300)]
    [InlineData("Mon, 01 Jun 2026 11:00:00 GMT", 60)]
    [InlineData("99999999999", 86_400)]
    [InlineData("Tue, 01 Jun 2027 12:00:00 GMT", 86_400)]
    [InlineData("soon", 60)]
    [InlineData(null, 60)]
    public async Task Pause_requested_by_a_host_applies_to_all_callers(string? retryAfter, int seconds)
    {
        using var web = new ScriptedWeb(_ => retryAfter is null
            ? Answer(HttpStatusCode.TooManyRequests)
            : Answer(HttpStatusCode.TooManyRequests, "", null, ("Retry-After", retryAfter)));
        using var fetcher = New(web);
        var first = await fetcher.SendAsync(At("https://busy.example/a"), default);

        var second = await fetcher.SendAsync(At("https://busy.example:8443/b"), default);

        Assert.Equal((FetchOutcome.Throttled, FetchOutcome.Throttled), (first.Outcome, second.Outcome));
        Assert.Equal(clock.GetUtcNow().AddSeconds(seconds), second.RetryAt);
        Assert.Equal((first.RetryAt, "paused"), (second.RetryAt, second.Code));
        Assert.Single(web.Asked);
        Assert.Equal("busy.example", Assert.Single(fetcher.Pauses.Current).Host);
    }

    [Fact]
    public async Task Pause_ends_and_never_applies_to_another_host()
    {
        var pausing = true;
        using var web = new ScriptedWeb(request => pausing && request.RequestUri!.Host == "busy.example"
            ? Answer(HttpStatusCode.ServiceUnavailable, "", null, ("Retry-After", "30"))
            : Answer(HttpStatusCode.OK, "x"));
        using var fetcher = New(web);
        await fetcher.SendAsync(At("https://busy.example/"), default);
        Assert.Equal(FetchOutcome.Content, (await fetcher.SendAsync(At("https://other.example/"), default)).Outcome);

        pausing = false;
        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(FetchOutcome.Content, (await fetcher.SendAsync(At("https://busy.example/"), default)).Outcome);
        Assert.Empty(fetcher.Pauses.Current);
    }

    [Fact]
    public async Task Stored_pause_applies_again_after_a_restart()
    {
        using var web = new ScriptedWeb(_ => throw new InvalidOperationException("asked during a pause"));
        using var fetcher = New(web);
        fetcher.Pauses.Load([new HostPause("busy.example", clock.GetUtcNow().AddMinutes(5)), new HostPause("old.example", clock.GetUtcNow().AddDays(-1))]);

        var fetched = await fetcher.SendAsync(At("https://busy.example/"), default);

        Assert.Equal("busy.example asked for a pause until 2026-06-01 12:05 UTC.", fetched.Problem);
        Assert.Single(fetcher.Pauses.Current);
    }

    [Fact]
    public void Stored_pause_of_a_wrong_clock_ends_after_a_day()
    {
        using var web = new ScriptedWeb(_ => Answer(HttpStatusCode.OK));
        using var fetcher = New(web);
        fetcher.Pauses.Load([new HostPause("busy.example", clock.GetUtcNow().AddDays(30))]);
        Assert.Equal(clock.GetUtcNow().AddDays(1), Assert.Single(fetcher.Pauses.Current).Until);
    }

    [Fact]
    public async Task Redirect_to_a_paused_host_is_paused()
    {
        using var web = new ScriptedWeb(_ => Redirect(302, "https://busy.example/"));
        using var fetcher = New(web);
        fetcher.Pauses.Pause("busy.example", clock.GetUtcNow().AddMinutes(5));

        Assert.Equal(FetchOutcome.Throttled, (await fetcher.SendAsync(At("https://free.example/"), default)).Outcome);
    }

    [Fact]
    public async Task At_most_one_request_per_host_and_sixteen_hosts_at_once()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var now = new Dictionary<string, int>();
        var most = 0;
        var mostOfOne = 0;
        using var web = new ScriptedWeb(async (request, _) =>
        {
            var host = request.RequestUri!.Host;
            lock (now)
            {
                now[host] = now.GetValueOrDefault(host) + 1;
                mostOfOne = Math.Max(mostOfOne, now[host]);
                most = Math.Max(most, now.Values.Sum());
                if (now.Values.Sum() == 16)
                    full.TrySetResult();
            }

            await gate.Task;
            lock (now)
                now[host]--;
            return Answer(HttpStatusCode.OK, "x");
        });
        using var fetcher = New(web);

        var asking = Enumerable.Range(0, 80).Select(n => fetcher.SendAsync(At($"https://h{n % 20}.example/{n}"), default)).ToArray();
        await full.Task.WaitAsync(TimeSpan.FromMinutes(2));
        gate.SetResult();
        var all = await Task.WhenAll(asking);

        Assert.All(all, fetched => Assert.Equal(FetchOutcome.Content, fetched.Outcome));
        Assert.Equal((16, 1), (most, mostOfOne));
    }

    [Fact]
    public async Task Hosts_that_redirect_to_each_other_do_not_block_each_other()
    {
        using var web = new ScriptedWeb(async (request, _) =>
        {
            await Task.Yield();
            return request.RequestUri!.AbsolutePath == "/end"
                ? Answer(HttpStatusCode.OK, "x")
                : Redirect(302, request.RequestUri.Host == "a.example" ? "https://b.example/end" : "https://a.example/end");
        });
        using var fetcher = New(web);

        var all = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(n => fetcher.SendAsync(At(n % 2 == 0 ? "https://a.example/" : "https://b.example/"), default)))
            .WaitAsync(TimeSpan.FromMinutes(2));

        Assert.All(all, fetched => Assert.Equal(FetchOutcome.Content, fetched.Outcome));
    }

    [Fact]
    public async Task Cancelled_waiter_leaves_the_queue_intact()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var web = new ScriptedWeb(async (_, _) =>
        {
            await gate.Task;
            return Answer(HttpStatusCode.OK, "x");
        });
        using var fetcher = New(web);
        using var stop = new CancellationTokenSource();
        var first = fetcher.SendAsync(At("https://a.example/1"), default);
        var second = fetcher.SendAsync(At("https://a.example/2"), stop.Token);
        var third = fetcher.SendAsync(At("https://a.example/3"), default);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.SetResult();

        Assert.Equal(FetchOutcome.Content, (await first).Outcome);
        Assert.Equal(FetchOutcome.Content, (await third).Outcome);
    }

    private static FetchRequest At(string address) => new(new Uri(address));

    private Fetcher New(ScriptedWeb web) => new(web, AddressPolicy.PublicOnly, clock, "test/1");
}
