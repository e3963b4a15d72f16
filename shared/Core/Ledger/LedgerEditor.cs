using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Ledger;

/// <summary>The person's own word on an entry, after the change.</summary>
public sealed record Word(Edits Edits, bool Private, string? Note, Review Review)
{
    public static Word Of(Contribution entry) => new(entry.Edits, entry.Private, entry.Note, entry.Review);
}

public enum EditOutcome
{
    Done,
    Missing,

    /// <summary>The entry is not the one the caller looked at any more.</summary>
    Stale,

    /// <summary>Harvested entries are rejected, not deleted.</summary>
    NotByHand,
}

/// <summary>What people do to their ledger. Everything here survives every harvest.</summary>
public sealed class LedgerEditor(ITable table, TimeProvider clock)
{
    /// <param name="tag">The <see cref="Tag"/> the caller saw, or null to change whatever is there.</param>
    public async Task<(EditOutcome Outcome, Contribution? Entry)> Edit(
        string person, string id, string? tag, Func<Contribution, Word> change, CancellationToken cancel) =>
        await Conflicts.Retry<(EditOutcome, Contribution?)>(clock, async () =>
        {
            var set = new WorkingSet(table, person, cancel);
            if (await set.Entry(id) is not { } before)
                return (EditOutcome.Missing, null);
            if (tag is not null && !string.Equals(tag, Tag(before), StringComparison.Ordinal))
                return (EditOutcome.Stale, before);
            var word = change(before);
            var after = before with { Edits = word.Edits, Private = word.Private, Note = word.Note, Review = word.Review };
            if (before.Effective().IsRevisedBy(after.Effective()))
            {
                set.Keep(before, clock.GetUtcNow());
                after = after with { Revision = before.Revision + 1 };
            }

            after = await set.Place(before, after) ?? after;
            await Snapshots.Keep(set, before, after);
            if (after.Effective() is { Url: { } url, Kind: var kind } && CanonicalUrl.Of(url) is { } address && after.Sightings.Count > 0)
                await Recognition.Know(set, address, new AddressRef(after.Sightings[0].Connection, after.Id, kind));
            return await set.Commit() ? (EditOutcome.Done, after) : null;
        }, cancel);

    /// <summary>Changes with every change of the entry and with nothing else; the same on every driver.</summary>
    public static string Tag(Contribution entry) =>
        Identity.Hash(JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.Contribution));

    /// <summary>Removes an entry that was logged by hand, with its revisions, numbers and names.</summary>
    public async Task<EditOutcome> Remove(string person, string id, CancellationToken cancel) =>
        await Conflicts.Retry<EditOutcome>(clock, async () =>
        {
            var set = new WorkingSet(table, person, cancel);
            if (await set.Entry(id) is not { } entry)
                return EditOutcome.Missing;
            if (!entry.Sightings.Any() || entry.Sightings.Any(s => !string.Equals(s.Source, "manual", StringComparison.Ordinal)))
                return EditOutcome.NotByHand;
            await Erase(person, set, entry, cancel);
            return await set.Commit() ? EditOutcome.Done : null;
        }, cancel);

    /// <summary>
    /// Takes a connection's sightings out of the ledger. With <paramref name="contributions"/> the entries nothing else supports go too,
    /// but for rejected ones: what was rejected must be known when the connection is made again.
    /// </summary>
    public async Task Disconnect(string person, string connection, bool contributions, CancellationToken cancel)
    {
        var reader = new LedgerReader(table);
        string? after = null;
        do
        {
            var page = await reader.Newest(person, null, null, after, 500, cancel);
            foreach (var id in page.Items.Where(e => IsSeenBy(e, connection)).Select(e => e.Id))
                await Conflicts.Retry<bool>(clock, async () => await TryDisconnect(person, connection, id, contributions, cancel) ? true : null, cancel);
            after = page.Next;
        }
        while (after is not null);
    }

    private static bool IsSeenBy(Contribution entry, string connection) =>
        entry.Sightings.Any(s => string.Equals(s.Connection, connection, StringComparison.Ordinal));

    private async Task<bool> TryDisconnect(string person, string connection, string id, bool contributions, CancellationToken cancel)
    {
        var set = new WorkingSet(table, person, cancel);
        if (await set.Entry(id) is not { } entry || !IsSeenBy(entry, connection))
            return true;
        var left = entry.Sightings.Where(s => !string.Equals(s.Connection, connection, StringComparison.Ordinal)).ToList();
        if (left.Count == 0 && contributions && entry.Review != Review.Rejected)
            await Erase(person, set, entry, cancel);
        else
            await set.Place(entry, entry with { Sightings = left });
        return await set.Commit();
    }

    private async Task Erase(string person, WorkingSet set, Contribution entry, CancellationToken cancel)
    {
        // They may be more than one transaction holds. Whoever dies in between is asked again.
        await EraseRange(person, LedgerKeys.Revisions(entry.Id), cancel);
        await EraseRange(person, LedgerKeys.Snapshots(entry.Id), cancel);
        await set.Place(entry, null);
        var addresses = entry.Sightings.Select(s => s.Url).Append(entry.Harvested.Url).Append(entry.Edits.Url)
            .OfType<string>().Select(u => CanonicalUrl.Of(u)).OfType<string>().Distinct(StringComparer.Ordinal);
        foreach (var address in addresses)
            await Recognition.Forget(set, address, entry.Id);
    }

    private async Task EraseRange(string person, (string From, string To) keys, CancellationToken cancel)
    {
        var rows = await table.Range(LedgerKeys.Table, person, keys.From, keys.To, null, cancel).ToListAsync(cancel);
        foreach (var chunk in rows.Chunk(TableLimits.OperationsPerTransaction))
            await table.Transact(LedgerKeys.Table, [.. chunk.Select(row => TableWrite.Delete(row with { ETag = null }))], cancel);
    }
}
