using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class LocalMessageAvailableTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestClock clock = new() { Skip = TimeSpan.Zero };
    private readonly SqliteStore store;

    public LocalMessageAvailableTests() => store = new SqliteStore(folder.FullName, clock);

    private SqliteQueue Queue => store.Queue;

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Waiting_message_completes_the_wait_at_once()
    {
        await Queue.PutAsync("work", "a", TimeSpan.Zero, default);

        Assert.True(Queue.MessageAvailableAsync("work", default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task New_message_ends_the_wait()
    {
        var arrival = Queue.MessageAvailableAsync("work", default);
        Assert.False(arrival.IsCompleted);

        await Queue.PutAsync("other", "a", TimeSpan.Zero, default);
        Assert.False(arrival.IsCompleted);
        await Queue.PutAsync("work", "a", TimeSpan.Zero, default);

        await arrival;
    }

    [Fact]
    public async Task Hidden_message_ends_the_wait_when_it_becomes_visible()
    {
        await Queue.PutAsync("work", "a", TimeSpan.FromMinutes(5), default);
        var arrival = Queue.MessageAvailableAsync("work", default);

        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.False(arrival.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));

        await arrival;
        Assert.Single(await Queue.ReceiveAsync("work", 1, TimeSpan.FromMinutes(1), default));
    }

    [Fact]
    public async Task Message_visible_before_a_hidden_one_ends_the_wait_earlier()
    {
        await Queue.PutAsync("work", "a", TimeSpan.FromMinutes(5), default);
        var arrival = Queue.MessageAvailableAsync("work", default);

        await Queue.PutAsync("work", "b", TimeSpan.Zero, default);

        await arrival;
    }

    [Fact]
    public async Task Released_or_dead_lettered_message_ends_the_wait()
    {
        await Queue.PutAsync("work", "a", TimeSpan.Zero, default);
        var message = Assert.Single(await Queue.ReceiveAsync("work", 1, TimeSpan.FromHours(1), default));
        var back = Queue.MessageAvailableAsync("work", default);
        Assert.False(back.IsCompleted);

        await Queue.ExtendAsync("work", message, TimeSpan.Zero, default);
        await back;

        message = Assert.Single(await Queue.ReceiveAsync("work", 1, TimeSpan.FromHours(1), default));
        back = Queue.MessageAvailableAsync("work", default);
        await Queue.GiveBackAsync("work", message, default);
        await back;

        var poison = Queue.MessageAvailableAsync("work-poison", default);
        message = Assert.Single(await Queue.ReceiveAsync("work", 1, TimeSpan.FromHours(1), default));
        await Queue.DeadLetterAsync("work", message, default);
        await poison;
    }

    [Fact]
    public async Task Message_stays_hidden_no_longer_than_asked_when_the_clock_is_set_back()
    {
        await Queue.PutAsync("work", "put off", TimeSpan.FromMinutes(5), default);
        await Queue.PutAsync("held", "held", TimeSpan.Zero, default);
        await Queue.ReceiveAsync("held", 1, TimeSpan.FromMinutes(5), default);
        var arrivals = Task.WhenAll(Queue.MessageAvailableAsync("work", default), Queue.MessageAvailableAsync("held", default));
        clock.Advance(TimeSpan.FromMinutes(1));

        clock.SetBack(TimeSpan.FromDays(1));
        clock.Advance(TimeSpan.FromMinutes(4) - TimeSpan.FromSeconds(1));
        Assert.Empty(await Queue.ReceiveAsync("work", 1, TimeSpan.FromMinutes(5), default));
        Assert.False(arrivals.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        await arrivals.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Single(await Queue.ReceiveAsync("work", 1, TimeSpan.FromMinutes(5), default));
        Assert.Single(await Queue.ReceiveAsync("held", 1, TimeSpan.FromMinutes(5), default));
    }

    [Fact]
    public async Task Clock_set_back_while_the_store_is_closed_delays_no_message_longer_than_asked()
    {
        await Queue.PutAsync("work", "late", TimeSpan.FromHours(2), default);
        await Queue.PutAsync("work", "soon", TimeSpan.FromMinutes(5), default);
        store.Dispose();
        clock.SetBack(TimeSpan.FromDays(1));

        using var again = new SqliteStore(folder.FullName, clock);
        Assert.Empty(await again.Queue.ReceiveAsync("work", 2, TimeSpan.FromDays(1), default));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("soon", Assert.Single(await again.Queue.ReceiveAsync("work", 2, TimeSpan.FromDays(1), default)).Body);
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal("late", Assert.Single(await again.Queue.ReceiveAsync("work", 2, TimeSpan.FromDays(1), default)).Body);
    }

    [Fact]
    public async Task All_waiters_are_notified()
    {
        var arrivals = Enumerable.Range(0, 5).Select(_ => Queue.MessageAvailableAsync("work", default)).ToArray();

        await Queue.PutAsync("work", "a", TimeSpan.Zero, default);

        await Task.WhenAll(arrivals);
    }

    [Fact]
    public async Task Wait_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var empty = Queue.MessageAvailableAsync("work", cancel.Token);
        await Queue.PutAsync("later", "a", TimeSpan.FromHours(1), default);
        var hidden = Queue.MessageAvailableAsync("later", cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => empty);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hidden);
        Assert.Equal(0, clock.Waiting);
    }
}
