using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using ContributionIngest.Formats.Web;
using NodaTime;

namespace ContributionIngest.Core.Import;

/// <summary>What an import that was taken back has left.</summary>
/// <param name="Kept">Ids of entries that the person had changed since; they stay, and belong to no import any more.</param>
public sealed record UndoneImport(int Removed, int Evidence, IReadOnlyList<string> Kept);

/// <summary>
/// Writes lists into ledgers, and takes them back. An import has a row of its own before the first entry is written, and each entry says which import it is of:
/// whatever ends a process, the same request again completes it. Importing the same rows again, in whatever order or form, changes nothing.
/// </summary>
public sealed class LedgerImport(LedgerTransactions transactions, LedgerEditor editor, ImportPlanner planner, ImportStore store, ConnectionStore connections)
{
    private const int ItemsPerTransaction = 30;

    /// <summary>The most writes of an item, beside those for its links and sightings.</summary>
    private const int WritesPerItem = 10;

    /// <param name="by">The key or the session that asked for it.</param>
    /// <param name="fileName">For the list of imports; null if it has none.</param>
    /// <returns>What was done, as a look at the file would have said before.</returns>
    /// <exception cref="ImportRefusedException">The file cannot be imported as it is.</exception>
    /// <exception cref="ConcurrencyException">Others kept changing the same rows; the same import again completes it.</exception>
    public async Task<ImportPlan> ImportAsync(string person, byte[] content, ImportOptions options, DateTimeZone zone, string? by, string? fileName, CancellationToken cancel)
    {
        var opened = await planner.OpenAsync(person, content, options, cancel);
        var id = opened.Id;
        var known = await store.GetAsync(person, id, cancel);
        if (known?.State == ImportState.Undoing)
        {
            await UndoAsync(person, id, cancel);
            known = null;
        }

        var running = known?.State == ImportState.Running ? known : null;
        var plan = await planner.PlanAsync(person, opened, options, zone, running, cancel);
        await store.RememberAsync(person, opened.Mappings, cancel);
        if (!plan.HasWork && running is null)
            return plan;
        var now = transactions.Clock.GetUtcNow();
        var batch = await store.ChangeAsync(
            person, id,
            before => before is null
                ? new ImportBatch(id, now, by, Normaliser.Line(fileName, 200), plan.Format, ImportState.Running, plan.Counts, [], [])
                : before.State == ImportState.Running ? before : before with { State = ImportState.Running, Counts = plan.Counts },
            cancel);
        var shared = ImportMatches.SharedAddresses(plan.Items);
        var items = plan.Items.Where(item => item is { Draft: not null, Outcome: ImportOutcome.New or ImportOutcome.Evidence or ImportOutcome.Likely }).ToList();
        for (var next = 0; next < items.Count;)
        {
            var from = next;
            next += await transactions.RunAsync(person, (transaction, conflicts) => StageAsync(transaction, batch, items, from, Math.Max(1, ItemsPerTransaction >> Math.Min(conflicts, 5)), shared, now), cancel);
        }

        var created = items.Where(item => item.Outcome is ImportOutcome.New or ImportOutcome.Likely).Select(item => item.Entry!).ToList();
        var evidence = items.Where(item => item.Outcome == ImportOutcome.Evidence).Select(item => item.Entry!).ToList();
        await store.ChangeAsync(
            person, id,
            before => (before ?? batch) with { State = ImportState.Done, Created = Union((before ?? batch).Created, created), Evidence = Union((before ?? batch).Evidence, evidence) },
            cancel);
        return plan;
    }

