using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Contributions;

/// <summary>What an upsert did. <see cref="New"/> and <see cref="Revised"/> name the entries.</summary>
public sealed record UpsertResult(IReadOnlyList<string> New, IReadOnlyList<string> Revised, int Changed, int Unchanged)
{
    public static readonly UpsertResult Nothing = new([], [], 0, 0);

    public bool IsChange => New.Count + Revised.Count + Changed > 0;

    public UpsertResult And(UpsertResult other) =>
        new([.. New, .. other.New], [.. Revised, .. other.Revised], Changed + other.Changed, Unchanged + other.Unchanged);
}

/// <summary>
/// Writes drafts into a person's ledger. Entry, pointers, history and counts of a draft change in one transaction; the same drafts again
/// change nothing, in whatever order and however often they come.
/// </summary>
public sealed class LedgerWriter(LedgerTransactions transactions)
{
    private const int DraftsPerTransaction = 30;

    /// <summary>More than one draft can stage: entry out, entry in, two pointers, two addresses, a revision, a snapshot, two months.</summary>
    private const int WritesPerDraft = 10;

    /// <param name="all">One answer of one connection, as the place told it.</param>
    /// <param name="drafts">Those of them that are to be written; the others only tell which addresses several items share.</param>
    /// <param name="since">
    /// Up to when what was written for the connection was reported. A draft whose entry was written later, by a run that was stopped before it could say
    /// so, counts as if it were written now.
    /// </param>
    /// <param name="written">Told after each transaction what it did, so that what was written is known when a later one fails.</param>
    /// <exception cref="ConnectionEndedException">The connection is ended; nothing more is written for it.</exception>
    /// <exception cref="ConcurrencyException">Others kept changing the same rows.</exception>
    public async Task<UpsertResult> UpsertAsync(
        string person,
        SightingContext context,
        IReadOnlyList<Draft> all,
        IReadOnlyList<Draft> drafts,
        CancellationToken cancel,
        Action<UpsertResult>? written = null,
        DateTimeOffset? since = null)
    {
        using var activity = Telemetry.Source.StartActivity("write ledger");
        var now = transactions.Clock.GetUtcNow();
        var page = DraftBatch.Of(context, all, drafts.Select(d => Normaliser.Normalise(d, now)));
        var result = UpsertResult.Nothing;
        for (var next = 0; next < page.Items.Count;)
        {
            var from = next;
            var (count, done) = await transactions.RunAsync(
                person, (set, lost) => TryAsync(set, page, from, Math.Max(1, DraftsPerTransaction >> Math.Min(lost, 5)), now, since), cancel);
            next += count;
            result = result.And(done);
            Telemetry.Wrote("new", done.New.Count);
            Telemetry.Wrote("revised", done.Revised.Count);
            Telemetry.Wrote("changed", done.Changed);
            written?.Invoke(done);
        }

        return result;
    }

    /// <summary>Stages one draft after the other until there are as many as wanted or the transaction is full.</summary>
    private static async Task<(int Count, UpsertResult Done)> TryAsync(
        WorkingSet set, DraftBatch page, int from, int most, DateTimeOffset now, DateTimeOffset? since)
    {
        var chunk = page.Items.Skip(from).Take(most).ToList();
        await set.PrefetchAsync(chunk.SelectMany(i => i.Keys).Append(LedgerKeys.Counting).Append(LedgerKeys.Connection(page.Context.Connection)));
        await set.HoldAsync(page.Context.Connection);
        var result = UpsertResult.Nothing;
        var count = 0;
        foreach (var item in chunk.TakeWhile(_ => set.Writes + WritesPerDraft <= TableLimits.OperationsPerTransaction))
        {
            result = result.And(await ApplyAsync(set, page, item, now, since));
            count++;
        }

        return (count, result);
    }

    private static async Task<UpsertResult> ApplyAsync(WorkingSet set, DraftBatch page, BatchItem item, DateTimeOffset now, DateTimeOffset? since)
    {
        var id = await Deduplicator.FindAsync(set, page, item);
        var before = await set.EntryAsync(id);
        if (before is null && item.Draft.Status == Status.Removed)
            return UpsertResult.Nothing with { Unchanged = 1 };
        var merged = before is null ? SightingMerge.New(id, item.Draft, page.Context, now) : SightingMerge.Into(before, item.Draft, page.Context, now);
        var after = await Deduplicator.RememberAsync(set, page, item, merged);
        if (ReferenceEquals(before, after))
            return SightingMerge.Seen(before, page.Context)?.LastSeen > since ? Unreported(before, since) : UpsertResult.Nothing with { Unchanged = 1 };
        await set.PlaceAsync(before, after);
        await Snapshots.KeepAsync(set, before, after);
        if (before is null)
            return UpsertResult.Nothing with { New = [after.Id] };
        if (after.Revision == before.Revision)
            return UpsertResult.Nothing with { Changed = 1 };
        set.Keep(before, now);
        return UpsertResult.Nothing with { Revised = [after.Id] };
    }

    private static UpsertResult Unreported(Contribution entry, DateTimeOffset? since) =>
        entry.FirstSeen > since ? UpsertResult.Nothing with { New = [entry.Id] }
        : entry.Revision > 1 ? UpsertResult.Nothing with { Revised = [entry.Id] }
        : UpsertResult.Nothing with { Changed = 1 };
}
