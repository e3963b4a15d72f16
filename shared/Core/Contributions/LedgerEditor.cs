using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Contributions;

/// <summary>What the person has set on an entry, after a change.</summary>
public sealed record PersonalValues(Edits Edits, bool Private, string? Note, Review Review)
{
    public static PersonalValues Of(Contribution entry) => new(entry.Edits, entry.Private, entry.Note, entry.Review);

    public Contribution Over(Contribution entry) => entry with { Edits = Edits, Private = Private, Note = Note, Review = Review };
}

public enum EditOutcome
{
    Done,
    Missing,

    /// <summary>The entry has changed since the caller read it.</summary>
    Stale,

    /// <summary>Harvested entries are rejected, not deleted.</summary>
    NotManual,
}

/// <param name="Entry">The entry the draft now belongs to.</param>
/// <param name="IsNew">True when this call, or an earlier attempt of it, created the entry.</param>
/// <param name="IsSame">False when its id already belongs to something else; nothing is written then.</param>
public sealed record Logged(Contribution Entry, bool IsNew, bool IsSame);

/// <summary>The changes people make to their ledger. They survive every harvest.</summary>
public sealed class LedgerEditor(LedgerTransactions transactions)
{
    /// <summary>How far back entries that have begun are looked for.</summary>
    private static readonly TimeSpan LongestUnpublished = TimeSpan.FromDays(35);

    private const int EntriesPerRead = 500;

    /// <param name="tag">The <see cref="Tag"/> the caller read, or null to change the entry unconditionally.</param>
    public Task<(EditOutcome Outcome, Contribution? Entry)> EditAsync(
        string person, string id, string? tag, Func<Contribution, PersonalValues> change, CancellationToken cancel) =>
        transactions.RunAsync<(EditOutcome, Contribution?)>(person, async (transaction, _) =>
        {
            if (await transaction.EntryAsync(id) is not { } before)
                return (EditOutcome.Missing, null);
            if (tag is not null && !string.Equals(tag, Tag(before), StringComparison.Ordinal))
                return (EditOutcome.Stale, before);
            var after = change(before).Over(before);
            if (before.Effective().IsRevisedBy(after.Effective()))
                after = after with { Revision = before.Revision + 1 };
            return (EditOutcome.Done, await SaveAsync(transaction, before, after));
        }, cancel);

    /// <summary>
    /// Logs a contribution by hand, with the person's edits, in one transaction. Logging it again changes only what the edits change.
    /// </summary>
    /// <param name="edit">Returns the person's values for the resulting entry.</param>
    public Task<Logged> LogAsync(string person, SightingContext context, Draft input, Func<Contribution, PersonalValues> edit, CancellationToken cancel)
    {
        var now = transactions.Clock.GetUtcNow();
        var draft = Normaliser.Normalise(input, now);
        var batch = DraftBatch.Of(context, [draft], [draft]);
        var item = batch.Items[0];
        return transactions.RunAsync(person, async (transaction, _) =>
        {
            await transaction.PrefetchAsync(item.Keys);
            if (await transaction.EntryAsync(item.Id) is { } existing && SightingMerge.FindSighting(existing, context)?.Hash != DraftHash.Of(draft))
                return new Logged(existing, IsNew: false, IsSame: false);
            var wasLogged = await transaction.EntryAsync(item.Id) is not null;
            var id = await Deduplicator.FindAsync(transaction, batch, item);
            var before = await transaction.EntryAsync(id);
            var merged = before is null ? SightingMerge.Create(id, draft, context, now) : SightingMerge.Merge(before, draft, context, now);
            merged = await Deduplicator.AddNamesAsync(transaction, batch, item, merged);
            var after = edit(merged).Over(merged);
            if (before is not null && after.Revision == before.Revision && before.Effective().IsRevisedBy(after.Effective()))
                after = after with { Revision = before.Revision + 1 };
            if (before is not null && Tag(before) == Tag(after))
                return new Logged(before, wasLogged, IsSame: true);
            return new Logged(await SaveAsync(transaction, before, after), before is null || wasLogged, IsSame: true);
        }, cancel);
    }

