using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class LocalStoreTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();
    private readonly TestClock clock = new() { Skip = TimeSpan.Zero };

    private string Folder => temporary.File("data");

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void Opening_a_store_twice_fails_and_the_message_names_folder_and_remedy()
    {
        using var first = Open();

        var refusal = Assert.Throws<SqliteStoreException>(Open);

        Assert.Contains(Folder, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("setting Data", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_to_open_a_store_is_one_sentence_and_releases_the_folder()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "store.db"));
        for (var tries = 0; tries < 2; tries++)
            Assert.Contains("store.db' cannot be opened: ", Assert.Throws<SqliteStoreException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Closed_store_opens_again_in_a_new_epoch()
    {
        string epoch;
        using (var first = Open())
            epoch = first.Epoch;
        using var second = Open();

        Assert.NotEqual(epoch, second.Epoch);
    }

    [Fact]
    public async Task ETags_of_an_earlier_run_match_no_later_write()
    {
        var row = new Row("p", "k", new Dictionary<string, object?> { ["V"] = 1 });
        var etags = new List<string?>();
        for (var run = 0; run < 3; run++)
        {
            using var store = Open();
            etags.Add((await store.Table.WriteAsync("test", TableWrite.Put(row), default)).ETag);
        }

        Assert.Equal(3, etags.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Opening_releases_messages_held_by_the_previous_run_but_not_delayed_ones()
    {
        QueueMessage held;
        using (var first = Open())
        {
            await first.Queue.PutAsync("work", "held", TimeSpan.Zero, default);
            await first.Queue.PutAsync("work", "delayed", TimeSpan.FromHours(1), default);
            held = Assert.Single(await first.Queue.ReceiveAsync("work", 32, TimeSpan.FromDays(1), default));
        }

        using var second = Open();
        Assert.False(await second.Queue.DeleteAsync("work", held, default));
        var again = Assert.Single(await second.Queue.ReceiveAsync("work", 32, TimeSpan.FromDays(1), default));
        Assert.Equal(("held", 2), (again.Body, again.Attempt));
    }

    [Fact]
    public void Store_of_a_newer_program_is_rejected()
    {
        Open().Dispose();
        using (var connection = new Connection(Path.Combine(Folder, "store.db"), readOnly: false))
            connection.Execute($"PRAGMA user_version={SqliteStore.Format + 1}");

        var refusal = Assert.Throws<SqliteStoreException>(Open);

        Assert.Contains($"has format {SqliteStore.Format + 1}; this program knows formats up to {SqliteStore.Format}", refusal.Message, StringComparison.Ordinal);
        // And it was let go of.
        Assert.Throws<SqliteStoreException>(Open);
    }

    [Fact]
    public void Database_of_another_program_is_rejected()
    {
        Directory.CreateDirectory(Folder);
        using (var connection = new Connection(Path.Combine(Folder, "store.db"), readOnly: false))
            connection.Execute("CREATE TABLE theirs (x)");

        Assert.Contains("another program", Assert.Throws<SqliteStoreException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_database_is_rejected()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "store.db"), new string('x', 10_000));

        Assert.Contains("cannot be read", Assert.Throws<SqliteStoreException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leftovers_of_a_killed_process_are_removed()
    {
        Open().Dispose();
        var left = Path.Combine(Folder, "blobs", "unfinished", "left");
        await File.WriteAllTextAsync(left, "half");

        Open().Dispose();

        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task No_blob_is_written_outside_the_folder()
    {
        using var store = Open();
        await store.Blobs.PutAsync("raw", "%2e%2e/%2e%2e/escape", new byte[1], default);
        await store.Blobs.PutAsync("raw", "...x/..y/C:/aux", new byte[1], default);

        var files = Directory.GetFiles(temporary.FullName, "*", SearchOption.AllDirectories);
        Assert.All(files, f => Assert.StartsWith(Folder + Path.DirectorySeparatorChar, f, StringComparison.Ordinal));
        Assert.Equal(2, files.Count(f => f.StartsWith(Path.Combine(Folder, "blobs"), StringComparison.Ordinal)));
    }

    [Fact]
    public void On_Unix_only_the_owner_can_read_a_created_folder()
    {
        Open().Dispose();

        Assert.True(
            OperatingSystem.IsWindows()
            || File.GetUnixFileMode(Folder) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    private SqliteStore Open() => new(Folder, clock);
}
