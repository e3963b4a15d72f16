using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// One run on one connection, whose lease it holds. It saves after every page, so that another run can repeat any step. The changes of a page are saved
/// together, once its entries are durable; until then, renewing or releasing the lease saves nothing but the lease.
/// </summary>
internal sealed class HarvestRun : IAsyncDisposable
{
    /// <summary>Unavailable storage does not delay shutdown.</summary>
    private static readonly TimeSpan LongestRelease = TimeSpan.FromSeconds(10);

    /// <summary>The lease is renewed concurrently, so saves are serialised.</summary>
    private readonly SemaphoreSlim saving = new(1, 1);

    private readonly HarvestStore store;
    private readonly Subscriptions subscriptions;
    private readonly HarvestOptions options;
    private readonly TimeProvider clock;
    private readonly HarvestMessage message;
    private readonly string run;
    private readonly SeenHashes seen;
    private readonly DateTimeOffset started;
    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource renewing = new();
    private readonly Task renewal;

    /// <summary>The stored state.</summary>
    private ConnectionState kept;

    private byte[] keptHashes;
    private string tag;

    /// <summary>What a delivery wrote meanwhile, and whether it voided the seen hashes.</summary>
    private ConnectionState? delivered;

    private bool isUnseen;

    /// <summary>The state as of the next save.</summary>
    private ConnectionState state;

    /// <summary>Key of the due row.</summary>
    private string? dueKey;

    /// <summary>Entries written later are in no report yet, because the run that wrote them was stopped.</summary>
    private readonly DateTimeOffset since;

    /// <summary>When the current page was requested.</summary>
    private DateTimeOffset asked;

    private UpsertResult result = UpsertResult.Nothing;
    private UpsertResult reported = UpsertResult.Nothing;
    private HarvestReport report;

    /// <param name="connected">With the lease of this run in its state.</param>
    public HarvestRun(
        HarvestStore store, Subscriptions subscriptions, HarvestOptions options, TimeProvider clock, HarvestMessage message, ConnectionSnapshot connected)
    {
        (this.store, this.subscriptions, this.options, this.clock, this.message) = (store, subscriptions, options, clock, message);
        (Connection, kept, state, tag) = (connected.Connection, connected.State, connected.State, connected.StateTag);
        (run, started, dueKey) = (kept.Lease!.Run, clock.GetUtcNow(), message.DueKey ?? kept.DueKey);
        asked = started;
        since = HarvestRun.Since(connected);
        keptHashes = kept.Format < ConnectionState.CurrentFormat || kept.DeliveredAt is not null ? [] : connected.Hashes;
        seen = new SeenHashes(keptHashes);
        report = new HarvestReport { At = started, Until = started };
        renewal = RenewAsync(renewing.Token);
    }

    public Connection Connection { get; }

    /// <summary>Cancelled when another run takes the connection, or it is deleted.</summary>
    public CancellationToken Lost => lost.Token;

    private string Person => message.Person;

    private Due Due => Due.OfConnection(Person, Connection.Id, state.Address);

    public bool IsOverBudget => clock.GetUtcNow() - started >= options.Budget;

    public SourceRequest Reading(Credentials credentials) => new(Connection.Origin, state.Address, state.Cursor, Connection.Options, credentials)
    {
        IsFromStart = state.Format < ConnectionState.CurrentFormat,
        DeliveredAt = state.DeliveredAt,
        IsManual = message.IsByHand,
    };

    /// <summary>Rows first, then the cursor that covers them.</summary>
    public async Task SavePageAsync(SourcePage page, RawAnswers raw, CancellationToken cancel)
    {
        var news = page.Drafts.Where(seen.IsNew).ToList();
        result = result with { Unchanged = result.Unchanged + page.Drafts.Count - news.Count };
        if (news.Count > 0 && page.Raw is { } answer)
            report = report with { Raw = [.. report.Raw, await raw.PutAsync(Person, answer, cancel)] };
        if (news.Count > 0)
            await store.Ledger.UpsertAsync(Person, ContextOf(Connection, state, page.Url) with { AsOf = asked }, page.Drafts, news, cancel, done => result = result.And(done), since);
        seen.Note(page.Drafts);
        report = report with
        {
            Pages = report.Pages + 1,
            Repairs = [.. report.Repairs.Concat(page.Repairs).GroupBy(r => (r.What, r.Detail)).Select(g => new Repair(g.Key.What, g.Sum(r => r.Count), g.Key.Detail)).Take(100)],
        };
        state = state with
        {
            Cursor = page.Cursor,
            Address = page.MovedTo ?? state.Address,
            Coverage = page.Coverage ?? state.Coverage,
            Backfilling = page.More,
            MinPollInterval = page.MinPollInterval ?? state.MinPollInterval,
            Push = page.Push ?? state.Push,
            Gap = state.Backfilling ? state.Gap : Cadence.Gap(page.Drafts) ?? state.Gap,
            Newest = Latest(state.Newest, page.Drafts),
            Awaited = Cadence.Awaited(state.Awaited, page.Drafts, clock.GetUtcNow()),
            Faults = 0,
            Deaths = 0,
            Format = ConnectionState.CurrentFormat,
        };
        if (!page.More)
            return;
        await ReportAsync(null, cancel);
        await SaveAsync(cancel);
        asked = clock.GetUtcNow();
    }

