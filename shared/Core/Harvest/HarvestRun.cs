using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Harvest;

/// <summary>One run on one connection that holds its lease: saves after every page, so that any step may be repeated by another run.</summary>
internal sealed class HarvestRun(
    HarvestStore store, Subscriptions subscriptions, HarvestOptions options, TimeProvider clock, string person, Connected connected, string run)
{
    private readonly SeenHashes seen = new(connected.Hashes);
    private readonly DateTimeOffset started = clock.GetUtcNow();
    private ConnectionState state = connected.State;
    private ConnectionState known = connected.State;
    private string tag = connected.StateTag;
    private UpsertResult result = UpsertResult.Nothing;
    private Report report = new() { At = clock.GetUtcNow(), Until = clock.GetUtcNow() };

    private Connection Connection => connected.Connection;

    public bool IsOverBudget => clock.GetUtcNow() - started >= options.Budget;

    public Reading Reading(Credentials credentials) =>
        new(Connection.Origin, state.Address, state.Cursor, Connection.Options, credentials);

    /// <summary>Rows first, then the cursor that covers them.</summary>
    public async Task Keep(SourcePage page, RawAnswers raw, CancellationToken cancel)
    {
        var news = page.Drafts.Where(seen.IsNew).ToList();
        result = result with { Unchanged = result.Unchanged + page.Drafts.Count - news.Count };
        if (news.Count > 0 && page.Raw is { } answer)
            report = report with { Raw = [.. report.Raw, await raw.Keep(answer, cancel)] };
        if (news.Count > 0)
            result = result.And(await store.Ledger.Upsert(person, Observer(Connection, state, page.Url), page.Drafts, news, cancel));
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
            NoSooner = page.PollNoSooner ?? state.NoSooner,
            Push = page.Push ?? state.Push,
            Gap = state.Backfilling ? state.Gap : Cadence.Gap(page.Drafts) ?? state.Gap,
            Newest = Latest(state.Newest, page.Drafts),
            Awaited = Cadence.Awaited(state.Awaited, page.Drafts, clock.GetUtcNow()),
        };
        if (page.More)
            await Save(cancel);
    }

    /// <summary>Goes on in a slice of its own.</summary>
    public async Task Continue(HarvestMessage message, CancellationToken cancel)
    {
        await End(state with { NextRun = clock.GetUtcNow() }, null, cancel);
        await store.Enqueue(message, cancel);
    }

    public async Task Succeed(string? dueKey, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var before = state.Followed;
        var followed = await subscriptions.Follow(person, Connection.Id, before, state.Push, cancel);
        if (followed != before)
            state = state with { Followed = followed, PushedUntil = null };
        var next = Cadence.Next(now, state.Gap, state.Newest, state.NoSooner, state.PushedUntil > now, Connection.Id);
        state = state with { Awaited = Cadence.Awaited(state.Awaited, [], now) };
        if (state.Awaited is [var soonest, ..] && soonest < next)
            next = soonest;
        await Finish(
            state with { Health = Health.Ok, Problem = null, Failures = 0, FailingSince = null, LastSuccess = now, NextRun = next },
            dueKey,
            null,
            cancel);
        if (before is not null && before != state.Followed)
            await subscriptions.Unfollow(person, Connection.Id, before, cancel);
    }

    public async Task Fail(SourceException failure, string? dueKey, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var problem = new Problem(failure.Code, failure.Message, now);
        if (failure is { Failure: Failure.Transient, RetryAt: { } goesOn } && report.Pages > 0)
        {
            // It went well as far as the place allows at one go: a long history under a limit is no failing connection.
            await PauseHost(failure, now, cancel);
            var soon = goesOn < now + Cadence.Longest ? goesOn : now + Cadence.Longest;
            await Finish(state with { Problem = problem, Failures = 0, FailingSince = null, NextRun = soon > now ? soon : now }, dueKey, problem, cancel);
            return;
        }

        var failures = state.Failures + 1;
        var since = state.FailingSince ?? now;
        var wait = failure.Failure == Failure.Terminal ? now + Cadence.Longest : Cadence.AfterFailure(now, failures, Connection.Id);
        if (failure.RetryAt > wait)
            wait = failure.RetryAt.Value < now + Cadence.Longest ? failure.RetryAt.Value : now + Cadence.Longest;
        await PauseHost(failure, now, cancel);
        var health = failure.Failure == Failure.Gone ? Health.Gone : now - since >= TimeSpan.FromDays(7) ? Health.Broken : Health.Failing;
        await Finish(
            state with
            {
                Health = health,
                Problem = problem,
                Failures = failures,
                FailingSince = since,
                NextRun = health == Health.Gone ? null : wait,
            },
            dueKey,
            problem,
            cancel);
    }

    private async Task PauseHost(SourceException failure, DateTimeOffset now, CancellationToken cancel)
    {
        if (failure.RetryAt is { } until && until > now && Uri.TryCreate(state.Address, UriKind.Absolute, out var uri))
            await store.PausedHosts.Pause(uri.Host, until, cancel);
    }

    /// <summary>Gives the lease back after something broke that is not the place's fault; the message will come again.</summary>
    public async Task Release(CancellationToken cancel)
    {
        state = state with { Lease = null };
        await Save(cancel);
    }

    private async Task Finish(ConnectionState after, string? dueKey, Problem? problem, CancellationToken cancel)
    {
        await End(after with { DueKey = KeyAt(after, after.NextRun) }, problem, cancel);
        var due = HarvestStore.DueOf(person, Connection.Id, state.Address);
        var old = dueKey ?? connected.State.DueKey;
        if (state.NextRun is { } at)
            await store.DueIndex.Move(due, old, at, cancel);
        else if (old is not null)
            await store.DueIndex.Remove(due, old, cancel);
    }

    private async Task End(ConnectionState after, Problem? problem, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        report = report.With(result) with { Until = now, Problem = problem };
        if (result.IsChange || problem is not null)
            await store.Reports.Add(person, Connection.Id, run, report, cancel);
        state = after with
        {
            Lease = null,
            LastRun = now,
            LastChange = result.IsChange ? now : after.LastChange,
            Runs = after.Runs + 1,
            Contributions = after.Contributions + result.New.Count,
            Repairs = report.Repairs.Sum(r => r.Count),
        };
        await Save(cancel);
    }

    /// <summary>Saves the state; under a lease only a wish for another run and what deliveries brought may have changed it meanwhile.</summary>
    private async Task Save(CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 8; attempt++)
        {
            if (state is { Lease: null, Again: true, NextRun: not null })
                state = state with { Again = false, NextRun = clock.GetUtcNow(), DueKey = KeyAt(state, clock.GetUtcNow()) };
            if (await store.Connections.SaveState(person, Connection.Id, state, seen.ToBytes(), tag, cancel) is { } saved)
            {
                tag = saved;
                known = state;
                return;
            }

            var current = await store.Connections.Get(person, Connection.Id, cancel) ?? throw new ConnectionLostException();
            if (!string.Equals(current.State.Lease?.Run, run, StringComparison.Ordinal))
                throw new ConnectionLostException();
            tag = current.StateTag;
            state = state with
            {
                Again = state.Again || current.State.Again,
                PushedUntil = current.State.PushedUntil,
                LastChange = current.State.LastChange > state.LastChange ? current.State.LastChange : state.LastChange ?? current.State.LastChange,
                Contributions = state.Contributions + current.State.Contributions - known.Contributions,
            };
            known = current.State;
        }

        throw new LedgerBusyException();
    }

    private string? KeyAt(ConnectionState of, DateTimeOffset? at) =>
        at is { } next ? DueIndex.KeyAt(HarvestStore.DueOf(person, Connection.Id, of.Address), next) : null;

    /// <param name="page">The page of the place, where the answer names it.</param>
    public static Observer Observer(Connection connection, ConnectionState state, string? page) => new(
        connection.Id,
        connection.Source,
        connection.Origin,
        connection.Verified,
        connection.Since,
        [.. new[] { connection.Origin, connection.Url, state.Address, page }.OfType<string>()]);

    private static DateTimeOffset? Latest(DateTimeOffset? known, IEnumerable<Draft> drafts) =>
        drafts.Select(d => d.When).Append(known).Max();
}

/// <summary>The connection was deleted, or its lease ran out and went to another run: this run ends where it stands.</summary>
internal sealed class ConnectionLostException() : Exception("The connection is gone or another run holds it.");
