using System.Globalization;
using System.Text;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

/// <summary>What the table driver makes of a network and a service on a bad day. None of it waits: pauses go by the clock.</summary>
[Collection(Azurite.Collection)]
public sealed class AzureTableFaultTests
{
    private readonly string name = "t" + Guid.NewGuid().ToString("N");
    private readonly TestClock clock = new() { Skip = TimeSpan.FromSeconds(31) };
    private readonly FaultTransport transport = new();
    private readonly ITable table;
    private readonly ITable others;

    public AzureTableFaultTests(Azurite azurite)
    {
        table = AzureStore.FromConnectionString(azurite.ConnectionString, clock, transport).Table;
        others = AzureStore.FromConnectionString(azurite.ConnectionString, clock).Table;
    }

    private TimeSpan Waited => clock.GetUtcNow() - TestClock.Begin;

    public static TheoryData<string> Losses => ["500 after", "503 after", "reset after", "cut body after"];

    [Fact]
    public async Task Retry_waits_for_as_long_as_a_busy_service_asks()
    {
        await WriteAsync(TableWrite.Put(Row("k", 1)));
        transport.Next(Faults.Answer(503, Faults.Json("ServerBusy"), ("Retry-After", "7")));

        Assert.NotNull(await GetAsync("k"));

        Assert.Equal(TimeSpan.FromSeconds(7), Waited);
    }

    [Fact]
    public async Task Retry_After_with_a_date_is_understood()
    {
        await WriteAsync(TableWrite.Put(Row("k", 1)));
        transport.Next(Faults.Answer(429, "", ("Retry-After", (TestClock.Begin + TimeSpan.FromSeconds(9)).ToString("R", CultureInfo.InvariantCulture))));

        Assert.NotNull(await GetAsync("k"));

        Assert.Equal(TimeSpan.FromSeconds(9), Waited);
    }

    [Fact]
    public async Task Pause_too_long_to_wait_for_is_passed_to_the_caller()
    {
        transport.Next(Faults.Answer(503, "", ("Retry-After", "3600")));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => GetAsync("k"));

