using System.Text.Json.Serialization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Evidence;

/// <summary>What was seen at people's links, in table <c>people</c>. The partition is the person; row <c>y|(entry)</c> is the last look at the entry's link.</summary>
public sealed class EvidenceStore(ITable table)
{
    /// <summary>All looks by the entry's id: one range read.</summary>
    public async Task<IReadOnlyDictionary<string, EvidenceCheck>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "y|", "y}", null, cancel).ToDictionaryAsync(row => row.Key[2..], row => RowDocument.Read(row, EvidenceJson.Default.EvidenceCheck), StringComparer.Ordinal, cancel);

    public async Task<EvidenceCheck?> GetAsync(string person, string entry, CancellationToken cancel) =>
        await table.GetAsync(TableNames.People, person, Key(entry), cancel) is { } row ? RowDocument.Read(row, EvidenceJson.Default.EvidenceCheck) : null;

    /// <summary>The last look replaces the one before.</summary>
    public Task SaveAsync(string person, string entry, EvidenceCheck check, CancellationToken cancel) =>
        table.WriteAsync(TableNames.People, TableWrite.Put(RowDocument.Write(person, Key(entry), check, EvidenceJson.Default.EvidenceCheck)), cancel);

    private static string Key(string entry) => $"y|{entry}";
}

/// <summary>The documents of <see cref="EvidenceStore"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvidenceCheck))]
public sealed partial class EvidenceJson : JsonSerializerContext;
