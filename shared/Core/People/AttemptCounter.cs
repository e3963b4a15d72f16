using System.Globalization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>
/// Counts attempts over all instances, in partition <c>attempts</c> of table <c>lookups</c>: a row for what is attempted, by its hash, with the count of the
/// current window. A window begins with the first attempt.
/// </summary>
public sealed class AttemptCounter(ITable table, TimeProvider clock)
{
    /// <summary>The partition of the rows.</summary>
    public const string Partition = "attempts";

    private const string CountProperty = "count";
    private const string EndProperty = "end";

    /// <summary>Counts an attempt.</summary>
    /// <returns>Null if it is one of the first <paramref name="max"/> in the window; otherwise how long until the window ends.</returns>
    public Task<TimeSpan?> CountAsync(string what, int max, TimeSpan window, CancellationToken cancel) => OptimisticRetry.RunAsync<TimeSpan?>(
        async () =>
        {
            var (key, now) = (Key(what), clock.GetUtcNow());
            var row = await table.GetAsync(TableNames.Lookups, Partition, key, cancel);
            var (count, end) = row is null ? (0, now + window) : ((int)row.Values[CountProperty]!, (DateTimeOffset)row.Values[EndProperty]!);
            if (end <= now)
                (count, end) = (0, now + window);
            if (count >= max)
                return new(end - now);
            var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [CountProperty] = count + 1, [EndProperty] = end };
            return await table.ReplaceAsync(TableNames.Lookups, new Row(Partition, key, values, row?.ETag), cancel) ? new(null) : null;
        },
        clock,
        cancel);

    /// <summary>The key of the row that counts attempts at it.</summary>
    public static string Key(string what) => Identity.Hash(what);

    /// <summary>Asking for a sign-in link to an address in normal form.</summary>
    public static string SignInMail(string address) => $"sign-in mail {address}";

    /// <summary>Confirming a further address of a person.</summary>
    public static string NewAddress(string person) => $"address of {person}";

    /// <summary>Removes rows whose windows have ended.</summary>
    public async Task PruneAsync(CancellationToken cancel)
    {
        await foreach (var row in table.RangeAsync(TableNames.Lookups, Partition, "0", "~", null, cancel))
        {
            if ((DateTimeOffset)row.Values[EndProperty]! <= clock.GetUtcNow())
                await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(row), cancel);
        }
    }

    /// <summary>Whole seconds to wait, for <c>Retry-After</c>.</summary>
    public static string Seconds(TimeSpan wait) => Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
