using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>Runs ledger queries page by page.</summary>
public sealed class LedgerPages(LedgerReader reader)
{
    /// <summary>The most rows read for one page, so that a page may be short or empty and still have a next one.</summary>
    public const int MaxRows = 1000;

    /// <summary>What an export has in memory at once, or twice that.</summary>
    private const int EntriesPerRead = 500;

    /// <summary>Ends the passes over a ledger that is written to continuously.</summary>
    private const int MaxPasses = 8;

    /// <returns>The page; its <see cref="LedgerPage.Next"/> is the key of the last entry read.</returns>
    public Task<LedgerPage> PageAsync(string person, LedgerQuery query, DateTimeZone zone, CancellationToken cancel) =>
        PageAsync(person, query, query.From?.Start(zone), query.To?.End(zone), cancel);

    /// <summary>
    /// All entries that match the query, each once, read lazily. Entries that are added or moved behind the current position meanwhile come
    /// last. Each returned entry costs 16 bytes of memory.
    /// </summary>
    public async IAsyncEnumerable<Contribution> AllAsync(
        string person, LedgerQuery query, DateTimeZone zone, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = (query.From?.Start(zone), query.To?.End(zone));
        var returned = new HashSet<UInt128>();
        var tags = await reader.TagsAsync(person, from, to, cancel);
        IReadOnlyList<(DateTimeOffset? From, DateTimeOffset? To)> ranges = [(from, to)];
        for (var pass = 0; ranges.Count > 0 && pass < MaxPasses; pass++)
        {
            foreach (var range in ranges)
            {
                var after = pass == 0 ? query.After : null;
                var filter = new Filter(query, range.From, range.To);
                var entries = query.OldestFirst
                    ? reader.OldestFirstAsync(person, range.From, range.To, after, EntriesPerRead, cancel)
                    : reader.NewestFirstAsync(person, range.From, range.To, after, EntriesPerRead, cancel);
                await foreach (var entry in entries)
                {
                    if (filter.Matches(entry) && IsAfterCursor(query, entry) && returned.Add(Identity.ToUInt128(entry.Id)))
                        yield return entry;
                }
            }

            var now = await reader.TagsAsync(person, from, to, cancel);
            ranges = now.ChangedSince(tags, from, to);
            ranges = query.OldestFirst ? ranges : [.. ranges.Reverse()];
            tags = now;
        }
    }

    private async Task<LedgerPage> PageAsync(string person, LedgerQuery query, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancel)
    {
        var filter = new Filter(query, from, to);
        var items = new List<Contribution>(query.Limit);
        var after = query.After;

        // Read as many rows as requested, which is enough if nothing is filtered out; then once more, up to the limit.
        // Each read fetches one more row to know whether it is the last.
        foreach (var rows in new[] { query.Limit, MaxRows - query.Limit - 2 })
        {
            var page = query.OldestFirst
                ? await reader.OldestAsync(person, from, to, after, rows, cancel)
                : await reader.NewestAsync(person, from, to, after, rows, cancel);
            foreach (var (index, entry) in page.Items.Index().Where(e => filter.Matches(e.Item)))
            {
                items.Add(entry);
                if (items.Count == query.Limit)
                    return new LedgerPage(items, index == page.Items.Count - 1 ? page.Next : KeyOf(entry));
            }

            after = page.Next;
            if (after is null)
                break;
        }

        return new LedgerPage(items, after);
    }

    private static bool IsAfterCursor(LedgerQuery query, Contribution entry) =>
        query.After is null || (string.CompareOrdinal(KeyOf(entry), query.After) > 0) != query.OldestFirst;

    private static string KeyOf(Contribution entry) => LedgerKeys.Entry(entry.Effective().When, entry.Id);
}

/// <summary>
/// A position in the ledger: the key of the last entry read, with a checksum. Only text in exactly the form of such a key is accepted, so that
/// a forged cursor can read nothing but entries.
/// </summary>
public static class Cursor
{
    private const int MaxLength = 100;

    public static string Write(string key) => CheckedText.Write(key);

    public static bool TryRead(string text, out string key)
    {
        key = CheckedText.Read(text, MaxLength) ?? "";
        return LedgerKeys.IsEntry(key);
    }
}
