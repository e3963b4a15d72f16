using System.Threading.Channels;
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
    public async Task A_message_that_was_handled_is_gone()
    {
        await using var host = await StandaloneHost.QueueAsync(NoteAsync, bodies: ["one"]);
        Assert.Equal("one", await CallAsync());
        await host.Store.UntilAsync(() => host.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task A_message_that_fails_waits_for_the_retry_delay_and_lands_in_the_poison_queue_at_the_last_attempt()
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
    public async Task A_message_that_fails_in_a_poison_queue_stays_there_hidden()
    {
        await using var host = await StandaloneHost.QueueAsync(FailAsync, "work-poison", bodies: ["bad"]);
        await CallAsync();
        await host.Clock.ArmedAsync(left => left < TimeSpan.FromSeconds(1));
        Assert.Equal([("bad", 1, Hidden)], host.Store.Look("work-poison"));
    }

    [Fact]
    public async Task As_many_run_side_by_side_as_batch_and_threshold_allow_and_no_more()
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
    public async Task A_message_stays_hidden_for_as_long_as_the_work_takes()
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
    public async Task A_renewal_that_fails_is_tried_again_long_before_the_message_is_visible()
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
    public async Task A_message_another_receiver_took_over_is_left_to_it()
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
    public async Task Work_on_a_message_another_receiver_took_over_is_cancelled_as_soon_as_that_is_known()
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

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await host.Clock.ArmedAsync(left => left < TimeSpan.FromSeconds(1));
        Assert.Equal([("taken", 1, Hidden - Renewal)], host.Store.Look("work"));
    }

    [Fact]
    public async Task Work_that_never_ends_is_cancelled_at_the_deadline_and_counts_as_failed()
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
    public async Task An_idle_queue_is_asked_less_and_less_often_but_at_least_as_often_as_set()
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
    public async Task A_signal_of_the_store_ends_the_wait_at_once()
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
    public async Task A_store_that_is_away_is_asked_again()
    {
        await using var host = await StandaloneHost.QueueAsync(NoteAsync);
        await host.Clock.ArmedAsync(_ => true);
        await host.Store.PutAsync("work", "late", TimeSpan.Zero, CancellationToken.None);
        host.Store.Outages = 3;
        await IdleAsync(host, TimeSpan.FromSeconds(15));
        Assert.Equal("late", await CallAsync());
    }

    [Fact]
    public async Task However_long_the_queue_was_idle_it_is_asked_within_seconds_after_the_store_was_away()
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
    public async Task A_stop_lets_short_work_end_and_takes_nothing_new()
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
    public async Task A_stop_cuts_long_work_short_after_some_seconds_and_gives_its_message_back_with_the_attempt_not_counted()
    {
        var host = await StandaloneHost.QueueAsync(EndlessAsync, bodies: ["a"]);
        await CallAsync();
        await CutShortAsync(host);
        Assert.Equal([("a", 0, TimeSpan.Zero)], host.Store.Look("work"));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_that_finds_the_store_away_ends_and_its_message_comes_again_when_its_time_is_over()
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

    private Task<string> CallAsync() => calls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}
