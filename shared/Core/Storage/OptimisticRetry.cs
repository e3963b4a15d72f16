using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Core.Storage;

/// <summary>Other writers won every time; nothing was written, and the work may be retried.</summary>
public sealed class ConcurrencyException() : Exception("Other writers kept changing the same rows; try again.");

/// <summary>Optimistic concurrency: writes are conditional on the ETag that was read, and another writer's change leads to a new attempt.</summary>
public static class OptimisticRetry
{
    private const int MaxAttempts = 8;

    /// <param name="attempt">Reads, changes and writes; returns null when another writer came first.</param>
    /// <exception cref="ConcurrencyException">Another writer came first at every attempt.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<Written<T>?>> attempt, int attempts = MaxAttempts)
    {
        for (var i = 0; i < attempts; i++)
        {
            if (await attempt() is { } written)
                return written.Value;
        }

        throw new ConcurrencyException();
    }

    /// <summary>Changes the document in a row. Nothing is written when the change returns the same instance.</summary>
    /// <returns>The changed document; null when there is no such row.</returns>
    /// <exception cref="ConcurrencyException">Other writers kept changing it.</exception>
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

    /// <summary>Inserts a row without an ETag, replaces one with an ETag. False when another writer came first.</summary>
    public static async Task<bool> ReplaceAsync(this ITable table, string name, Row row, CancellationToken cancel) =>
        (await table.WriteAsync(name, row.ETag is null ? TableWrite.Insert(row) : TableWrite.Replace(row), cancel)).Outcome == WriteOutcome.Done;
}

/// <summary>The result of a successful attempt.</summary>
public readonly record struct Written<T>(T Value);
