using System.Globalization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// The embedded store: one folder with a database, the blobs' files and a lock. One process at a time owns it. What was acknowledged survives
/// the end of the process by any means; a power cut may cost the last moment (write-ahead log, synchronised at checkpoints).
/// </summary>
public sealed class SqliteStore : IDisposable
{
    internal const string DatabaseFile = "store.db";
    internal const string BlobsFolder = "blobs";
    internal const string LockFile = "lock";

    private readonly string folder;
    private readonly FileStream lockFile;
    private readonly Database database;

    /// <summary>Opens the folder, which is made if it is not there, and releases all messages that the run before held.</summary>
    /// <exception cref="SqliteStoreException">Another process has it, a newer program wrote it, or it is no store.</exception>
    public SqliteStore(string folder, TimeProvider clock)
    {
        this.folder = Path.GetFullPath(folder);
        lockFile = Lock(this.folder);
        try
        {
            var file = Path.Combine(this.folder, DatabaseFile);
            database = Open(file);
            database.Open(writer =>
            {
                StoreFormat.Prepare(writer, file);
                SqliteQueue.Release(writer, clock);
            });
            Table = new SqliteTable(database);
            Queue = new SqliteQueue(database, clock);
            Blobs = new FileBlobs(database, new BlobFolder(Path.Combine(this.folder, BlobsFolder)));
        }
        catch
        {
            database?.Dispose();
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds a store.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, DatabaseFile));

    /// <summary>The store format this program writes.</summary>
    public static int Format => StoreFormat.Newest;

    public ITable Table { get; }

    public IBlobs Blobs { get; }

    public SqliteQueue Queue { get; }

    /// <summary>Another one at each opening: what carries an older one was left by a run that has ended.</summary>
    public string Epoch { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Writes the whole store as of one moment to a file, replacing it; other writers wait meanwhile.</summary>
    public Task BackupAsync(string file, CancellationToken cancel) =>
        StoreBackup.WriteAsync(database, Path.Combine(folder, BlobsFolder), Path.GetFullPath(file), cancel);

    /// <summary>Brings a backup back into a folder that is empty or not there; afterwards it is as it was when the backup was made.</summary>
    /// <exception cref="SqliteStoreException">The folder is not empty, or the file is no backup, damaged, or of a newer program.</exception>
    public static void Restore(string file, string folder) => StoreBackup.Restore(Path.GetFullPath(file), Path.GetFullPath(folder));

    public void Dispose()
    {
        database.Dispose();
        lockFile.Dispose();
    }

    private static Database Open(string file)
    {
        try
        {
            return new Database(file);
        }
        catch (StoreUnavailableException e)
        {
            throw new SqliteStoreException($"The store '{file}' cannot be opened: {e.Message}", e);
        }
    }

    private static FileStream Lock(string folder)
    {
        MakeFolder(folder);
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new SqliteStoreException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The data folder '{folder}' is in use by another process. Stop that one, or give this one another folder by the setting Data."),
                e);
        }
    }

    // It holds people's mail addresses and tokens: for its owner's eyes only.
    internal static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

/// <summary>A store or a backup was refused; the message says why and what to do, and is meant for the person who started the program.</summary>
public sealed class SqliteStoreException(string message, Exception? inner = null) : Exception(message, inner);

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
    /// <exception cref="SqliteStoreException">The file is newer than this program, or no store at all.</exception>
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
