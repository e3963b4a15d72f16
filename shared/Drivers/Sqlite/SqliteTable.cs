using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ContributionIngest.Core.Storage;
using SQLitePCL;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>Rows in a SQLite table, by table, partition and key. A row's version, which is unique, is its etag.</summary>
internal sealed class SqliteTable(Database database) : ITable
{
    private const string FirstPage = "SELECT version, data, key FROM rows WHERE tbl=?1 AND partition=?2 AND key>=?3 AND key<?4 ORDER BY key LIMIT ?5";
    private const string NextPage = "SELECT version, data, key FROM rows WHERE tbl=?1 AND partition=?2 AND key>?3 AND key<?4 ORDER BY key LIMIT ?5";

    private const string ScanFirst = "SELECT version, data, key, partition FROM rows WHERE tbl=?1 AND partition>=?2 AND partition<?3 ORDER BY partition, key LIMIT ?4";
    private const string ScanNext = "SELECT version, data, key, partition FROM rows WHERE tbl=?1 AND (partition, key)>(?2, ?5) AND partition<?3 ORDER BY partition, key LIMIT ?4";

    private readonly PropertyNameCache names = new();

    public Task<Row?> GetAsync(string table, string partition, string key, CancellationToken cancel)
    {
        TableLimits.CheckGet(table, partition, key);
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(database.Read(connection =>
        {
            using var reader = connection.Query(
                "SELECT version, data FROM rows WHERE tbl=?1 AND partition=?2 AND key=?3", Name(table), KeyBytes.From(partition), KeyBytes.From(key));
            return reader.Read() ? ReadRow(reader, 0, partition, key) : null;
        }));
    }

    public IAsyncEnumerable<Row> RangeAsync(string table, string partition, string from, string to, int? limit, CancellationToken cancel)
    {
        TableLimits.CheckRange(table, partition, from, to, limit);
        return PagesAsync(Name(table), partition, from, to, limit, cancel);
    }

    public async IAsyncEnumerable<Row> ScanAsync(string table, string from, string to, [EnumeratorCancellation] CancellationToken cancel)
    {
        TableLimits.CheckScan(table, from, to);
        Row? last = null;
        List<Row> rows;
        do
        {
            cancel.ThrowIfCancellationRequested();
            rows = database.Read(connection => ReadScan(connection, Name(table), from, to, last));
            foreach (var row in rows)
                yield return row;
            last = rows.LastOrDefault();
        }
        while (rows.Count == TableLimits.RowsPerPage);
    }

    public async Task<Write> WriteAsync(string table, TableWrite write, CancellationToken cancel)
    {
        TableLimits.Check(table, write);
        var one = new EncodedWrite(write);
        // A single statement is its own transaction, and the writer is held while a refusal is explained.
        return await database.WriteAsync(connection => Apply(connection, Name(table), one), cancel);
    }

    public async Task<Transaction> TransactAsync(string table, IReadOnlyList<TableWrite> writes, CancellationToken cancel)
    {
        TableLimits.Check(table, writes);
        var all = writes.Select(w => new EncodedWrite(w)).ToArray();
        return await database.TransactAsync(
            connection =>
            {
                var etags = new string?[all.Length];
                for (var i = 0; i < all.Length; i++)
                {
                    var done = Apply(connection, Name(table), all[i]);
                    if (done.Outcome != WriteOutcome.Done)
                        return new Transaction(done.Outcome, [], i);
                    etags[i] = done.ETag;
                }

                return new Transaction(WriteOutcome.Done, etags);
            },
            t => t.Outcome == WriteOutcome.Done,
            cancel);
    }

    // Each page is read at once, so that no statement stays open.
    private async IAsyncEnumerable<Row> PagesAsync(
        string table, string partition, string from, string to, int? limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (left, sql, start) = (limit ?? int.MaxValue, FirstPage, from);
        while (left > 0)
        {
            cancel.ThrowIfCancellationRequested();
            var asked = Math.Min(left, TableLimits.RowsPerPage);
            var rows = database.Read(connection => ReadPage(connection, sql, table, partition, start, to, asked));
            foreach (var row in rows)
                yield return row;
            if (rows.Count < asked)
                break;
            (left, sql, start) = (left - asked, NextPage, rows[^1].Key);
        }
    }

    private List<Row> ReadPage(Connection connection, string sql, string table, string partition, string start, string to, int limit)
    {
        using var reader = connection.Query(sql, table, KeyBytes.From(partition), KeyBytes.From(start), KeyBytes.From(to), limit);
        var rows = new List<Row>(Math.Min(limit, 100));
        while (reader.Read())
            rows.Add(ReadRow(reader, 0, partition, KeyBytes.Read(reader.GetBytes(2))));
        return rows;
    }

