using System.Security.Cryptography;
using ContributionIngest.Core;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Security;

/// <summary>
/// The keys of an embedded store without the setting <c>SecretKeys</c>: a file of its own in the data folder that only its owner can read, one key a
/// line in base64, newest first. A copy of the store without it reveals no secret.
/// </summary>
internal static class SecretKeyFile
{
    public const string Name = "secret.keys";

    /// <summary>The keys of the setting and then those of the file, which is created if there is no other key.</summary>
    /// <exception cref="StartupException">The file holds something else.</exception>
    public static SecretKeys Complete(SecretKeys setting, string folder) => setting.Keys.Count > 0 && !File.Exists(Path.Combine(folder, Name))
        ? setting
        : new SecretKeys([.. setting.Keys, .. ReadOrCreate(folder).Keys]);

    /// <summary>Reads the file, or creates it with a new key.</summary>
    /// <exception cref="StartupException">The file holds something else.</exception>
    public static SecretKeys ReadOrCreate(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            Write(path, [RandomNumberGenerator.GetBytes(SecretKeys.KeyBytes)]);
        return Read(path);
    }

    private static SecretKeys Read(string path)
    {
        var keys = new List<byte[]>();
        foreach (var line in File.ReadAllLines(path).Where(line => line.Length > 0))
        {
            var bytes = new byte[SecretKeys.KeyBytes];
            if (!Convert.TryFromBase64String(line.Trim(), bytes, out var length) || length != bytes.Length)
                throw new StartupException([$"{path} is damaged: each line must be {SecretKeys.KeyBytes} bytes in base64. Restore the file from a backup."]);
            keys.Add(bytes);
        }

        return keys.Count > 0 ? new SecretKeys(keys) : throw new StartupException([$"{path} is empty. Restore the file from a backup."]);
    }

    /// <summary>Puts a new key before the others.</summary>
    public static SecretKeys Rotate(string folder)
    {
        var keys = new SecretKeys([RandomNumberGenerator.GetBytes(SecretKeys.KeyBytes), .. ReadOrCreate(folder).Keys]);
        Write(Path.Combine(folder, Name), keys.Keys);
        return keys;
    }

    /// <summary>Where the keys of a backup of an earlier version are: beside it.</summary>
    public static string BackupOf(string backup) => backup + ".keys";

    /// <summary>Takes the keys beside a backup of an earlier version over. False if there are none.</summary>
    public static bool Restore(string backup, string folder)
    {
        if (!File.Exists(BackupOf(backup)))
            return false;
        Write(Path.Combine(folder, Name), Read(BackupOf(backup)).Keys);
        return true;
    }

    /// <summary>Whole or not at all: a new file takes the old one's place.</summary>
    private static void Write(string path, IEnumerable<byte[]> keys)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var draft = path + ".new";
        File.Delete(draft);
        using (var writer = new StreamWriter(draft, options))
        {
            foreach (var key in keys)
                writer.WriteLine(Convert.ToBase64String(key));
        }

        File.Move(draft, path, overwrite: true);
    }
}
