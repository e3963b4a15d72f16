using ContributionIngest.Core.Storage;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public abstract class TableContract(IDriver driver) : IDisposable
{
    private readonly string name = "t" + Guid.NewGuid().ToString("N");

    private ITable Table => driver.Table;

    public void Dispose()
    {
        driver.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Row_that_was_never_written_is_null() => Assert.Null(await Table.GetAsync(name, "p", "k", default));

    [Fact]
    public async Task Every_type_of_value_survives_a_round_trip()
    {
        var values = new Dictionary<string, object?>
        {
            ["Text"] = "ä\u2028\"\\<&>\t😀",
            ["Empty"] = "",
            ["LooksLikeTime"] = "2026-03-04T05:06:07Z",
            ["Int"] = int.MinValue,
            ["Long"] = long.MaxValue,
            ["SmallLong"] = 7L,
            ["Double"] = 0.1,
            ["WholeDouble"] = 5.0,
            ["BigDouble"] = 1e300,
            ["NoNumber"] = double.NaN,
            ["Endless"] = double.NegativeInfinity,
            ["True"] = true,
            ["False"] = false,
            ["Time"] = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567),
            ["EarlyTime"] = new DateTimeOffset(1601, 1, 1, 0, 0, 0, TimeSpan.Zero),
            ["Bytes"] = new byte[] { 0, 1, 254, 255 },
            ["NoBytes"] = Array.Empty<byte>(),
            ["_under_ä"] = 1,
        };

        await PutAsync("k", values);

        var row = await Table.GetAsync(name, "p", "k", default);
        Assert.Equal(values.OrderBy(v => v.Key, StringComparer.Ordinal), row!.Values.OrderBy(v => v.Key, StringComparer.Ordinal));
        Assert.All(values, v => Assert.Equal(v.Value!.GetType(), row.Values[v.Key]!.GetType()));
    }

    [Fact]
    public async Task Time_with_an_offset_is_returned_in_UTC()
    {
        await PutAsync("k", new() { ["Time"] = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)) });

        var time = (DateTimeOffset)(await Table.GetAsync(name, "p", "k", default))!.Values["Time"]!;
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 3, 6, 7, TimeSpan.Zero), time);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Fact]
    public async Task Null_value_is_absent()
    {
        await PutAsync("k", new() { ["There"] = 1, ["NotThere"] = null });

        Assert.Equal(["There"], (await Table.GetAsync(name, "p", "k", default))!.Values.Keys);
    }

    [Fact]
    public async Task Keys_may_contain_every_allowed_character()
    {
        const string Partition = "it's a p%2F+&=ä";
        const string Key = "e|9'(\"x\")|100% + ö; 😀 :@,$!*";
        var row = new Row(Partition, Key, new Dictionary<string, object?> { ["V"] = 1 });

        await Table.WriteAsync(name, TableWrite.Insert(row), default);
        var put = await Table.WriteAsync(name, TableWrite.Put(row with { Values = new Dictionary<string, object?> { ["V"] = 2 } }), default);

        Assert.Equal(2, (await Table.GetAsync(name, Partition, Key, default))!.Values["V"]);
        var rows = await Table.RangeAsync(name, Partition, "e|9'", "e|9'~", 10, default).ToListAsync();
        Assert.Equal([Key], rows.Select(r => r.Key));
        Assert.Equal([Partition], rows.Select(r => r.Partition));
        Assert.Equal(WriteOutcome.Done, (await Table.WriteAsync(name, TableWrite.Delete(row with { ETag = put.ETag }), default)).Outcome);
    }

    [Fact]
    public async Task Table_names_are_case_insensitive()
    {
        await PutAsync("k", new() { ["V"] = 1 });

        Assert.NotNull(await Table.GetAsync(name.ToUpperInvariant(), "p", "k", default));
    }

    [Fact]
    public async Task Inserting_an_existing_row_reports_it_and_changes_nothing()
    {
        var first = await InsertAsync("k", 1);
        var second = await InsertAsync("k", 2);

        Assert.Equal(WriteOutcome.Done, first.Outcome);
        Assert.Equal(new Write(WriteOutcome.Exists), second);
        await HoldsAsync("k", 1, first.ETag);
    }

    [Fact]
    public async Task Replacing_with_the_current_ETag_replaces_the_whole_row()
    {
        var first = await PutAsync("k", new() { ["Old"] = 1 });
        var row = Row("k", 2) with { ETag = first.ETag };

        var replaced = await Table.WriteAsync(name, TableWrite.Replace(row), default);

        Assert.Equal(WriteOutcome.Done, replaced.Outcome);
        Assert.NotEqual(first.ETag, replaced.ETag);
        Assert.Equal(["V"], (await Table.GetAsync(name, "p", "k", default))!.Values.Keys);
        await HoldsAsync("k", 2, replaced.ETag);
    }

    [Fact]
    public async Task Replacing_with_an_old_ETag_is_stale()
    {
        var first = await InsertAsync("k", 1);
        var second = await Table.WriteAsync(name, TableWrite.Put(Row("k", 1)), default);

        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal(new Write(WriteOutcome.Stale), await Table.WriteAsync(name, TableWrite.Replace(Row("k", 3) with { ETag = first.ETag }), default));
        await HoldsAsync("k", 1, second.ETag);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*")]
    public async Task Replacing_without_an_ETag_is_unconditional(string? etag)
    {
        await InsertAsync("k", 1);

        var replaced = await Table.WriteAsync(name, TableWrite.Replace(Row("k", 2) with { ETag = etag }), default);

        Assert.Equal(WriteOutcome.Done, replaced.Outcome);
        await HoldsAsync("k", 2, replaced.ETag);
    }

    [Fact]
    public async Task Replacing_a_missing_row_reports_that_it_is_missing()
    {
        var gone = await InsertAsync("k", 1);
        await Table.WriteAsync(name, TableWrite.Delete(Row("k", 0)), default);

        Assert.Equal(new Write(WriteOutcome.Missing), await Table.WriteAsync(name, TableWrite.Replace(Row("k", 2)), default));
        Assert.Equal(new Write(WriteOutcome.Missing), await Table.WriteAsync(name, TableWrite.Replace(Row("k", 2) with { ETag = gone.ETag }), default));
        Assert.Null(await Table.GetAsync(name, "p", "k", default));
    }

    [Fact]
    public async Task Every_write_creates_a_new_ETag_even_with_equal_content()
    {
        var etags = new HashSet<string?>();
        for (var i = 0; i < 20; i++)
            etags.Add((await Table.WriteAsync(name, TableWrite.Put(Row("k", 1)), default)).ETag);

        Assert.Equal(20, etags.Count);
        Assert.DoesNotContain(null, etags);
    }

    [Fact]
    public async Task Deletion_honours_its_ETag()
    {
        var first = await InsertAsync("k", 1);
        var second = await Table.WriteAsync(name, TableWrite.Put(Row("k", 2)), default);

        Assert.Equal(WriteOutcome.Stale, (await Table.WriteAsync(name, TableWrite.Delete(Row("k", 0) with { ETag = first.ETag }), default)).Outcome);
        Assert.Equal(new Write(WriteOutcome.Done), await Table.WriteAsync(name, TableWrite.Delete(Row("k", 0) with { ETag = second.ETag }), default));
        Assert.Equal(WriteOutcome.Missing, (await Table.WriteAsync(name, TableWrite.Delete(Row("k", 0)), default)).Outcome);
        Assert.Null(await Table.GetAsync(name, "p", "k", default));
    }

    [Fact]
    public async Task Range_includes_its_lower_bound_and_excludes_its_upper()
    {
        foreach (var key in new[] { "b", "a", "c", "B", "a|1", "a|2", "d", "" })
            await InsertAsync(key, 1);
        await Table.WriteAsync(name, TableWrite.Insert(Row("b", 1) with { Partition = "q" }), default);

        Assert.Equal(["a", "a|1", "a|2", "b"], await KeysAsync("a", "c"));
        Assert.Equal(["", "B", "a"], await KeysAsync("", "a|1"));
        Assert.Equal(["a|1", "a|2"], await KeysAsync("a|", "a}"));
        Assert.Empty(await KeysAsync("c", "a"));
        Assert.Empty(await KeysAsync("x", "z"));
    }

    [Fact]
    public async Task Range_is_in_ordinal_order()
    {
        foreach (var key in new[] { "\uFB00", "😀", "é", "z", "Z", "0", "-", "~", "_" })
            await InsertAsync(key, 1);

        Assert.Equal(["-", "0", "Z", "_", "z", "~", "é", "😀", "\uFB00"], await KeysAsync("", "\uFFFF"));
    }

    [Fact]
    public async Task Range_of_a_missing_table_is_empty() => Assert.Empty(await KeysAsync("", "~"));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(25, 25)]
    [InlineData(1000, 25)]
    [InlineData(null, 25)]
    public async Task Limited_range_returns_its_first_rows_in_order(int? most, int expected)
    {
        await FillAsync(25);

        var seen = await Table.RangeAsync(name, "p", "k", "l", most, default).Select(r => r.Key).ToListAsync();

        Assert.Equal(Enumerable.Range(0, expected).Select(i => $"k{i:D4}"), seen);
    }

    [Fact]
    public async Task Rows_added_or_deleted_while_paging_neither_repeat_nor_hide_others()
    {
        for (var first = 0; first < 1100; first += 100)
            await FillAsync(100, first);

        var seen = new List<string>();
        await foreach (var row in Table.RangeAsync(name, "p", "k", "l", null, default))
        {
            seen.Add(row.Key);
            if (row.Key != "k0500")
                continue;
            await InsertAsync("k0001a", 1);
            await InsertAsync("k1005a", 1);
            await Table.WriteAsync(name, TableWrite.Delete(Row("k1000", 0)), default);
            await Table.WriteAsync(name, TableWrite.Delete(Row("k0000", 0)), default);
        }

        var there = Enumerable.Range(0, 1100).Where(i => i != 1000).Select(i => $"k{i:D4}").Append("k1005a").Order(StringComparer.Ordinal);
        Assert.Equal(there, seen);
    }

    [Fact]
    public async Task Rows_of_a_range_have_their_values_and_current_ETag()
    {
        await InsertAsync("k", 1);
        var last = await Table.WriteAsync(name, TableWrite.Put(Row("k", 2)), default);

        var row = Assert.Single(await Table.RangeAsync(name, "p", "", "~", 10, default).ToListAsync());
        Assert.Equal(2, row.Values["V"]);
        Assert.Equal(last.ETag, row.ETag);
    }

    [Fact]
    public async Task Scan_returns_the_rows_of_all_partitions_between_the_bounds_in_order()
    {
        Assert.Empty(await Table.ScanAsync(name, "", "~", default).ToListAsync());
        foreach (var partition in (string[])["p|2", "p|1", "o|9", "p}"])
        {
            foreach (var chunk in Enumerable.Range(0, 600).Chunk(100))
                await Table.TransactAsync(name, [.. chunk.Select(i => TableWrite.Insert(Row($"k{i:D4}", i) with { Partition = partition }))], default);
        }

        var seen = new List<(string, string, object?)>();
        await foreach (var row in Table.ScanAsync(name, "p|", "p}", default))
        {
            seen.Add((row.Partition, row.Key, row.Values["V"]));
            if (row.Key == "k0500")
                Assert.Equal(WriteOutcome.Done, (await Table.WriteAsync(name, TableWrite.Delete(row), default)).Outcome);
        }

        Assert.Equal(((string[])["p|1", "p|2"]).SelectMany(partition => Enumerable.Range(0, 600).Select(i => (partition, $"k{i:D4}", (object?)i))), seen);
    }

    [Fact]
    public async Task One_of_many_concurrent_inserts_of_a_row_succeeds()
    {
        await InsertAsync("other", 0);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => InsertAsync("k", i))));

        Assert.Single(outcomes, o => o.Outcome == WriteOutcome.Done);
        Assert.Equal(15, outcomes.Count(o => o.Outcome == WriteOutcome.Exists));
    }

    [Fact]
    public async Task Call_cancelled_beforehand_does_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Table.GetAsync(name, "p", "k", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Table.RangeAsync(name, "p", "", "~", 1, cancelled).ToListAsync().AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Table.ScanAsync(name, "", "~", cancelled).ToListAsync().AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Table.WriteAsync(name, TableWrite.Put(Row("k", 1)), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Table.TransactAsync(name, [TableWrite.Put(Row("k", 1))], cancelled));
        Assert.Null(await Table.GetAsync(name, "p", "k", default));
    }

    private static Row Row(string key, int value) => new("p", key, new Dictionary<string, object?> { ["V"] = value });

    private Task<Write> InsertAsync(string key, int value) => Table.WriteAsync(name, TableWrite.Insert(Row(key, value)), default);

    private Task<Write> PutAsync(string key, Dictionary<string, object?> values) =>
        Table.WriteAsync(name, TableWrite.Put(new Row("p", key, values)), default);

    private async Task FillAsync(int count, int first = 0) =>
        Assert.Equal(
            WriteOutcome.Done,
            (await Table.TransactAsync(name, [.. Enumerable.Range(first, count).Select(i => TableWrite.Insert(Row($"k{i:D4}", i)))], default)).Outcome);

    private async Task<IEnumerable<string>> KeysAsync(string from, string to) =>
        await Table.RangeAsync(name, "p", from, to, null, default).Select(r => r.Key).ToListAsync();

    private async Task HoldsAsync(string key, int value, string? etag)
    {
        var row = await Table.GetAsync(name, "p", key, default);
        Assert.Equal(value, row!.Values["V"]);
        Assert.Equal(etag, row.ETag);
    }
}