    private List<Row> ReadScan(Connection connection, string table, string from, string to, Row? last)
    {
        using var reader = last is null
            ? connection.Query(ScanFirst, table, KeyBytes.From(from), KeyBytes.From(to), TableLimits.RowsPerPage)
            : connection.Query(ScanNext, table, KeyBytes.From(last.Partition), KeyBytes.From(to), TableLimits.RowsPerPage, KeyBytes.From(last.Key));
        var rows = new List<Row>();
        while (reader.Read())
            rows.Add(ReadRow(reader, 0, KeyBytes.Read(reader.GetBytes(3)), KeyBytes.Read(reader.GetBytes(2))));
        return rows;
    }

    private Write Apply(Connection connection, string table, EncodedWrite write)
    {
        var version = database.NextVersion();
        var any = write.Condition is null;
        var changed = write.Kind switch
        {
            WriteKind.Insert => connection.Execute(
                "INSERT INTO rows VALUES (?1,?2,?3,?4,?5) ON CONFLICT DO NOTHING", table, write.Partition, write.Key, version, write.Data),
            WriteKind.Put => connection.Execute(
                "INSERT OR REPLACE INTO rows VALUES (?1,?2,?3,?4,?5)", table, write.Partition, write.Key, version, write.Data),
            WriteKind.Replace when any => connection.Execute(
                "UPDATE rows SET version=?4, data=?5 WHERE tbl=?1 AND partition=?2 AND key=?3",
                table, write.Partition, write.Key, version, write.Data),
            WriteKind.Replace => connection.Execute(
                "UPDATE rows SET version=?4, data=?5 WHERE tbl=?1 AND partition=?2 AND key=?3 AND version=?6",
                table, write.Partition, write.Key, version, write.Data, write.Condition!),
            _ when any => connection.Execute("DELETE FROM rows WHERE tbl=?1 AND partition=?2 AND key=?3", table, write.Partition, write.Key),
            _ => connection.Execute(
                "DELETE FROM rows WHERE tbl=?1 AND partition=?2 AND key=?3 AND version=?4", table, write.Partition, write.Key, write.Condition!),
        };
        if (changed > 0)
            return new Write(WriteOutcome.Done, write.Kind == WriteKind.Delete ? null : ETag(version));
        if (write.Kind == WriteKind.Insert)
            return new Write(WriteOutcome.Exists);
        var there = connection.Number("SELECT 1 FROM rows WHERE tbl=?1 AND partition=?2 AND key=?3", table, write.Partition, write.Key) is not null;
        return new Write(there ? WriteOutcome.Stale : WriteOutcome.Missing);
    }

    private Row ReadRow(Cursor reader, int at, string partition, string key) =>
        new(partition, key, RowBytes.Read(reader.GetBytes(at + 1), names), ETag(reader.GetInt64(at)));

    // As in Azure, table names are case-insensitive.
    private static string Name(string table) => table.ToLowerInvariant();

    private static string ETag(long version) => version.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>A write in the form of the database, prepared before the writer is held. The condition is a version; null for any.</summary>
    private sealed class EncodedWrite(TableWrite write)
    {
        public WriteKind Kind { get; } = write.Kind;
        public byte[] Partition { get; } = KeyBytes.From(write.Row.Partition);
        public byte[] Key { get; } = KeyBytes.From(write.Row.Key);
        public byte[] Data { get; } = write.Kind == WriteKind.Delete ? [] : RowBytes.From(write.Row.Values);
        public object? Condition { get; } = write.Row.ETag switch
        {
            null or "*" => null,
            // No row has a negative version, so a foreign etag matches none.
            var etag => long.TryParse(etag, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var version) ? version : -1L,
        };
    }
}

/// <summary>The rows of a running statement. Spans are valid until the next step.</summary>
internal readonly struct Cursor(Connection connection, sqlite3_stmt statement) : IDisposable
{
    public bool Read()
    {
        var result = raw.sqlite3_step(statement);
        connection.Check(result);
        return result == raw.SQLITE_ROW;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

    public string GetString(int column) => Encoding.UTF8.GetString(GetBytes(column));

    public ReadOnlySpan<byte> GetBytes(int column) => raw.sqlite3_column_blob(statement, column);

    // The reset repeats the error of a failed step, which was already thrown.
    public void Dispose() => raw.sqlite3_reset(statement);
}
