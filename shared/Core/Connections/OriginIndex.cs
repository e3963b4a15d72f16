using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Connections;

/// <summary>Names a connection.</summary>
public sealed record ConnectionRef(string Person, string Connection);

/// <summary>
/// Connections by origin, for deliveries that name an origin but no person: table <c>lookups</c>, partition <c>o|(hash of source and origin)</c>, row
/// <c>(person)|(connection)</c>. A row may outlive its connection, so readers check.
/// </summary>
public sealed class OriginIndex(ITable table)
{
    public async Task AddAsync(string source, string origin, ConnectionRef connection, CancellationToken cancel) =>
        await table.WriteAsync(TableNames.Lookups, TableWrite.Put(Row(source, origin, connection)), cancel);

    public async Task RemoveAsync(string source, string origin, ConnectionRef connection, CancellationToken cancel) =>
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(Row(source, origin, connection)), cancel);

    public async Task<IReadOnlyList<ConnectionRef>> FindAsync(string source, string origin, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Lookups, Partition(source, origin), "0", "~", null, cancel)
            .Select(row => row.Key.Split('|')).Select(parts => new ConnectionRef(parts[0], parts[1])).ToListAsync(cancel);

    private static string Partition(string source, string origin) => $"o|{Identity.Hash($"{source}\0{origin}")}";

    private static Row Row(string source, string origin, ConnectionRef connection) =>
        new(Partition(source, origin), $"{connection.Person}|{connection.Connection}", new Dictionary<string, object?>(StringComparer.Ordinal));
}