    /// <summary>Takes an import back whole: entries that it brought and nobody else sees go, and so does its evidence. Safe to repeat.</summary>
    /// <returns>Null if there is no such import.</returns>
    /// <exception cref="ConcurrencyException">Others kept changing the same rows; the same request again completes it.</exception>
    public async Task<UndoneImport?> UndoAsync(string person, string id, CancellationToken cancel)
    {
        if (await store.GetAsync(person, id, cancel) is not { } known)
            return null;
        var batch = await store.ChangeAsync(person, id, before => before is { State: ImportState.Undoing } ? before : (before ?? known) with { State = ImportState.Undoing }, cancel);
        var active = (await connections.ListAsync(person, cancel)).Where(known => known.Connection.Ending is null).Select(known => known.Connection.Id).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, bool>(StringComparer.Ordinal);
        await new LedgerSweep(transactions.Table).RunAsync(person, entry => ImportMatches.MarkOf(entry, id) is not null, async entries =>
        {
            foreach (var entry in entries)
                found[entry.Id] = ImportMatches.MarkOf(entry, id)!.As == ImportedAs.Evidence;
            for (var next = 0; next < entries.Count;)
            {
                var ids = entries.Skip(next).Take(ItemsPerTransaction).Select(entry => entry.Id).ToArray();
                next += await transactions.RunAsync(person, (transaction, conflicts) => TakeBackAsync(transaction, person, batch, conflicts > 2 ? ids[..1] : ids, active, cancel), cancel);
            }
        }, cancel);
        var (kept, removed, reader) = (new List<string>(), 0, new LedgerReader(transactions.Table));
        foreach (var entry in Union(batch.Created, found.Where(pair => !pair.Value).Select(pair => pair.Key)))
        {
            if (await reader.GetAsync(person, entry, cancel) is not { } left)
                removed++;
            else if (ImportMatches.MarkOf(left, ImportMark.Kept) is not null)
                kept.Add(entry);
        }

        await store.RemoveAsync(person, id, cancel);
        return new UndoneImport(removed, Union(batch.Evidence, found.Where(pair => pair.Value).Select(pair => pair.Key)).Count, kept);
    }

    private static List<string> Union(IReadOnlyList<string> known, IEnumerable<string> more) => [.. known.Concat(more).Distinct(StringComparer.Ordinal)];

    private static async Task<int> StageAsync(
        LedgerTransaction transaction, ImportBatch batch, List<ImportItem> items, int from, int limit, IReadOnlySet<string> shared, DateTimeOffset now)
    {
        var chunk = items.Skip(from).Take(limit).ToList();
        await transaction.PrefetchAsync(chunk.SelectMany(item => ImportMatches.Keys(item.Draft!)).Append(LedgerKeys.Settings));
        var count = 0;
        foreach (var item in chunk.TakeWhile((item, index) => index == 0 || transaction.Writes + MaxWrites(item.Draft!) <= TableLimits.OperationsPerTransaction))
        {
            await WriteAsync(transaction, batch, item, item.Draft!, shared, now);
            count++;
        }

        return count;
    }

    private static int MaxWrites(ImportDraft draft) => draft.Restored is { } entry
        ? WritesPerItem + (2 * entry.Sightings.Count) + entry.Sightings.Sum(sighting => sighting.Links?.Count ?? 0)
        : WritesPerItem + EntryParts.MaxWrites(draft.Draft);

    private static async Task WriteAsync(LedgerTransaction transaction, ImportBatch batch, ImportItem item, ImportDraft draft, IReadOnlySet<string> shared, DateTimeOffset now)
    {
        // An earlier attempt may have written it, or a harvest may have come first.
        if (await ImportMatches.KnownAsync(transaction, draft) is not null)
            return;
        if (item.Outcome == ImportOutcome.Evidence && await transaction.EntryAsync(item.Entry!) is { } same && ImportMatches.SightingOf(same) is null)
            await JoinAsync(transaction, batch, draft, same, shared, now);
        else if (draft.Restored is { } restored)
            await RestoreAsync(transaction, batch, restored);
        else
            await CreateAsync(transaction, batch, item, draft, shared, now);
    }

    private static async Task CreateAsync(LedgerTransaction transaction, ImportBatch batch, ImportItem item, ImportDraft draft, IReadOnlySet<string> shared, DateTimeOffset now)
    {
        var isLikely = item.Outcome == ImportOutcome.Likely;
        var made = SightingMerge.Create(draft.Id, draft.Draft with { IsSuggestion = isLikely }, ImportBatch.Context, now);
        made = made with { Review = isLikely ? Review.Suggested : Review.New, Private = draft.Private, Note = draft.Note, Edits = new Edits { Metrics = Typed(draft.Numbers, batch.At) } };
        made = Marked(made, new ImportMark(batch.Id, isLikely ? ImportedAs.Likely : ImportedAs.New, null, PersonalHash(made)));
        await AddAddressAsync(transaction, draft, made.Id, shared);
        made = await EntryParts.JoinAsync(transaction, made, OwnAddress(draft, shared));
        made = await transaction.PlaceAsync(null, made) ?? made;
        await EntryParts.FollowAsync(transaction, made);
    }

