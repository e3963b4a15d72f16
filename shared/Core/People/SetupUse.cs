using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>
/// The one use of the set-up secret, in row <c>setup</c> of partition <c>owner</c> of table <c>lookups</c>. A browser claims the row, signs in, and finishes
/// its claim. The last claim counts: of several at the same time one is finished, and one that a death left behind is in nobody's way. The browser that
/// finished may go on for some minutes, since the answer may not have reached it; the answer takes from it what the claim knows it by.
/// </summary>
public sealed class SetupUse(ITable table, TimeProvider clock)
{
    private const string Key = "setup";
    private const string BrowserProperty = "browser";
    private const string UntilProperty = "until";
    private const string DoneProperty = "done";

    private static readonly TimeSpan RepetitionTime = TimeSpan.FromMinutes(5);

    /// <summary>Whether the secret was used, as this browser sees it.</summary>
    /// <param name="browser">Hash of what the browser holds; null if it holds nothing.</param>
    public async Task<bool> IsOverAsync(string? browser, CancellationToken cancel) => await ReadAsync(cancel) is { } row && IsOver(row, browser);

    /// <summary>Claims the secret for a browser.</summary>
    /// <returns>What <see cref="FinishAsync"/> needs; null if the secret was used.</returns>
    /// <exception cref="ConcurrencyException">Others kept claiming it.</exception>
    public Task<Row?> ClaimAsync(string browser, CancellationToken cancel) => OptimisticRetry.RunAsync<Row?>(
        async () =>
        {
            var row = await ReadAsync(cancel);
            if (row is not null && IsOver(row, browser))
                return new(null);

            // What is done stays done, also while its browser repeats it.
            var claim = Claim(browser, clock.GetUtcNow() + RepetitionTime, row is not null && IsDone(row));
            var written = await table.WriteAsync(TableNames.Lookups, row is null ? TableWrite.Insert(claim) : TableWrite.Replace(claim with { ETag = row.ETag }), cancel);
            return written.Outcome == WriteOutcome.Done ? new(claim with { ETag = written.ETag }) : null;
        },
        clock,
        cancel);

    /// <summary>Uses the secret up.</summary>
    /// <returns>False if another browser has claimed it meanwhile.</returns>
    public Task<bool> FinishAsync(Row claim, CancellationToken cancel) => table.ReplaceAsync(
        TableNames.Lookups, claim with { Values = new Dictionary<string, object?>(claim.Values, StringComparer.Ordinal) { [DoneProperty] = true } }, cancel);

    private Task<Row?> ReadAsync(CancellationToken cancel) => table.GetAsync(TableNames.Lookups, PeopleStore.OwnerPartition, Key, cancel);

    private bool IsOver(Row row, string? browser) => IsDone(row)
        && !(browser is not null && row.Values.GetValueOrDefault(BrowserProperty) as string == browser && row.Values[UntilProperty] is DateTimeOffset until && until > clock.GetUtcNow());

    /// <summary>Earlier versions wrote the row once the secret was used, without any value.</summary>
    private static bool IsDone(Row row) => row.Values.GetValueOrDefault(DoneProperty) is not false;

    private static Row Claim(string browser, DateTimeOffset until, bool isDone) => new(
        PeopleStore.OwnerPartition,
        Key,
        new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [BrowserProperty] = browser,
            [UntilProperty] = until,
            [DoneProperty] = isDone,

            // No two claims write the same row, so that none is taken for another's repeated write.
            ["claim"] = Identity.Random(),
        });
}
