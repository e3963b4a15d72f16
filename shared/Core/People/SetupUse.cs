using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>What using the set-up secret comes to.</summary>
/// <param name="Until">Until when somebody else holds it; null if this caller may use it, or if it is over.</param>
/// <param name="Claim">What <see cref="SetupUse.FinishAsync"/> needs; null if this caller may not use it.</param>
public sealed record SetupTurn(DateTimeOffset? Until, Row? Claim);

/// <summary>
/// The one use of the set-up secret, in row <c>setup</c> of partition <c>owner</c> of table <c>lookups</c>. A browser claims the row for a few minutes, signs
/// in, and finishes the claim: of several at the same time one wins, and a claim that a death left behind lapses. The browser that finished may go on
/// until its claim lapses, since the answer may not have reached it; the answer takes from it what the claim knows it by.
/// </summary>
public sealed class SetupUse(ITable table, TimeProvider clock)
{
    private const string Key = "setup";
    private const string BrowserProperty = "browser";
    private const string UntilProperty = "until";
    private const string DoneProperty = "done";

    /// <summary>Longer than a request can take.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Whether the secret was used, as this browser sees it.</summary>
    /// <param name="browser">Hash of what the browser holds; null if it holds nothing.</param>
    public async Task<bool> IsOverAsync(string? browser, CancellationToken cancel) => await ReadAsync(cancel) is { } row && IsOver(row, browser);

    /// <summary>Claims the secret for a browser.</summary>
    /// <exception cref="ConcurrencyException">Others kept claiming it.</exception>
    public Task<SetupTurn> ClaimAsync(string browser, CancellationToken cancel) => OptimisticRetry.RunAsync<SetupTurn>(
        async () =>
        {
            var row = await ReadAsync(cancel);
            if (row is not null && IsOver(row, browser))
                return new(new SetupTurn(null, null));
            if (row is not null && Until(row) is { } until && until > clock.GetUtcNow() && !IsOf(row, browser))
                return new(new SetupTurn(until, null));

            // A browser that had finished stays finished, so that its repetition cannot lapse and leave the secret to others.
            var claim = Row(browser, clock.GetUtcNow() + Lifetime, IsDone(row));
            var written = await table.WriteAsync(TableNames.Lookups, row is null ? TableWrite.Insert(claim) : TableWrite.Replace(claim with { ETag = row.ETag }), cancel);
            return written.Outcome == WriteOutcome.Done ? new(new SetupTurn(null, claim with { ETag = written.ETag })) : null;
        },
        clock,
        cancel);

    /// <summary>Uses the secret up.</summary>
    /// <returns>False if the claim lapsed and is another's by now.</returns>
    public Task<bool> FinishAsync(Row claim, CancellationToken cancel) => table.ReplaceAsync(
        TableNames.Lookups, claim with { Values = new Dictionary<string, object?>(claim.Values, StringComparer.Ordinal) { [DoneProperty] = true } }, cancel);

    private Task<Row?> ReadAsync(CancellationToken cancel) => table.GetAsync(TableNames.Lookups, PeopleStore.OwnerPartition, Key, cancel);

    private bool IsOver(Row row, string? browser) => IsDone(row) && !(browser is not null && IsOf(row, browser) && Until(row) > clock.GetUtcNow());

    /// <summary>Earlier versions wrote the row once the secret was used, without any value.</summary>
    private static bool IsDone(Row? row) => row is not null && row.Values.GetValueOrDefault(DoneProperty) is not false;

    private static DateTimeOffset? Until(Row row) => row.Values.GetValueOrDefault(UntilProperty) as DateTimeOffset?;

    private static bool IsOf(Row row, string browser) => row.Values.GetValueOrDefault(BrowserProperty) as string == browser;

    private static Row Row(string browser, DateTimeOffset until, bool isDone) => new(
        PeopleStore.OwnerPartition,
        Key,
        new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [BrowserProperty] = browser,
            [UntilProperty] = until,
            [DoneProperty] = isDone,

            // Two claims never write the same row, so that a repeated write is not taken for another's.
            ["claim"] = Identity.Random(),
        });
}
