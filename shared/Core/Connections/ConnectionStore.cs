using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Connections;

/// <summary>A connection and its harvest state, read in one operation.</summary>
/// <param name="Hashes">Of the drafts in the last response, eight bytes each.</param>
public sealed record ConnectionSnapshot(Connection Connection, ConnectionState State, byte[] Hashes, string StateTag);

/// <summary>
/// Connections of people: the person's settings on one row, the harvest state on the next. A row <c>o|(hash of source and origin)</c> names the person's
/// connection to an origin, so that there is only one. It is written and deleted with the connection's own rows.
/// </summary>
public sealed class ConnectionStore(ITable table, TimeProvider clock)
{
    private const string StateSuffix = "|s";
    private const string HashesProperty = "hashes";
    private const string HolderProperty = "connection";

    /// <summary>
    /// Creates a connection unless the person has one to that origin; of concurrent requests the first wins. A connection that is ending does not count.
    /// </summary>
    /// <param name="audit">A new row of the person's, inserted together with the connection.</param>
    /// <returns>The person's connection, and whether it existed.</returns>
    /// <exception cref="ConcurrencyException">Others kept creating and removing it.</exception>
    public Task<(ConnectionSnapshot Connected, bool Existed)> CreateAsync(
        string person, Connection connection, ConnectionState state, CancellationToken cancel, Row? audit = null) =>
        OptimisticRetry.RunAsync<(ConnectionSnapshot, bool)>(
            async () =>
            {
                var held = await table.GetAsync(TableNames.People, person, Place(connection), cancel);
                if (held is not null && await GetAsync(person, (string)held.Values[HolderProperty]!, cancel) is { Connection.Ending: null } other)
                    return new((other, true));
                var holder = new Dictionary<string, object?>(StringComparer.Ordinal) { [HolderProperty] = connection.Id };
                var place = new Row(person, Place(connection), holder, held?.ETag);
                List<TableWrite> writes =
                [
                    held is null ? TableWrite.Insert(place) : TableWrite.Replace(place),
                    TableWrite.Insert(RowDocument.Write(person, Key(connection.Id), connection, ConnectionJson.Default.Connection)),
                    TableWrite.Insert(StateRow(person, connection.Id, state, [], null)),
                ];
                if (audit is not null)
                    writes.Add(TableWrite.Insert(audit));
                var written = await table.TransactAsync(TableNames.People, writes, cancel);
                return written.Outcome == WriteOutcome.Done ? new((new ConnectionSnapshot(connection, state, [], written.ETags[2]!), false)) : null;
            },
            clock,
            cancel);

    /// <summary>Null if there is none; a malformed id costs no read.</summary>
    public async Task<ConnectionSnapshot?> GetAsync(string person, string id, CancellationToken cancel) => Identity.IsWellFormed(id)
        ? Pair(await RowsAsync(person, id, cancel)).FirstOrDefault()
        : null;

    public async Task<IReadOnlyList<ConnectionSnapshot>> ListAsync(string person, CancellationToken cancel)
    {
        var rows = await table.RangeAsync(TableNames.People, person, "c|", "c}", null, cancel).ToListAsync(cancel);
        return [.. Pair(rows).OrderBy(c => c.Connection.Since).ThenBy(c => c.Connection.Id, StringComparer.Ordinal)];
    }

    /// <summary>Null if there is none. Returning the same instance writes nothing.</summary>
    /// <param name="audit">From the connection before and after: a new row of the person's, inserted together with the change; null for none.</param>
    /// <exception cref="ConcurrencyException">Others kept changing it.</exception>
    public Task<Connection?> ChangeAsync(
        string person, string id, Func<Connection, Connection> change, CancellationToken cancel, Func<Connection, Connection, Row?>? audit = null) =>
        OptimisticRetry.RunAsync<Connection?>(
            async () =>
            {
                if (await table.GetAsync(TableNames.People, person, Key(id), cancel) is not { } row)
                    return new(null);
                var before = RowDocument.Read(row, ConnectionJson.Default.Connection);
                var after = change(before);
                if (ReferenceEquals(before, after))
                    return new(after);
                List<TableWrite> writes = [TableWrite.Replace(RowDocument.Write(person, Key(id), after, ConnectionJson.Default.Connection, row.ETag))];
                if (audit?.Invoke(before, after) is { } entry)
                    writes.Add(TableWrite.Insert(entry));
                return (await table.TransactAsync(TableNames.People, writes, cancel)).Outcome == WriteOutcome.Done ? new(after) : null;
            },
            clock,
            cancel);

