using System.Threading.Channels;
using ContributionIngest.Core.Storage;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

public sealed class QueuePollerTests : IDisposable
{
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(5);

    private readonly Channel<string> calls = Channel.CreateUnbounded<string>();
    private readonly SemaphoreSlim go = new(0);

    [Fact]
    public async Task Handled_message_is_deleted()
    {
        await using var host = await StandaloneHost.QueueAsync(NoteAsync, bodies: ["one"]);
        Assert.Equal("one", await CallAsync());
        await host.Store.UntilAsync(() => host.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task Failing_message_waits_for_the_retry_delay_and_is_poisoned_after_the_last_attempt()
    {
        await using var host = await StandaloneHost.QueueAsync(FailAsync, bodies: ["bad"]);
        foreach (var attempt in (int[])[1, 2, 3])
        {
            await CallAsync();
            if (attempt == 3)
                break;
            await host.Store.UntilAsync(() => host.Store.Look("work") is [var kept] && kept.Hidden == StandaloneHost.Retry && kept.Attempt == attempt);
            await IdleAsync(host, until: StandaloneHost.Retry);
        }

        await host.Store.UntilAsync(() => host.Store.Look("work-poison") is [("bad", 0, _)]);
        Assert.Empty(host.Store.Look("work"));
    }

    [Fact]
    public async Task Failing_message_of_a_poison_queue_stays_there_hidden()
    {
        await using var host = await StandaloneHost.QueueAsync(FailAsync, "work-poison", bodies: ["bad"]);
        await CallAsync();
        await host.Clock.ArmedAsync(left => left < TimeSpan.FromSeconds(1));
        Assert.Equal([("bad", 1, Hidden)], host.Store.Look("work-poison"));
    }

    [Fact]
    public async Task Concurrency_is_bounded_by_batch_size_and_threshold()
    {
        await using var host = await StandaloneHost.QueueAsync(UntilReleasedAsync, bodies: [.. Enumerable.Range(0, 20).Select(i => $"m{i}")]);

        for (var i = 0; i < 4; i++)
            await CallAsync();
        Assert.Equal(16, host.Store.Look("work").Count(m => m.Attempt == 0));
        go.Release(2);
        for (var i = 0; i < 4; i++)
            await CallAsync();
        Assert.Equal(12, host.Store.Look("work").Count(m => m.Attempt == 0));
        Assert.False(calls.Reader.TryRead(out _));
        go.Release(100);
        await host.Store.UntilAsync(() => host.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task Message_stays_hidden_for_as_long_as_the_work_takes()
    {
        await using var host = await StandaloneHost.QueueAsync(UntilReleasedAsync, bodies: ["long"]);
        await CallAsync();
        for (var i = 0; i < 3; i++)
        {
            await host.Clock.ArmedAsync(Renewal);
            host.Clock.Advance(Renewal);
            await host.Store.UntilAsync(() => host.Store.Look("work") is [("long", 1, var hidden)] && hidden == Hidden);
        }

        go.Release();
        await host.Store.UntilAsync(() => host.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task Failed_renewal_is_retried_long_before_the_message_becomes_visible()
    {
        await using var host = await StandaloneHost.QueueAsync(UntilReleasedAsync, bodies: ["long"]);
        await CallAsync();
        await host.Clock.ArmedAsync(Renewal);
        host.Store.ReceiptOutages = 2;
        host.Clock.Advance(Renewal);
        for (var i = 0; i < 2; i++)
        {
            await host.Clock.ArmedAsync(StoreRetry);
            host.Clock.Advance(StoreRetry);
        }

        await host.Store.UntilAsync(() => host.Store.Look("work") is [("long", 1, var hidden)] && hidden == Hidden);
        go.Release();
        await host.Store.UntilAsync(() => host.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task Message_taken_over_by_another_receiver_is_left_to_it()
    {
        await using var host = await StandaloneHost.QueueAsync(UntilReleasedAsync, bodies: ["taken"]);
        await CallAsync();
        await host.Clock.ArmedAsync(Renewal);
        host.Store.Steal();
        go.Release();
        await host.Clock.ArmedAsync(left => left < TimeSpan.FromSeconds(1));
        Assert.Single(host.Store.Look("work"));
    }

    [Fact]
    public async Task Work_on_a_message_taken_over_by_another_receiver_is_cancelled_as_soon_as_known()
    {
        var cancelled = new TaskCompletionSource();
        await using var host = await StandaloneHost.QueueAsync(
            async (call, cancel) =>
            {
                await using var told = cancel.Register(cancelled.SetResult);
                await calls.Writer.WriteAsync(call, cancel);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            },
            bodies: ["taken"]);
        await CallAsync();
        await host.Clock.ArmedAsync(Renewal);
        host.Store.Steal();
        host.Clock.Advance(Renewal);

        await cancelled.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await host.Clock.ArmedAsync(left => left < TimeSpan.FromSeconds(1));
        Assert.Equal([("taken", 1, Hidden - Renewal)], host.Store.Look("work"));
    }

    [Fact]
    public async Task Endless_work_is_cancelled_at_the_deadline_and_counts_as_failed()
    {
        await using var host = await StandaloneHost.QueueAsync(EndlessAsync, bodies: ["endless"]);
        await CallAsync();
        for (var waited = TimeSpan.Zero; waited < StandaloneHost.Deadline; waited += Renewal)
        {
            await host.Clock.ArmedAsync(Renewal);
            host.Clock.Advance(Renewal);
        }

        await host.Store.UntilAsync(() => host.Store.Look("work") is [("endless", 1, var hidden)] && hidden == StandaloneHost.Retry);
    }

    [Fact]
    public async Task Idle_queue_is_polled_less_and_less_often_down_to_the_configured_interval()
    {
        await using var host = await StandaloneHost.QueueAsync(NoteAsync);
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 14; i++)
        {
            waits.Add(await host.Clock.ArmedAsync(_ => true));
            var asked = host.Store.Receives;
            host.Clock.Advance(waits[^1]);
            await host.Store.UntilAsync(() => host.Store.Receives > asked);
        }

        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(120));
        Assert.InRange(waits[5], TimeSpan.FromMilliseconds(2560), TimeSpan.FromMilliseconds(3840));
        Assert.All(waits.Skip(9), wait => Assert.InRange(wait, TimeSpan.FromSeconds(32), TimeSpan.FromSeconds(40)));
    }

    [Fact]
    public async Task Signal_from_the_store_ends_the_wait_at_once()
    {
        var signal = new TaskCompletionSource();
        await using var host = await StandaloneHost.QueueAsync(NoteAsync, wake: (queue, cancel) =>
        {
            Assert.Equal("work", queue);
            return signal.Task.WaitAsync(cancel);
        });
        await host.Clock.ArmedAsync(_ => true);
        await host.Store.PutAsync("work", "now", TimeSpan.Zero, CancellationToken.None);
        signal.SetResult();
        Assert.Equal("now", await CallAsync());
    }

    [Fact]
    public async Task Failing_signal_leads_to_ever_longer_waits_and_to_one_log_line_in_five_minutes()
    {
        var (isBroken, signal) = (true, new TaskCompletionSource());
        using var log = new RecordedLog();
        await using var host = await StandaloneHost.QueueAsync(
            NoteAsync, wake: (_, cancel) => isBroken ? throw new StoreUnavailableException("away") : signal.Task.WaitAsync(cancel), log: log);
        var waits = new List<TimeSpan>();
        await WaitUntilAsync(TimeSpan.FromMinutes(4));
        Assert.Single(log.Lines, line => line.StartsWith("The store cannot signal", StringComparison.Ordinal));
        await WaitUntilAsync(TimeSpan.FromMinutes(6));
        Assert.Equal(2, log.Lines.Count(line => line.StartsWith("The store cannot signal", StringComparison.Ordinal)));

        Assert.Equal(waits.Count + 1, host.Store.Receives);
        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(120));
        Assert.InRange(waits[5], TimeSpan.FromMilliseconds(2560), TimeSpan.FromMilliseconds(3840));
        Assert.All(waits.Skip(9), wait => Assert.InRange(wait, TimeSpan.FromSeconds(32), TimeSpan.FromSeconds(40)));

        isBroken = false;
        await AskedAsync(host, await host.Clock.ArmedAsync(_ => true));
        await host.Clock.ArmedAsync(_ => true);
        await host.Store.PutAsync("work", "now", TimeSpan.Zero, CancellationToken.None);
        signal.SetResult();
        Assert.Equal("now", await CallAsync());

        async Task WaitUntilAsync(TimeSpan end)
        {
            while (waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait) < end)
            {
                waits.Add(await host.Clock.ArmedAsync(_ => true));
                await AskedAsync(host, waits[^1]);
            }
        }
    }

    [Fact]
    public async Task Unavailable_store_is_polled_again()
    {
        await using var host = await StandaloneHost.QueueAsync(NoteAsync);
        await host.Clock.ArmedAsync(_ => true);
        await host.Store.PutAsync("work", "late", TimeSpan.Zero, CancellationToken.None);
        host.Store.Outages = 3;
        await IdleAsync(host, TimeSpan.FromSeconds(15));
        Assert.Equal("late", await CallAsync());
    }

    [Fact]
    public async Task Queue_is_polled_within_seconds_after_an_outage_however_long_it_was_idle()
    {
        await using var host = await StandaloneHost.QueueAsync(NoteAsync);
        for (var i = 0; i < 12; i++)
            await AskedAsync(host, await host.Clock.ArmedAsync(_ => true));
        host.Store.Outages = 3;
        await AskedAsync(host, await host.Clock.ArmedAsync(_ => true));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(StoreRetry, await host.Clock.ArmedAsync(_ => true));
            await AskedAsync(host, StoreRetry);
        }

        Assert.Equal(0, host.Store.Outages);
    }

    [Fact]
    public async Task Stop_lets_short_work_finish_and_takes_no_new_messages()
    {
        var host = await StandaloneHost.QueueAsync(UntilReleasedAsync, bodies: ["a"]);
        await CallAsync();
        var stop = host.StopAsync();
        await host.Clock.ArmedAsync(TimeSpan.FromSeconds(4));
        await host.Store.PutAsync("work", "b", TimeSpan.Zero, CancellationToken.None);
        go.Release();
        await stop;
        Assert.Equal([("b", 0, TimeSpan.Zero)], host.Store.Look("work"));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Stop_cancels_long_work_after_some_seconds_and_releases_its_message_without_counting_the_attempt()
    {
        var host = await StandaloneHost.QueueAsync(EndlessAsync, bodies: ["a"]);
        await CallAsync();
        await CutShortAsync(host);
        Assert.Equal([("a", 0, TimeSpan.Zero)], host.Store.Look("work"));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Stop_with_an_unavailable_store_ends_and_the_message_reappears_after_its_timeout()
    {
        var host = await StandaloneHost.QueueAsync(EndlessAsync, bodies: ["a"]);
        await CallAsync();
        host.Store.ReceiptOutages = 1;
        await CutShortAsync(host);
        Assert.Equal([("a", 1, Hidden - TimeSpan.FromSeconds(4))], host.Store.Look("work"));
        await host.DisposeAsync();
    }

    public void Dispose() => go.Dispose();

    private static async Task CutShortAsync(StandaloneHost host)
    {
        var stop = host.StopAsync();
        await host.Clock.ArmedAsync(TimeSpan.FromSeconds(4));
        host.Clock.Advance(TimeSpan.FromSeconds(4));
        await stop;
    }

    private static async Task AskedAsync(StandaloneHost host, TimeSpan after)
    {
        var asked = host.Store.Receives;
        host.Clock.Advance(after);
        await host.Store.UntilAsync(() => host.Store.Receives > asked);
    }

    private async Task UntilReleasedAsync(string call, CancellationToken cancel)
    {
        await calls.Writer.WriteAsync(call, cancel);
        await go.WaitAsync(cancel);
    }

    private async Task EndlessAsync(string call, CancellationToken cancel)
    {
        await calls.Writer.WriteAsync(call, CancellationToken.None);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
    }

    // Lets the poller's idle waits pass, one after the other, until the time is up.
    private static async Task IdleAsync(StandaloneHost host, TimeSpan until)
    {
        for (var end = host.Clock.GetUtcNow() + until; host.Clock.GetUtcNow() < end;)
        {
            var asked = host.Store.Receives;
            host.Clock.Advance(await host.Clock.ArmedAsync(left => left <= TimeSpan.FromSeconds(40)));
            await host.Store.UntilAsync(() => host.Store.Receives > asked);
        }
    }

    private Task NoteAsync(string call, CancellationToken cancel) => calls.Writer.WriteAsync(call, cancel).AsTask();

    private async Task FailAsync(string call, CancellationToken cancel)
    {
        await NoteAsync(call, cancel);
        throw new InvalidOperationException("broken");
    }

    private Task<string> CallAsync() => calls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));
}
