using System.Globalization;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Harvesting;

/// <summary>What one harvest did. Stored for the last 50 that changed something or failed.</summary>
public sealed record HarvestReport
{
    public required DateTimeOffset At { get; init; }

    public required DateTimeOffset Until { get; init; }

    public int Pages { get; init; }

    /// <summary>Ids of new entries.</summary>
    public IReadOnlyList<string> New { get; init; } = [];

    /// <summary>Ids of entries that got a new revision.</summary>
    public IReadOnlyList<string> Revised { get; init; } = [];

    /// <summary>Entries whose other details changed.</summary>
    public int Changed { get; init; }

    public int Unchanged { get; init; }

    public IReadOnlyList<Repair> Repairs { get; init; } = [];

    public Problem? Problem { get; init; }

    /// <summary>Names of the blobs that hold what the place answered.</summary>
    public IReadOnlyList<string> Raw { get; init; } = [];

    public HarvestReport With(UpsertResult result) => this with
    {
        New = result.New,
        Revised = result.Revised,
        Changed = result.Changed,
        Unchanged = result.Unchanged,
    };
}

/// <summary>Harvest reports in table <c>harvests</c>, newest first, a partition per connection.</summary>
public sealed class HarvestReports(ITable table)
{
    public const int Kept = 50;

    public async Task AddAsync(string person, string connection, string run, HarvestReport report, CancellationToken cancel)
    {
        // The ledger has all ids; the report lists the first.
        var kept = report with { New = [.. report.New.Take(500)], Revised = [.. report.Revised.Take(500)], Raw = [.. report.Raw.Take(50)] };
        await table.WriteAsync(
            TableNames.Harvests, TableWrite.Put(RowDocument.Write(Partition(person, connection), Key(report.At, run), kept, HarvestJson.Default.HarvestReport)), cancel);
    }

    public async Task<IReadOnlyList<HarvestReport>> NewestAsync(string person, string connection, int limit, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Harvests, Partition(person, connection), "0", "}", limit, cancel)
            .Select(r => RowDocument.Read(r, HarvestJson.Default.HarvestReport)).ToListAsync(cancel);

    /// <summary>Those since then, the newest first.</summary>
    public async Task<IReadOnlyList<HarvestReport>> SinceAsync(string person, string connection, DateTimeOffset since, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Harvests, Partition(person, connection), "0", Key(since, "}"), Kept, cancel)
            .Select(r => RowDocument.Read(r, HarvestJson.Default.HarvestReport)).ToListAsync(cancel);

    /// <summary>Deletes all but the newest.</summary>
    public async Task PruneAsync(string person, string connection, int kept, CancellationToken cancel)
    {
        var old = table.RangeAsync(TableNames.Harvests, Partition(person, connection), "0", "}", null, cancel).Skip(kept);
        await foreach (var chunk in old.Chunk(TableLimits.OperationsPerTransaction).WithCancellation(cancel))
            await table.TransactAsync(TableNames.Harvests, [.. chunk.Select(r => TableWrite.Delete(r with { ETag = null }))], cancel);
    }

    private static string Partition(string person, string connection) => $"{person}|{connection}";

    private static string Key(DateTimeOffset at, string run) =>
        string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks:D19}|{run}");
}

/// <summary>Reports in table <c>harvests</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HarvestReport))]
public sealed partial class HarvestJson : JsonSerializerContext;
