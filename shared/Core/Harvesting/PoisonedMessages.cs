using System.Globalization;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Harvesting;

/// <summary>A message that failed five times, as shown to the operator.</summary>
/// <param name="Body">Its beginning; the whole is stored.</param>
/// <param name="Length">Of the whole body, in characters.</param>
public sealed record PoisonedMessage(string Id, string Queue, string Body, int Length, DateTimeOffset At);

/// <summary>
/// Poisoned messages, in table <c>harvests</c> under <c>poison</c>, newest first; a harvest's connection records the problem too. Bodies are stored whole,
/// as UTF-8, so that a replay sends the same bytes.
/// </summary>
public sealed class PoisonedMessages(HarvestStore store, ITable table, IQueue queue, TimeProvider clock)
{
    /// <summary>The partition of table <c>harvests</c>.</summary>
    public const string Partition = "poison";

    private const int MaxReturns = 3;
    private const int MaxDeletions = 100;
    private const string Content = "content";

    /// <summary>Characters of a body that are shown.</summary>
    private const int MaxShown = 1000;

    public async Task RecordAsync(string from, string body, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var read = from == HarvestQueue.Name ? HarvestMessageJson.Default.HarvestMessage.ReadOrNull(body) : null;
        if (read is not null && await MayReturnAsync(read, cancel))
        {
            await store.Queue.PutAsync(read with { Returns = read.Returns + 1 }, cancel);
            return;
        }

        var key = $"{Ticks(now)}|{Identity.Hash(body)}";
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["queue"] = from,
            ["at"] = now,
        };
        foreach (var (index, piece) in Encoding.UTF8.GetBytes(body).Chunk(TableLimits.BytesPerBinary).Index())
            values[Content + index] = piece;
        await table.WriteAsync(TableNames.Harvests, TableWrite.Put(new Row(Partition, key, values)), cancel);
        Telemetry.GivenUp(from);
        if (read is not null)
            await RestConnectionAsync(read, now, cancel);
    }

    public async Task<IReadOnlyList<PoisonedMessage>> NewestAsync(int limit, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Harvests, Partition, "0", "}", limit, cancel).Select(Show).ToListAsync(cancel);

    /// <summary>
    /// Sends a message to its queue again, then deletes it here; after an interruption this may be repeated. False if there is none of that id.
    /// </summary>
    public async Task<bool> ReplayAsync(string id, CancellationToken cancel)
    {
        var rows = table.RangeAsync(TableNames.Harvests, Partition, "0", "}", null, cancel);
        if (await rows.FirstOrDefaultAsync(r => string.Equals(IdOf(r), id, StringComparison.Ordinal), cancel) is not { } row)
            return false;
        await queue.PutAsync(QueueOf(row), Body(row), TimeSpan.Zero, cancel);
        // It was sent, even if the caller has gone.
        await table.WriteAsync(TableNames.Harvests, TableWrite.Delete(row with { ETag = null }), CancellationToken.None);
        return true;
    }

    /// <summary>Deletes some of what is older than so many days. True if it left any.</summary>
    public async Task<bool> PruneAsync(int days, CancellationToken cancel)
    {
        var rows = await table.RangeAsync(TableNames.Harvests, Partition, Ticks(clock.GetUtcNow().AddDays(-days)) + "}", "}", MaxDeletions, cancel).ToListAsync(cancel);
        foreach (var row in rows)
            await table.WriteAsync(TableNames.Harvests, TableWrite.Delete(row with { ETag = null }), cancel);
        return rows.Count == MaxDeletions;
    }

    /// <summary>Deletes messages about somebody, looking at some of them. How many were deleted, and where to go on; null at the end.</summary>
    /// <param name="isAbout">Of a message's body.</param>
    public async Task<(int Deleted, string? After)> DeleteAsync(Predicate<string> isAbout, string? after, CancellationToken cancel)
    {
        var rows = await table.RangeAsync(TableNames.Harvests, Partition, after is null ? "0" : after + "!", "}", MaxDeletions, cancel).ToListAsync(cancel);
        var deleted = 0;
        foreach (var row in rows.Where(row => isAbout(Body(row))))
            deleted += (await table.WriteAsync(TableNames.Harvests, TableWrite.Delete(row with { ETag = null }), cancel)).Outcome == WriteOutcome.Done ? 1 : 0;
        return (deleted, rows.Count == MaxDeletions ? rows[^1].Key : null);
    }

    /// <summary>
    /// Shutdowns and crashes count as attempts too. If the connection itself has not failed that often, its message is returned to the queue, up to a limit,
    /// because the message may be what kills the process.
    /// </summary>
    private async Task<bool> MayReturnAsync(HarvestMessage message, CancellationToken cancel) =>
        message.Returns < MaxReturns
        && await store.Connections.GetAsync(message.Person, message.Connection, cancel) is { State.Faults: < IQueue.MaximumAttempts };

    /// <summary>The connection rests for a day, so that the same message does not come back every quarter of an hour.</summary>
    private async Task RestConnectionAsync(HarvestMessage message, DateTimeOffset now, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(message.Person, message.Connection, cancel) is not { } found)
            return;
        var problem = new Problem("poisoned", "Its harvest failed five times because of an internal error; it is retried tomorrow.", now);
        var due = Due.OfConnection(message.Person, message.Connection, found.State.Address);
        var next = now + Cadence.Longest;
        var state = found.State with
        {
            Health = Health.Failing,
            Problem = problem,
            Failures = found.State.Failures + 1,
            FailingSince = found.State.FailingSince ?? now,
            Faults = 0,
            Deaths = 0,
            Lease = null,
            NextRun = next,
            DueKey = DueIndex.KeyAt(due, next),
        };
        await store.Connections.SaveStateAsync(message.Person, message.Connection, state, found.Hashes, found.StateTag, cancel);
        await store.DueIndex.MoveAsync(due, message.DueKey ?? found.State.DueKey, next, cancel);
        var report = new HarvestReport { At = now, Until = now, Problem = problem };
        await store.Reports.AddAsync(message.Person, message.Connection, Identity.Random(), report, cancel);
    }

    private static PoisonedMessage Show(Row row)
    {
        var body = Body(row);
        var shown = body.Length <= MaxShown ? body : body[..(char.IsHighSurrogate(body[MaxShown - 1]) ? MaxShown - 1 : MaxShown)];
        return new(IdOf(row), QueueOf(row), shown, body.Length, At(row));
    }

    // Rows of earlier versions hold the first 32,768 characters as text.
    private static string Body(Row row)
    {
        if (row.Values.TryGetValue("body", out var text))
            return (string)text!;
        var bytes = new List<byte>();
        for (var i = 0; row.Values.TryGetValue(Content + i, out var piece); i++)
            bytes.AddRange((byte[])piece!);
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>Inverted, so that the newest sorts first.</summary>
    private static string Ticks(DateTimeOffset at) => (DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks).ToString("D19", CultureInfo.InvariantCulture);

    private static string QueueOf(Row row) => (string)row.Values["queue"]!;

    private static DateTimeOffset At(Row row) => (DateTimeOffset)row.Values["at"]!;

    private static string IdOf(Row row) => Identity.Hash(row.Key);
}
