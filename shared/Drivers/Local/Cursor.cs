using System.Text;
using SQLitePCL;

namespace ContributionIngest.Drivers.Local;

/// <summary>The rows of a running statement. What it gives as spans lives until the next step.</summary>
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

    // The reset repeats the error of a failed step, which was thrown already.
    public void Dispose() => raw.sqlite3_reset(statement);
}
