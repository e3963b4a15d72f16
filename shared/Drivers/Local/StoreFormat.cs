using System.Globalization;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Local;

/// <summary>
/// The shape of the database and its number, which the file carries as <c>user_version</c>. A new shape is one more step at the end of
/// <see cref="Steps"/>; steps that were ever released stay as they are.
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
        // What a message was put off by when it was put, in ticks; of those put before only the most it can have been is known, seven days.
        "ALTER TABLE messages ADD COLUMN hidden INTEGER NOT NULL DEFAULT 6048000000000",
    ];

    public static int Newest => Steps.Length;

    /// <summary>Sets the writer up and brings an older database to the newest format, in one transaction.</summary>
    /// <exception cref="LocalStoreException">The file is newer than this program, or no store at all.</exception>
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
        catch (Exception e) when (e is DamagedDatabaseException or StoreUnavailableException)
        {
            throw new LocalStoreException($"The store '{file}' cannot be read: {e.Message} Restore a backup into an empty folder.", e);
        }
    }

    private static int Check(Connection writer, string file)
    {
        var format = Number(writer, "PRAGMA user_version");
        var application = Number(writer, "PRAGMA application_id");
        if (application != Application && Number(writer, "SELECT count(*) FROM sqlite_schema") > 0)
            throw new LocalStoreException($"'{file}' is a database of another program. Give this one a folder of its own.");
        if (format > Newest)
        {
            throw new LocalStoreException(
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
