using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ContributionIngest.Core.Storage;
using SQLitePCL;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// One writer and any number of concurrent readers (write-ahead log). Calls run on the caller's thread and take microseconds; only waiting for the
/// writer is asynchronous.
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
        // The upper half differs between runs, so that versions are unique. (Cryptographic randomness would load another library.)
        version = (long)(BitConverter.ToInt32(Guid.NewGuid().ToByteArray()) & int.MaxValue) << 32;
    }

    /// <summary>For work on the writer before anyone else can use it.</summary>
    public void Open(Action<Connection> prepare) => prepare(writer);

    /// <summary>A number that no row or message has had.</summary>
    public long NextVersion() => Interlocked.Increment(ref version);

    public T Read<T>(Func<Connection, T> read)
    {
        if (!readers.TryTake(out var reader))
            reader = new Connection(file, readOnly: true);
        T result;
        try
        {
            result = read(reader);
        }
        catch
        {
            // Its state is unknown, so it is not reused.
            reader.Dispose();
            throw;
        }

        readers.Add(reader);
        return result;
    }

    /// <summary>Runs statements that need no common transaction.</summary>
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

    /// <summary>Runs statements in a transaction, which is rolled back unless <paramref name="keep"/> accepts their result.</summary>
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
/// A connection with its prepared statements, which are cached. For one thread at a time, and one cursor per statement. It calls SQLite directly:
/// ADO.NET would cost more than the statements themselves, and more than the rest of the store at start.
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

    /// <summary>Runs a statement to its end and returns the number of rows changed.</summary>
    /// <param name="sql">One statement, with parameters <c>?1</c>, <c>?2</c>, ….</param>
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

    /// <summary>The first column of the first row; null if there is none.</summary>
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

    /// <summary>Runs several statements without parameters.</summary>
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

    // A full or unreadable disk may be temporary; damage is not.
    private static Exception Failure(int result, string message)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"SQLite error {result}: {message}.");
        return result is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
            ? new DamagedDatabaseException(text)
            : new StoreUnavailableException($"The embedded store failed: {text}");
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

/// <summary>The file is not a database, or damaged; retrying does not help.</summary>
internal sealed class DamagedDatabaseException(string message) : Exception(message);
