using System.Threading.Channels;
using Xunit;

namespace ContributionIngest.Tests.Hosts;

public sealed class QueuePollerTests
{
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(5);

    private readonly Channel<string> calls = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task A_message_that_was_handled_is_gone()
    {
        await using var door = await Standing.Queue(Note, bodies: ["one"]);
        Assert.Equal("one", await Call());
        await door.Store.Until(() => door.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task A_message_that_fails_waits_for_the_retry_delay_and_lands_in_the_poison_queue_at_the_last_attempt()
    {
        await using var door = await Standing.Queue(Fail, bodies: ["bad"]);
        foreach (var attempt in (int[])[1, 2, 3])
        {
            await Call();
            if (attempt == 3)
                break;
            await door.Store.Until(() => door.Store.Look("work") is [var kept] && kept.Hidden == Standing.Retry && kept.Attempt == attempt);
            await Idle(door, until: Standing.Retry);
        }

        await door.Store.Until(() => door.Store.Look("work-poison") is [("bad", 0, _)]);
        Assert.Empty(door.Store.Look("work"));
    }

    [Fact]
    public async Task A_message_that_fails_in_a_poison_queue_stays_there_hidden()
    {
        await using var door = await Standing.Queue(Fail, "work-poison", bodies: ["bad"]);
        await Call();
        await door.Clock.Armed(left => left < TimeSpan.FromSeconds(1));
        Assert.Equal([("bad", 1, Hidden)], door.Store.Look("work-poison"));
    }

    [Fact]
    public async Task As_many_run_side_by_side_as_batch_and_threshold_allow_and_no_more()
    {
        using var go = new SemaphoreSlim(0);
        await using var door = await Standing.Queue(
            async (call, cancel) =>
            {
                await calls.Writer.WriteAsync(call, cancel);
                await go.WaitAsync(cancel);
            },
            bodies: [.. Enumerable.Range(0, 20).Select(i => $"m{i}")]);

        for (var i = 0; i < 4; i++)
            await Call();
        Assert.Equal(16, door.Store.Look("work").Count(m => m.Attempt == 0));
        go.Release(2);
        for (var i = 0; i < 4; i++)
            await Call();
        Assert.Equal(12, door.Store.Look("work").Count(m => m.Attempt == 0));
        Assert.False(calls.Reader.TryRead(out _));
        go.Release(100);
        await door.Store.Until(() => door.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task A_message_stays_hidden_for_as_long_as_the_work_takes()
    {
        using var go = new SemaphoreSlim(0);
        await using var door = await Standing.Queue(
            async (call, cancel) =>
            {
                await calls.Writer.WriteAsync(call, cancel);
                await go.WaitAsync(cancel);
            },
            bodies: ["long"]);
        await Call();
        for (var i = 0; i < 3; i++)
        {
            await door.Clock.Armed(Renewal);
            door.Clock.Advance(Renewal);
            await door.Store.Until(() => door.Store.Look("work") is [("long", 1, var hidden)] && hidden == Hidden);
        }

        go.Release();
        await door.Store.Until(() => door.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task A_renewal_that_fails_is_tried_again_long_before_the_message_is_visible()
    {
        using var go = new SemaphoreSlim(0);
        await using var door = await Standing.Queue(
            async (call, cancel) =>
            {
                await calls.Writer.WriteAsync(call, cancel);
                await go.WaitAsync(cancel);
            },
            bodies: ["long"]);
        await Call();
        await door.Clock.Armed(Renewal);
        door.Store.ReceiptOutages = 2;
        door.Clock.Advance(Renewal);
        for (var i = 0; i < 2; i++)
        {
            await door.Clock.Armed(StoreRetry);
            door.Clock.Advance(StoreRetry);
        }

        await door.Store.Until(() => door.Store.Look("work") is [("long", 1, var hidden)] && hidden == Hidden);
        go.Release();
        await door.Store.Until(() => door.Store.Look("work").Count == 0);
    }

    [Fact]
    public async Task A_message_another_receiver_took_over_is_left_to_it()
    {
        using var go = new SemaphoreSlim(0);
        await using var door = await Standing.Queue(
            async (call, cancel) =>
            {
                await calls.Writer.WriteAsync(call, cancel);
                await go.WaitAsync(cancel);
            },
            bodies: ["taken"]);
        await Call();
        await door.Clock.Armed(Renewal);
        door.Store.Steal();
        go.Release();
        await door.Clock.Armed(left => left < TimeSpan.FromSeconds(1));
        Assert.Single(door.Store.Look("work"));
    }

    [Fact]
    public async Task Work_on_a_message_another_receiver_took_over_is_cancelled_as_soon_as_that_is_known()
    {
        var cancelled = new TaskCompletionSource();
        await using var door = await Standing.Queue(
            async (call, cancel) =>
            {
                await using var told = cancel.Register(cancelled.SetResult);
                await calls.Writer.WriteAsync(call, cancel);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            },
            bodies: ["taken"]);
        await Call();
        await door.Clock.Armed(Renewal);
        door.Store.Steal();
        door.Clock.Advance(Renewal);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await door.Clock.Armed(left => left < TimeSpan.FromSeconds(1));
        Assert.Equal([("taken", 1, Hidden - Renewal)], door.Store.Look("work"));
    }

    [Fact]
    public async Task Work_that_never_ends_is_cancelled_at_the_deadline_and_counts_as_failed()
    {
        await using var door = await Standing.Queue(
            async (call, cancel) =>
            {
                await calls.Writer.WriteAsync(call, cancel);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
            },
            bodies: ["endless"]);
        await Call();
        for (var waited = TimeSpan.Zero; waited < Standing.Deadline; waited += Renewal)
        {
            await door.Clock.Armed(Renewal);
            door.Clock.Advance(Renewal);
        }

        await door.Store.Until(() => door.Store.Look("work") is [("endless", 1, var hidden)] && hidden == Standing.Retry);
    }

    [Fact]
    public async Task An_idle_queue_is_asked_less_and_less_often_but_at_least_as_often_as_set()
    {
        await using var door = await Standing.Queue(Note);
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 14; i++)
        {
            waits.Add(await door.Clock.Armed(_ => true));
            var asked = door.Store.Receives;
            door.Clock.Advance(waits[^1]);
            await door.Store.Until(() => door.Store.Receives > asked);
        }

        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(120));
        Assert.InRange(waits[5], TimeSpan.FromMilliseconds(2560), TimeSpan.FromMilliseconds(3840));
        Assert.All(waits.Skip(9), wait => Assert.InRange(wait, TimeSpan.FromSeconds(32), TimeSpan.FromSeconds(40)));
    }

    [Fact]
    public async Task A_signal_of_the_store_ends_the_wait_at_once()
    {
        var signal = new TaskCompletionSource();
        await using var door = await Standing.Queue(Note, wake: (queue, cancel) =>
        {
            Assert.Equal("work", queue);
            return signal.Task.WaitAsync(cancel);
        });
        await door.Clock.Armed(_ => true);
        await door.Store.Put("work", "now", TimeSpan.Zero, CancellationToken.None);
        signal.SetResult();
        Assert.Equal("now", await Call());
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_again()
    {
        await using var door = await Standing.Queue(Note);
        await door.Clock.Armed(_ => true);
        await door.Store.Put("work", "late", TimeSpan.Zero, CancellationToken.None);
        door.Store.Outages = 3;
        await Idle(door, TimeSpan.FromSeconds(15));
        Assert.Equal("late", await Call());
    }

    [Fact]
    public async Task However_long_the_queue_was_idle_it_is_asked_within_seconds_after_the_store_was_away()
    {
        await using var door = await Standing.Queue(Note);
        for (var i = 0; i < 12; i++)
            await Asked(door, await door.Clock.Armed(_ => true));
        door.Store.Outages = 3;
        await Asked(door, await door.Clock.Armed(_ => true));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(StoreRetry, await door.Clock.Armed(_ => true));
            await Asked(door, StoreRetry);
        }

        Assert.Equal(0, door.Store.Outages);
    }

    [Fact]
    public async Task A_stop_lets_short_work_end_and_takes_nothing_new()
    {
        using var go = new SemaphoreSlim(0);
        var door = await Standing.Queue(
            async (call, cancel) =>
            {
                await calls.Writer.WriteAsync(call, cancel);
                await go.WaitAsync(cancel);
            },
            bodies: ["a"]);
        await Call();
        var stop = door.Stop();
        await door.Clock.Armed(TimeSpan.FromSeconds(4));
        await door.Store.Put("work", "b", TimeSpan.Zero, CancellationToken.None);
        go.Release();
        await stop;
        Assert.Equal([("b", 0, TimeSpan.Zero)], door.Store.Look("work"));
        await door.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_cuts_long_work_short_after_some_seconds_and_gives_its_message_back_with_the_attempt_not_counted()
    {
        var door = await Standing.Queue(Endless, bodies: ["a"]);
        await Call();
        await CutShort(door);
        Assert.Equal([("a", 0, TimeSpan.Zero)], door.Store.Look("work"));
        await door.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_that_finds_the_store_away_ends_and_its_message_comes_again_when_its_time_is_over()
    {
        var door = await Standing.Queue(Endless, bodies: ["a"]);
        await Call();
        door.Store.ReceiptOutages = 1;
        await CutShort(door);
        Assert.Equal([("a", 1, Hidden - TimeSpan.FromSeconds(4))], door.Store.Look("work"));
        await door.DisposeAsync();
    }

    private static async Task CutShort(Standing door)
    {
        var stop = door.Stop();
        await door.Clock.Armed(TimeSpan.FromSeconds(4));
        door.Clock.Advance(TimeSpan.FromSeconds(4));
        await stop;
    }

    private static async Task Asked(Standing door, TimeSpan after)
    {
        var asked = door.Store.Receives;
        door.Clock.Advance(after);
        await door.Store.Until(() => door.Store.Receives > asked);
    }

    private async Task Endless(string call, CancellationToken cancel)
    {
        await calls.Writer.WriteAsync(call, CancellationToken.None);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
    }

    // Lets the poller's idle waits pass, one after the other, until the time is up.
    private static async Task Idle(Standing door, TimeSpan until)
    {
        for (var end = door.Clock.GetUtcNow() + until; door.Clock.GetUtcNow() < end;)
        {
            var asked = door.Store.Receives;
            door.Clock.Advance(await door.Clock.Armed(left => left <= TimeSpan.FromSeconds(40)));
            await door.Store.Until(() => door.Store.Receives > asked);
        }
    }

    private Task Note(string call, CancellationToken cancel) => calls.Writer.WriteAsync(call, cancel).AsTask();

    private async Task Fail(string call, CancellationToken cancel)
    {
        await Note(call, cancel);
        throw new InvalidOperationException("broken");
    }

    private Task<string> Call() => calls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}
