namespace ContributionIngest.Core.Storage;

/// <summary>
/// Rows under two keys, shaped like Azure Table storage because that is the poorest backend
/// (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
/// Every driver refuses with <see cref="ArgumentException"/> what the service refuses: see <see cref="TableLimits"/>.
/// A driver throws <see cref="StoreUnavailableException"/> when the store cannot be reached or asks to come back later;
/// every other outcome is a value.
/// A driver whose answer was lost repeats the write and, when that is refused, takes a row with the wanted content for its own work: a row that
/// claims something for one of several rivals must hold something none of the others would write.
/// </summary>
public interface ITable
{
    /// <summary>The row under both keys, or null.</summary>
    Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel);

    /// <summary>
    /// Rows of one partition with <c>from ≤ key &lt; to</c>, ascending by ordinal key: all of them, or the first <paramref name="most"/> (1 or more).
    /// The store answers in pages, which may be short or empty and still not be the last; the driver follows them, so that fewer rows than asked for
    /// always means that there are no more. Between two pages rows may come and go: each is given as it was when its page was read, none twice.
    /// </summary>
    /// <param name="most">Null for all.</param>
    IAsyncEnumerable<Row> RangeAsync(string table, string partition, string from, string to, int? most, CancellationToken cancel);

    /// <summary>Writes one row. <see cref="Write.ETag"/> is the row's new etag when done and the write was no deletion.</summary>
    Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel);

    /// <summary>
    /// At most 100 writes to one partition, each row once, all or nothing. <see cref="Transaction.Failed"/> is the index of the write
    /// that refused and <see cref="Transaction.Outcome"/> why; on success <see cref="Transaction.ETags"/> has one entry a write.
    /// </summary>
    Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel);
}

/// <summary>
/// One row. Values are string, int, long, double, bool, <see cref="DateTimeOffset"/> (UTC) or byte[]; a null value is an absent one.
/// </summary>
public sealed record Row(string Partition, string Key, IReadOnlyDictionary<string, object?> Values, string? ETag = null);

public enum WriteKind
{
    /// <summary>Refused with <see cref="WriteOutcome.Exists"/> if the row is there.</summary>
    Insert,

    /// <summary>Replaces the row whose etag is given (<c>*</c> for any).</summary>
    Replace,

    /// <summary>Inserts or replaces, whatever was there.</summary>
    Put,

    /// <summary>Deletes the row whose etag is given (<c>*</c> for any).</summary>
    Delete,
}

public sealed record TableWrite(WriteKind Kind, Row Row)
{
    public static TableWrite Insert(Row row) => new(WriteKind.Insert, row);

    /// <summary>The row's own etag is the condition; a row without one may replace any.</summary>
    public static TableWrite Replace(Row row) => new(WriteKind.Replace, row);

    public static TableWrite Put(Row row) => new(WriteKind.Put, row);

    /// <summary>The row's own etag is the condition; a row without one may delete any.</summary>
    public static TableWrite Delete(Row row) => new(WriteKind.Delete, row);
}

public enum WriteOutcome
{
    Done,
    Exists,
    Missing,

    /// <summary>The row's etag is another one now.</summary>
    Stale,
}

public sealed record Write(WriteOutcome Outcome, string? ETag = null);

public sealed record Transaction(WriteOutcome Outcome, IReadOnlyList<string?> ETags, int Failed = -1);

/// <summary>The store could not be reached, or is throttling. The work that needed it is tried again later.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
