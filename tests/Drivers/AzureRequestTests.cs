using Azure.Core;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

/// <summary>What goes over the wire: every request costs money and time, so none is sent that the caller did not ask for.</summary>
[Collection(Azurite.Collection)]
public sealed class AzureRequestTests
{
    private const int BytesOfARequest = 4 * 1024 * 1024;

    private readonly string name = "x" + Guid.NewGuid().ToString("N");
    private readonly FaultTransport transport = new();
    private readonly AzureStore store;

    public AzureRequestTests(Azurite azurite) =>
        store = AzureStore.FromConnectionString(azurite.ConnectionString, new TestClock { Skip = TimeSpan.FromSeconds(31) }, transport);

    [Fact]
    public async Task Missing_table_is_created_and_then_every_call_is_one_request()
    {
        Assert.Null(await OneAsync(() => store.Table.GetAsync(name, "p", "k", default)));
        Assert.Equal(WriteOutcome.Missing, (await OneAsync(() => store.Table.WriteAsync(name, TableWrite.Delete(Row("k")), default))).Outcome);
        var inserted = await RequestsAsync(3, () => store.Table.WriteAsync(name, TableWrite.Insert(Row("k")), default));

        Assert.Equal(WriteOutcome.Exists, (await OneAsync(() => store.Table.WriteAsync(name, TableWrite.Insert(Row("k")), default))).Outcome);
        var put = await OneAsync(() => store.Table.WriteAsync(name, TableWrite.Put(Row("k")), default));
        Assert.Equal(WriteOutcome.Stale, (await OneAsync(() => store.Table.WriteAsync(name, TableWrite.Replace(Row("k") with { ETag = inserted.ETag }), default))).Outcome);
        Assert.Equal(WriteOutcome.Done, (await OneAsync(() => store.Table.WriteAsync(name, TableWrite.Replace(Row("k") with { ETag = put.ETag }), default))).Outcome);
        Assert.NotNull(await OneAsync(() => store.Table.GetAsync(name, "p", "k", default)));
        Assert.Equal(WriteOutcome.Done, (await OneAsync(() => store.Table.WriteAsync(name, TableWrite.Delete(Row("k")), default))).Outcome);
        Assert.Equal(WriteOutcome.Missing, (await OneAsync(() => store.Table.WriteAsync(name, TableWrite.Delete(Row("k")), default))).Outcome);
        for (var first = 0; first < 1_100; first += 100)
            await OneAsync(() => store.Table.TransactAsync(name, [.. Enumerable.Range(first, 100).Select(i => TableWrite.Insert(Row($"k{i:D4}")))], default));
        Assert.Equal(WriteOutcome.Exists, (await OneAsync(() => store.Table.TransactAsync(name, [TableWrite.Insert(Row("k0000"))], default))).Outcome);
        Assert.Equal(1_000, await OneAsync(() => store.Table.RangeAsync(name, "p", "", "~", 1_000, default).CountAsync().AsTask()));
        Assert.Equal(1_100, await RequestsAsync(2, () => store.Table.RangeAsync(name, "p", "", "~", null, default).CountAsync().AsTask()));
    }

    [Fact]
    public async Task Missing_container_is_created_and_then_every_call_is_one_request()
    {
        Assert.Null(await OneAsync(() => store.Blobs.GetAsync(name, "a", default)));
        Assert.False(await OneAsync(() => store.Blobs.DeleteAsync(name, "a", default)));
        Assert.True(await RequestsAsync(3, () => store.Blobs.PutIfAbsentAsync(name, "a", new byte[5_000_000], default)));

        Assert.False(await OneAsync(() => store.Blobs.PutIfAbsentAsync(name, "a", new byte[1], default)));
        Assert.Equal(5_000_000, (await OneAsync(() => store.Blobs.GetAsync(name, "a", default)))!.Length);
        await OneAsync(() => DoneAsync(store.Blobs.PutAsync(name, "a", ReadOnlyMemory<byte>.Empty, default)));
        Assert.Empty((await OneAsync(() => store.Blobs.GetAsync(name, "a", default)))!);
        Assert.Equal(["a"], await OneAsync(() => store.Blobs.ListAsync(name, "", default).ToListAsync().AsTask()));
        Assert.True(await OneAsync(() => store.Blobs.DeleteAsync(name, "a", default)));
        Assert.Null(await OneAsync(() => store.Blobs.GetAsync(name, "a", default)));
    }

    [Fact]
    public async Task Missing_queue_is_created_and_then_every_call_is_one_request()
    {
        Assert.Empty(await OneAsync(() => store.Queue.ReceiveAsync(name, 32, TimeSpan.FromMinutes(1), default)));
        Assert.Equal(0, await OneAsync(() => store.Queue.CountAsync(name, default)));
        await RequestsAsync(3, () => DoneAsync(store.Queue.PutAsync(name, "a", TimeSpan.Zero, default)));

        await OneAsync(() => DoneAsync(store.Queue.PutAsync(name, "a", TimeSpan.Zero, default)));
        Assert.Equal(2, await OneAsync(() => store.Queue.CountAsync(name, default)));
        var messages = await OneAsync(() => store.Queue.ReceiveAsync(name, 32, TimeSpan.FromMinutes(1), default));
        Assert.NotNull(await OneAsync(() => store.Queue.ExtendAsync(name, messages[0], TimeSpan.Zero, default)));
        Assert.Null(await OneAsync(() => store.Queue.ExtendAsync(name, messages[0], TimeSpan.Zero, default)));
        Assert.True(await OneAsync(() => store.Queue.DeleteAsync(name, messages[1], default)));
        Assert.False(await OneAsync(() => store.Queue.DeleteAsync(name, messages[1], default)));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("'")]
    [InlineData("+")]
    [InlineData("<")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("ß")]
    [InlineData("😀")]
    [InlineData(null)]
    public async Task Every_accepted_transaction_fits_the_limits_of_the_service(string? text)
    {
        object value = text is null ? Enumerable.Repeat((byte)0xFB, 64 * 1024).ToArray() : string.Concat(Enumerable.Repeat(text, 16_000));
        var writes = Enumerable.Range(0, 100)
            .Select(i => TableWrite.Insert(new Row("it's ä", $"ö{i:D3}", new Dictionary<string, object?> { ["V"] = value, ["W"] = value }))).ToList();
        while (!IsTaken(writes))
            writes.RemoveAt(writes.Count - 1);
        var size = 0L;
        transport.Next(async (message, network) =>
        {
            using var body = new MemoryStream();
            await message.Request.Content!.WriteToAsync(body, CancellationToken.None);
            size = body.Length;
            await Faults.Answer(400)(message, network);
        });

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Table.TransactAsync(name, writes, default));

        Assert.InRange(size, BytesOfARequest / 3, BytesOfARequest);
    }

    private bool IsTaken(IReadOnlyList<TableWrite> writes)
    {
        try
        {
            TableLimits.Check(name, writes);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private Task<T> OneAsync<T>(Func<Task<T>> call) => RequestsAsync(1, call);

    private async Task<T> RequestsAsync<T>(int expected, Func<Task<T>> call)
    {
        var before = transport.Sent.Count;
        var result = await call();
        Assert.Equal(expected, transport.Sent.Count - before);
        return result;
    }

    private static async Task<bool> DoneAsync(Task task)
    {
        await task;
        return true;
    }

    private static Row Row(string key) => new("p", key, new Dictionary<string, object?> { ["V"] = 1 });
}
