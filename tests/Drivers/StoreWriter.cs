using System.Globalization;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;

namespace ContributionIngest.Tests.Drivers;

/// <summary>A process that writes to a store without end and says a number after each round that was acknowledged, until it is killed.</summary>
internal static class StoreWriter
{
    public static async Task<int> RunAsync(string folder)
    {
        using var store = new SqliteStore(folder, TimeProvider.System);
        await using var output = Console.OpenStandardOutput();
        for (var round = 0; round < int.MaxValue; round++)
        {
            await store.Table.TransactAsync("rounds", [Write(round, "a"), Write(round, "b")], default);
            await store.Table.WriteAsync("rounds", TableWrite.Put(Row("last", round)), default);
            await store.Blobs.PutAsync("rounds", Key(round, "blob"), BitConverter.GetBytes(round), default);
            await store.Queue.PutAsync("rounds", Key(round, "message"), TimeSpan.Zero, default);
            await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{round.ToString(CultureInfo.InvariantCulture)}\n"));
        }

        return 1;
    }

    public static string Key(int round, string what) => string.Create(CultureInfo.InvariantCulture, $"{round:D8}-{what}");

    private static TableWrite Write(int round, string what) => TableWrite.Insert(Row(Key(round, what), round));

    private static Row Row(string key, int round) => new("p", key, new Dictionary<string, object?> { ["Round"] = round });
}
