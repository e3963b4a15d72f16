using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Ledger;

/// <summary>The row <see cref="LedgerKeys.Zone"/>: by what a person's entries are counted, their zone and their topic aliases.</summary>
internal static class CountingRow
{
    public const string Zone = "zone";
    public const string Topics = "topics";

    public static string? Value(Row? row, string name) => row?.Values.GetValueOrDefault(name) as string;

    /// <returns>False when somebody else was faster.</returns>
    public static async Task<bool> Set(ITable table, string person, string name, string value, CancellationToken cancel)
    {
        var row = await table.Get(LedgerKeys.Table, person, LedgerKeys.Zone, cancel);
        var values = new Dictionary<string, object?>(row?.Values ?? new Dictionary<string, object?>(StringComparer.Ordinal), StringComparer.Ordinal) { [name] = value };
        var next = new Row(person, LedgerKeys.Zone, values, row?.ETag);
        var write = await table.Write(LedgerKeys.Table, row is null ? TableWrite.Insert(next) : TableWrite.Replace(next), cancel);
        return write.Outcome == WriteOutcome.Done;
    }
}
