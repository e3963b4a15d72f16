using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// Handles one message of queue <c>harvest</c>: reads the source since the cursor, writes page by page, moves the cursor, and leaves a report and the
/// next due time. A source's failure becomes the connection's health. Any other failure is thrown, and the message is delivered again.
/// </summary>
public sealed class Harvester(
    HarvestStore store,
    RawAnswers raw,
    SourceCatalog catalog,
    Subscriptions subscriptions,
    ConnectionRemoval removal,
    TokenService tokens,
    RollupRebuilder rebuilder,
    HarvestOptions options,
    TimeProvider clock)
{
    /// <summary>A connection that keeps killing the process before anything is saved rests for a day.</summary>
    private const int MaxDeaths = 10;

    public async Task RunAsync(HarvestMessage message, CancellationToken cancel)
    {
        using var activity = Telemetry.Continue("harvest", message.Trace);
        if (await BeginAsync(message, cancel) is not { } held)
            return;
        activity?.SetTag("source", held.Connection.Source);
        await using var run = new HarvestRun(store, subscriptions, options, clock, message, held);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, run.Lost);
        try
        {
            await ReadAsync(run, message.Person, either.Token);
        }
        catch (Exception e) when (e is ConnectionLostException or ConnectionEndedException || (e is OperationCanceledException && run.Lost.IsCancellationRequested))
        {
            // Another run has the connection, or it was removed.
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await ReleaseAsync(run, null);
            throw;
        }
        catch (Exception e)
        {
            await ReleaseAsync(run, e);
            throw;
        }
    }

    private static async Task ReleaseAsync(HarvestRun run, Exception? fault)
    {
        try
        {
            await run.ReleaseAsync(fault);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException or ConnectionLostException)
        {
            // The lease expires soon.
        }
    }

    private async Task ReadAsync(HarvestRun run, string person, CancellationToken cancel)
    {
        using var work = DocumentWork.Begin();
        try
        {
            if (await ReadAsync(run, person, work, cancel))
            {
                await run.ContinueAsync(cancel);
                return;
            }
        }
        catch (SourceException failure)
        {
            await run.FailAsync(failure, cancel);
            Telemetry.Harvested(run.Connection.Source, failure.Failure == Failure.Transient ? "transient" : "terminal");
            return;
        }

        await run.SucceedAsync(cancel);
        Telemetry.Harvested(run.Connection.Source, "ok");
    }

    /// <summary>Reads until the end or the budget. A token that is refused is refreshed once, and reading goes on after the last page.</summary>
    /// <returns>Whether there is more to read.</returns>
    private async Task<bool> ReadAsync(HarvestRun run, string person, DocumentWork work, CancellationToken cancel)
    {
        string? refused = null;
        while (true)
        {
            var credentials = await tokens.GetAsync(person, run.Connection, refused, cancel);
            try
            {
                await foreach (var page in catalog.Get(run.Connection.Source).ReadAsync(run.Reading(credentials), cancel).WithCancellation(cancel))
                {
                    await run.SavePageAsync(page, raw, cancel);
                    work.Release();
                    if (page.More && run.IsOverBudget)
                        return true;
                }

                return false;
            }
            catch (SourceException failure) when (credentials.Token is not null && failure.Code == SourceException.BadToken)
            {
                if (refused is not null)
                    throw await tokens.RefuseAsync(person, run.Connection, cancel);
                refused = credentials.Token;
            }
        }
    }

    /// <summary>Takes the lease; null if there is nothing to do now.</summary>
    private async Task<ConnectionSnapshot?> BeginAsync(HarvestMessage message, CancellationToken cancel)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            if (await store.Connections.GetAsync(message.Person, message.Connection, cancel) is not { } found)
            {
                await RemoveDueRowAsync(message, cancel);
                return null;
            }

            if (found.Connection.Ending is not null)
            {
                await removal.FinishAsync(message.Person, message.Connection, cancel);
                return null;
            }

            var now = clock.GetUtcNow();
            if (await IsStaleAsync(message, found, now, cancel))
                return null;
            var isLeased = found.State.Lease is { } lease && string.Equals(lease.Epoch, options.Epoch, StringComparison.Ordinal);
            if (isLeased && found.State.Lease!.Until - now is var left && left > TimeSpan.Zero && left <= HarvestOptions.Lease)
            {
                // Try again when the lease ends; it may be released or renewed before.
                await store.Queue.PutAsync(message, left < HarvestOptions.Renewal ? left : HarvestOptions.Renewal, cancel);
                return null;
            }

            if (found.State.Format < ConnectionState.CurrentFormat)
                await rebuilder.UpgradeAsync(message.Person, cancel);
            var deaths = found.State.Deaths + (found.State.Lease is null ? 0 : 1);
            var isGivenUp = deaths >= MaxDeaths;
            var state = isGivenUp ? Resting(found.State, message, now) : found.State with
            {
                Lease = new Lease(Identity.Random(), now + HarvestOptions.Lease, options.Epoch),
                Deaths = deaths,
            };
            var tag = await store.Connections.SaveStateAsync(message.Person, message.Connection, state, found.Hashes, found.StateTag, cancel);
            if (tag is null)
            {
                await OptimisticRetry.PauseAsync(conflicts, clock, cancel);
                continue;
            }

            if (!isGivenUp)
                return found with { State = state, StateTag = tag };
            await store.DueIndex.MoveAsync(
                Due.OfConnection(message.Person, message.Connection, state.Address), message.DueKey ?? found.State.DueKey, state.NextRun!.Value, cancel);
            return null;
        }
    }

    private static ConnectionState Resting(ConnectionState state, HarvestMessage message, DateTimeOffset now)
    {
        var next = now + Cadence.Longest;
        return state with
        {
            Lease = null,
            Deaths = 0,
            Health = Health.Failing,
            Problem = new Problem("crashed", "The program ended again and again in the middle of reading it; it is tried again tomorrow.", now),
            Failures = state.Failures + 1,
            FailingSince = state.FailingSince ?? now,
            NextRun = next,
            DueKey = DueIndex.KeyAt(Due.OfConnection(message.Person, message.Connection, state.Address), next),
        };
    }

    /// <summary>
    /// A due row may be stale, after a manual harvest or a planner that stopped halfway; correct it. A request made before the last harvest began has been
    /// answered by it.
    /// </summary>
    private async Task<bool> IsStaleAsync(HarvestMessage message, ConnectionSnapshot found, DateTimeOffset now, CancellationToken cancel)
    {
        if (found.Connection.Paused || (message.DueKey is not null && found.State.Health == Health.Gone))
        {
            await RemoveDueRowAsync(message, cancel);
            return true;
        }

        var isAnswered = message.AskedAt < found.State.Begun && !found.State.Backfilling;
        if (message.DueKey is null && !isAnswered)
            return false;
        var next = found.State.NextRun;
        if (message.DueKey is not null && (next is null || next <= now))
            return false;

        // The run that finished may have been stopped before it moved the row.
        if (next is { } at)
            await store.DueIndex.MoveAsync(Due.OfConnection(message.Person, message.Connection, found.State.Address), message.DueKey, at, cancel);
        return true;
    }

    private async Task RemoveDueRowAsync(HarvestMessage message, CancellationToken cancel)
    {
        if (message.DueKey is not null)
            await store.DueIndex.RemoveAsync(Due.OfConnection(message.Person, message.Connection, string.Empty), message.DueKey, cancel);
    }
}

