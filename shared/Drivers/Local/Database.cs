using System.Collections.Concurrent;

namespace ContributionIngest.Drivers.Local;

/// <summary>
/// One writer at a time, any number of readers beside it (write-ahead log). Calls run on the caller's thread and take microseconds; only
/// waiting for the writer's turn is asynchronous.
/// </summary>
internal sealed class Database : IDisposable
{
    private readonly string file;
    private readonly Connection writer;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly ConcurrentBag<Connection> readers = [];
    private long version;

    public Database(string file)
    {
        this.file = file;
        writer = new Connection(file, readOnly: false);
        // The upper half differs from run to run, so that no version is ever given out twice. (Cryptography would load a library of its own.)
        version = (long)(BitConverter.ToInt32(Guid.NewGuid().ToByteArray()) & int.MaxValue) << 32;
    }

    /// <summary>For work on the writer before anybody else can have a turn.</summary>
    public void Open(Action<Connection> prepare) => prepare(writer);

    /// <summary>A number that no row and no message had before.</summary>
    public long NextVersion() => Interlocked.Increment(ref version);

    public T Read<T>(Func<Connection, T> read)
    {
        if (!readers.TryTake(out var reader))
            reader = new Connection(file, readOnly: true);
        // One whose reading failed may be in any state and is not used again.
        var result = default(T)!;
        var whole = false;
        try
        {
            result = read(reader);
            whole = true;
        }
        finally
        {
            if (whole)
                readers.Add(reader);
            else
                reader.Dispose();
        }

        return result;
    }

    /// <summary>Runs statements that need no transaction around them: one, or several that are right one by one.</summary>
    public async Task<T> WriteAsync<T>(Func<Connection, T> write, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            return write(writer);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Runs statements in one transaction, which is undone unless <paramref name="keep"/> says yes to their result.</summary>
    public Task<T> TransactAsync<T>(Func<Connection, T> write, Func<T, bool> keep, CancellationToken cancel) =>
        WriteAsync(
            connection =>
            {
                connection.Execute("BEGIN IMMEDIATE");
                var kept = false;
                try
                {
                    var result = write(connection);
                    if (keep(result))
                    {
                        connection.Execute("COMMIT");
                        kept = true;
                    }

                    return result;
                }
                finally
                {
                    if (!kept)
                        connection.Execute("ROLLBACK");
                }
            },
            cancel);

    public void Dispose()
    {
        foreach (var reader in readers)
            reader.Dispose();
        writer.Dispose();
        turn.Dispose();
    }
}
