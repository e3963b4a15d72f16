using ContributionIngest.Core;
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

    private readonly FileStream lockFile;
    private readonly Database database;

    /// <summary>Opens or creates the store, and releases all messages held by the previous run.</summary>
    /// <exception cref="SqliteStoreException">Another process uses it, it cannot be written, a newer program wrote it, or it is not a store.</exception>
    public SqliteStore(string folder, TimeProvider clock)
    {
        folder = Path.GetFullPath(folder);
        lockFile = Lock(folder);
        try
        {
            var file = Path.Combine(folder, DatabaseFile);
            database = Open(file);
            database.Open(writer =>
            {
                StoreFormat.Prepare(writer, file);
                SqliteQueue.Release(writer, clock);
            });
            Table = new SqliteTable(database);
            Queue = new SqliteQueue(database, clock);
            Blobs = new FileBlobs(database, new BlobFolder(Path.Combine(folder, BlobsFolder)));
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

    /// <summary>Whether a file may be a backup of an earlier version, which <see cref="Restore"/> takes: it begins like a zip file.</summary>
    public static bool IsFormerBackup(string file)
    {
        using var stream = File.OpenRead(file);
        Span<byte> start = stackalloc byte[4];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual("PK\u0003\u0004"u8);
    }

    /// <summary>Restores a backup of an earlier version into an empty or missing folder.</summary>
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
            throw new SqliteStoreException(Unopened(file, e), e);
        }
    }

    private static FileStream Lock(string folder)
    {
        MakeFolder(folder);
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (FileErrors.IsInUse(e))
        {
            throw new SqliteStoreException($"The data folder '{folder}' is in use by another process. Stop that one, or give this one another folder by the setting Data.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqliteStoreException(
                $"The data folder '{folder}' cannot be written: {FileErrors.Reason(e)} ({LockFile}). Let this user write there, or name another folder by the setting Data.", e);
        }
    }

    internal static string Unopened(string file, Exception error) =>
        $"The store '{file}' cannot be opened: {error.Message} See that this user may write the file and its folder, and that the disk is not full.";

    // It has mail addresses and tokens, so only its owner may read it.
    internal static void MakeFolder(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqliteStoreException($"The data folder '{folder}' cannot be created: {FileErrors.Reason(e)}. Name another folder by the setting Data.", e);
        }
    }
}

/// <summary>A store or a backup was refused; the message tells the person who started the program why, and what to do.</summary>
public sealed class SqliteStoreException(string message, Exception? inner = null) : Exception(message, inner);