    /// <summary>Entries logged by hand for a time that has come are no longer scheduled: no source will say so. Safe to repeat.</summary>
    public async Task PublishStartedAsync(string person, CancellationToken cancel)
    {
        var now = transactions.Clock.GetUtcNow();
        var entries = new LedgerReader(transactions.Table).NewestFirstAsync(person, now - LongestUnpublished, now, null, EntriesPerRead, cancel);
        await foreach (var entry in entries.Where(IsWaiting))
            await PublishAsync(entry.Id);

        Task PublishAsync(string id) => transactions.RunAsync(person, async (transaction, _) =>
        {
            if (await transaction.EntryAsync(id) is { } current && IsWaiting(current) && current.Effective().When <= now)
                await SaveAsync(transaction, current, current with { Harvested = current.Harvested with { Status = Status.Published }, Revision = current.Revision + 1 });
            return true;
        }, cancel);

        static bool IsWaiting(Contribution entry) => entry.Harvested.Status == Status.Scheduled && IsManual(entry);
    }

    /// <summary>Changes whenever the entry changes, and only then; the same on every driver.</summary>
    public static string Tag(Contribution entry) =>
        Identity.Hash(JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.Contribution));

    /// <summary>Removes an entry that was logged by hand, with its revisions, metrics and addresses.</summary>
    /// <param name="tag">The <see cref="Tag"/> the caller read, or null to remove the entry unconditionally.</param>
    public Task<EditOutcome> RemoveAsync(string person, string id, string? tag, CancellationToken cancel) =>
        transactions.RunAsync(person, async (transaction, _) =>
        {
            if (await transaction.EntryAsync(id) is not { } entry)
                return EditOutcome.Missing;
            if (tag is not null && !string.Equals(tag, Tag(entry), StringComparison.Ordinal))
                return EditOutcome.Stale;
            if (!IsManual(entry))
                return EditOutcome.NotManual;
            await DeleteAsync(person, transaction, entry, cancel);
            return EditOutcome.Done;
        }, cancel);

    /// <summary>Rejects all further drafts of the connection, including those already read by another process. Safe to repeat.</summary>
    public Task EndAsync(string person, string connection, CancellationToken cancel) =>
        transactions.RunAsync(person, (transaction, _) => transaction.EndAsync(connection), cancel);

    /// <summary>
    /// Removes the sightings of an ended connection. With <paramref name="removeEntries"/>, also removes entries without any other sighting,
    /// except rejected ones: a rejection must still be known if the connection is made again. Safe to repeat; a call whose process dies
    /// is repeated.
    /// </summary>
    /// <param name="activeConnections">The existing connections; sightings by any other do not keep an entry.</param>
    public Task DisconnectAsync(string person, string connection, bool removeEntries, IReadOnlySet<string> activeConnections, CancellationToken cancel) =>
        new LedgerSweep(transactions.Table).RunAsync(
            person,
            entry => IsSeenBy(entry, connection),
            async entries =>
            {
                for (var next = 0; next < entries.Count;)
                {
                    var ids = entries.Skip(next).Take(30).Select(e => e.Id).ToArray();
                    next += await transactions.RunAsync(
                        person,
                        (transaction, conflicts) => DisconnectAsync(transaction, person, connection, conflicts > 2 ? ids[..1] : ids, removeEntries, activeConnections, cancel),
                        cancel);
                }
            },
            cancel);

    /// <summary>Logged by hand and seen nowhere else. An entry without any sighting was harvested by a connection that is gone.</summary>
    public static bool IsManual(Contribution entry) => entry.Sightings.Any() && entry.Sightings.All(s => s.Connection == LedgerTransaction.Manual);

    private static bool IsSeenBy(Contribution entry, string connection) =>
        entry.Sightings.Any(s => string.Equals(s.Connection, connection, StringComparison.Ordinal));

    /// <returns>The number of entries that fitted into the transaction.</returns>
    private async Task<int> DisconnectAsync(
        LedgerTransaction transaction, string person, string connection, string[] ids, bool removeEntries, IReadOnlySet<string> activeConnections, CancellationToken cancel)
    {
        await transaction.PrefetchAsync(ids.Select(LedgerKeys.Pointer));
        var count = 0;
        foreach (var id in ids)
        {
            var entry = await transaction.EntryAsync(id);
            if (count > 0 && entry is not null && transaction.Writes + MaxRemovalWrites(entry) > TableLimits.OperationsPerTransaction)
                break;
            count++;
            if (entry is null || !IsSeenBy(entry, connection))
                continue;
            var remaining = entry.Sightings.Where(s => s.Connection != connection && (s.Connection == LedgerTransaction.Manual || activeConnections.Contains(s.Connection))).ToList();
            if (remaining.Count == 0 && removeEntries && entry.Review != Review.Rejected)
                await DeleteAsync(person, transaction, entry, cancel);
            else
                await transaction.PlaceAsync(entry, entry with { Sightings = [.. entry.Sightings.Where(s => s.Connection != connection)] });
        }

        return count;
    }

    /// <summary>Writes the edited entry, with a revision and a snapshot of its previous state.</summary>
    private async Task<Contribution> SaveAsync(LedgerTransaction transaction, Contribution? before, Contribution after)
    {
        if (before is not null && before.Revision != after.Revision)
            transaction.AddRevision(before, transactions.Clock.GetUtcNow());
        after = await transaction.PlaceAsync(before, after) ?? after;
        await Snapshots.SaveAsync(transaction, before, after);
        if (after.Effective() is { Url: { } url, Kind: var kind } && CanonicalUrl.Of(url) is { } address && after.Sightings.Count > 0)
            await Deduplicator.AddAddressAsync(transaction, address, new AddressRef(after.Sightings[0].Connection, after.Id, kind));
        return after;
    }

    /// <summary>The most writes that removing a sighting or an entry stages, not counting history: entry, pointer, month, addresses, connections.</summary>
    private static int MaxRemovalWrites(Contribution entry) => 8 + (2 * entry.Sightings.Count);

    /// <summary>Removes the entry with its history. History that does not fit into the transaction is deleted first, beginning with the oldest.</summary>
    private async Task DeleteAsync(string person, LedgerTransaction transaction, Contribution entry, CancellationToken cancel)
    {
        var history = new List<Row>();
        var ranges = new[] { LedgerKeys.Revisions(entry.Id), LedgerKeys.Snapshots(entry.Id) };
        foreach (var (from, to) in ranges)
            history.AddRange(await transactions.Table.RangeAsync(TableNames.Ledger, person, from, to, null, cancel).ToListAsync(cancel));
        var room = Math.Max(0, TableLimits.OperationsPerTransaction - transaction.Writes - MaxRemovalWrites(entry));
        foreach (var chunk in history.SkipLast(room).Chunk(TableLimits.OperationsPerTransaction))
            await transactions.Table.TransactAsync(TableNames.Ledger, [.. chunk.Select(TableWrite.Delete)], cancel);
        var remaining = history.TakeLast(room).ToList();
        transaction.Add(remaining);
        remaining.ForEach(row => transaction.Delete(row.Key));
        await transaction.PlaceAsync(entry, null);
        var addresses = entry.Sightings.Select(s => s.Url).Append(entry.Harvested.Url).Append(entry.Edits.Url)
            .OfType<string>().Select(u => CanonicalUrl.Of(u)).OfType<string>().Distinct(StringComparer.Ordinal);
        foreach (var address in addresses)
            await Deduplicator.RemoveAddressAsync(transaction, address, entry.Id);
    }
}
