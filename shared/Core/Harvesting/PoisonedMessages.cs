using System.Globalization;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Harvesting;

/// <summary>A message that failed five times, as it is shown.</summary>
/// <param name="Body">Its beginning; the whole of it is kept.</param>
/// <param name="Length">Of the whole body, in characters.</param>
public sealed record PoisonedMessage(string Id, string Queue, string Body, int Length, DateTimeOffset At);

/// <summary>
/// Poisoned messages, in table <c>harvests</c> under <c>poison</c>, newest first; the connection a harvest was for says so too. A body is kept
/// whole, as UTF-8, so that a replay sends the same bytes.
/// </summary>
public sealed class PoisonedMessages(HarvestStore store, ITable table, IQueue queue, TimeProvider clock)
{
    private const string Partition = "poison";
    private const int MostReturns = 3;
    private const string Content = "content";

    /// <summary>Characters of a body that are shown.</summary>
    private const int Shown = 1000;

    public async Task RecordAsync(string from, string body, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var read = from == HarvestQueue.Name ? HarvestMessageJson.Default.HarvestMessage.ReadOrNull(body) : null;
        if (read is not null && await IsBlamelessAsync(read, cancel))
        {
            await store.Queue.PutAsync(read with { Returns = read.Returns + 1 }, cancel);
            return;
        }

        var key = string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.MaxValue.UtcTicks - now.UtcTicks:D19}|{Identity.Hash(body)}");
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
            await MarkAsync(read, now, cancel);
    }

    public async Task<IReadOnlyList<PoisonedMessage>> NewestAsync(int limit, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Harvests, Partition, "0", "}", limit, cancel).Select(Show).ToListAsync(cancel);

    /// <summary>
    /// Sends a message to its queue again and then forgets it: whoever is stopped in between may repeat this. False when there is none of that id.
    /// </summary>
    public async Task<bool> ReplayAsync(string id, CancellationToken cancel)
    {
        var rows = table.RangeAsync(TableNames.Harvests, Partition, "0", "}", null, cancel);
        if (await rows.FirstOrDefaultAsync(r => string.Equals(IdOf(r), id, StringComparison.Ordinal), cancel) is not { } row)
            return false;
        await queue.PutAsync(QueueOf(row), Body(row), TimeSpan.Zero, cancel);
        // Sent it is, also when whoever asked has left.
        await table.WriteAsync(TableNames.Harvests, TableWrite.Delete(row with { ETag = null }), CancellationToken.None);
        return true;
    }

    public async Task PruneAsync(int days, CancellationToken cancel)
    {
        var oldest = clock.GetUtcNow().AddDays(-days);
        await foreach (var row in table.RangeAsync(TableNames.Harvests, Partition, "0", "}", null, cancel).Where(r => At(r) < oldest))
            await table.WriteAsync(TableNames.Harvests, TableWrite.Delete(row with { ETag = null }), cancel);
    }

    /// <summary>
    /// Stops and deaths of the program wear out a message as failures do. Where the connection has not failed that often, its message goes back; one that
    /// kills the program each time comes back so often and no more.
    /// </summary>
    private async Task<bool> IsBlamelessAsync(HarvestMessage message, CancellationToken cancel) =>
        message.Returns < MostReturns
        && await store.Connections.GetAsync(message.Person, message.Connection, cancel) is { State.Faults: < IQueue.MaximumAttempts };

    /// <summary>The connection rests for a day, so that the same message does not come again every quarter of an hour.</summary>
    private async Task MarkAsync(HarvestMessage message, DateTimeOffset now, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(message.Person, message.Connection, cancel) is not { } found)
            return;
        var problem = new Problem("poisoned", "Its harvest failed five times for a reason of ours; it is tried again tomorrow.", now);
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
        var shown = body.Length <= Shown ? body : body[..(char.IsHighSurrogate(body[Shown - 1]) ? Shown - 1 : Shown)];
        return new(IdOf(row), QueueOf(row), shown, body.Length, At(row));
    }

    // Rows of earlier programs hold the first 32,768 characters as text.
    private static string Body(Row row)
    {
        if (row.Values.TryGetValue("body", out var text))
            return (string)text!;
        var bytes = new List<byte>();
        for (var i = 0; row.Values.TryGetValue(Content + i, out var piece); i++)
            bytes.AddRange((byte[])piece!);
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static string QueueOf(Row row) => (string)row.Values["queue"]!;

    private static DateTimeOffset At(Row row) => (DateTimeOffset)row.Values["at"]!;

    private static string IdOf(Row row) => Identity.Hash(row.Key);
}