/// <param name="Epoch">Of the store; leases of another epoch are void. Constant if several processes share a store.</param>
/// <param name="Budget">How long one slice of a harvest may take before it queues its own continuation.</param>
public sealed record HarvestOptions(string Epoch, TimeSpan Budget)
{
    /// <summary>Short, so that another process takes over soon after a crash, and renewed while the run lasts.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Renewals cost writes, and most runs end before the first.</summary>
    public static readonly TimeSpan FirstRenewal = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    /// <summary>How soon a renewal is retried while storage is unavailable.</summary>
    public static readonly TimeSpan RenewalRetry = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How far ahead the planner moves a row that it has just queued, because messages may wait long. A run that has begun moves the row to the end of its
    /// lease.
    /// </summary>
    public TimeSpan Claim => Budget + TimeSpan.FromMinutes(11);
}

/// <param name="Days">How long raw answers and poisoned messages are kept.</param>
public sealed record RetentionOptions(int Days);

/// <summary>Everything a harvest writes to.</summary>
public sealed record HarvestStore(
    ConnectionStore Connections, OriginIndex Origins, DueIndex DueIndex, PausedHosts PausedHosts, HarvestReports Reports, LedgerWriter Ledger, HarvestQueue Queue);

/// <summary>
/// Eight bytes for each draft of the last response. Drafts with a known hash never reach the ledger. A draft counts as seen from <see cref="Note"/> on,
/// which is called once its entry is durable.
/// </summary>
internal sealed class SeenHashes(byte[] before)
{
    /// <summary>As many as one row property holds.</summary>
    private const int MaxHashes = 8 * 1024;

    private readonly HashSet<ulong> known = [.. MemoryMarshal.Cast<byte, ulong>(before)];
    private readonly List<ulong> now = [];

    public bool IsNew(Draft draft) => !known.Contains(Hash(draft));

    public void Note(IEnumerable<Draft> drafts) => now.AddRange(drafts.Take(MaxHashes - now.Count).Select(Hash));

    /// <summary>The hashes to store: those of this run, or the old ones if nothing was read.</summary>
    public byte[] ToBytes() => now.Count == 0 ? before : MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(now)).ToArray();

    private static ulong Hash(Draft draft)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(DraftHash.Of(draft)), digest);
        return MemoryMarshal.Read<ulong>(digest);
    }
}
