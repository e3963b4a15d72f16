using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

[Collection(Azurite.Collection)]
public sealed class AzureQueueAndBlobFaultTests
{
    private readonly string name = "x" + Guid.NewGuid().ToString("N");
    private readonly TestClock clock = new() { Skip = TimeSpan.FromSeconds(31) };
    private readonly FaultTransport transport = new();
    private readonly AzureStore store;

    public AzureQueueAndBlobFaultTests(Azurite azurite) =>
        store = AzureStore.FromConnectionString(azurite.ConnectionString, clock, transport);

    private IQueue Queue => store.Queue;

    private IBlobs Blobs => store.Blobs;

    [Fact]
    public async Task Message_is_enqueued_at_least_once_when_the_answer_to_its_put_is_lost()
    {
        await Queue.PutAsync(name, "first", TimeSpan.Zero, default);
        transport.Next(Faults.After(Faults.Reset));

        await Queue.PutAsync(name, "second", TimeSpan.Zero, default);

        var bodies = (await ReceiveAsync(32)).Select(m => m.Body).ToArray();
        Assert.Contains("second", bodies);
        Assert.Single(bodies, b => b == "first");
    }

    [Fact]
    public async Task Deletion_counts_as_done_when_its_answer_is_lost()
    {
        await Queue.PutAsync(name, "a", TimeSpan.Zero, default);
        var message = Assert.Single(await ReceiveAsync(1));
        transport.Next(Faults.After(Faults.Busy));

        Assert.True(await Queue.DeleteAsync(name, message, default));
    }

