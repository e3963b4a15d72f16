using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Harvest.Pushes;

/// <summary>How many deliveries were not signed or wrongly signed, on one row of table <c>lookups</c>, for the operator.</summary>
public sealed class DiscardedPushes(ITable table)
{
    private const string Partition = "pushes";
    private const string Key = "discarded";
    private const string Value = "count";

    /// <summary>Where many come at once some go uncounted: a forger must not keep the store busy.</summary>
    public async Task Count(CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var row = await table.Get(PeopleStore.Lookups, Partition, Key, cancel);
            var next = new Row(Partition, Key, new Dictionary<string, object?>(StringComparer.Ordinal) { [Value] = Of(row) + 1 }, row?.ETag);
            var write = row is null ? TableWrite.Insert(next) : TableWrite.Replace(next);
            if ((await table.Write(PeopleStore.Lookups, write, cancel)).Outcome == WriteOutcome.Done)
                return;
        }
    }

    public async Task<long> Total(CancellationToken cancel) => Of(await table.Get(PeopleStore.Lookups, Partition, Key, cancel));

    private static long Of(Row? row) => row?.Values.GetValueOrDefault(Value) as long? ?? 0;
}
