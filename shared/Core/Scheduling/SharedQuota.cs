using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Scheduling;

/// <summary>
/// What all processes together were granted of a provider's daily units: table <c>lookups</c>, partition <c>q|(provider)</c>, a row a day. A
/// process that ends does not give back what it has not spent.
/// </summary>
public sealed class SharedQuota(ITable table)
{
    private const string Units = "units";

    private const int MostRivals = 200;

    /// <param name="daily">What may be granted on one day.</param>
    /// <returns>Units granted, none when the day has none left; and what can still be granted.</returns>
    public Task<(int Units, int Left)> GrantAsync(string provider, string day, int wanted, int daily, CancellationToken cancel) =>
        // Whoever loses has seen somebody else's grant succeed, and a day has only so many of them.
        OptimisticRetry.RunAsync<(int, int)>(
            async () =>
            {
                var row = await table.GetAsync(TableNames.Lookups, Partition(provider), day, cancel);
                var used = Of(row);
                var granted = (int)Math.Min(wanted, daily - used);
                if (granted <= 0)
                    return new((0, 0));

                // No two grants write the same row: who is refused must not take a rival's for its own.
                var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [Units] = used + granted, ["by"] = Identity.Random() };
                return await table.ReplaceAsync(TableNames.Lookups, new Row(Partition(provider), day, values, row?.ETag), cancel)
                    ? new((granted, (int)(daily - used - granted)))
                    : null;
            },
            MostRivals);

    public async Task<long> GrantedAsync(string provider, string day, CancellationToken cancel) =>
        Of(await table.GetAsync(TableNames.Lookups, Partition(provider), day, cancel));

    private static string Partition(string provider) => $"q|{provider}";

    private static long Of(Row? row) => row?.Values.GetValueOrDefault(Units) as long? ?? 0;
}
