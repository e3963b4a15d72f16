using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

/// <summary>Stores that earlier programs wrote, kept here as backups, open in this one and hold what they held.</summary>
public sealed class StoreFormatTests
{
    [Theory]
    [InlineData(1)]
    public async Task Store_of_an_earlier_format_opens_with_all_its_content(int format)
    {
        using var temporary = new TemporaryFolder();
        var backup = Path.Combine(Repository.Root, "tests", "Drivers", $"store-format-{format}.backup");

        SqliteStore.Restore(backup, temporary.File("data"));

        using var store = new SqliteStore(temporary.File("data"), new TestClock(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)));
        var row = await store.Table.GetAsync("Ledger", "person|ä", "e|1", default);
        Assert.Equal(Values.OrderBy(v => v.Key, StringComparer.Ordinal), row!.Values.OrderBy(v => v.Key, StringComparer.Ordinal));
        Assert.Equal(["e|1", "e|2"], await store.Table.RangeAsync("ledger", "person|ä", "e|", "e}", 10, default).Select(r => r.Key).ToListAsync());
        var message = Assert.Single(await store.Queue.ReceiveAsync("harvest", 32, TimeSpan.FromMinutes(1), default));
        Assert.Equal(("held when it was backed up", 2), (message.Body, message.Attempt));
        Assert.Equal("<rss/>"u8.ToArray(), await store.Blobs.GetAsync("raw", "2026/it's ä.xml", default));
        using var connection = new Connection(Path.Combine(temporary.File("data"), "store.db"), readOnly: true);
        Assert.Equal(SqliteStore.Format, connection.Number("PRAGMA user_version"));
    }

    private static Dictionary<string, object?> Values => new()
    {
        ["Text"] = "ä 😀",
        ["Int"] = -7,
        ["Long"] = 1L << 40,
        ["Double"] = 0.5,
        ["True"] = true,
        ["False"] = false,
        ["Time"] = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
        ["Bytes"] = new byte[] { 0, 255 },
    };
}