    [Fact]
    public async Task Message_is_redelivered_when_the_answer_to_its_extension_is_lost()
    {
        await Queue.PutAsync(name, "a", TimeSpan.Zero, default);
        var message = Assert.Single(await ReceiveAsync(1));
        transport.Next(Faults.After(Faults.Reset));

        Assert.Null(await Queue.ExtendAsync(name, message, TimeSpan.Zero, default));

        Assert.Equal(2, Assert.Single(await ReceiveAsync(1)).Attempt);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Dead_lettering_interrupted_at_any_request_loses_nothing(int undisturbed)
    {
        await Queue.PutAsync(name, "a", TimeSpan.Zero, default);
        var message = Assert.Single(await ReceiveAsync(1));
        transport.Next([.. Enumerable.Repeat(Faults.None, undisturbed), Faults.After(Faults.Busy)]);

        var moved = await Queue.DeadLetterAsync(name, message, default);

        Assert.Equal(moved ? 0 : 1, await Queue.CountAsync(name, default));
        Assert.InRange(await Queue.CountAsync(name + QueueLimits.PoisonSuffix, default), moved ? 1 : 0, moved ? 2 : 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Releasing_a_message_interrupted_at_any_request_loses_nothing(int undisturbed)
    {
        await Queue.PutAsync(name, "a", TimeSpan.Zero, default);
        var message = Assert.Single(await ReceiveAsync(1));
        transport.Next([.. Enumerable.Repeat(Faults.None, undisturbed), Faults.After(Faults.Busy)]);

        var isGivenBack = await Queue.GiveBackAsync(name, message, default);

        // Where the answer to the first of the three requests is lost, the message is taken for somebody else's and comes again in its time.
        Assert.Equal(undisturbed > 0, isGivenBack);
        Assert.InRange(await Queue.CountAsync(name, default), 1, 2);
        Assert.All(await ReceiveAsync(32), m => Assert.Equal(("a", 1), (m.Body, m.Attempt)));
    }

    [Fact]
    public async Task Good_messages_are_delivered_although_a_poisoned_one_beside_them_cannot_be_moved()
    {
        await Queue.PutAsync(name, "bad", TimeSpan.Zero, default);
        for (var attempt = 1; attempt <= IQueue.MaximumAttempts; attempt++)
            await Queue.ExtendAsync(name, Assert.Single(await ReceiveAsync(1)), TimeSpan.Zero, default);
        await Queue.PutAsync(name, "good", TimeSpan.Zero, default);
        transport.Next([Faults.None, .. Enumerable.Repeat(Faults.Reset, 5)]);

        Assert.Equal("good", Assert.Single(await ReceiveAsync(32)).Body);
    }

    [Fact]
    public async Task Receive_is_retried_when_the_service_is_busy()
    {
        await Queue.PutAsync(name, "a", TimeSpan.Zero, default);
        transport.Next(Faults.Busy, Faults.Reset);

        Assert.Single(await ReceiveAsync(1));
    }

    [Fact]
    public async Task Body_that_is_not_base64_is_passed_on_unchanged()
    {
        await Queue.PutAsync(name, "a", TimeSpan.Zero, default);
        transport.Next(Faults.Answer(
            200,
            "<?xml version=\"1.0\"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId><PopReceipt>r</PopReceipt><DequeueCount>1</DequeueCount>" +
            "<InsertionTime>Wed, 04 Mar 2026 05:06:07 GMT</InsertionTime><ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime>" +
            "<TimeNextVisible>Wed, 04 Mar 2026 05:07:07 GMT</TimeNextVisible><MessageText>{\"by\":\"hand\"}</MessageText></QueueMessage></QueueMessagesList>"));

        Assert.Equal("{\"by\":\"hand\"}", Assert.Single(await ReceiveAsync(1)).Body);
    }

    [Fact]
    public async Task Conditional_blob_put_recognises_its_own_blob_when_the_answer_is_lost()
    {
        await Blobs.PutAsync(name, "other", new byte[1], default);
        transport.Next(Faults.After(Faults.Reset));
        Assert.True(await Blobs.PutIfAbsentAsync(name, "a", new byte[] { 1 }, default));

        transport.Next(Faults.Meanwhile(() => Blobs.PutAsync(name, "b", new byte[] { 2 }, default), Faults.Busy));
        Assert.False(await Blobs.PutIfAbsentAsync(name, "b", new byte[] { 1 }, default));
        Assert.Equal(new byte[] { 2 }, await Blobs.GetAsync(name, "b", default));
    }

    [Fact]
    public async Task Blob_put_and_deletion_are_repeated_when_the_request_is_lost()
    {
        transport.Next(Faults.None, Faults.None, Faults.After(Faults.Busy));
        await Blobs.PutAsync(name, "a", new byte[] { 1 }, default);
        Assert.Equal(new byte[] { 1 }, await Blobs.GetAsync(name, "a", default));

        transport.Next(Faults.After(Faults.Reset));
        Assert.True(await Blobs.DeleteAsync(name, "a", default));
        Assert.False(await Blobs.DeleteAsync(name, "a", default));
    }

    [Fact]
    public async Task Blob_is_read_whole_when_its_body_arrives_in_pieces_or_breaks_off()
    {
        var content = new byte[3000];
        new Random(1).NextBytes(content);
        await Blobs.PutAsync(name, "a", content, default);

        transport.Next(Faults.Trickle());
        Assert.Equal(content, await Blobs.GetAsync(name, "a", default));
        transport.Sent.Clear();
        transport.Next(Faults.Trickle(until: 1500));
        Assert.Equal(content, await Blobs.GetAsync(name, "a", default));

        // It was asked for again as a whole, after a pause, and not gone on with at once.
        Assert.Equal(2, transport.Sent.Count);
        Assert.All(transport.Sent, s => Assert.False(s.Headers.ContainsKey("Range") || s.Headers.ContainsKey("x-ms-range")));
        Assert.True(clock.GetUtcNow() > TestClock.Begin);
    }

    [Fact]
    public async Task Blob_is_requested_again_after_a_minute_without_bytes()
    {
        await Blobs.PutAsync(name, "a", new byte[3000], default);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        transport.Next(Faults.Stall(begun));

        var get = Blobs.GetAsync(name, "a", default);
        await begun.Task;
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(get.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(3000, (await get)!.Length);
    }

    [Theory]
    [InlineData("application/json", """{"message":"upstream"}""")]
    [InlineData("application/json", "cut {")]
    [InlineData("application/xml", "<html>")]
    [InlineData("text/html", "<html>")]
    public async Task Gateways_own_error_page_is_not_taken_for_an_answer_of_the_service(string type, string body)
    {
        await Queue.PutAsync(name, "a", TimeSpan.Zero, default);
        await Blobs.PutAsync(name, "a", new byte[1], default);

        transport.Next(Faults.Answer(502, body, ("Content-Type", type)));
        Assert.Single(await ReceiveAsync(1));
        transport.Next(Faults.Answer(502, body, ("Content-Type", type)));
        Assert.NotNull(await Blobs.GetAsync(name, "a", default));
        transport.Next(Enumerable.Repeat(Faults.Answer(502, body, ("Content-Type", type)), 5));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Blobs.ListAsync(name, "", default).ToListAsync().AsTask());
    }

    [Fact]
    public async Task Operation_waits_for_a_container_that_is_being_deleted()
    {
        var deleting = Faults.Answer(
            409, "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>ContainerBeingDeleted</Code><Message>made up</Message></Error>", ("Content-Type", "application/xml"));
        transport.Next(Faults.None, deleting, deleting);

        await Blobs.PutAsync(name, "a", new byte[] { 1 }, default);

        Assert.True(clock.GetUtcNow() > TestClock.Begin);
    }

    private Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int count) => Queue.ReceiveAsync(name, count, TimeSpan.FromMinutes(1), default);
}
