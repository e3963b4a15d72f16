using ContributionIngest.Drivers.Local;
using ContributionIngest.Tests.Infrastructure;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class LocalArrivalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ManualClock clock = new();
    private readonly LocalStore store;

    public LocalArrivalTests() => store = new LocalStore(folder.FullName, clock);

    private LocalQueue Queue => store.Queue;

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_waiting_message_is_there_at_once()
    {
        await Queue.Put("work", "a", TimeSpan.Zero, default);

        Assert.True(Queue.Arrival("work", default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_message_that_is_put_ends_the_wait()
    {
        var arrival = Queue.Arrival("work", default);
        Assert.False(arrival.IsCompleted);

        await Queue.Put("other", "a", TimeSpan.Zero, default);
        Assert.False(arrival.IsCompleted);
        await Queue.Put("work", "a", TimeSpan.Zero, default);

        await arrival;
    }

    [Fact]
    public async Task A_hidden_message_ends_the_wait_in_its_moment()
    {
        await Queue.Put("work", "a", TimeSpan.FromMinutes(5), default);
        var arrival = Queue.Arrival("work", default);

        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.False(arrival.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));

        await arrival;
        Assert.Single(await Queue.Receive("work", 1, TimeSpan.FromMinutes(1), default));
    }

    [Fact]
    public async Task A_message_that_comes_before_a_hidden_one_ends_the_wait_earlier()
    {
        await Queue.Put("work", "a", TimeSpan.FromMinutes(5), default);
        var arrival = Queue.Arrival("work", default);

        await Queue.Put("work", "b", TimeSpan.Zero, default);

        await arrival;
    }

    [Fact]
    public async Task A_message_given_back_or_dead_lettered_ends_the_wait()
    {
        await Queue.Put("work", "a", TimeSpan.Zero, default);
        var message = Assert.Single(await Queue.Receive("work", 1, TimeSpan.FromHours(1), default));
        var back = Queue.Arrival("work", default);
        Assert.False(back.IsCompleted);

        await Queue.Extend("work", message, TimeSpan.Zero, default);
        await back;

        message = Assert.Single(await Queue.Receive("work", 1, TimeSpan.FromHours(1), default));
        back = Queue.Arrival("work", default);
        await Queue.GiveBack("work", message, default);
        await back;

        var poison = Queue.Arrival("work-poison", default);
        message = Assert.Single(await Queue.Receive("work", 1, TimeSpan.FromHours(1), default));
        await Queue.DeadLetter("work", message, default);
        await poison;
    }

    [Fact]
    public async Task All_who_wait_are_told()
    {
        var arrivals = Enumerable.Range(0, 5).Select(_ => Queue.Arrival("work", default)).ToArray();

        await Queue.Put("work", "a", TimeSpan.Zero, default);

        await Task.WhenAll(arrivals);
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var empty = Queue.Arrival("work", cancel.Token);
        await Queue.Put("later", "a", TimeSpan.FromHours(1), default);
        var hidden = Queue.Arrival("later", cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => empty);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hidden);
        Assert.Equal(0, clock.Waiting);
    }
}