    /// <summary>A list never leads: the entry keeps its values, and numbers that are known of it.</summary>
    private static async Task JoinAsync(LedgerTransaction transaction, ImportBatch batch, ImportDraft draft, Contribution entry, IReadOnlySet<string> shared, DateTimeOffset now)
    {
        var sighting = SightingMerge.Create(draft.Id, draft.Draft, ImportBatch.Context, now).Sightings[0] with { Import = new ImportMark(batch.Id, ImportedAs.Evidence, draft.Id, null) };
        var known = entry.EffectiveMetrics();
        var added = Typed(draft.Numbers.Where(number => !known.ContainsKey(number.Key)), batch.At);
        var after = entry with { Sightings = [.. entry.Sightings.Append(sighting).OrderBy(s => s.Rank, StringComparer.Ordinal)] };
        if (added is not null)
            after = after with { Edits = after.Edits with { Metrics = Merged(after.Edits.Metrics, added) } };
        await AddAddressAsync(transaction, draft, entry.Id, shared);
        after = await transaction.PlaceAsync(entry, after) ?? after;
        after = await EntryParts.FollowAsync(transaction, after);
        await Snapshots.SaveAsync(transaction, entry, after);
        if (draft.Id != entry.Id && await transaction.GetAsync(LedgerKeys.Pointer(draft.Id)) is null)
            transaction.Put(LedgerKeys.Pointer(draft.Id), "of", entry.Id);
    }

    /// <summary>As it was, with the addresses by which it is found. What belongs to what is as it was, too.</summary>
    private static async Task RestoreAsync(LedgerTransaction transaction, ImportBatch batch, Contribution entry)
    {
        var hash = PersonalHash(entry);
        var marked = entry with { Sightings = [.. entry.Sightings.Select(sighting => sighting with { Import = new ImportMark(batch.Id, ImportedAs.New, null, hash) })] };
        if (marked.Sightings.Count == 0)
            marked = marked with { Restored = new ImportMark(batch.Id, ImportedAs.New, null, hash) };
        var kind = entry.Effective().Kind;
        foreach (var sighting in entry.Sightings)
        {
            if (sighting.Url is { } url && CanonicalUrl.Of(url) is { } own)
                await Deduplicator.AddAddressAsync(transaction, own, new AddressRef(sighting.Connection, entry.Id, kind));
            foreach (var link in sighting.Links ?? [])
            {
                if (CanonicalUrl.Of(link.Url) is { } address)
                    await Deduplicator.AddAddressAsync(transaction, address, new AddressRef(sighting.Connection, entry.Id, kind, link.Relation));
            }
        }

        if (entry.Edits.Url is { } edited && CanonicalUrl.Of(edited) is { } typed && entry.Sightings is [var first, ..])
            await Deduplicator.AddAddressAsync(transaction, typed, new AddressRef(first.Connection, entry.Id, kind));
        await transaction.PlaceAsync(null, marked);
    }

    private static string? OwnAddress(ImportDraft draft, IReadOnlySet<string> shared) => draft.Address is { } address && !shared.Contains(address) ? address : null;

    private static async Task AddAddressAsync(LedgerTransaction transaction, ImportDraft draft, string entry, IReadOnlySet<string> shared)
    {
        // An address that many rows have names none of them, and its row would grow with each.
        if (OwnAddress(draft, shared) is { } address)
            await Deduplicator.AddAddressAsync(transaction, address, new AddressRef(ImportBatch.Source, entry, draft.Draft.Kind));
    }

    private static Contribution Marked(Contribution entry, ImportMark mark) => entry with { Sightings = [.. entry.Sightings.Select(sighting => sighting with { Import = mark })] };

    private static SortedDictionary<string, Metric>? Typed(IEnumerable<KeyValuePair<string, double>> numbers, DateTimeOffset at)
    {
        var metrics = new SortedDictionary<string, Metric>(numbers.ToDictionary(number => number.Key, number => new Metric(number.Value, at, MetricOrigin.Typed), StringComparer.Ordinal), StringComparer.Ordinal);
        return metrics.Count == 0 ? null : metrics;
    }

    private static SortedDictionary<string, Metric> Merged(IReadOnlyDictionary<string, Metric>? known, SortedDictionary<string, Metric> added)
    {
        var merged = new SortedDictionary<string, Metric>(added, StringComparer.Ordinal);
        foreach (var (name, metric) in known ?? new Dictionary<string, Metric>(StringComparer.Ordinal))
            merged[name] = metric;
        return merged;
    }

