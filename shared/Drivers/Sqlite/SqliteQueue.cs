using System.Collections.Concurrent;
using System.Globalization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Sqlite;

/// <summary>
/// Messages in a SQLite table. Times are UTC ticks of the given clock; if that is set back, elapsed time counts instead, so that no message is hidden
/// for longer. Receipts are unique, so only the last receiver has a valid one; 0 is none.
/// </summary>
public sealed class SqliteQueue : IQueue
{
    private readonly Database database;
    private readonly TimeProvider clock;
    private readonly long opened;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> arrivals = new(StringComparer.Ordinal);
    private long clockOrigin;

    internal SqliteQueue(Database database, TimeProvider clock)
    {
        this.database = database;
        this.clock = clock;
        opened = clock.GetTimestamp();
    }

    public async Task PutAsync(string queue, string body, TimeSpan delay, CancellationToken cancel)
    {
        QueueLimits.CheckPut(queue, body, delay);
        var visible = Later(delay);
        await database.WriteAsync(
            c => c.Execute(
                "INSERT INTO messages (queue, body, visible, attempts, receipt, hidden) VALUES (?1,?2,?3,0,0,?4)", queue, body, visible, Hidden(delay)),
            cancel);
        SignalArrival(queue);
    }

    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibilityTimeout, CancellationToken cancel)
    {
        QueueLimits.CheckReceive(queue, count, visibilityTimeout);
        // Checked first, so that polling does not need the writer.
        if (NextVisible(queue) is not { } next || next > Now())
            return [];
        var poisoned = false;
        var messages = await database.TransactAsync(
            c =>
            {
                poisoned = !QueueLimits.IsPoison(queue) && MovePoison(c, queue) > 0;
                return TakeVisible(c, queue, count, Later(visibilityTimeout));
            },
            _ => true,
            cancel);
        if (poisoned)
            SignalArrival(queue + QueueLimits.PoisonSuffix);
        return messages;
    }

    public async Task<QueueMessage?> ExtendAsync(string queue, QueueMessage message, TimeSpan visibilityTimeout, CancellationToken cancel)
    {
        QueueLimits.CheckExtend(queue, visibilityTimeout);
        var receipt = database.NextVersion();
        var visible = Later(visibilityTimeout);
        var changed = await database.WriteAsync(
            c => c.Execute(
                "UPDATE messages SET visible=?4, receipt=?5 WHERE id=?1 AND queue=?2 AND receipt=?3",
                Id(message), queue, Receipt(message), visible, receipt),
            cancel);
        if (changed == 0)
            return null;
        SignalArrival(queue);
        return message with { Receipt = receipt.ToString("x16", CultureInfo.InvariantCulture) };
    }

    public async Task<bool> GiveBackAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        var visible = Later(TimeSpan.Zero);
        var given = await database.WriteAsync(
            c => c.Execute(
                "UPDATE messages SET visible=?4, attempts=attempts-1, receipt=0, hidden=0 WHERE id=?1 AND queue=?2 AND receipt=?3",
                Id(message), queue, Receipt(message), visible),
            cancel) > 0;
        if (given)
            SignalArrival(queue);
        return given;
    }

    public async Task<bool> DeleteAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        return await database.WriteAsync(
            c => c.Execute("DELETE FROM messages WHERE id=?1 AND queue=?2 AND receipt=?3", Id(message), queue, Receipt(message)), cancel) > 0;
    }

    public async Task<bool> DeadLetterAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        var poison = queue + QueueLimits.PoisonSuffix;
        var visible = Later(TimeSpan.Zero);
        var moved = await database.WriteAsync(
            c => c.Execute(
                "UPDATE messages SET queue=?4, visible=?5, attempts=0, receipt=0, hidden=0 WHERE id=?1 AND queue=?2 AND receipt=?3",
                Id(message), queue, Receipt(message), poison, visible),
            cancel) > 0;
        if (moved)
            SignalArrival(poison);
        return moved;
    }

    public Task<int> CountAsync(string queue, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(database.Read(c => (int)c.Number("SELECT count(*) FROM messages WHERE queue=?1", queue)!.Value));
    }

    public Task<TimeSpan?> OldestAgeAsync(string queue, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        cancel.ThrowIfCancellationRequested();
        var now = Now();
        // Messages released at start have no visibility time.
        return Task.FromResult(NextVisible(queue) is { } visible && visible <= now ? TimeSpan.FromTicks(now - (visible > 0 ? visible : now)) : (TimeSpan?)null);
    }

    /// <summary>Completes when the queue has, or may have, a message to receive: at once, after the next put, or when a hidden one becomes visible.</summary>
    public async Task MessageAvailableAsync(string queue, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        while (true)
        {
            // Taken before the check, so that a message put in between completes it.
            var pulse = arrivals.GetOrAdd(queue, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            var next = NextVisible(queue);
            var wait = next - Now();
            if (wait <= 0)
                return;
            if (wait is null)
            {
                await pulse.WaitAsync(cancel);
                continue;
            }

            using var pulsed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(pulse, Task.Delay(TimeSpan.FromTicks(wait.Value), clock, pulsed.Token));
            await pulsed.CancelAsync();
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Messages held when the process ended become visible at once; attempts stay counted. No other message waits longer than it was delayed: the clock
    /// may have been set back.
    /// </summary>
    internal static void Release(Connection writer, TimeProvider clock)
    {
        writer.Execute("UPDATE messages SET visible=0, receipt=0 WHERE receipt<>0");
        writer.Execute("UPDATE messages SET visible=?1+hidden WHERE visible>?1+hidden", clock.GetUtcNow().UtcTicks);
    }

    private int MovePoison(Connection connection, string queue) =>
        connection.Execute(
            "UPDATE messages SET queue=?1||?2, visible=?3, attempts=0, receipt=0, hidden=0 WHERE queue=?1 AND visible<=?3 AND attempts>=?4",
            queue, QueueLimits.PoisonSuffix, Now(), IQueue.MaximumAttempts);

    private List<QueueMessage> TakeVisible(Connection connection, string queue, int count, long until)
    {
        var messages = new List<QueueMessage>();
        using (var reader = connection.Query(
            "SELECT id, body, attempts FROM messages WHERE queue=?1 AND visible<=?2 ORDER BY visible, id LIMIT ?3", queue, Now(), count))
        {
            while (reader.Read())
            {
                var id = reader.GetInt64(0).ToString(CultureInfo.InvariantCulture);
                var receipt = database.NextVersion().ToString("x16", CultureInfo.InvariantCulture);
                messages.Add(new QueueMessage(id, receipt, reader.GetString(1), (int)reader.GetInt64(2) + 1));
            }
        }

        foreach (var message in messages)
            connection.Execute("UPDATE messages SET visible=?2, attempts=attempts+1, receipt=?3 WHERE id=?1", Id(message), until, Receipt(message));

        return messages;
    }

    private long? NextVisible(string queue) => database.Read(c => c.Number("SELECT min(visible) FROM messages WHERE queue=?1", queue));

    private void SignalArrival(string queue)
    {
        if (arrivals.TryRemove(queue, out var pulse))
            pulse.TrySetResult();
    }

    // The wall clock as if it had never been set back since the store was opened.
    private long Now()
    {
        lock (gate)
        {
            var elapsed = clock.GetElapsedTime(opened).Ticks;
            clockOrigin = Math.Max(clockOrigin, clock.GetUtcNow().UtcTicks - elapsed);
            return clockOrigin + elapsed;
        }
    }

    private long Later(TimeSpan span) => Now() + Hidden(span);

    private static long Hidden(TimeSpan span) => QueueLimits.WholeSeconds(span).Ticks;

    private static long Id(QueueMessage message) => long.TryParse(message.Id, CultureInfo.InvariantCulture, out var id) ? id : -1L;

    private static long Receipt(QueueMessage message) =>
        long.TryParse(message.Receipt, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var receipt) && receipt != 0 ? receipt : -1L;
}
