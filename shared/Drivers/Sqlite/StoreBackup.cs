using System.IO.Compression;
using ContributionIngest.Core;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// A backup of an earlier version: a zip file with a copy of the database and the blobs' files that the copy refers to. It is unpacked into a folder of a
/// temporary name, which is moved when it is complete.
/// </summary>
internal static class StoreBackup
{
    private const string UnfinishedSuffix = ".unfinished";
    private const string BlobPrefix = SqliteStore.BlobsFolder + "/";

    public static void Restore(string file, string folder)
    {
        if (!File.Exists(file))
            throw new SqliteStoreException($"There is no file '{file}' to restore.");
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new SqliteStoreException($"'{folder}' is not empty. Restore into a folder that is empty or does not exist yet.");
        var beside = Path.TrimEndingDirectorySeparator(folder) + UnfinishedSuffix;
        try
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
            SqliteStore.MakeFolder(beside);
            Unpack(file, beside);
            Verify(file, beside);
            if (Directory.Exists(folder))
                Directory.Delete(folder);
            Directory.Move(beside, folder);
        }
        catch (InvalidDataException e)
        {
            throw new SqliteStoreException($"'{file}' is not a backup of this program, or is damaged: it is no complete zip file.", e);
        }
        catch (Exception e) when (e is DamagedDatabaseException or StoreUnavailableException)
        {
            throw new SqliteStoreException($"'{file}' is not a backup of this program, or is damaged: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SqliteStoreException($"'{file}' cannot be restored into '{folder}': {FileErrors.Reason(e)}.", e);
        }
        finally
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
        }
    }

    private static void Unpack(string file, string folder)
    {
        using var zip = ZipFile.OpenRead(file);
        foreach (var entry in zip.Entries)
        {
            // Only our own names are accepted, so that nothing leads out of the folder.
            var name = entry.FullName;
            var ours = name == SqliteStore.DatabaseFile
                || (name.StartsWith(BlobPrefix, StringComparison.Ordinal) && BlobFolder.IsRelativePath(name[BlobPrefix.Length..]));
            if (!ours)
                throw new DamagedDatabaseException($"it has '{name}'.");
            var target = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            entry.ExtractToFile(target);
        }
    }

    private static void Verify(string file, string folder)
    {
        var copy = Path.Combine(folder, SqliteStore.DatabaseFile);
        if (!File.Exists(copy))
            throw new DamagedDatabaseException("it has no store.");
        using var connection = new Connection(copy, readOnly: false);
        StoreFormat.Prepare(connection, file);
        using (var check = connection.Query("PRAGMA integrity_check"))
        {
            if (!check.Read() || check.GetString(0) != "ok")
                throw new DamagedDatabaseException("its database is inconsistent.");
        }

        if (!BlobPaths(connection).All(place => File.Exists(Path.Combine(folder, BlobPrefix + place))))
            throw new DamagedDatabaseException("a blob's file is missing.");
    }

    private static IEnumerable<string> BlobPaths(Connection connection)
    {
        using var reader = connection.Query("SELECT container, name FROM blobs");
        while (reader.Read())
            yield return BlobFolder.RelativePath(reader.GetString(0), KeyBytes.Read(reader.GetBytes(1)));
    }
}
