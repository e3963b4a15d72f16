using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Core.Storage;

/// <summary>Others were faster each time; nothing was written, and the work may be tried again.</summary>
public sealed class ConcurrencyException() : Exception("Others kept changing the same rows; try again.");

/// <summary>Optimistic concurrency: what was read is written under its ETag, and read again where somebody else has written in between.</summary>
public static class OptimisticRetry
{
    private const int MostAttempts = 8;

    /// <param name="attempt">Reads, changes and writes; returns null where somebody else wrote in between.</param>
    /// <exception cref="ConcurrencyException">Somebody else did so at every attempt.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<Written<T>?>> attempt, int attempts = MostAttempts)
    {
        for (var i = 0; i < attempts; i++)
        {
            if (await attempt() is { } written)
                return written.Value;
        }

        throw new ConcurrencyException();
    }

    /// <summary>Changes the document of a row. A change to itself writes nothing.</summary>
    /// <returns>What it is after the change; null when there is no such row.</returns>
    /// <exception cref="ConcurrencyException">Somebody else kept changing it.</exception>
    public static Task<T?> ChangeAsync<T>(
        this ITable table, string name, string partition, string key, JsonTypeInfo<T> type, Func<T, T> change, CancellationToken cancel)
        where T : class => RunAsync<T?>(async () =>
        {
            if (await table.GetAsync(name, partition, key, cancel) is not { } row)
                return new(null);
            var before = RowDocument.Read(row, type);
            var after = change(before);
            return ReferenceEquals(before, after) || await table.ReplaceAsync(name, RowDocument.Write(partition, key, after, type, row.ETag), cancel) ? new(after) : null;
        });

    /// <summary>Inserts a row that has no ETag, and replaces one that has. False where somebody else wrote in between.</summary>
    public static async Task<bool> ReplaceAsync(this ITable table, string name, Row row, CancellationToken cancel) =>
        (await table.WriteAsync(name, row.ETag is null ? TableWrite.Insert(row) : TableWrite.Replace(row), cancel)).Outcome == WriteOutcome.Done;
}

/// <summary>What an attempt that succeeded came to.</summary>
public readonly record struct Written<T>(T Value);
