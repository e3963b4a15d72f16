using System.Globalization;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Local;

/// <summary>
/// The embedded store: one folder with a database, the blobs' files and a lock. One process at a time owns it. What was acknowledged survives
/// the end of the process by any means; a power cut may cost the last moment (write-ahead log, synchronised at checkpoints).
/// </summary>
public sealed class LocalStore : IDisposable
{
    internal const string DatabaseFile = "store.db";
    internal const string BlobsFolder = "blobs";
    internal const string LockFile = "lock";

    private readonly string folder;
    private readonly FileStream held;
    private readonly Database database;

    /// <summary>Opens the folder, which is made if it is not there, and releases all messages that the run before held.</summary>
    /// <exception cref="LocalStoreException">Another process has it, a newer program wrote it, or it is no store.</exception>
    public LocalStore(string folder, TimeProvider clock)
    {
        this.folder = Path.GetFullPath(folder);
        held = Hold(this.folder);
        try
        {
            var file = Path.Combine(this.folder, DatabaseFile);
            database = Open(file);
            database.Open(writer =>
            {
                StoreFormat.Prepare(writer, file);
                LocalQueue.Release(writer, clock);
            });
            Table = new LocalTable(database);
            Queue = new LocalQueue(database, clock);
            Blobs = new LocalBlobs(database, new BlobFolder(Path.Combine(this.folder, BlobsFolder)));
        }
        catch
        {
            database?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds a store.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, DatabaseFile));

    /// <summary>The store format this program writes.</summary>
    public static int Format => StoreFormat.Newest;

    public ITable Table { get; }

    public IBlobs Blobs { get; }

    public LocalQueue Queue { get; }

    /// <summary>Another one at each opening: what carries an older one was left by a run that has ended.</summary>
    public string Epoch { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Writes the whole store as of one moment to a file, replacing it; other writers wait meanwhile.</summary>
    public Task BackupAsync(string file, CancellationToken cancel) =>
        LocalBackup.WriteAsync(database, Path.Combine(folder, BlobsFolder), Path.GetFullPath(file), cancel);

    /// <summary>Brings a backup back into a folder that is empty or not there; afterwards it is as it was when the backup was made.</summary>
    /// <exception cref="LocalStoreException">The folder is not empty, or the file is no backup, damaged, or of a newer program.</exception>
    public static void Restore(string file, string folder) => LocalBackup.Restore(Path.GetFullPath(file), Path.GetFullPath(folder));

    public void Dispose()
    {
        database.Dispose();
        held.Dispose();
    }

    private static Database Open(string file)
    {
        try
        {
            return new Database(file);
        }
        catch (StoreUnavailableException e)
        {
            throw new LocalStoreException($"The store '{file}' cannot be opened: {e.Message}", e);
        }
    }

    private static FileStream Hold(string folder)
    {
        MakeFolder(folder);
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new LocalStoreException(
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
