using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Contributions;

/// <summary>The person's own word on an entry, after the change.</summary>
public sealed record PersonalValues(Edits Edits, bool Private, string? Note, Review Review)
{
    public static PersonalValues Of(Contribution entry) => new(entry.Edits, entry.Private, entry.Note, entry.Review);

    public Contribution Over(Contribution entry) => entry with { Edits = Edits, Private = Private, Note = Note, Review = Review };
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

/// <param name="Entry">The entry that the draft is by now.</param>
/// <param name="IsNew">It came into being with this, or with an earlier try of the same.</param>
/// <param name="IsSame">False when its id was used for something else before; nothing was written then.</param>
public sealed record Logged(Contribution Entry, bool IsNew, bool IsSame);

/// <summary>What people do to their ledger. Everything here survives every harvest.</summary>
public sealed class LedgerEditor(LedgerTransactions transactions)
{
    /// <param name="tag">The <see cref="Tag"/> the caller saw, or null to change whatever is there.</param>
    public Task<(EditOutcome Outcome, Contribution? Entry)> EditAsync(
        string person, string id, string? tag, Func<Contribution, PersonalValues> change, CancellationToken cancel) =>
        transactions.RunAsync<(EditOutcome, Contribution?)>(person, async (set, _) =>
        {
            if (await set.EntryAsync(id) is not { } before)
                return (EditOutcome.Missing, null);
            if (tag is not null && !string.Equals(tag, Tag(before), StringComparison.Ordinal))
                return (EditOutcome.Stale, before);
            var after = change(before).Over(before);
            if (before.Effective().IsRevisedBy(after.Effective()))
                after = after with { Revision = before.Revision + 1 };
            return (EditOutcome.Done, await SayAsync(set, before, after));
        }, cancel);

    /// <summary>
    /// Logs something by hand, with all the person says about it, in one transaction. The same again changes nothing but what is said anew.
    /// </summary>
    /// <param name="say">What the person says over the entry as it would be.</param>
    public Task<Logged> LogAsync(string person, SightingContext hand, Draft typed, Func<Contribution, PersonalValues> say, CancellationToken cancel)
    {
        var now = transactions.Clock.GetUtcNow();
        var draft = Normaliser.Normalise(typed, now);
        var page = DraftBatch.Of(hand, [draft], [draft]);
        var item = page.Items[0];
        return transactions.RunAsync(person, async (set, _) =>
        {
            await set.PrefetchAsync(item.Keys);
            if (await set.EntryAsync(item.Id) is { } there && SightingMerge.Seen(there, hand)?.Hash != DraftHash.Of(draft))
                return new Logged(there, IsNew: false, IsSame: false);
            var wasLogged = await set.EntryAsync(item.Id) is not null;
            var id = await Deduplicator.FindAsync(set, page, item);
            var before = await set.EntryAsync(id);
            var merged = before is null ? SightingMerge.New(id, draft, hand, now) : SightingMerge.Into(before, draft, hand, now);
            merged = await Deduplicator.RememberAsync(set, page, item, merged);
            var after = say(merged).Over(merged);
            if (before is not null && after.Revision == before.Revision && before.Effective().IsRevisedBy(after.Effective()))
                after = after with { Revision = before.Revision + 1 };
            if (before is not null && Tag(before) == Tag(after))
                return new Logged(before, wasLogged, IsSame: true);
            return new Logged(await SayAsync(set, before, after), before is null || wasLogged, IsSame: true);
        }, cancel);
    }

    /// <summary>Changes with every change of the entry and with nothing else; the same on every driver.</summary>
    public static string Tag(Contribution entry) =>
        Identity.Hash(JsonSerializer.SerializeToUtf8Bytes(entry, LedgerJson.Default.Contribution));

    /// <summary>Removes an entry that was logged by hand, with its revisions, numbers and names.</summary>
    /// <param name="tag">The <see cref="Tag"/> the caller saw, or null to remove whatever is there.</param>
    public Task<EditOutcome> RemoveAsync(string person, string id, string? tag, CancellationToken cancel) =>
        transactions.RunAsync(person, async (set, _) =>
        {
            if (await set.EntryAsync(id) is not { } entry)
                return EditOutcome.Missing;
            if (tag is not null && !string.Equals(tag, Tag(entry), StringComparison.Ordinal))
                return EditOutcome.Stale;
            if (!entry.Sightings.Any() || entry.Sightings.Any(s => s.Connection != LedgerTransaction.ByHand))
                return EditOutcome.NotByHand;
            await EraseAsync(person, set, entry, cancel);
            return EditOutcome.Done;
        }, cancel);

    /// <summary>From now on no draft of the connection is written, whoever holds one. Safe to repeat.</summary>
    public Task EndAsync(string person, string connection, CancellationToken cancel) =>
        transactions.RunAsync(person, (set, _) => set.EndAsync(connection), cancel);