    /// <summary>The new ETag, or null if the state was changed since it was read.</summary>
    public async Task<string?> SaveStateAsync(string person, string id, ConnectionState state, byte[] hashes, string tag, CancellationToken cancel)
    {
        var write = await table.WriteAsync(TableNames.People, TableWrite.Replace(StateRow(person, id, state, hashes, tag)), cancel);
        return write.Outcome == WriteOutcome.Done ? write.ETag : null;
    }

    /// <summary>Changes the state concurrently with a harvest. Returning the same instance writes nothing; a deleted connection is ignored.</summary>
    /// <param name="isUnseen">Clears the seen hashes, because the entries may have changed.</param>
    /// <exception cref="ConcurrencyException">Others kept changing it.</exception>
    public Task ChangeStateAsync(string person, string id, Func<ConnectionState, ConnectionState> change, CancellationToken cancel, bool isUnseen = false) =>
        OptimisticRetry.RunAsync<bool>(
            async () =>
            {
                if (await GetAsync(person, id, cancel) is not { } found)
                    return new(false);
                var after = change(found.State);
                return ReferenceEquals(after, found.State) || await SaveStateAsync(person, id, after, isUnseen ? [] : found.Hashes, found.StateTag, cancel) is not null
                    ? new(true)
                    : null;
            },
            clock,
            cancel);

    /// <summary>False if there was none.</summary>
    /// <exception cref="ConcurrencyException">Others kept changing it.</exception>
    public Task<bool> DeleteAsync(string person, string id, CancellationToken cancel)
    {
        var isRepeated = false;
        return OptimisticRetry.RunAsync<bool>(
            async () =>
            {
                var rows = await RowsAsync(person, id, cancel);
                if (rows.Count == 0)
                    return new(isRepeated);
                var writes = rows.Select(r => TableWrite.Delete(r with { ETag = null })).ToList();
                if (Pair(rows).FirstOrDefault() is { } found
                    && await table.GetAsync(TableNames.People, person, Place(found.Connection), cancel) is { } place && (string)place.Values[HolderProperty]! == id)
                    writes.Add(TableWrite.Delete(place));
                isRepeated = true;
                return (await table.TransactAsync(TableNames.People, writes, cancel)).Outcome == WriteOutcome.Done ? new(true) : null;
            },
            clock,
            cancel);
    }

    /// <summary>A row without the lease of a process, which must not outlive it in a copy of the store. Other rows stay as they are.</summary>
    public static Row WithoutLease(Row row)
    {
        if (!row.Key.StartsWith("c|", StringComparison.Ordinal) || !row.Key.EndsWith(StateSuffix, StringComparison.Ordinal)
            || RowDocument.Read(row, ConnectionJson.Default.ConnectionState) is not { Lease: not null } state)
            return row;
        return StateRow(row.Partition, row.Key[2..^StateSuffix.Length], state with { Lease = null }, row.Values.GetValueOrDefault(HashesProperty) as byte[] ?? [], row.ETag);
    }

    private async Task<List<Row>> RowsAsync(string person, string id, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, Key(id), Key(id) + "}", 2, cancel).ToListAsync(cancel);

    private static string Key(string id) => $"c|{id}";

    private static string Place(Connection connection) => $"o|{Identity.Hash($"{connection.Source}\0{connection.Origin}")}";

    private static Row StateRow(string person, string id, ConnectionState state, byte[] hashes, string? tag)
    {
        var row = RowDocument.Write(person, Key(id) + StateSuffix, state, ConnectionJson.Default.ConnectionState, tag);
        return row with { Values = new Dictionary<string, object?>(row.Values, StringComparer.Ordinal) { [HashesProperty] = hashes } };
    }

    private static IEnumerable<ConnectionSnapshot> Pair(IReadOnlyList<Row> rows)
    {
        for (var i = 0; i + 1 < rows.Count; i++)
        {
            var (row, state) = (rows[i], rows[i + 1]);
            if (!string.Equals(row.Key + StateSuffix, state.Key, StringComparison.Ordinal))
                continue;
            yield return new ConnectionSnapshot(
                RowDocument.Read(row, ConnectionJson.Default.Connection),
                RowDocument.Read(state, ConnectionJson.Default.ConnectionState),
                state.Values.GetValueOrDefault(HashesProperty) as byte[] ?? [],
                state.ETag!);
        }
    }
}
