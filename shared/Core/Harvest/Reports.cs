using System.Globalization;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Harvest;

/// <summary>Harvest reports in table <c>harvests</c>, newest first, a partition per connection.</summary>
public sealed class Reports(ITable table)
{
    public const string Table = "harvests";
    public const int Kept = 50;

    public async Task AddAsync(string person, string connection, string run, Report report, CancellationToken cancel)
    {
        // Long lists of ids stand in the ledger anyway; the report names the first.
        var kept = report with { New = [.. report.New.Take(500)], Revised = [.. report.Revised.Take(500)], Raw = [.. report.Raw.Take(50)] };
        await table.WriteAsync(
            Table, TableWrite.Put(RowDocument.Write(Partition(person, connection), Key(report.At, run), kept, HarvestJson.Default.Report)), cancel);
    }

    public async Task<IReadOnlyList<Report>> NewestAsync(string person, string connection, int limit, CancellationToken cancel) =>
        await table.RangeAsync(Table, Partition(person, connection), "0", "}", limit, cancel)
            .Select(r => RowDocument.Read(r, HarvestJson.Default.Report)).ToListAsync(cancel);

    /// <summary>Removes all but the newest; all of them when the connection is gone.</summary>
    public async Task PruneAsync(string person, string connection, int kept, CancellationToken cancel)
    {
        var old = table.RangeAsync(Table, Partition(person, connection), "0", "}", null, cancel).Skip(kept);
        await foreach (var chunk in old.Chunk(TableLimits.OperationsPerTransaction).WithCancellation(cancel))
            await table.TransactAsync(Table, [.. chunk.Select(r => TableWrite.Delete(r with { ETag = null }))], cancel);
    }

    private static string Partition(string person, string connection) => $"{person}|{connection}";

    private static string Key(DateTimeOffset at, string run) =>
        string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks:D19}|{run}");
}