        Assert.Equal((TimeSpan.Zero, 1), (Waited, transport.Sent.Count));
    }

    [Fact]
    public async Task Without_Retry_After_pauses_grow_and_five_attempts_are_made()
    {
        transport.Next(Enumerable.Repeat(Faults.Busy, 5));

        var unavailable = await Assert.ThrowsAsync<StoreUnavailableException>(() => GetAsync("secret-row"));

        Assert.Equal(5, transport.Sent.Count);
        Assert.InRange(Waited, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(6));
        Assert.Contains("503 ServerBusy", unavailable.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-row", unavailable.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Write_counts_as_done_when_its_answer_is_lost(string loss)
    {
        var old = (await WriteAsync(TableWrite.Insert(Row("replace", 1)))).ETag;
        var gone = (await WriteAsync(TableWrite.Insert(Row("delete", 1)))).ETag;

        foreach (var write in new[]
        {
            TableWrite.Insert(Row("insert", 2)),
            TableWrite.Put(Row("put", 2)),
            TableWrite.Replace(Row("replace", 2) with { ETag = old }),
        })
        {
            transport.Next(Lost(loss));
            var done = await WriteAsync(write);
            Assert.Equal(WriteOutcome.Done, done.Outcome);
            var row = await GetAsync(write.Row.Key);
            Assert.Equal((2, done.ETag), ((int)row!.Values["V"]!, row.ETag));
        }

        transport.Next(Lost(loss));
        Assert.Equal(new Write(WriteOutcome.Done), await WriteAsync(TableWrite.Delete(Row("delete", 0) with { ETag = gone })));
        Assert.Null(await GetAsync("delete"));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Transaction_counts_as_done_when_its_answer_is_lost(string loss)
    {
        var old = (await WriteAsync(TableWrite.Insert(Row("replace", 1)))).ETag;
        var gone = (await WriteAsync(TableWrite.Insert(Row("delete", 1)))).ETag;
        transport.Next(Lost(loss));

        var done = await TransactAsync(
            TableWrite.Put(Row("put", 2)),
            TableWrite.Insert(Row("insert", 2)),
            TableWrite.Delete(Row("delete", 0) with { ETag = gone }),
            TableWrite.Replace(Row("replace", 2) with { ETag = old }));

        Assert.Equal(WriteOutcome.Done, done.Outcome);
        var rows = await table.RangeAsync(name, "p", "", "~", 10, default).ToListAsync();
        Assert.Equal(["insert", "put", "replace"], rows.Select(r => r.Key));
        Assert.Equal([rows[1].ETag, rows[0].ETag, null, rows[2].ETag], done.ETags);
    }

    [Fact]
    public async Task Write_by_another_process_between_two_attempts_is_not_mistaken_for_our_own()
    {
        var old = (await WriteAsync(TableWrite.Insert(Row("replace", 1)))).ETag;
        transport.Next(Faults.Meanwhile(() => OtherAsync(TableWrite.Insert(Row("insert", 7))), Faults.Busy));
        Assert.Equal(new Write(WriteOutcome.Exists), await WriteAsync(TableWrite.Insert(Row("insert", 2))));

        transport.Next(Faults.Meanwhile(() => OtherAsync(TableWrite.Put(Row("replace", 7))), Faults.Reset));
        Assert.Equal(new Write(WriteOutcome.Stale), await WriteAsync(TableWrite.Replace(Row("replace", 2) with { ETag = old })));

        var etag = (await GetAsync("replace"))!.ETag;
        transport.Next(Faults.Meanwhile(() => OtherAsync(TableWrite.Delete(Row("replace", 0))), Faults.Busy));
        Assert.Equal(new Write(WriteOutcome.Missing), await WriteAsync(TableWrite.Replace(Row("replace", 2) with { ETag = etag })));
    }

    [Fact]
    public async Task Transaction_that_loses_a_race_between_two_attempts_names_the_row()
    {
        var old = (await WriteAsync(TableWrite.Insert(Row("month", 1)))).ETag;
        transport.Next(Faults.Meanwhile(() => OtherAsync(TableWrite.Put(Row("month", 7))), Faults.Busy));

        var lost = await TransactAsync(TableWrite.Insert(Row("entry", 2)), TableWrite.Replace(Row("month", 2) with { ETag = old }));

        Assert.Equal((WriteOutcome.Stale, 1), (lost.Outcome, lost.Failed));
        Assert.Null(await GetAsync("entry"));
    }

    [Fact]
    public async Task Lost_race_without_a_fault_causes_no_extra_read()
    {
        var old = (await WriteAsync(TableWrite.Insert(Row("k", 1)))).ETag;
        await WriteAsync(TableWrite.Put(Row("k", 2)));
        var before = transport.Sent.Count;

        Assert.Equal(WriteOutcome.Stale, (await WriteAsync(TableWrite.Replace(Row("k", 2) with { ETag = old }))).Outcome);

        Assert.Equal(1, transport.Sent.Count - before);
    }

    [Fact]
    public async Task Body_arriving_byte_by_byte_is_read_whole()
    {
        await TransactAsync([.. Enumerable.Range(0, 50).Select(i => TableWrite.Put(Row($"k{i:D2}", i)))]);
        transport.Next(Faults.Trickle());

        var rows = await table.RangeAsync(name, "p", "", "~", null, default).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 50), rows.Select(r => (int)r.Values["V"]!));
    }

    [Fact]
    public async Task Request_is_repeated_after_a_minute_without_an_answer()
    {
        await WriteAsync(TableWrite.Put(Row("k", 1)));
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        transport.Next(Faults.Silence(begun));

        var get = GetAsync("k");
        await begun.Task;
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(get.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.NotNull(await get);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_takes_effect_at_once()
    {
        using var cancel = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        transport.Next(Faults.Silence(begun));

        var get = table.GetAsync(name, "p", "k", cancel.Token);
        await begun.Task;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
        Assert.Single(transport.Sent);
    }

    [Theory]
    [InlineData("1!8!cCs9&?#=", "1!12!aysvIA==&NextPartitionKey=x")]
    [InlineData("1!8!b25seQ--", null)]
    public async Task Empty_page_with_a_continuation_token_does_not_end_the_range(string partition, string? key)
    {
        await WriteAsync(TableWrite.Put(Row("k", 1)));
        (string, string)[] headers = [("x-ms-continuation-NextPartitionKey", partition), .. key is null ? [] : new[] { ("x-ms-continuation-NextRowKey", key) }];
        transport.Next(Faults.Answer(200, """{"value":[]}""", headers), Faults.Answer(200, """{"value":[]}"""));

        Assert.Empty(await table.RangeAsync(name, "p", "", "~", null, default).ToListAsync());

        var sent = transport.Sent.Last().Address.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        Assert.Equal(partition, sent["NextPartitionKey"]);
        Assert.Equal(key, sent.GetValueOrDefault("NextRowKey"));
    }

    [Fact]
    public async Task Short_pages_are_followed_until_the_requested_number_of_rows_is_read()
    {
        const string Next = "x-ms-continuation-NextPartitionKey";
        transport.Next(
            Faults.Answer(200, """{"value":[{"odata.etag":"a","PartitionKey":"p","RowKey":"1"}]}""", (Next, "1!4!cA--")),
            Faults.Answer(200, """{"value":[]}""", (Next, "1!4!cA--")),
            Faults.Answer(200, """{"value":[{"odata.etag":"a","PartitionKey":"p","RowKey":"2"}]}""", (Next, "1!4!cA--")));

        Assert.Equal(["1", "2"], await table.RangeAsync(name, "p", "", "~", 2, default).Select(r => r.Key).ToListAsync());

        Assert.Equal(3, transport.Sent.Count);
        Assert.Contains("$top=1", Uri.UnescapeDataString(transport.Sent.Last().Address.Query), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Continuation_token_cannot_change_the_query()
    {
        transport.Next(
            Faults.Answer(200, """{"value":[]}""", ("x-ms-continuation-NextPartitionKey", "x&y&$top=1000&$filter=true")),
            Faults.Answer(200, """{"value":[]}"""));

        await table.RangeAsync(name, "p", "", "~", 5, default).ToListAsync();

        var query = transport.Sent.Last().Address.Query;
        Assert.Contains("$top=5&", query, StringComparison.Ordinal);
        Assert.Equal(1, query.Split("$filter=").Length - 1);
        Assert.Equal(1, query.Split("$top=").Length - 1);
    }

    [Fact]
    public async Task Operation_waits_for_a_table_that_is_being_deleted()
    {
        var deleting = Faults.Answer(409, Faults.Json("TableBeingDeleted"));
        transport.Next(Faults.None, deleting, deleting, Faults.None);

        Assert.Equal(WriteOutcome.Done, (await WriteAsync(TableWrite.Insert(Row("k", 1)))).Outcome);

        Assert.True(Waited > TimeSpan.Zero);
        transport.Next(Enumerable.Repeat(deleting, 5));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(TableWrite.Insert(Row("k2", 1))));
    }

    [Fact]
    public async Task Transaction_is_retried_when_a_successful_answer_contains_a_busy_error()
    {
        await WriteAsync(TableWrite.Put(Row("k", 1)));
        transport.Next(Faults.Answer(
            202, Batch("503 Service Unavailable", Faults.Json("ServerBusy", "0:The server is busy.")), ("Content-Type", "multipart/mixed; boundary=batchresponse_x")));

        Assert.Equal(WriteOutcome.Done, (await TransactAsync(TableWrite.Insert(Row("k2", 1)))).Outcome);

        Assert.True(Waited > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Welcome to the hotel's network</html>")]
    [InlineData("--batch\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n--batch--")]
    public async Task Batch_answer_without_a_result_for_every_write_is_not_trusted(string body)
    {
        transport.Next(Faults.Answer(202, body));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => TransactAsync(TableWrite.Put(Row("a", 1)), TableWrite.Put(Row("b", 1))));
    }

    [Theory]
    [InlineData(403, "AuthenticationFailed")]
    [InlineData(400, "InvalidInput")]
    public async Task Unexpected_error_is_described_without_secrets(int status, string code)
    {
        transport.Next(Faults.Answer(status, Faults.Json(code)));

        var unexpected = await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(TableWrite.Put(Row("secret-row", 1))));

        Assert.Contains($"{status} {code}", unexpected.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-row", unexpected.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SharedKey", unexpected.ToString(), StringComparison.Ordinal);
        Assert.Single(transport.Sent);
    }

    [Theory]
    [InlineData("""{"V@odata.type":"Edm.Int64","V":"5"}""", 5L)]
    [InlineData("""{"V":"5","V@odata.type":"Edm.Int64"}""", 5L)]
    [InlineData("""{"V":5}""", 5)]
    [InlineData("""{"V":5.0}""", 5.0)]
    [InlineData("""{"V@odata.type":"Edm.Double","V":"5"}""", 5.0)]
    [InlineData("""{"V@odata.type":"Edm.Double","V":"NaN"}""", double.NaN)]
    [InlineData("""{"V":1e300}""", 1e300)]
    [InlineData("""{"Vx@odata.type":"Edm.Int64","V":"5","Vx":"6"}""", "5")]
    [InlineData("""{"odata.metadata":"x","Timestamp@odata.type":"Edm.DateTime","Timestamp":"2026-03-04T05:06:07Z","V":true,"odata.etag":"e"}""", true)]
    [InlineData("""{"\u0056":"escaped name"}""", "escaped name")]
    public async Task Value_type_is_read_from_an_annotation_before_or_after_the_value_or_from_the_value(string json, object value)
    {
        transport.Next(Faults.Answer(200, json));

        var row = await GetAsync("k");

        Assert.Equal(value, row!.Values["V"]);
        Assert.DoesNotContain(row.Values.Keys, name => name.Contains("odata", StringComparison.Ordinal) || name == "Timestamp");
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Welcome to the hotel's network</html>")]
    [InlineData("""{"V":"cut""")]
    public async Task Malformed_row_is_not_trusted_and_is_requested_again(string body)
    {
        await WriteAsync(TableWrite.Put(Row("k", 1)));
        transport.Next(Faults.Answer(200, body));
        Assert.NotNull(await GetAsync("k"));
        Assert.True(Waited > TimeSpan.Zero);

        transport.Next(Enumerable.Repeat(Faults.Answer(200, body), 5));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => GetAsync("k"));
    }

    [Fact]
    public async Task ETag_of_another_driver_is_stale_and_never_sent_in_a_header()
    {
        await WriteAsync(TableWrite.Put(Row("k", 1)));

        foreach (var etag in new[] { "00000000deadbeef", "W/\"x\"\r\nX-Evil: 1\r\n\r\n\"", "\"x\"", "W/\"\"" })
        {
            Assert.Equal(WriteOutcome.Stale, (await WriteAsync(TableWrite.Replace(Row("k", 2) with { ETag = etag }))).Outcome);
            Assert.Equal(WriteOutcome.Stale, (await TransactAsync(TableWrite.Delete(Row("k", 2) with { ETag = etag }))).Outcome);
        }
    }

    private static Row Row(string key, int value) => new("p", key, new Dictionary<string, object?> { ["V"] = value });

    private static Fault Lost(string loss) => Faults.After(loss switch
    {
        "500 after" => Faults.Answer(500, Faults.Json("OperationTimedOut")),
        "503 after" => Faults.Busy,
        "reset after" => Faults.Reset,
        _ => (message, _) =>
        {
            message.Response = new MadeUpResponse(200, new MemoryStream(Encoding.ASCII.GetBytes("{")));
            return Faults.Reset(message, null!);
        },
    });

    private static string Batch(string status, string body) =>
        $"--batchresponse_x\r\nContent-Type: multipart/mixed; boundary=changesetresponse_x\r\n\r\n--changesetresponse_x\r\n" +
        $"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n" +
        $"{body}\r\n--changesetresponse_x--\r\n--batchresponse_x--\r\n";

    private Task<Row?> GetAsync(string key) => table.GetAsync(name, "p", key, default);

    private Task<Write> WriteAsync(TableWrite write) => table.WriteAsync(name, write, default);

    private Task<Write> OtherAsync(TableWrite write) => others.WriteAsync(name, write, default);

    private Task<Transaction> TransactAsync(params TableWrite[] writes) => table.TransactAsync(name, writes, default);
}
