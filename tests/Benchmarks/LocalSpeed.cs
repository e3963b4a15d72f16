using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>What one call of the embedded store costs.</summary>
internal static class LocalSpeed
{
    public static async Task<int> RunAsync()
    {
        using var folder = new TemporaryFolder();
        using var store = new SqliteStore(folder.FullName, TimeProvider.System);
        for (var batch = 0; batch < 100; batch++)
            await store.Table.TransactAsync("bench", [.. Enumerable.Range(batch * 100, 100).Select(i => TableWrite.Put(Row(i)))], default);

        await TimeAsync("get a row", 20_000, i => store.Table.GetAsync("bench", "p", Key(i % 10_000), default));
        await TimeAsync("put a row", 5_000, i => store.Table.WriteAsync("bench", TableWrite.Put(Row(i % 10_000)), default));
        await TimeAsync("transaction of 100", 100, i => store.Table.TransactAsync(
            "bench", [.. Enumerable.Range(i * 100, 100).Select(n => TableWrite.Put(Row(n)))], default));
        await TimeAsync("range of 100", 1_000, i => store.Table.RangeAsync("bench", "p", Key(i), "~", 100, default).CountAsync().AsTask());
        await TimeAsync("range of 1,000", 100, i => store.Table.RangeAsync("bench", "p", Key(i), "~", 1000, default).CountAsync().AsTask());
        await TimeAsync("put, receive and delete a message", 2_000, async _ =>
        {
            await store.Queue.PutAsync("bench", "{\"connection\":\"abc\"}", TimeSpan.Zero, default);
            foreach (var message in await store.Queue.ReceiveAsync("bench", 16, TimeSpan.FromMinutes(1), default))
                await store.Queue.DeleteAsync("bench", message, default);
        });
        await TimeAsync("put a blob of 20 kB", 1_000, i => store.Blobs.PutAsync("bench", Key(i), new byte[20_000], default));
        await TimeAsync("get a blob of 20 kB", 1_000, i => store.Blobs.GetAsync("bench", Key(i), default));
        return 0;
    }

    private static async Task TimeAsync(string what, int times, Func<int, Task> run)
    {
        for (var i = 0; i < times / 4; i++)
            await run(i);
        var (started, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        for (var i = 0; i < times; i++)
            await run(i);
        var each = Stopwatch.GetElapsedTime(started) / times;
        var cpu = (Environment.CpuUsage.TotalTime - before) / times;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-36} {each.TotalMicroseconds,10:F1} us   processor {cpu.TotalMicroseconds,8:F1} us"));
    }

    private static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"e|{i:D19}|abcdefghijklmnopqrstuvwxyz");

    public static Row Row(int i) => new("p", Key(i), new Dictionary<string, object?>
    {
        ["Title"] = "A title of an ordinary length, as blogs have them",
        ["Url"] = "https://blog.example/2026/03/04/a-title-of-an-ordinary-length",
        ["Kind"] = "blogPost",
        ["Source"] = "feed",
        ["Summary"] = "Some sentences that say what it is about. Some sentences that say what it is about. Some sentences that say what it is about.",
        ["Published"] = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
        ["Revision"] = i,
        ["Views"] = 1234567L,
        ["Private"] = false,
        ["Hash"] = new byte[32],
        ["Topics"] = "azure;dotnet;functions",
        ["Status"] = "published",
    });
}
