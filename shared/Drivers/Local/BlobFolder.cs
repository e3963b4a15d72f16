using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Drivers.Local;

/// <summary>
/// Where a blob's bytes lie: under the hash of its names, so that no name can be too long for a file system, fall together with another
/// one's by case, or lead out of the folder. Which blobs there are is the database's word alone.
/// </summary>
internal sealed class BlobFolder
{
    private readonly string folder;
    private readonly string unfinished;

    public BlobFolder(string folder)
    {
        this.folder = folder;
        unfinished = Path.Combine(folder, "unfinished");
        // What a killed process was still writing belongs to nobody.
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
    }

    /// <summary>The path below the folder, with <c>/</c>: two characters, a slash, 62 characters of lower-case hex.</summary>
    public static string Place(string container, string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(container + "/" + name)));
        return $"{hash[..2]}/{hash[2..]}";
    }

    public static bool IsPlace(string path) =>
        path.Length == 65 && path[2] == '/' && path.Remove(2, 1).All(c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c));

    public string FullPath(string container, string name) => Path.Combine(folder, Place(container, name));

    /// <summary>Writes the content beside, for <see cref="Keep"/> to put it in its place.</summary>
    public async Task<string> WriteBesideAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var file = Path.Combine(unfinished, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(file, content, cancel);
        return file;
    }

    public void Keep(string beside, string container, string name)
    {
        var file = FullPath(container, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Move(beside, file, overwrite: true);
    }
}