    /// <summary>
    /// Takes the sightings of a connection that was ended out of the ledger. With <paramref name="contributions"/> the entries nothing else supports
    /// go too, but for rejected ones: what was rejected must be known when the connection is made again. Safe to repeat; whoever dies in between is
    /// asked again.
    /// </summary>
    /// <param name="living">The connections that are there; sightings of others support nothing.</param>
    public Task DisconnectAsync(string person, string connection, bool contributions, IReadOnlySet<string> living, CancellationToken cancel) =>
        new LedgerSweep(transactions.Table).RunAsync(
            person,
            entry => IsSeenBy(entry, connection),
            async entries =>
            {
                for (var next = 0; next < entries.Count;)
                {
                    var from = next;
                    next += await transactions.RunAsync(
                        person,
                        (set, lost) => DisconnectAsync(set, person, connection, [.. entries.Skip(from).Take(lost > 2 ? 1 : 30).Select(e => e.Id)], contributions, living, cancel),
                        cancel);
                }
            },
            cancel);

    private static bool IsSeenBy(Contribution entry, string connection) =>
        entry.Sightings.Any(s => string.Equals(s.Connection, connection, StringComparison.Ordinal));

    /// <returns>How many of the entries the transaction had room for.</returns>
    private async Task<int> DisconnectAsync(
        LedgerTransaction set, string person, string connection, string[] ids, bool contributions, IReadOnlySet<string> living, CancellationToken cancel)
    {
        await set.PrefetchAsync(ids.Select(LedgerKeys.Pointer));
        var count = 0;
        foreach (var id in ids)
        {
            var entry = await set.EntryAsync(id);
            if (count > 0 && entry is not null && set.Writes + WritesWithout(entry) > TableLimits.OperationsPerTransaction)
                break;
            count++;
            if (entry is null || !IsSeenBy(entry, connection))
                continue;
            var left = entry.Sightings.Where(s => s.Connection != connection && (s.Connection == LedgerTransaction.ByHand || living.Contains(s.Connection))).ToList();
            if (left.Count == 0 && contributions && entry.Review != Review.Rejected)
                await EraseAsync(person, set, entry, cancel);
            else
                await set.PlaceAsync(entry, entry with { Sightings = [.. entry.Sightings.Where(s => s.Connection != connection)] });
        }

        return count;
    }

    /// <summary>Places the entry as the person wants it, with a revision and a snapshot of what it was.</summary>
    private async Task<Contribution> SayAsync(LedgerTransaction set, Contribution? before, Contribution after)
    {
        if (before is not null && before.Revision != after.Revision)
            set.Keep(before, transactions.Clock.GetUtcNow());
        after = await set.PlaceAsync(before, after) ?? after;
        await Snapshots.KeepAsync(set, before, after);
        if (after.Effective() is { Url: { } url, Kind: var kind } && CanonicalUrl.Of(url) is { } address && after.Sightings.Count > 0)
            await Deduplicator.KnowAsync(set, address, new AddressRef(after.Sightings[0].Connection, after.Id, kind));
        return after;
    }

    /// <summary>The most that the end of a sighting, or of the entry, stages beside the history: entry, pointer, month, addresses, connections.</summary>
    private static int WritesWithout(Contribution entry) => 8 + (2 * entry.Sightings.Count);

    /// <summary>Removes the entry with its history. What is more than one transaction holds goes before, the oldest first.</summary>
    private async Task EraseAsync(string person, LedgerTransaction set, Contribution entry, CancellationToken cancel)
    {
        var history = new List<Row>();
        var keys = new[] { LedgerKeys.Revisions(entry.Id), LedgerKeys.Snapshots(entry.Id) };
        foreach (var (from, to) in keys)
            history.AddRange(await transactions.Table.RangeAsync(TableNames.Ledger, person, from, to, null, cancel).ToListAsync(cancel));
        var room = Math.Max(0, TableLimits.OperationsPerTransaction - set.Writes - WritesWithout(entry));
        foreach (var chunk in history.SkipLast(room).Chunk(TableLimits.OperationsPerTransaction))
            await transactions.Table.TransactAsync(TableNames.Ledger, [.. chunk.Select(TableWrite.Delete)], cancel);
        var left = history.TakeLast(room).ToList();
        set.Add(left);
        left.ForEach(row => set.Delete(row.Key));
        await set.PlaceAsync(entry, null);
        var addresses = entry.Sightings.Select(s => s.Url).Append(entry.Harvested.Url).Append(entry.Edits.Url)
            .OfType<string>().Select(u => CanonicalUrl.Of(u)).OfType<string>().Distinct(StringComparer.Ordinal);
        foreach (var address in addresses)
            await Deduplicator.ForgetAsync(set, address, entry.Id);
    }
}
