using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Core.Storage;

/// <summary>Other writers won every time; nothing was written, and the work may be retried.</summary>
public sealed class ConcurrencyException() : Exception("Other writers kept changing the same rows; try again.");

/// <summary>
/// Optimistic concurrency: writes are conditional on the ETag that was read. When another writer came first, the attempt is repeated after a random
/// pause, for up to a minute.
/// </summary>
public static class OptimisticRetry
{
    /// <summary>How long conflicts are retried.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    /// <param name="attempt">Reads, changes and writes; returns null when another writer came first.</param>
    /// <exception cref="ConcurrencyException">Conflicts continued for a minute.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<Written<T>?>> attempt, TimeProvider clock, CancellationToken cancel)
    {
        long? firstConflict = null;
        for (var conflicts = 0; ; conflicts++)
        {
            if (await attempt() is { } written)
                return written.Value;
            firstConflict ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(firstConflict.Value) >= Timeout)
                throw new ConcurrencyException();
            await PauseAsync(conflicts, clock, cancel);
        }
    }

    /// <summary>Waits between half and all of a doubling pause; the jitter keeps conflicting writers apart.</summary>
    /// <param name="conflicts">Conflicts before this one.</param>
    public static Task PauseAsync(int conflicts, TimeProvider clock, CancellationToken cancel)
    {
        var pause = MinPause * Math.Pow(2, Math.Min(conflicts, 10));
        pause = (pause < MaxPause ? pause : MaxPause) * (0.5 + (Random.Shared.NextDouble() / 2));
        return Task.Delay(pause, clock, cancel);
    }

    /// <summary>Changes the document in a row. Nothing is written when the change returns the same instance.</summary>
    /// <returns>The changed document; null when there is no such row.</returns>
    /// <exception cref="ConcurrencyException">Other writers kept changing it.</exception>
    public static Task<T?> ChangeAsync<T>(
        this ITable table, string name, string partition, string key, JsonTypeInfo<T> type, Func<T, T> change, TimeProvider clock, CancellationToken cancel)
        where T : class => RunAsync<T?>(
        async () =>
        {
            if (await table.GetAsync(name, partition, key, cancel) is not { } row)
                return new(null);
            var before = RowDocument.Read(row, type);
            var after = change(before);
            return ReferenceEquals(before, after) || await table.ReplaceAsync(name, RowDocument.Write(partition, key, after, type, row.ETag), cancel) ? new(after) : null;
        },
        clock,
        cancel);

    /// <summary>Inserts a row without an ETag, replaces one with an ETag. False when another writer came first.</summary>
    public static async Task<bool> ReplaceAsync(this ITable table, string name, Row row, CancellationToken cancel) =>
        (await table.WriteAsync(name, row.ETag is null ? TableWrite.Insert(row) : TableWrite.Replace(row), cancel)).Outcome == WriteOutcome.Done;
}

/// <summary>The result of a successful attempt.</summary>
public readonly record struct Written<T>(T Value);
