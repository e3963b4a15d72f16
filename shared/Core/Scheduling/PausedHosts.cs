using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Scheduling;

/// <summary>Hosts that requested a pause, stored for the planner in table <c>schedule</c> under <c>hosts</c>.</summary>
public sealed class PausedHosts(ITable table)
{
    private const string Partition = "hosts";

    public async Task PauseAsync(string host, DateTimeOffset until, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Schedule,
        TableWrite.Put(new Row(Partition, Identity.Hash(host), new Dictionary<string, object?>(StringComparer.Ordinal) { ["host"] = host, ["until"] = until })),
        cancel);

    /// <summary>Hosts that are still paused; expired rows are deleted.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> NowAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var paused = new Dictionary<string, DateTimeOffset>(StringComparer.OrdinalIgnoreCase);
        await foreach (var row in table.RangeAsync(TableNames.Schedule, Partition, "!", "~", null, cancel))
        {
            var until = (DateTimeOffset)row.Values["until"]!;
            if (until > now)
                paused[(string)row.Values["host"]!] = until;
            else
                await table.WriteAsync(TableNames.Schedule, TableWrite.Delete(row), cancel);
        }

        return paused;
    }
}
