using System.Globalization;
using System.Threading.Channels;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

public sealed class TimerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Channel<DateTimeOffset> calls = Channel.CreateUnbounded<DateTimeOffset>();

    [Fact]
    public async Task Timer_calls_its_function_at_every_tick_and_not_before()
    {
        var clock = StandaloneHost.At("2026-03-01T00:00:20Z");
        await using var host = await StandaloneHost.TimerAsync("0 * * * * *", Note(clock), clock);

        await clock.ArmedAsync(TimeSpan.FromSeconds(40));
        clock.Advance(TimeSpan.FromSeconds(39));
        Assert.False(calls.Reader.TryRead(out _));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 1, 0, TimeSpan.Zero), await CallAsync());
        await clock.ArmedAsync(Minute);
        clock.Advance(Minute);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 2, 0, TimeSpan.Zero), await CallAsync());
    }

    [Fact]
    public async Task Ticks_missed_while_stopped_are_made_up_for_by_one_call()
    {
        var clock = StandaloneHost.At("2026-03-01T00:00:00Z");
        var store = new MemoryStore(clock);
        await using (await StandaloneHost.TimerAsync("0 20 3 * * *", Note(clock), clock, store))
        {
            await TickAsync(clock, TimeSpan.FromMinutes(200));
            await CallAsync();
            await store.UntilAsync(() => !store.Blobs.IsEmpty);
        }

        clock.Advance(TimeSpan.FromDays(5));
        await using var again = await StandaloneHost.TimerAsync("0 20 3 * * *", Note(clock), clock, store);
        Assert.Equal(clock.GetUtcNow(), await CallAsync());
        await clock.ArmedAsync(Minute);
        Assert.False(calls.Reader.TryRead(out _));
    }

    [Fact]
    public async Task First_start_waits_for_its_tick()
    {
        var clock = StandaloneHost.At("2026-03-01T12:00:00Z");
        await using var host = await StandaloneHost.TimerAsync("0 20 3 * * *", Note(clock), clock);
        await clock.ArmedAsync(Minute);
        Assert.False(calls.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Call_lasting_three_ticks_never_overlaps_another_and_is_followed_by_one()
    {
        var clock = StandaloneHost.At("2026-03-01T00:00:00Z");
        var running = 0;
        var most = 0;
        using var first = new SemaphoreSlim(0);
        await using var host = await StandaloneHost.TimerAsync(
            "0 * * * * *",
            async (_, cancel) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await calls.Writer.WriteAsync(clock.GetUtcNow(), cancel);
                if (clock.GetUtcNow().Minute == 1)
                    await first.WaitAsync(cancel);
                Interlocked.Decrement(ref running);
            },
            clock);

        await clock.ArmedAsync(Minute);
        clock.Advance(Minute);
        await CallAsync();
        clock.Advance(TimeSpan.FromSeconds(200));
        Assert.False(calls.Reader.TryRead(out _));
        first.Release();
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 4, 20, TimeSpan.Zero), await CallAsync());
        await clock.ArmedAsync(TimeSpan.FromSeconds(40));
        Assert.False(calls.Reader.TryRead(out _));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Failed_call_does_not_prevent_the_next_tick()
    {
        var clock = StandaloneHost.At("2026-03-01T00:00:00Z");
        await using var host = await StandaloneHost.TimerAsync(
            "0 * * * * *",
            async (_, cancel) =>
            {
                await calls.Writer.WriteAsync(clock.GetUtcNow(), cancel);
                throw new InvalidOperationException("broken");
            },
            clock);
        for (var i = 0; i < 3; i++)
        {
            await clock.ArmedAsync(Minute);
            clock.Advance(Minute);
            await CallAsync();
        }
    }

    [Fact]
    public async Task Machine_waking_from_sleep_catches_up_within_a_minute()
    {
        var clock = StandaloneHost.At("2026-03-01T22:00:00Z");
        await using var host = await StandaloneHost.TimerAsync("0 20 3 * * *", Note(clock), clock);
        await clock.ArmedAsync(Minute);
        clock.Sleep(TimeSpan.FromHours(10));
        clock.Advance(Minute);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 8, 1, 0, TimeSpan.Zero), await CallAsync());
    }

    [Fact]
    public async Task Minutely_timer_keeps_running_every_minute_when_the_clock_is_set_back()
    {
        var clock = StandaloneHost.At("2026-03-02T12:00:00Z");
        await using var host = await StandaloneHost.TimerAsync("0 * * * * *", Note(clock), clock);
        await clock.ArmedAsync(Minute);
        clock.Advance(Minute);
        await CallAsync();
        await clock.ArmedAsync(Minute);
        clock.Advance(TimeSpan.FromSeconds(20));

        clock.SetBack(TimeSpan.FromDays(1));
        clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 2, 0, TimeSpan.Zero), await CallAsync());
        await clock.ArmedAsync(Minute);
        clock.Advance(Minute);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 3, 0, TimeSpan.Zero), await CallAsync());
    }

    [Theory]
    [InlineData("00:00:00.2", "2026-03-03T03:20:00Z", 1440)]
    [InlineData("01:00:00", "2026-03-03T03:20:00Z", 1500)]
    [InlineData("13:00:00", "2026-03-02T03:20:00Z", 780)]
    [InlineData("1.00:00:00", "2026-03-02T03:20:00Z", 1440)]
    [InlineData("7.00:00:00", "2026-02-24T03:20:00Z", 1440)]
    public async Task Daily_timer_runs_about_a_day_later_however_far_the_clock_is_set_back(string setBack, string expected, int minutes)
    {
        var clock = StandaloneHost.At("2026-03-02T03:19:30Z");
        await using var host = await StandaloneHost.TimerAsync("0 20 3 * * *", Note(clock), clock);
        await clock.ArmedAsync(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromSeconds(30));
        await CallAsync();
        var called = clock.GetTimestamp();

        await clock.ArmedAsync(Minute);
        clock.SetBack(TimeSpan.Parse(setBack, CultureInfo.InvariantCulture));
        while (!calls.Reader.TryPeek(out _) && clock.GetElapsedTime(called) < TimeSpan.FromDays(2))
        {
            await clock.ArmedAsync(left => left <= Minute);
            clock.Advance(Minute);
            await Task.WhenAny(clock.ArmedAsync(left => left <= Minute), ArrivalAsync());
        }

        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), await CallAsync(), Minute);
        Assert.InRange(clock.GetElapsedTime(called).TotalMinutes, minutes, minutes + 1);
    }

    [Fact]
    public async Task Call_interrupted_by_a_stop_counts_as_missed_and_runs_at_the_next_start()
    {
        var clock = StandaloneHost.At("2026-03-01T03:19:30Z");
        var store = new MemoryStore(clock);
        await store.PutAsync("timers", "Tick", "2026-02-28T03:20:00.0000000+00:00"u8.ToArray(), CancellationToken.None);
        var host = await StandaloneHost.TimerAsync(
            "0 20 3 * * *",
            async (_, cancel) =>
            {
                await calls.Writer.WriteAsync(clock.GetUtcNow(), CancellationToken.None);
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel);
            },
            clock,
            store);
        await clock.ArmedAsync(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromSeconds(30));
        await CallAsync();
        var stop = host.StopAsync();
        await clock.ArmedAsync(TimeSpan.FromSeconds(4));
        clock.Advance(TimeSpan.FromSeconds(4));
        await stop;
        await host.DisposeAsync();

        await using var again = await StandaloneHost.TimerAsync("0 20 3 * * *", Note(clock), clock, store);
        Assert.Equal(clock.GetUtcNow(), await CallAsync());
    }

    private static async Task TickAsync(TestClock clock, TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero; left -= Minute)
        {
            await clock.ArmedAsync(Minute);
            clock.Advance(Minute);
        }
    }

    private Func<string?, CancellationToken, Task> Note(TestClock clock) =>
        async (call, cancel) =>
        {
            Assert.Null(call);
            await calls.Writer.WriteAsync(clock.GetUtcNow(), cancel);
        };

    private Task ArrivalAsync() => calls.Reader.WaitToReadAsync().AsTask();

    private Task<DateTimeOffset> CallAsync() => calls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));
}
