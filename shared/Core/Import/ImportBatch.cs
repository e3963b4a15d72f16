using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Import;

[JsonConverter(typeof(EnumTextConverter<ImportState>))]
public enum ImportState
{
    /// <summary>It is being written, or was interrupted; the same import again completes it.</summary>
    Running,
    Done,

    /// <summary>It is being taken back, or that was interrupted; the same request again completes it.</summary>
    Undoing,
}

/// <summary>What an import did. Its time is that of the numbers it brought.</summary>
/// <param name="Id">Follows from the content of the file and the decisions about it: the same import has the same one.</param>
/// <param name="By">The key or the session with which it was asked for.</param>
/// <param name="Created">Ids of the entries that are there because of it, once it is done.</param>
/// <param name="Evidence">Ids of the entries that it is more evidence of.</param>
public sealed record ImportBatch(
    string Id, DateTimeOffset At, string? By, string? File, string Format, ImportState State, ImportCounts Counts, IReadOnlyList<string> Created, IReadOnlyList<string> Evidence)
{
    /// <summary>The source of entries that a list brought, and the connection in their sightings.</summary>
    public const string Source = LedgerTransaction.Imported;

    internal static readonly SightingContext Context = new(Source, Source, Source, Verified: false, DateTimeOffset.UnixEpoch, []);
}

/// <summary>How many rows became what.</summary>
public sealed record ImportCounts(int Rows, int New, int Evidence, int Known, int Likely, int LeftOut, int Wrong)
{
    public static ImportCounts Of(IReadOnlyCollection<ImportItem> items)
    {
        return new ImportCounts(items.Count, Count(ImportOutcome.New), Count(ImportOutcome.Evidence), Count(ImportOutcome.Known), Count(ImportOutcome.Likely), Count(ImportOutcome.LeftOut), Count(ImportOutcome.Wrong));

        int Count(ImportOutcome outcome) => items.Count(item => item.Outcome == outcome);
    }
}

/// <summary>
/// What is kept about a person's imports, in table <c>people</c> in the person's partition: <c>i|b|(id)</c> an import, <c>i|m|(signature of headers)</c> what
/// the person said that the columns of such a table are.
/// </summary>
public sealed class ImportStore(ITable table, TimeProvider clock)
{
    private const string Batches = "i|b|";
    private const string BatchesTo = "i|b}";
    private const string Mappings = "i|m|";
    private const string MappingsTo = "i|m}";

    /// <summary>More tables than anybody keeps; the mapping of one more is used, and not remembered.</summary>
    private const int MaxMappings = 200;

    /// <summary>The newest first.</summary>
    public async Task<IReadOnlyList<ImportBatch>> ListAsync(string person, CancellationToken cancel)
    {
        var all = await table.RangeAsync(TableNames.People, person, Batches, BatchesTo, null, cancel).Select(row => RowDocument.Read(row, ImportJson.Default.ImportBatch)).ToListAsync(cancel);
        return [.. all.OrderByDescending(batch => batch.At).ThenBy(batch => batch.Id, StringComparer.Ordinal)];
    }

    /// <summary>Null when there is none; malformed ids are not looked up.</summary>
    public async Task<ImportBatch?> GetAsync(string person, string id, CancellationToken cancel) =>
        Identity.IsWellFormed(id) && await table.GetAsync(TableNames.People, person, Batches + id, cancel) is { } row ? RowDocument.Read(row, ImportJson.Default.ImportBatch) : null;

    /// <summary>What the person said of the columns of tables, by the signature of their headers.</summary>
    public async Task<IReadOnlyDictionary<string, ColumnMapping>> MappingsAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, Mappings, MappingsTo, null, cancel)
            .ToDictionaryAsync(row => row.Key[Mappings.Length..], row => RowDocument.Read(row, ImportJson.Default.ColumnMapping), StringComparer.Ordinal, cancel);

    /// <summary>Remembers mappings. What is known already is not written again.</summary>
    public async Task RememberAsync(string person, IReadOnlyDictionary<string, ColumnMapping> mappings, CancellationToken cancel)
    {
        if (mappings.Count == 0)
            return;
        var known = await MappingsAsync(person, cancel);
        foreach (var (signature, mapping) in mappings)
        {
            if (known.TryGetValue(signature, out var before) ? AreSame(before, mapping) : known.Count >= MaxMappings)
                continue;
            await table.WriteAsync(TableNames.People, TableWrite.Put(RowDocument.Write(person, Mappings + signature, mapping, ImportJson.Default.ColumnMapping)), cancel);
        }
    }

    /// <summary>The batch as it is after the change; null, for a new one, is what the change is given.</summary>
    /// <exception cref="ConcurrencyException">Others kept changing it.</exception>
    internal Task<ImportBatch> ChangeAsync(string person, string id, Func<ImportBatch?, ImportBatch> change, CancellationToken cancel) => OptimisticRetry.RunAsync<ImportBatch>(
        async () =>
        {
            var row = await table.GetAsync(TableNames.People, person, Batches + id, cancel);
            var before = row is null ? null : RowDocument.Read(row, ImportJson.Default.ImportBatch);
            var after = change(before);
            return ReferenceEquals(before, after) || await table.ReplaceAsync(TableNames.People, RowDocument.Write(person, Batches + id, after, ImportJson.Default.ImportBatch, row?.ETag), cancel) ? new(after) : null;
        },
        clock,
        cancel);

    internal Task RemoveAsync(string person, string id, CancellationToken cancel) =>
        table.WriteAsync(TableNames.People, TableWrite.Delete(new Row(person, Batches + id, new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);

    private static bool AreSame(ColumnMapping one, ColumnMapping other) =>
        one.Fields.Count == other.Fields.Count && one.Fields.All(pair => other.Fields.TryGetValue(pair.Key, out var field) && field == pair.Value);
}

/// <summary>The documents about imports in table <c>people</c>. In a mapping null is a value: the column is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportBatch))]
[JsonSerializable(typeof(ColumnMapping))]
public sealed partial class ImportJson : JsonSerializerContext;
