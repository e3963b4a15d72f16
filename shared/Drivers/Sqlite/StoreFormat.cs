using System.Globalization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// The schema of the database and its version, stored as <c>user_version</c>. A change adds a step at the end of <see cref="Steps"/>; released steps
/// never change.
/// </summary>
internal static class StoreFormat
{
    private const int Application = 0x43_49_4E_47;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE rows (
          tbl TEXT NOT NULL, partition BLOB NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL, data BLOB NOT NULL,
          PRIMARY KEY (tbl, partition, key)) WITHOUT ROWID;
        CREATE TABLE messages (
          id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
          visible INTEGER NOT NULL, attempts INTEGER NOT NULL, receipt INTEGER NOT NULL);
        CREATE INDEX messages_by_time ON messages (queue, visible, id);
        CREATE TABLE blobs (container TEXT NOT NULL, name BLOB NOT NULL, PRIMARY KEY (container, name)) WITHOUT ROWID;
        """,
        // The delay of a message in ticks; for existing ones the maximum, seven days.
        "ALTER TABLE messages ADD COLUMN hidden INTEGER NOT NULL DEFAULT 6048000000000",
    ];

    public static int Newest => Steps.Length;

    /// <summary>Configures the writer and upgrades an older database, in one transaction.</summary>
    /// <exception cref="SqliteStoreException">The file is from a newer program, or not a store.</exception>
    public static void Prepare(Connection writer, string file)
    {
        try
        {
            var format = Check(writer, file);
            writer.Execute("PRAGMA journal_mode=WAL");
            writer.Execute("PRAGMA synchronous=NORMAL");
            writer.Execute("PRAGMA temp_store=MEMORY");
            if (format < Newest)
                Upgrade(writer, format);
        }
        catch (StoreUnavailableException e)
        {
            throw new SqliteStoreException(SqliteStore.Unopened(file, e), e);
        }
        catch (DamagedDatabaseException e)
        {
            throw new SqliteStoreException($"The store '{file}' cannot be read: {e.Message} Restore a backup into an empty folder.", e);
        }
    }

    private static int Check(Connection writer, string file)
    {
        var format = Number(writer, "PRAGMA user_version");
        var application = Number(writer, "PRAGMA application_id");
        if (application != Application && Number(writer, "SELECT count(*) FROM sqlite_schema") > 0)
            throw new SqliteStoreException($"'{file}' is a database of another program. Give this one a folder of its own.");
        if (format > Newest)
        {
            throw new SqliteStoreException(
                $"The store '{file}' has format {format}; this program knows formats up to {Newest}. Start the newer program that wrote it.");
        }

        return format;
    }

    private static void Upgrade(Connection writer, int from)
    {
        writer.Execute("BEGIN IMMEDIATE");
        foreach (var step in Steps.AsSpan(from))
            writer.Script(step);
        writer.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id={Application}"));
        writer.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={Newest}"));
        writer.Execute("COMMIT");
    }

    private static int Number(Connection writer, string sql) => (int)(writer.Number(sql) ?? 0);
}
