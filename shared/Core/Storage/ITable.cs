namespace ContributionIngest.Core.Storage;

/// <summary>
/// Rows with two keys, modelled on Azure Table storage because it is the least capable backend
/// (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
/// Every driver throws <see cref="ArgumentException"/> for what the service rejects: see <see cref="TableLimits"/>.
/// A driver throws <see cref="StoreUnavailableException"/> when the store cannot be reached or is throttling;
/// every other outcome is a return value.
/// A driver that loses a response repeats the write. If the retry is rejected, it takes a row with the intended content as its own write.
/// A row that claims something among competing writers must therefore hold a value that no other writer would write.
/// </summary>
public interface ITable
{
    /// <summary>The row with both keys, or null.</summary>
    Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel);

    /// <summary>
    /// Rows of one partition with <c>from ≤ key &lt; to</c>, ascending by ordinal key: all of them, or the first <paramref name="limit"/> (1 or more).
    /// The store's pages may be short or empty without being the last; the driver follows them, so fewer rows than requested always means
    /// that there are no more. Rows may change between pages: each is returned as it was when its page was read, and none twice.
    /// </summary>
    /// <param name="limit">Null for all.</param>
    IAsyncEnumerable<Row> RangeAsync(string table, string partition, string from, string to, int? limit, CancellationToken cancel);

    /// <summary>
    /// Rows of all partitions with <c>from ≤ partition &lt; to</c>, ascending by partition and then by key, read lazily. It costs a read of everything in
    /// between, so it is for jobs, and for partitions that begin with the same person. Rows may change between pages, as in a range.
    /// </summary>
    IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, CancellationToken cancel);

    /// <summary>Writes one row. <see cref="Write.ETag"/> is the row's new ETag, unless the write failed or was a deletion.</summary>
    Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel);

    /// <summary>
    /// At most 100 writes to one partition, each to a different row, all or nothing. On failure, <see cref="Transaction.Failed"/> is the
    /// index of the failed write and <see cref="Transaction.Outcome"/> the reason; on success, <see cref="Transaction.ETags"/> has one entry per write.
    /// </summary>
    Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel);
}

/// <summary>
/// One row. Values are string, int, long, double, bool, <see cref="DateTimeOffset"/> (UTC) or byte[]; null means that the property is absent.
/// </summary>
public sealed record Row(string Partition, string Key, IReadOnlyDictionary<string, object?> Values, string? ETag = null);

public enum WriteKind
{
    /// <summary>Fails with <see cref="WriteOutcome.Exists"/> if the row exists.</summary>
    Insert,

    /// <summary>Replaces the row if it has the given ETag (<c>*</c> for any).</summary>
    Replace,

    /// <summary>Inserts or replaces unconditionally.</summary>
    Put,

    /// <summary>Deletes the row if it has the given ETag (<c>*</c> for any).</summary>
    Delete,
}

public sealed record TableWrite(WriteKind Kind, Row Row)
{
    public static TableWrite Insert(Row row) => new(WriteKind.Insert, row);

    /// <summary>Conditional on the row's ETag; a row without one replaces any version.</summary>
    public static TableWrite Replace(Row row) => new(WriteKind.Replace, row);

    public static TableWrite Put(Row row) => new(WriteKind.Put, row);

    /// <summary>Conditional on the row's ETag; a row without one deletes any version.</summary>
    public static TableWrite Delete(Row row) => new(WriteKind.Delete, row);
}

public enum WriteOutcome
{
    Done,
    Exists,
    Missing,

    /// <summary>The row's ETag has changed.</summary>
    Stale,
}

public sealed record Write(WriteOutcome Outcome, string? ETag = null);

public sealed record Transaction(WriteOutcome Outcome, IReadOnlyList<string?> ETags, int Failed = -1);

/// <summary>The store cannot be reached or is throttling. The work that needs it is retried later.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
