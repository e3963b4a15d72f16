using ContributionIngest.Core.Ports;
using Microsoft.Data.Sqlite;

namespace ContributionIngest.Drivers.Local;

/// <summary>One connection to the database with its prepared statements, each made at first use and kept. For one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    private const int Corrupt = 11, NoDatabase = 26;

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> commands = new(StringComparer.Ordinal);

    public Connection(string file, bool readOnly)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 5,
        };
        connection = new SqliteConnection(text.ConnectionString);
        connection.Open();
    }

    /// <param name="sql">Its parameters are <c>$0</c>, <c>$1</c> and so on.</param>
    public int Execute(string sql, params ReadOnlySpan<object> values) => Run(Bind(sql, values), c => c.ExecuteNonQuery());

    public SqliteDataReader Query(string sql, params ReadOnlySpan<object> values) => Run(Bind(sql, values), c => c.ExecuteReader());

    /// <summary>The first column of the first row, or null.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<object> values) => Run(Bind(sql, values), c => c.ExecuteScalar());

    public void Dispose()
    {
        foreach (var command in commands.Values)
            command.Dispose();
        connection.Dispose();
    }

    private static T Run<T>(SqliteCommand command, Func<SqliteCommand, T> run)
    {
        try
        {
            return run(command);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is not Corrupt and not NoDatabase)
        {
            // A full disk or an unreadable one may be a passing state: the work goes back to where it came from.
            throw new StoreUnavailableException($"The embedded store failed: {e.Message}", e);
        }
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object> values)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            commands.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command;
    }
}
