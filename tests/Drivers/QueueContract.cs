using ContributionIngest.Core.Storage;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public abstract class QueueContract(IDriver driver) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly string name = "q" + Guid.NewGuid().ToString("N");

    private IQueue Queue => driver.Queue;

    private string Poison => name + QueueLimits.PoisonSuffix;

    public void Dispose()
    {
        driver.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Unused_queue_is_empty()
    {
        Assert.Empty(await ReceiveAsync());
        Assert.Equal(0, await Queue.CountAsync(name, default));
    }

    [Fact]
    public async Task Age_of_a_queue_is_that_of_its_oldest_visible_message()
    {
        Assert.Null(await Queue.OldestAgeAsync(name, default));
        await PutAsync("old");
        await driver.AdvanceAsync(Minute);
        await PutAsync("young");
        Assert.InRange((await Queue.OldestAgeAsync(name, default))!.Value, TimeSpan.FromSeconds(55), TimeSpan.FromSeconds(100));

        Assert.Equal(2, (await ReceiveAsync(2)).Count);
        Assert.Null(await Queue.OldestAgeAsync(name, default));
    }

    [Theory]
    [InlineData("{\"feed\":\"abc\",\"n\":3}")]
    [InlineData("")]
    [InlineData("ä 😀 <&> \u0001 \r\n \0 end")]
    public async Task Message_keeps_its_body(string body)
    {
        await PutAsync(body);

        var message = Assert.Single(await ReceiveAsync());
        Assert.Equal((body, 1), (message.Body, message.Attempt));
    }

    [Fact]
    public async Task Body_of_48_KiB_is_accepted_and_a_larger_one_rejected()
    {
        var largest = new string('ä', IQueue.MaximumBody / 2);
        await PutAsync(largest);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => PutAsync(largest + "x"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => PutAsync("half \uD83D"));
        Assert.Equal(largest, Assert.Single(await ReceiveAsync()).Body);
    }

    [Fact]
    public async Task Queues_are_independent()
    {
        await PutAsync("a");

        Assert.Empty(await Queue.ReceiveAsync(name + "x", 1, Minute, default));
    }

    [Fact]
    public async Task Received_message_is_hidden_for_its_visibility_timeout_and_counts_attempts()
    {
        await PutAsync("a");
        var first = Assert.Single(await ReceiveAsync(hidden: Minute));

        Assert.Empty(await ReceiveAsync());
        await driver.AdvanceAsync(TimeSpan.FromSeconds(58));
        Assert.Empty(await ReceiveAsync());
        await driver.AdvanceAsync(TimeSpan.FromSeconds(4));
        var second = Assert.Single(await ReceiveAsync(hidden: Minute));

        Assert.Equal((first.Id, "a", 2), (second.Id, second.Body, second.Attempt));
        Assert.NotEqual(first.Receipt, second.Receipt);
    }

    [Fact]
    public async Task Delayed_message_becomes_visible_on_time_and_is_counted_before()
    {
        await Queue.PutAsync(name, "later", TimeSpan.FromHours(2), default);

        Assert.Empty(await ReceiveAsync());
        Assert.Equal(1, await Queue.CountAsync(name, default));
        await driver.AdvanceAsync(TimeSpan.FromMinutes(119));
        Assert.Empty(await ReceiveAsync());
        await driver.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Equal("later", Assert.Single(await ReceiveAsync()).Body);
    }

    [Fact]
    public async Task Message_outlives_the_services_default_of_seven_days()
    {
        await PutAsync("a");

        await driver.AdvanceAsync(TimeSpan.FromDays(30));

        Assert.Single(await ReceiveAsync());
    }

    [Fact]
    public async Task No_more_messages_are_received_than_asked_for()
    {
        for (var i = 0; i < 5; i++)
            await PutAsync($"m{i}");

        var three = await ReceiveAsync(3);
        var two = await ReceiveAsync(3);

        Assert.Equal((3, 2), (three.Count, two.Count));
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], three.Concat(two).Select(m => m.Body).Order(StringComparer.Ordinal));
        Assert.Equal(5, await Queue.CountAsync(name, default));
    }

    [Fact]
    public async Task Message_is_deleted_with_its_latest_receipt()
    {
        await PutAsync("a");
        var message = Assert.Single(await ReceiveAsync());

        Assert.True(await Queue.DeleteAsync(name, message, default));
        Assert.False(await Queue.DeleteAsync(name, message, default));
        Assert.Equal(0, await Queue.CountAsync(name, default));
    }

    [Fact]
    public async Task Outdated_receipt_has_no_effect()
    {
        await PutAsync("a");
        var old = Assert.Single(await ReceiveAsync(hidden: Minute));
        await driver.AdvanceAsync(Minute * 2);
        var current = Assert.Single(await ReceiveAsync(hidden: Minute));

        Assert.False(await Queue.DeleteAsync(name, old, default));
        Assert.Null(await Queue.ExtendAsync(name, old, Minute, default));
        Assert.False(await Queue.DeadLetterAsync(name, old, default));
        Assert.Equal((1, 0), (await Queue.CountAsync(name, default), await Queue.CountAsync(Poison, default)));
        Assert.True(await Queue.DeleteAsync(name, current, default));
    }

    [Fact]
    public async Task Expired_receipt_is_valid_until_the_message_is_received_again()
    {
        await PutAsync("a");
        var message = Assert.Single(await ReceiveAsync(hidden: Minute));

        await driver.AdvanceAsync(Minute * 2);

        Assert.True(await Queue.DeleteAsync(name, message, default));
    }

    [Fact]
    public async Task Extension_hides_the_message_from_now_and_returns_a_new_receipt()
    {
        await PutAsync("ä <b>");
        var message = Assert.Single(await ReceiveAsync(hidden: Minute));
        await driver.AdvanceAsync(TimeSpan.FromSeconds(50));

        var extended = await Queue.ExtendAsync(name, message, Minute, default);

        Assert.Equal((message.Id, "ä <b>", 1), (extended!.Id, extended.Body, extended.Attempt));
        Assert.NotEqual(message.Receipt, extended.Receipt);
        await driver.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.Empty(await ReceiveAsync());
        Assert.False(await Queue.DeleteAsync(name, message, default));
        await driver.AdvanceAsync(TimeSpan.FromSeconds(20));
        var again = Assert.Single(await ReceiveAsync());
        Assert.Equal(("ä <b>", 2), (again.Body, again.Attempt));
    }

    [Fact]
    public async Task Extension_by_zero_makes_the_message_visible_at_once()
    {
        await PutAsync("a");
        var message = Assert.Single(await ReceiveAsync());

        Assert.NotNull(await Queue.ExtendAsync(name, message, TimeSpan.Zero, default));

        Assert.Equal(2, Assert.Single(await ReceiveAsync()).Attempt);
    }

    [Fact]
    public async Task Released_message_is_visible_at_once_and_its_attempt_is_not_counted()
    {
        await PutAsync("ä <b>");
        await PutAsync("other");
        var received = await ReceiveAsync();
        var (one, other) = (received.Single(m => m.Body != "other"), received.Single(m => m.Body == "other"));

        Assert.True(await Queue.GiveBackAsync(name, one, default));

        var again = Assert.Single(await ReceiveAsync());
        Assert.Equal(("ä <b>", 1), (again.Body, again.Attempt));
        Assert.Equal(2, await Queue.CountAsync(name, default));
        Assert.True(await Queue.DeleteAsync(name, other, default));
        Assert.True(await Queue.DeleteAsync(name, again, default));
    }

    [Fact]
    public async Task Message_that_is_always_released_is_never_poisoned()
    {
        await PutAsync("a");
        for (var i = 0; i <= IQueue.MaximumAttempts; i++)
            Assert.True(await Queue.GiveBackAsync(name, Assert.Single(await ReceiveAsync()), default));

        Assert.Equal((1, 0), (await Queue.CountAsync(name, default), await Queue.CountAsync(Poison, default)));
    }

    [Fact]
    public async Task Release_takes_back_only_its_own_attempt()
    {
        await PutAsync("a");
        await Queue.ExtendAsync(name, Assert.Single(await ReceiveAsync()), TimeSpan.Zero, default);
        await Queue.GiveBackAsync(name, Assert.Single(await ReceiveAsync()), default);

        // A store that cannot lower a count begins it anew.
        Assert.InRange(Assert.Single(await ReceiveAsync()).Attempt, 1, 2);
    }

    [Fact]
    public async Task Release_of_a_message_that_was_deleted_or_received_again_does_nothing()
    {
        await PutAsync("a");
        var old = Assert.Single(await ReceiveAsync(hidden: Minute));
        await driver.AdvanceAsync(Minute * 2);
        var current = Assert.Single(await ReceiveAsync(hidden: Minute));

        Assert.False(await Queue.GiveBackAsync(name, old, default));
        Assert.Empty(await ReceiveAsync());
        Assert.True(await Queue.GiveBackAsync(name, current, default));
        Assert.False(await Queue.GiveBackAsync(name, current, default));
        var last = Assert.Single(await ReceiveAsync());
        Assert.True(await Queue.DeleteAsync(name, last, default));
        Assert.False(await Queue.GiveBackAsync(name, last, default));
        Assert.Equal(0, await Queue.CountAsync(name, default));
    }

    [Fact]
    public async Task Message_of_a_poison_queue_can_be_released()
    {
        await Queue.PutAsync(Poison, "a", TimeSpan.Zero, default);

        Assert.True(await Queue.GiveBackAsync(Poison, Assert.Single(await Queue.ReceiveAsync(Poison, 1, Minute, default)), default));

        Assert.Equal(("a", 1), Assert.Single(await Queue.ReceiveAsync(Poison, 1, Minute, default)) is var m ? (m.Body, m.Attempt) : default);
    }

    [Fact]
    public async Task Extending_or_dead_lettering_a_deleted_message_reports_that_it_is_gone()
    {
        await PutAsync("a");
        var message = Assert.Single(await ReceiveAsync());
        await Queue.DeleteAsync(name, message, default);

        Assert.Null(await Queue.ExtendAsync(name, message, Minute, default));
        Assert.False(await Queue.DeadLetterAsync(name, message, default));
        Assert.Equal(0, await Queue.CountAsync(Poison, default));
    }

    [Fact]
    public async Task Message_moves_to_the_poison_queue_after_five_attempts()
    {
        await PutAsync("poison ä");
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var message = Assert.Single(await ReceiveAsync());
            Assert.Equal(attempt, message.Attempt);
            await Queue.ExtendAsync(name, message, TimeSpan.Zero, default);
        }

        Assert.Empty(await ReceiveAsync());
        Assert.Equal((0, 1), (await Queue.CountAsync(name, default), await Queue.CountAsync(Poison, default)));
        var poisoned = Assert.Single(await Queue.ReceiveAsync(Poison, 1, Minute, default));
        Assert.Equal(("poison ä", 1), (poisoned.Body, poisoned.Attempt));
    }

    [Fact]
    public async Task Poisoned_message_does_not_take_the_place_of_a_good_one()
    {
        await PutAsync("bad");
        for (var attempt = 1; attempt <= 5; attempt++)
            await Queue.ExtendAsync(name, Assert.Single(await ReceiveAsync()), TimeSpan.Zero, default);
        await PutAsync("good");

        Assert.Equal("good", Assert.Single(await ReceiveAsync(1)).Body);
    }

    [Fact]
    public async Task Message_in_a_poison_queue_stays_there()
    {
        await Queue.PutAsync(Poison, "a", TimeSpan.Zero, default);
        for (var attempt = 1; attempt <= 8; attempt++)
        {
            var message = Assert.Single(await Queue.ReceiveAsync(Poison, 1, Minute, default));
            Assert.Equal(attempt, message.Attempt);
            await Queue.ExtendAsync(Poison, message, TimeSpan.Zero, default);
        }
    }

    [Fact]
    public async Task Dead_lettered_message_is_moved_at_once()
    {
        await PutAsync("a");
        var message = Assert.Single(await ReceiveAsync());

        Assert.True(await Queue.DeadLetterAsync(name, message, default));

        Assert.Equal(0, await Queue.CountAsync(name, default));
        Assert.Equal("a", Assert.Single(await Queue.ReceiveAsync(Poison, 1, Minute, default)).Body);
        Assert.False(await Queue.DeadLetterAsync(name, message, default));
    }

    [Fact]
    public async Task Concurrent_receivers_never_get_the_same_message()
    {
        for (var i = 0; i < 40; i++)
            await PutAsync($"m{i}");

        var received = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ReceiveAsync(5))));

        Assert.Equal(40, received.SelectMany(r => r).Select(m => m.Body).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(40, received.Sum(r => r.Count));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("two--hyphens")]
    [InlineData("-first")]
    [InlineData("last-")]
    [InlineData("a_b")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567")]
    public async Task Invalid_queue_names_are_rejected(string queue)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Queue.PutAsync(queue, "a", TimeSpan.Zero, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Queue.ReceiveAsync(queue, 1, Minute, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Queue.GiveBackAsync(queue, new QueueMessage("1", "1", "", 1), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Queue.CountAsync(queue, default));
    }

    [Fact]
    public async Task Counts_and_durations_beyond_the_services_limits_are_rejected()
    {
        var message = new QueueMessage("1", "1", "", 1);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ReceiveAsync(0));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ReceiveAsync(33));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ReceiveAsync(1, TimeSpan.Zero));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => ReceiveAsync(1, TimeSpan.FromSeconds(604_801)));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Queue.PutAsync(name, "a", TimeSpan.FromSeconds(-1), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Queue.PutAsync(name, "a", TimeSpan.FromSeconds(604_801), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Queue.ExtendAsync(name, message, TimeSpan.FromSeconds(604_801), default));
        await Queue.PutAsync(name, "a", TimeSpan.FromDays(7), default);
        await PutAsync("b");
        Assert.Single(await ReceiveAsync(32, TimeSpan.FromDays(7)));
    }

    private Task PutAsync(string body) => Queue.PutAsync(name, body, TimeSpan.Zero, default);

    private Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int count = 32, TimeSpan? hidden = null) =>
        Queue.ReceiveAsync(name, count, hidden ?? Minute, default);
}