    /// <summary>Differs as soon as the person has changed something about the entry.</summary>
    private static string PersonalHash(Contribution entry) => Identity.Hash(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
        new PersonalState(entry.Edits, entry.Private, entry.Note, entry.Review == Review.Suggested ? Review.New : entry.Review), ImportStateJson.Default.PersonalState));

    /// <returns>The number of entries that fitted into the transaction.</returns>
    private async Task<int> TakeBackAsync(LedgerTransaction transaction, string person, ImportBatch batch, string[] ids, IReadOnlySet<string> active, CancellationToken cancel)
    {
        await transaction.PrefetchAsync(ids.Select(LedgerKeys.Pointer));
        var count = 0;
        foreach (var id in ids)
        {
            var entry = await transaction.EntryAsync(id);
            if (count > 0 && entry is not null && transaction.Writes + LedgerEditor.MaxRemovalWrites(entry) > TableLimits.OperationsPerTransaction)
                break;
            count++;
            if (entry is not null && ImportMatches.MarkOf(entry, batch.Id) is { } mark)
                await TakeBackAsync(transaction, person, batch, entry, mark, active, cancel);
        }

        return count;
    }

    private async Task TakeBackAsync(LedgerTransaction transaction, string person, ImportBatch batch, Contribution entry, ImportMark mark, IReadOnlySet<string> active, CancellationToken cancel)
    {
        var isEdited = mark.As != ImportedAs.Evidence && PersonalHash(entry) != mark.Personal;
        var others = entry.Sightings.Where(sighting => sighting.Import?.Batch != batch.Id).ToList();
        var isSeen = others.Exists(sighting => LedgerEditor.IsLiving(sighting, active));
        if (mark.As != ImportedAs.Evidence && !isSeen)
        {
            if (isEdited)
                await transaction.PlaceAsync(entry, WithMark(entry, batch.Id, mark with { Batch = ImportMark.Kept, Personal = null }));
            else
                await editor.DeleteAsync(person, transaction, entry, cancel);
            return;
        }

        var after = entry with { Sightings = others, Restored = null };
        if (entry.Edits.Metrics is { } metrics && !isEdited)
        {
            var kept = metrics.Where(metric => metric.Value.At != batch.At || metric.Value.How != MetricOrigin.Typed).ToDictionary(StringComparer.Ordinal);
            after = after with { Edits = after.Edits with { Metrics = kept.Count == 0 ? null : new SortedDictionary<string, Metric>(kept, StringComparer.Ordinal) } };
        }

        foreach (var sighting in entry.Sightings.Where(sighting => sighting.Import?.Batch == batch.Id))
            await LeaveAddressesAsync(transaction, entry, sighting, others);
        after = await EntryParts.ReleaseUnnamedAsync(transaction, entry, after);
        await transaction.PlaceAsync(entry, after);
        if (mark.Alias is { } alias && alias != entry.Id && await transaction.GetAsync(LedgerKeys.Pointer(alias)) is { } pointer && pointer.Values.GetValueOrDefault("of") is string of && of == entry.Id)
            transaction.Delete(LedgerKeys.Pointer(alias));
    }

    private static Contribution WithMark(Contribution entry, string batch, ImportMark mark) => entry with
    {
        Sightings = [.. entry.Sightings.Select(sighting => sighting.Import?.Batch == batch ? sighting with { Import = mark } : sighting)],
        Restored = entry.Restored?.Batch == batch ? mark : entry.Restored,
    };

    /// <summary>The addresses that only this sighting gave the entry.</summary>
    private static async Task LeaveAddressesAsync(LedgerTransaction transaction, Contribution entry, Sighting sighting, List<Sighting> others)
    {
        var urls = (sighting.Links ?? []).Select(link => (link.Url, (Relation?)link.Relation)).Append((sighting.Url ?? "", null)).Where(url => url.Item1.Length > 0);
        foreach (var (url, relation) in urls)
        {
            if (CanonicalUrl.Of(url) is { } address && !others.Exists(other => other.Connection == sighting.Connection))
                await Deduplicator.RemoveAddressAsync(transaction, address, reference => reference.Id == entry.Id && reference.Connection == sighting.Connection && reference.Relation == relation);
        }
    }
}

/// <summary>What the person has set on an entry.</summary>
internal sealed record PersonalState(Edits Edits, bool Private, string? Note, Review Review);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
[System.Text.Json.Serialization.JsonSerializable(typeof(PersonalState))]
internal sealed partial class ImportStateJson : System.Text.Json.Serialization.JsonSerializerContext;
