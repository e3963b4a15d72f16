using System.IO.Compression;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class LocalBackupTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();
    private readonly TestClock clock = new() { Skip = TimeSpan.Zero };
    private readonly SqliteStore store;

    public LocalBackupTests() => store = new SqliteStore(temporary.File("data"), clock);

    private string Backup => temporary.File("store.backup");

    private string Restored => temporary.File("restored");

    public void Dispose()
    {
        store.Dispose();
        temporary.Dispose();
    }

    [Fact]
    public async Task Backup_restores_the_rows_messages_and_blobs_of_its_time()
    {
        await FillAsync("before");
        await store.BackupAsync(Backup, default);
        await FillAsync("after");
        await store.Blobs.DeleteAsync("raw", "before", default);

        SqliteStore.Restore(Backup, Restored);

        using var restored = new SqliteStore(Restored, clock);
        var row = Assert.Single(await restored.Table.RangeAsync("test", "p", "", "~", 10, default).ToListAsync());
        Assert.Equal("before", row.Values["V"]);
        Assert.Equal("before", Assert.Single(await restored.Queue.ReceiveAsync("work", 32, TimeSpan.FromMinutes(1), default)).Body);
        Assert.Equal(["before"], await restored.Blobs.ListAsync("raw", "", default).ToListAsync());
        Assert.Equal("before"u8.ToArray(), await restored.Blobs.GetAsync("raw", "before", default));
    }

    [Fact]
    public async Task Backup_replaces_an_older_one_and_leaves_no_other_files()
    {
        await store.BackupAsync(Backup, default);
        await FillAsync("x");
        await store.BackupAsync(Backup, default);

        SqliteStore.Restore(Backup, Restored);

        Assert.Equal(["data", "restored", "store.backup"], Directory.GetFileSystemEntries(temporary.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var restored = new SqliteStore(Restored, clock);
        Assert.NotNull(await restored.Table.GetAsync("test", "p", "x", default));
    }

    [Fact]
    public async Task Backup_is_consistent_while_others_write()
    {
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
                await FillAsync($"w{i}");
        });
        await store.BackupAsync(Backup, default);
        await writing;

        SqliteStore.Restore(Backup, Restored);

        using var restored = new SqliteStore(Restored, clock);
        await foreach (var name in restored.Blobs.ListAsync("raw", "", default))
            Assert.NotNull(await restored.Blobs.GetAsync("raw", name, default));
    }

    [Fact]
    public async Task Restore_does_not_touch_a_folder_that_is_not_empty()
    {
        await store.BackupAsync(Backup, default);
        Directory.CreateDirectory(Restored);
        await File.WriteAllTextAsync(Path.Combine(Restored, "mine"), "mine");

        Assert.Contains("not empty", Refusal().Message, StringComparison.Ordinal);
        Assert.Equal(["mine"], Directory.GetFileSystemEntries(Restored).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Restore_accepts_an_empty_folder()
    {
        await store.BackupAsync(Backup, default);
        Directory.CreateDirectory(Restored);

        SqliteStore.Restore(Backup, Restored);

        using var restored = new SqliteStore(Restored, clock);
    }

    [Fact]
    public async Task File_that_is_no_backup_is_rejected_and_nothing_is_left_behind()
    {
        await File.WriteAllTextAsync(Backup, "no zip");
        Assert.Contains("not a backup", Refusal().Message, StringComparison.Ordinal);

        await ZipAsync(("readme.txt", "hello"));
        Assert.Contains("not a backup", Refusal().Message, StringComparison.Ordinal);

        await ZipAsync(("store.db", "hello"));
        Assert.ThrowsAny<SqliteStoreException>(() => SqliteStore.Restore(Backup, Restored));

        await ZipAsync();
        Assert.Contains("no store", Refusal().Message, StringComparison.Ordinal);
        Assert.Equal(["data", "store.backup"], Directory.GetFileSystemEntries(temporary.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("blobs/../../escaped")]
    [InlineData("/escaped")]
    [InlineData("blobs/ab/../../../escaped")]
    [InlineData("blobs/unfinished/x")]
    public async Task Backup_with_a_name_outside_the_folder_is_rejected(string name)
    {
        await store.BackupAsync(Backup, default);
        await using (var zip = await ZipFile.OpenAsync(Backup, ZipArchiveMode.Update))
            zip.CreateEntry(name);

        Assert.Contains("not a backup", Refusal().Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(temporary.FullName, "*escaped*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Damaged_backup_is_rejected()
    {
        await FillAsync("x");
        await store.BackupAsync(Backup, default);
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

    private async Task FillAsync(string what)
    {
        await store.Table.WriteAsync("test", TableWrite.Put(new Row("p", what, new Dictionary<string, object?> { ["V"] = what })), default);
        await store.Queue.PutAsync("work", what, TimeSpan.Zero, default);
        await store.Blobs.PutAsync("raw", what, System.Text.Encoding.UTF8.GetBytes(what), default);
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
