using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Scheduling;

/// <summary>
/// Units of a provider's daily quota granted to all processes together: table <c>lookups</c>, partition <c>q|(provider)</c>, one row a day. A process that
/// ends does not return unspent units.
/// </summary>
public sealed class SharedQuota(ITable table, TimeProvider clock)
{
    private const string Units = "units";

    /// <param name="daily">Units that may be granted on one day.</param>
    /// <returns>Units granted, and units left that day.</returns>
    public Task<(int Units, int Left)> GrantAsync(string provider, string day, int wanted, int daily, CancellationToken cancel) =>
        OptimisticRetry.RunAsync<(int, int)>(
            async () =>
            {
                var row = await table.GetAsync(TableNames.Lookups, Partition(provider), day, cancel);
                var used = Of(row);
                var granted = (int)Math.Min(wanted, daily - used);
                if (granted <= 0)
                    return new((0, 0));

                // Every grant writes a different row, so that a lost attempt is not mistaken for a success.
                var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [Units] = used + granted, ["by"] = Identity.Random() };
                return await table.ReplaceAsync(TableNames.Lookups, new Row(Partition(provider), day, values, row?.ETag), cancel)
                    ? new((granted, (int)(daily - used - granted)))
                    : null;
            },
            clock,
            cancel);

    public async Task<long> GrantedAsync(string provider, string day, CancellationToken cancel) =>
        Of(await table.GetAsync(TableNames.Lookups, Partition(provider), day, cancel));

    private static string Partition(string provider) => $"q|{provider}";

    private static long Of(Row? row) => row?.Values.GetValueOrDefault(Units) as long? ?? 0;
}
