using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Connecting;

/// <summary>What a connection would harvest; nothing is written.</summary>
public sealed record Preview(Place Place, string Source, IReadOnlyList<Draft> Drafts, bool More, Coverage? Coverage, IReadOnlyList<Repair> Repairs);

/// <summary>Creates, changes and removes connections. Each change and its entry in the audit trail are one transaction, so that neither is lost nor repeated.</summary>
public sealed class ConnectionService(
    HarvestStore store, SourceCatalog catalog, ConnectionRemoval removal, GrantStore grants, AuditTrail audit, TimeProvider clock)
{
    /// <summary>Connects the places of an account by the access that its owner gave. What was connected by address before is read with it from now on.</summary>
    /// <param name="tokens">Of <paramref name="account"/>.</param>
    /// <param name="credential">The id of the session that asks.</param>
    /// <returns>What is connected now.</returns>
    public async Task<IReadOnlyList<Connection>> ConnectAccountAsync(string person, string source, SourceAccount account, GrantedTokens tokens, string? credential, CancellationToken cancel)
    {
        var grant = await grants.PutAsync(person, source, account.Id, account.Name, tokens, cancel);
        var connected = new List<Connection>();
        foreach (var place in account.Places)
        {
            var (made, existed) = await ConnectAsync(person, source, place, new Dictionary<string, string>(StringComparer.Ordinal), grant.Id, credential, cancel);
            if (existed)
            {
                var now = clock.GetUtcNow();
                await store.Connections.ChangeAsync(
                    person,
                    made.Connection.Id,
                    c => c.Grant == grant.Id ? c : c with { Verified = true, VerifiedBy = OwnershipProof.Account, VerifiedAt = now, Grant = grant.Id },
                    cancel,
                    (_, c) => audit.Entry(person, AuditTrail.Verified, c.Origin, null, credential));
                await store.Connections.ChangeStateAsync(person, made.Connection.Id, s => s.Problem?.Code == TokenService.Reconnect ? Healed(s) : s, cancel);
                await HarvestNowAsync(person, made.Connection.Id, cancel);
            }

            connected.Add(made.Connection);
        }

        return connected;
    }

    private static ConnectionState Healed(ConnectionState state) => state with
    {
        Problem = null,
        Health = state.LastSuccess is null ? Health.New : Health.Ok,
        Failures = 0,
        FailingSince = null,
    };

    /// <param name="credential">The id of the key or the session that asks.</param>
    /// <returns>The connection, and whether it existed.</returns>
    /// <exception cref="TooBusyException">Too many large documents are being read.</exception>
    /// <exception cref="SourceException">The address is not one of that source.</exception>
    public async Task<(ConnectionSnapshot Connected, bool Existed)> ConnectAsync(
        string person, string source, string typed, IReadOnlyDictionary<string, string> connectionOptions, string? credential, CancellationToken cancel)
    {
        var place = await ResolveAsync(source, typed, cancel);
        return await ConnectAsync(person, source, place, connectionOptions, null, credential, cancel);
    }

    private async Task<(ConnectionSnapshot Connected, bool Existed)> ConnectAsync(
        string person, string source, Place place, IReadOnlyDictionary<string, string> connectionOptions, string? grant, string? credential, CancellationToken cancel)
    {
        // A connection made by an earlier version is only in the list.
        var same = (await store.Connections.ListAsync(person, cancel)).FirstOrDefault(c => c.Connection.Ending is null && IsSame(c.Connection, source, place.Origin));
        if (same is not null)
            return (same, true);
        var now = clock.GetUtcNow();
        var connection = new Connection
        {
            Id = Identity.Random(),
            Source = source,
            Origin = place.Origin,
            Title = Normaliser.Text(place.Title, Normaliser.TitleLength),
            Url = Normaliser.Address(place.Url),
            Options = connectionOptions,
            Verified = grant is not null,
            VerifiedBy = grant is null ? null : OwnershipProof.Account,
            VerifiedAt = grant is null ? null : now,
            Grant = grant,
            Since = now,
        };
        var due = Due.OfConnection(person, connection.Id, place.Address);

        // The rows that point to it come first: dangling rows are harmless, a connection that is never harvested is not.
        var key = await store.DueIndex.MoveAsync(due, null, now, cancel);
        var state = new ConnectionState { Address = place.Address, NextRun = now, DueKey = key, Push = place.Push, Format = ConnectionState.CurrentFormat };
        await store.Origins.AddAsync(source, place.Origin, new ConnectionRef(person, connection.Id), cancel);
        var (connected, existed) = await store.Connections.CreateAsync(
            person, connection, state, cancel, audit.Entry(person, AuditTrail.Connected, place.Origin, null, credential));
        if (existed)
        {
            // Another request connected it meanwhile.
            await store.Origins.RemoveAsync(source, place.Origin, new ConnectionRef(person, connection.Id), cancel);
            await store.DueIndex.RemoveAsync(due, key, cancel);
            return (connected, true);
        }

        await store.Queue.PutAsync(new HarvestMessage(person, connection.Id, key), cancel);
        return (connected, false);
    }

    /// <exception cref="TooBusyException">Too many large documents are being read.</exception>
    /// <exception cref="SourceException">What was typed is no place of that source, or cannot be read.</exception>
    public async Task<Preview> LookAsync(string source, string typed, IReadOnlyDictionary<string, string> connectionOptions, CancellationToken cancel)
    {
        using var work = DocumentWork.Begin(DocumentWork.MaxRequestWait);
        var reader = catalog.Get(source);
        var place = await reader.ResolveAsync(typed, Credentials.None, cancel);
        var now = clock.GetUtcNow();
        var reading = new SourceRequest(place.Origin, place.Address, null, connectionOptions, Credentials.None);
        await using var pages = reader.ReadAsync(reading, cancel).GetAsyncEnumerator(cancel);
        if (!await pages.MoveNextAsync())
            return new Preview(place, source, [], false, null, []);
        var page = pages.Current;
        var drafts = page.Drafts.Select(d => Normaliser.Normalise(d, now)).ToList();
        return new Preview(place, source, drafts, page.More, page.Coverage, page.Repairs);
    }

    /// <summary>Queues a harvest now. False if there is no such connection.</summary>
    public async Task<bool> HarvestNowAsync(string person, string id, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(person, id, cancel) is null)
            return false;
        await store.Queue.PutAsync(new HarvestMessage(person, id) { AskedAt = clock.GetUtcNow(), IsByHand = true }, cancel);
        return true;
    }

    /// <summary>Pausing removes the due row; resuming makes one that is due at once.</summary>
    /// <param name="credential">The id of the key or the session that asks; null for a link in a mail.</param>
    public async Task<ConnectionSnapshot?> ChangeAsync(string person, string id, Func<Connection, Connection> change, string? credential, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(person, id, cancel) is not { } before)
            return null;
        var due = Due.OfConnection(person, id, before.State.Address);
        var isResumed = before.Connection.Paused && !change(before.Connection).Paused;

        // The row comes first: a row of a paused connection is harmless, a resumed connection without one is not.
        if (isResumed)
        {
            var now = clock.GetUtcNow();
            var row = await store.DueIndex.MoveAsync(due, null, now, cancel);
            await store.Connections.ChangeStateAsync(person, id, s => s with { NextRun = now, DueKey = row }, cancel);
        }

        if (await store.Connections.ChangeAsync(person, id, change, cancel, Entry) is not { } after)
            return null;
        if (isResumed)
            await store.Queue.PutAsync(new HarvestMessage(person, id) { AskedAt = clock.GetUtcNow(), IsByHand = true }, cancel);
        if (after.Paused && before.State.DueKey is { } key)
        {
            await store.DueIndex.RemoveAsync(due, key, cancel);
            await store.Connections.ChangeStateAsync(person, id, s => s.DueKey is null ? s : s with { DueKey = null }, cancel);
        }

        return await store.Connections.GetAsync(person, id, cancel);

        Row? Entry(Connection was, Connection now) => Changes(was, now) is { Length: > 0 } changes
            ? audit.Entry(person, AuditTrail.ConnectionChanged, $"{now.Origin}: {changes}", null, credential)
            : null;
    }

    /// <summary>
    /// Removes a connection. Its contributions stay, unless <paramref name="contributions"/> asks to remove those that no other connection supports. An
    /// interrupted removal is completed by repeating it, or by the schedule. False if there is no such connection.
    /// </summary>
    public async Task<bool> DisconnectAsync(string person, string id, bool contributions, string? credential, CancellationToken cancel) =>
        await removal.BeginAsync(person, id, contributions, c => audit.Entry(person, AuditTrail.Disconnected, c.Origin, null, credential), cancel)
        && await removal.FinishAsync(person, id, cancel);

    /// <summary>What was read of the place is not needed once it is found.</summary>
    private async Task<Place> ResolveAsync(string source, string typed, CancellationToken cancel)
    {
        using var work = DocumentWork.Begin(DocumentWork.MaxRequestWait);
        return await catalog.Get(source).ResolveAsync(typed, Credentials.None, cancel);
    }

    /// <summary>Options may hold words of the person's, so only that they changed is said.</summary>
    private static string Changes(Connection before, Connection after)
    {
        var isSame = before.Options.Count == after.Options.Count && before.Options.All(option => after.Options.GetValueOrDefault(option.Key) == option.Value);
        string?[] changes =
        [
            before.Paused == after.Paused ? null : after.Paused ? "paused" : "resumed",
            before.Title == after.Title ? null : "title",
            isSame ? null : "options",
        ];
        return string.Join(", ", changes.OfType<string>());
    }

    private static bool IsSame(Connection connection, string source, string origin) =>
        string.Equals(connection.Source, source, StringComparison.Ordinal) && string.Equals(connection.Origin, origin, StringComparison.Ordinal);
}
