using ContributionIngest.Core.Storage;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

/// <summary>What Azure refuses and the emulator or SQLite would take.</summary>
public abstract class TableLimitsContract(IDriver driver) : IDisposable
{
    private readonly string name = "t" + Guid.NewGuid().ToString("N");

    private ITable Table => driver.Table;

    public void Dispose()
    {
        driver.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\tb")]
    [InlineData("a\0b")]
    [InlineData("a\u007Fb")]
    [InlineData("a\u009Fb")]
    public async Task Keys_with_forbidden_characters_are_rejected(string key)
    {
        await RefusedAsync(new Row("p", key, Values(1)));
        await RefusedAsync(new Row(key, "k", Values(1)));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.GetAsync(name, "p", key, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.GetAsync(name, key, "k", default));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.RangeAsync(name, key, "", "~", 1, default).ToListAsync().AsTask());
    }

    [Fact]
    public async Task Keys_longer_than_512_characters_are_rejected()
    {
        await TakenAsync(new Row("p", new string('k', 512), Values(1)));
        await TakenAsync(new Row(new string('p', 512), "k", Values(1)));
        await RefusedAsync(new Row("p", new string('k', 513), Values(1)));
        await RefusedAsync(new Row(new string('p', 513), "k", Values(1)));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("1abc")]
    [InlineData("with-hyphen")]
    [InlineData("with/slash")]
    [InlineData("ünïcode")]
    [InlineData("Tables")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public async Task Invalid_table_names_are_rejected(string table)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Table.WriteAsync(table, TableWrite.Put(new Row("p", "k", Values(1))), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.GetAsync(table, "p", "k", default));
        await Assert.ThrowsAsync<ArgumentException>(() => Table.RangeAsync(table, "p", "", "~", 1, default).ToListAsync().AsTask());
    }

    [Fact]
    public async Task Row_with_more_than_252_properties_is_rejected()
    {
        await TakenAsync(new Row("p", "k", Values(252)));
        await RefusedAsync(new Row("p", "k2", Values(253)));
        await RefusedAsync(new Row("p", "k2", Values(300)));
    }

    [Fact]
    public async Task Row_of_more_than_1_MiB_is_rejected()
    {
        static Dictionary<string, object?> Texts(int count) =>
            Enumerable.Range(0, count).ToDictionary(i => $"T{i}", object? (_) => new string('x', 32_000));

        await TakenAsync(new Row("p", "k", Texts(16)));
        await RefusedAsync(new Row("p", "k2", Texts(17)));
    }

    [Fact]
    public async Task Value_of_more_than_64_KiB_is_rejected()
    {
        await TakenAsync(With(new string('ä', 32 * 1024)));
        await RefusedAsync(With(new string('a', (32 * 1024) + 1)));
        await TakenAsync(With(new byte[64 * 1024]));
        await RefusedAsync(With(new byte[(64 * 1024) + 1]));
    }

    [Theory]
    [InlineData("a-b")]
    [InlineData("")]
    [InlineData("1a")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("odata.type@")]
    [InlineData("PartitionKey")]
    [InlineData("RowKey")]
    [InlineData("Timestamp")]
    public async Task Invalid_property_names_are_rejected(string property) =>
        await RefusedAsync(new Row("p", "k", new Dictionary<string, object?> { [property] = 1 }));

    [Fact]
    public async Task Property_names_longer_than_255_characters_are_rejected()
    {
        await TakenAsync(new Row("p", "k", new Dictionary<string, object?> { [new string('n', 255)] = 1 }));
        await RefusedAsync(new Row("p", "k2", new Dictionary<string, object?> { [new string('n', 256)] = 1 }));
    }

    [Fact]
    public async Task Times_before_1601_are_rejected() => await RefusedAsync(With(new DateTimeOffset(1500, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public async Task Unsupported_value_types_are_rejected()
    {
        await RefusedAsync(With(1.5m));
        await RefusedAsync(With(1u));
        await RefusedAsync(With('c'));
        await RefusedAsync(With(new object()));
    }

    [Fact]
    public async Task Text_with_half_a_surrogate_pair_is_rejected()
    {
        await RefusedAsync(With("cut in " + '\uD83D'));
        await RefusedAsync(new Row("p", "cut in " + '\uD83D', Values(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Range_with_a_limit_below_one_is_rejected(int limit) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Table.RangeAsync(name, "p", "", "~", limit, default).ToListAsync().AsTask());

    private static Dictionary<string, object?> Values(int count) => Enumerable.Range(0, count).ToDictionary(i => $"V{i}", object? (i) => i);

    private static Row With(object value) => new("p", "k", new Dictionary<string, object?> { ["V"] = value });

    private async Task TakenAsync(Row row) =>
        Assert.Equal(WriteOutcome.Done, (await Table.WriteAsync(name, TableWrite.Put(row), default)).Outcome);

    private async Task RefusedAsync(Row row)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Table.WriteAsync(name, TableWrite.Put(row), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Table.WriteAsync(name, TableWrite.Insert(row), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Table.WriteAsync(name, TableWrite.Replace(row), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Table.TransactAsync(name, [TableWrite.Put(row)], default));
    }
}
