using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ContributionIngest.Core.Storage;
using SQLitePCL;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// One writer at a time, any number of readers beside it (write-ahead log). Calls run on the caller's thread and take microseconds; only
/// waiting for the writer's turn is asynchronous.
/// </summary>
internal sealed class Database : IDisposable
{
    private readonly string file;
    private readonly Connection writer;
    private readonly SemaphoreSlim writerLock = new(1, 1);
    private readonly ConcurrentBag<Connection> readers = [];
    private long version;

    public Database(string file)
    {
        this.file = file;
        writer = new Connection(file, readOnly: false);
        // The upper half differs from run to run, so that no version is ever given out twice. (Cryptography would load a library of its own.)
        version = (long)(BitConverter.ToInt32(Guid.NewGuid().ToByteArray()) & int.MaxValue) << 32;
    }

    /// <summary>For work on the writer before anybody else can have a turn.</summary>
    public void Open(Action<Connection> prepare) => prepare(writer);

    /// <summary>A number that no row and no message had before.</summary>
    public long NextVersion() => Interlocked.Increment(ref version);

    public T Read<T>(Func<Connection, T> read)
    {
        if (!readers.TryTake(out var reader))
            reader = new Connection(file, readOnly: true);
        // One whose reading failed may be in any state and is not used again.
        var result = default(T)!;
        var whole = false;
        try
        {
            result = read(reader);
            whole = true;
        }
        finally
        {
            if (whole)
                readers.Add(reader);
            else
                reader.Dispose();
        }

        return result;
    }

    /// <summary>Runs statements that need no transaction around them: one, or several that are right one by one.</summary>
    public async Task<T> WriteAsync<T>(Func<Connection, T> write, CancellationToken cancel)
    {
        await writerLock.WaitAsync(cancel);
        try
        {
            return write(writer);
        }
        finally
        {
            writerLock.Release();
        }
    }

    /// <summary>Runs statements in one transaction, which is undone unless <paramref name="keep"/> says yes to their result.</summary>
    public Task<T> TransactAsync<T>(Func<Connection, T> write, Func<T, bool> keep, CancellationToken cancel) =>
        WriteAsync(
            connection =>
            {
                connection.Execute("BEGIN IMMEDIATE");
                var kept = false;
                try
                {
                    var result = write(connection);
                    if (keep(result))
                    {
                        connection.Execute("COMMIT");
                        kept = true;
                    }

                    return result;
                }
                finally
                {
                    if (!kept)
                        connection.Execute("ROLLBACK");
                }
            },
            cancel);

    public void Dispose()
    {
        foreach (var reader in readers)
            reader.Dispose();
        writer.Dispose();
        writerLock.Dispose();
    }
}

/// <summary>
/// One connection to the database with its prepared statements, each made at first use and kept. For one thread at a time, and one cursor a
/// statement. It speaks to SQLite itself: ADO.NET costs more than the statements it carries, and more than the rest of the store at start.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly sqlite3 database;
    private readonly Dictionary<string, sqlite3_stmt> statements = new(StringComparer.Ordinal);

    static Connection() => Batteries_V2.Init();

    public Connection(string file, bool readOnly)
    {
        var opened = raw.sqlite3_open_v2(file, out database, readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, null);
        if (opened != raw.SQLITE_OK)
        {
            database.Dispose();
            throw Failure(opened, raw.sqlite3_errstr(opened).utf8_to_string());
        }

        raw.sqlite3_busy_timeout(database, 5000);
    }

    /// <summary>Runs a statement to its end and says how many rows it changed.</summary>
    /// <param name="sql">One statement; its parameters are <c>?1</c>, <c>?2</c> and so on.</param>
    /// <param name="values">Text, bytes or whole numbers.</param>
    public int Execute(string sql, params ReadOnlySpan<object> values)
    {
        using (var cursor = Query(sql, values))
        {
            bool more;
            do
                more = cursor.Read();
            while (more);
        }

        return raw.sqlite3_changes(database);
    }

    /// <summary>The first column of the first row as a whole number, or null.</summary>
    public long? Number(string sql, params ReadOnlySpan<object> values)
    {
        using var cursor = Query(sql, values);
        return cursor.Read() && !cursor.IsNull(0) ? cursor.GetInt64(0) : null;
    }

    public Cursor Query(string sql, params ReadOnlySpan<object> values)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            Check(raw.sqlite3_prepare_v2(database, sql, out statement));
            statements.Add(sql, statement);
        }

        for (var i = 0; i < values.Length; i++)
            Bind(statement, i + 1, values[i]);
        return new Cursor(this, statement);
    }

    /// <summary>Runs several statements that take no values.</summary>
    public void Script(string sql) => Check(raw.sqlite3_exec(database, sql));

    public void Dispose()
    {
        foreach (var statement in statements.Values)
            statement.Dispose();
        database.Dispose();
    }

    internal void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Failure(result, raw.sqlite3_errmsg(database).utf8_to_string());
    }

    // A full disk or an unreadable one may be a passing state: the work goes back to where it came from. Damage does not pass.
    private static Exception Failure(int result, string message)
    {
        var told = string.Create(CultureInfo.InvariantCulture, $"SQLite error {result}: {message}.");
        return result is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
            ? new DamagedDatabaseException(told)
            : new StoreUnavailableException($"The embedded store failed: {told}");
    }

    private void Bind(sqlite3_stmt statement, int index, object value) => Check(value switch
    {
        "" => raw.sqlite3_bind_text(statement, index, ""),
        string text => raw.sqlite3_bind_text(statement, index, Encoding.UTF8.GetBytes(text).AsSpan()),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(statement, index, 0),
        byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
        int number => raw.sqlite3_bind_int64(statement, index, number),
        long number => raw.sqlite3_bind_int64(statement, index, number),
        _ => throw new ArgumentException($"No column holds a {value.GetType().Name}.", nameof(value)),
    });
}

/// <summary>The file is no database, or a damaged one; trying again does not help.</summary>
internal sealed class DamagedDatabaseException(string message) : Exception(message);
