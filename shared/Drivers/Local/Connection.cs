using System.Text;
using ContributionIngest.Core.Ports;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ContributionIngest.Drivers.Local;

/// <summary>
/// One connection to the database with its prepared statements, each made at first use and kept. For one thread at a time, and one cursor a
/// statement. It speaks to SQLite below Microsoft.Data.Sqlite's commands, which cost more than the statements they carry.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly sqlite3 database;
    private readonly Dictionary<string, sqlite3_stmt> statements = new(StringComparer.Ordinal);

    public Connection(string file, bool readOnly)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        };
        connection = new SqliteConnection(text.ConnectionString);
        connection.Open();
        database = connection.Handle!;
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
        connection.Dispose();
    }

    internal void Check(int result)
    {
        if (result is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)
            return;
        var failure = new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), result);
        // A full disk or an unreadable one may be a passing state: the work goes back to where it came from. Damage does not pass.
        throw result is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
            ? failure
            : new StoreUnavailableException($"The embedded store failed: {failure.Message}", failure);
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
