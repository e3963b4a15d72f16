using System.IO.Compression;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

/// <summary>Backups of earlier versions, zip files with the database in them, are still restored into an empty folder.</summary>
public sealed class LocalBackupTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    public LocalBackupTests() => File.Copy(Repository.Path("tests/Drivers/store-format-1.backup"), Backup);

    private string Backup => temporary.File("store.backup");

    private string Restored => temporary.File("restored");

    public void Dispose() => temporary.Dispose();

    [Fact]
    public async Task Restore_does_not_touch_a_folder_that_is_not_empty()
    {
        Directory.CreateDirectory(Restored);
        await File.WriteAllTextAsync(Path.Combine(Restored, "mine"), "mine");

        Assert.Contains("not empty", Refusal().Message, StringComparison.Ordinal);
        Assert.Equal(["mine"], Directory.GetFileSystemEntries(Restored).Select(Path.GetFileName));
    }

    [Fact]
    public void Restore_accepts_an_empty_folder()
    {
        Directory.CreateDirectory(Restored);
        Assert.True(SqliteStore.IsFormerBackup(Backup));

        SqliteStore.Restore(Backup, Restored);

        using var restored = new SqliteStore(Restored, TimeProvider.System);
        Assert.Equal(["restored", "store.backup"], Directory.GetFileSystemEntries(temporary.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task File_that_is_no_backup_is_rejected_and_nothing_is_left_behind()
    {
        await File.WriteAllTextAsync(Backup, "no zip");
        Assert.False(SqliteStore.IsFormerBackup(Backup));
        Assert.Contains("not a backup", Refusal().Message, StringComparison.Ordinal);

        await ZipAsync(("readme.txt", "hello"));
        Assert.Contains("not a backup", Refusal().Message, StringComparison.Ordinal);

        await ZipAsync(("store.db", "hello"));
        Assert.ThrowsAny<SqliteStoreException>(() => SqliteStore.Restore(Backup, Restored));

        await ZipAsync();
        Assert.Contains("no store", Refusal().Message, StringComparison.Ordinal);
        Assert.Equal(["store.backup"], Directory.GetFileSystemEntries(temporary.FullName).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("blobs/../../escaped")]
    [InlineData("/escaped")]
    [InlineData("blobs/ab/../../../escaped")]
    [InlineData("blobs/unfinished/x")]
    public async Task Backup_with_a_name_outside_the_folder_is_rejected(string name)
    {
        await using (var zip = await ZipFile.OpenAsync(Backup, ZipArchiveMode.Update))
            zip.CreateEntry(name);

        Assert.Contains("not a backup", Refusal().Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(temporary.FullName, "*escaped*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Damaged_backup_is_rejected()
    {
        var bytes = await File.ReadAllBytesAsync(Backup);
        await File.WriteAllBytesAsync(Backup, bytes[..(bytes.Length / 2)]);
        Refusal();

        await File.WriteAllBytesAsync(Backup, bytes);
        await using (var zip = await ZipFile.OpenAsync(Backup, ZipArchiveMode.Update))
            zip.Entries.First(e => e.FullName.StartsWith("blobs/", StringComparison.Ordinal)).Delete();
        Assert.Contains("missing", Refusal().Message, StringComparison.Ordinal);
    }

    private SqliteStoreException Refusal()
    {
        var refusal = Assert.Throws<SqliteStoreException>(() => SqliteStore.Restore(Backup, Restored));
        Assert.False(Directory.Exists(Restored + ".unfinished"));
        return refusal;
    }

    private async Task ZipAsync(params (string Name, string Content)[] entries)
    {
        File.Delete(Backup);
        await using var zip = await ZipFile.OpenAsync(Backup, ZipArchiveMode.Create);
        foreach (var (name, content) in entries)
        {
            await using var writer = new StreamWriter(await zip.CreateEntry(name).OpenAsync());
            await writer.WriteAsync(content);
        }
    }
}