    /// <summary>Ends this slice and queues the next.</summary>
    public async Task ContinueAsync(CancellationToken cancel)
    {
        await StopRenewingAsync();
        await EndAsync(state with { NextRun = clock.GetUtcNow() }, null, cancel);
        await store.Queue.PutAsync(message with { Returns = 0 }, cancel);
    }

    public async Task SucceedAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var before = state.Followed;
        var followed = await subscriptions.FollowAsync(Person, Connection.Id, before, state.Push, cancel);
        if (followed != before)
            state = state with { Followed = followed, PushedUntil = null };
        var next = Cadence.Next(now, state.Gap, state.Newest, state.MinPollInterval, state.PushedUntil > now, Connection.Id);
        state = state with { Awaited = Cadence.Awaited(state.Awaited, [], now) };
        if (state.Awaited is [var soonest, ..] && soonest < next)
            next = soonest;
        await FinishAsync(
            state with
            {
                Health = Health.Ok,
                Problem = null,
                Failures = 0,
                FailingSince = null,
                Faults = 0,
                Deaths = 0,
                Format = ConnectionState.CurrentFormat,
                LastSuccess = now,
                DeliveredAt = started - state.DeliveredAt >= PushOffer.LongestLag ? null : state.DeliveredAt,
                NextRun = next,
            },
            null,
            cancel);
        if (before is not null && before != state.Followed)
            await subscriptions.UnfollowAsync(Person, Connection.Id, before, cancel);
    }

    public async Task FailAsync(SourceException failure, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var problem = new Problem(failure.Code, failure.Message, now);
        if (failure is { Failure: Failure.Transient, RetryAt: { } goesOn } && report.Pages > 0)
        {
            // It read as much as the source's limit allows; a long history under a rate limit is not a failing connection.
            await PauseHostAsync(failure, now, cancel);
            var soon = goesOn < now + Cadence.Longest ? goesOn : now + Cadence.Longest;
            await FinishAsync(state with { Problem = problem, Failures = 0, FailingSince = null, NextRun = soon > now ? soon : now }, problem, cancel);
            return;
        }

        var failures = state.Failures + 1;
        var failingSince = state.FailingSince ?? now;
        var wait = failure.Failure == Failure.Terminal ? now + Cadence.Longest : Cadence.AfterFailure(now, failures, Connection.Id);
        if (failure.RetryAt > wait)
            wait = failure.RetryAt.Value < now + Cadence.Longest ? failure.RetryAt.Value : now + Cadence.Longest;
        await PauseHostAsync(failure, now, cancel);
        var health = failure.Failure == Failure.Gone ? Health.Gone : now - failingSince >= TimeSpan.FromDays(7) ? Health.Broken : Health.Failing;
        await FinishAsync(
            state with
            {
                Health = health,
                Problem = problem,
                Failures = failures,
                FailingSince = failingSince,
                NextRun = health == Health.Gone ? null : wait,
            },
            problem,
            cancel);
    }

    /// <summary>Releases the lease after a failure of ours or at shutdown; the message will be delivered again.</summary>
    /// <param name="fault">Null at shutdown.</param>
    public async Task ReleaseAsync(Exception? fault)
    {
        await StopRenewingAsync();

        // Already released: the run had ended when the failure happened.
        if (kept.Lease is null)
            return;
        using var limit = new CancellationTokenSource(LongestRelease, clock);
        var problem = fault is null ? null : new Problem("interrupted", Message(fault), clock.GetUtcNow());
        var ended = kept with { Lease = null };
        if (problem is not null)
            ended = ended with { Faults = kept.Faults + 1, Problem = problem };
        await WriteAsync(ended, keptHashes, limit.Token);
        await ReportAsync(problem, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopRenewingAsync();
        saving.Dispose();
        renewing.Dispose();
        lost.Dispose();
    }

    /// <summary>Renews the lease, and moves the due row to its end, so that the planner queues the connection soon after this process dies.</summary>
    private async Task RenewAsync(CancellationToken stop)
    {
        var wait = HarvestOptions.FirstRenewal;
        while (true)
        {
            await Task.Delay(wait, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            try
            {
                await SaveAsync(() => (kept, keptHashes), stop);
                dueKey = await store.DueIndex.MoveAsync(Due, dueKey, kept.Lease!.Until, stop);
                wait = HarvestOptions.Renewal;
            }
            catch (StoreUnavailableException)
            {
                wait = HarvestOptions.RenewalRetry;
            }
            catch (ConnectionLostException)
            {
                await lost.CancelAsync();
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>The rest of the run has until the end of the lease.</summary>
    private async Task StopRenewingAsync()
    {
        await renewing.CancelAsync();
        await renewal;
    }

    private static string Message(Exception fault) => fault is StoreUnavailableException
        ? "The last harvest stopped because storage was unavailable; it is retried automatically."
        : "The last harvest stopped because of an internal error; it is retried automatically.";

    private async Task PauseHostAsync(SourceException failure, DateTimeOffset now, CancellationToken cancel)
    {
        if (failure.RetryAt is { } until && until > now && Uri.TryCreate(state.Address, UriKind.Absolute, out var uri))
            await store.PausedHosts.PauseAsync(uri.Host, until, cancel);
    }

    private async Task FinishAsync(ConnectionState after, Problem? problem, CancellationToken cancel)
    {
        await StopRenewingAsync();
        await EndAsync(after with { Begun = started, DueKey = KeyAt(after, after.NextRun) }, problem, cancel);
        if (state.NextRun is { } at)
            await store.DueIndex.MoveAsync(Due, dueKey, at, cancel);
        else if (dueKey is not null)
            await store.DueIndex.RemoveAsync(Due, dueKey, cancel);
    }

    private async Task EndAsync(ConnectionState after, Problem? problem, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await ReportAsync(problem, cancel);
        state = after with
        {
            Lease = null,
            LastRun = now,
            LastChange = result.IsChange ? now : after.LastChange,
            Runs = after.Runs + 1,
            Repairs = report.Repairs.Sum(r => r.Count),
        };
        await SaveAsync(cancel);
    }

    /// <summary>The report is saved as the run proceeds, so that it covers what was written even if the run is stopped.</summary>
    private async Task ReportAsync(Problem? problem, CancellationToken cancel)
    {
        report = report.With(result) with { Until = clock.GetUtcNow(), Problem = problem };
        if (problem is null && (!result.IsChange || ReferenceEquals(result, reported)))
            return;
        await store.Reports.AddAsync(Person, Connection.Id, run, report, cancel);
        reported = result;
    }

    private async Task SaveAsync(CancellationToken cancel)
    {
        await SaveAsync(() => (state, seen.ToBytes()), cancel);
        state = kept;
    }

    private async Task SaveAsync(Func<(ConnectionState State, byte[] Hashes)> what, CancellationToken cancel)
    {
        await saving.WaitAsync(cancel);
        try
        {
            var (next, hashes) = what();
            await WriteAsync(next, hashes, cancel);
        }
        finally
        {
            saving.Release();
        }
    }

    /// <summary>Writes a state and renews the lease. Under a lease, only a delivery can have changed the state meanwhile.</summary>
    private async Task WriteAsync(ConnectionState next, byte[] hashes, CancellationToken cancel)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            if (next.Lease is { } lease)
                next = next with { Lease = lease with { Until = clock.GetUtcNow() + HarvestOptions.Lease } };
            if (delivered is not null)
                next = WithDelivered(next, delivered);
            if (isUnseen)
                hashes = [];
            if (await store.Connections.SaveStateAsync(Person, Connection.Id, next, hashes, tag, cancel) is { } saved)
            {
                (tag, kept, keptHashes) = (saved, next, hashes);
                return;
            }

            var current = await store.Connections.GetAsync(Person, Connection.Id, cancel) ?? throw new ConnectionLostException();
            if (!string.Equals(current.State.Lease?.Run, run, StringComparison.Ordinal))
                throw new ConnectionLostException();
            (tag, delivered) = (current.StateTag, current.State);
            isUnseen |= current.Hashes.Length == 0 && hashes.Length > 0;
            await OptimisticRetry.PauseAsync(conflicts, clock, cancel);
        }
    }

    private static ConnectionState WithDelivered(ConnectionState ours, ConnectionState delivered) => ours with
    {
        PushedUntil = delivered.PushedUntil,
        DeliveredAt = delivered.DeliveredAt,
        LastChange = delivered.LastChange > ours.LastChange ? delivered.LastChange : ours.LastChange ?? delivered.LastChange,
    };

    private string? KeyAt(ConnectionState of, DateTimeOffset? at) =>
        at is { } next ? DueIndex.KeyAt(Due.OfConnection(Person, Connection.Id, of.Address), next) : null;

    /// <summary>Until when the reports cover everything written for a connection.</summary>
    public static DateTimeOffset Since(ConnectionSnapshot connected) =>
        new[] { connected.State.LastRun, connected.State.LastChange }.Max() ?? connected.Connection.Since.AddTicks(-1);

    /// <param name="page">The source's own page, if the response names it.</param>
    public static SightingContext ContextOf(Connection connection, ConnectionState state, string? page) => new(
        connection.Id,
        connection.Source,
        connection.Origin,
        connection.Verified,
        connection.Since,
        [.. new[] { connection.Origin, connection.Url, state.Address, page }.OfType<string>()])
    {
        IsFirstRead = state.LastSuccess is null,
    };

    private static DateTimeOffset? Latest(DateTimeOffset? known, IEnumerable<Draft> drafts) =>
        drafts.Select(d => d.When).Append(known).Max();
}

/// <summary>The connection was deleted, or its lease expired and went to another run; this run ends here.</summary>
internal sealed class ConnectionLostException() : Exception("The connection is gone or another run holds it.");
