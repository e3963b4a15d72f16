using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// Blobs with names in the database and content in files. A file is written under a temporary name, then moved and registered while holding the
/// writer, so a blob exists completely or not at all.
/// </summary>
internal sealed class FileBlobs(Database database, BlobFolder folder) : IBlobs
{
    private const int NamesPerPage = 1000;
    private const string InsertName = "INSERT INTO blobs VALUES (?1,?2) ON CONFLICT DO NOTHING";

    public async Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        await StoreAsync(container, name, content, replace: true, cancel);
    }

    public async Task<bool> PutIfAbsentAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        return !Exists(container, name) && await StoreAsync(container, name, content, replace: false, cancel);
    }

    public async Task<byte[]?> GetAsync(string container, string name, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        if (!Exists(container, name))
            return null;
        try
        {
            return await File.ReadAllBytesAsync(folder.FullPath(container, name), cancel);
        }
        catch (FileNotFoundException)
        {
            // Deleted in between.
            return null;
        }
        catch (IOException e)
        {
            throw Unavailable(e);
        }
    }

    public async Task<bool> DeleteAsync(string container, string name, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        return await database.WriteAsync(
            c =>
            {
                // Name first: a file without a name is harmless, a name without a file is not.
                var there = c.Execute("DELETE FROM blobs WHERE container=?1 AND name=?2", container, KeyBytes.From(name)) > 0;
                if (there)
                    File.Delete(folder.FullPath(container, name));
                return there;
            },
            cancel);
    }

    public IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancel)
    {
        BlobLimits.CheckList(container, prefix);
        return PagesAsync(container, prefix, cancel);
    }

    // Each page is read at once, so that no statement stays open.
    private async IAsyncEnumerable<string> PagesAsync(string container, string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (sql, start) = ("SELECT name FROM blobs WHERE container=?1 AND name>=?2 ORDER BY name LIMIT ?3", prefix);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var names = database.Read(c => ReadPage(c, sql, container, start));
            foreach (var name in names)
            {
                if (!name.StartsWith(prefix, StringComparison.Ordinal))
                    yield break;
                yield return name;
            }

            if (names.Count < NamesPerPage)
                yield break;
            (sql, start) = ("SELECT name FROM blobs WHERE container=?1 AND name>?2 ORDER BY name LIMIT ?3", names[^1]);
        }
    }

    private static List<string> ReadPage(Connection connection, string sql, string container, string start)
    {
        using var reader = connection.Query(sql, container, KeyBytes.From(start), NamesPerPage);
        var names = new List<string>();
        while (reader.Read())
            names.Add(KeyBytes.Read(reader.GetBytes(0)));
        return names;
    }

    private async Task<bool> StoreAsync(string container, string name, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancel)
    {
        string? beside = null;
        try
        {
            beside = await folder.WriteTemporaryAsync(content, cancel);
            return await database.WriteAsync(
                c =>
                {
                    if (!replace && Exists(c, container, name))
                        return false;
                    folder.MoveIntoPlace(beside, container, name);
                    beside = null;
                    c.Execute(InsertName, container, KeyBytes.From(name));
                    return true;
                },
                cancel);
        }
        catch (IOException e)
        {
            throw Unavailable(e);
        }
        finally
        {
            if (beside is not null)
                File.Delete(beside);
        }
    }

    private bool Exists(string container, string name) => database.Read(c => Exists(c, container, name));

    private static bool Exists(Connection connection, string container, string name) =>
        connection.Number("SELECT 1 FROM blobs WHERE container=?1 AND name=?2", container, KeyBytes.From(name)) is not null;

    private static StoreUnavailableException Unavailable(IOException e) => new($"A blob's file could not be used: {e.Message}", e);
}

/// <summary>
/// The files of blobs, named by hash, so that no name is too long, differs only in case, or leads out of the folder. Only the database knows which
/// blobs exist.
/// </summary>
internal sealed class BlobFolder
{
    private readonly string folder;
    private readonly string unfinished;

    public BlobFolder(string folder)
    {
        this.folder = folder;
        unfinished = Path.Combine(folder, "unfinished");
        // Left by a killed process.
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
    }

    /// <summary>The path below the folder: two characters, a slash, 62 characters of lower-case hex.</summary>
    public static string RelativePath(string container, string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(container + "/" + name)));
        return $"{hash[..2]}/{hash[2..]}";
    }

    public static bool IsRelativePath(string path) =>
        path.Length == 65 && path[2] == '/' && path.Remove(2, 1).All(c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c));

    public string FullPath(string container, string name) => Path.Combine(folder, RelativePath(container, name));

    /// <summary>Writes a temporary file for <see cref="MoveIntoPlace"/>.</summary>
    public async Task<string> WriteTemporaryAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var file = Path.Combine(unfinished, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(file, content, cancel);
        return file;
    }

    public void MoveIntoPlace(string beside, string container, string name)
    {
        var file = FullPath(container, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Move(beside, file, overwrite: true);
    }
}
