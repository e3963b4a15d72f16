using System.Globalization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// The embedded store: a folder with a database, the files of blobs, and a lock. One process at a time owns it. What was acknowledged survives the end
/// of the process; a power cut may cost the last moment (write-ahead log, synchronised at checkpoints).
/// </summary>
public sealed class SqliteStore : IDisposable
{
    internal const string DatabaseFile = "store.db";
    internal const string BlobsFolder = "blobs";
    internal const string LockFile = "lock";

    private readonly string folder;
    private readonly FileStream lockFile;
    private readonly Database database;

    /// <summary>Opens or creates the store, and releases all messages held by the previous run.</summary>
    /// <exception cref="SqliteStoreException">Another process uses it, a newer program wrote it, or it is not a store.</exception>
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

    /// <summary>Whether a folder has a store.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, DatabaseFile));

    /// <summary>The store format this program writes.</summary>
    public static int Format => StoreFormat.Newest;

    public ITable Table { get; }

    public IBlobs Blobs { get; }

    public SqliteQueue Queue { get; }

    /// <summary>Different at each opening; a lease with an older one belongs to a process that has ended.</summary>
    public string Epoch { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Writes a consistent copy of the store to a file, replacing it; other writers wait meanwhile.</summary>
    public Task BackupAsync(string file, CancellationToken cancel) =>
        StoreBackup.WriteAsync(database, Path.Combine(folder, BlobsFolder), Path.GetFullPath(file), cancel);

    /// <summary>Restores a backup into an empty or missing folder.</summary>
    /// <exception cref="SqliteStoreException">The folder is not empty, or the file is not a backup, damaged, or from a newer program.</exception>
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
            throw new SqliteStoreException($"The data folder '{folder}' is in use by another process. Stop that one, or give this one another folder by the setting Data.", e);
        }
    }

    // It has mail addresses and tokens, so only its owner may read it.
    internal static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

/// <summary>A store or a backup was refused; the message tells the person who started the program why, and what to do.</summary>
public sealed class SqliteStoreException(string message, Exception? inner = null) : Exception(message, inner);

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
