using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>Answers queries page by page.</summary>
public sealed class LedgerPages(LedgerReader reader)
{
    /// <summary>Rows one answer may look at; a page may be short or even empty and still have a next one.</summary>
    public const int MostRows = 1000;

    /// <summary>A ledger that is written to without a pause is not read for ever.</summary>
    private const int MostPasses = 8;

    /// <returns>The page; its <see cref="LedgerPage.Next"/> is the key of the last entry looked at.</returns>
    public Task<LedgerPage> PageAsync(string person, LedgerQuery query, DateTimeZone zone, CancellationToken cancel) =>
        PageAsync(person, query, query.From?.Start(zone), query.To?.End(zone), cancel);

    /// <summary>
    /// Everything the query means, read as it is asked for, each entry once. Whatever moves or comes meanwhile to a place that was passed already
    /// comes last. What is kept of an entry that was given are 16 bytes.
    /// </summary>
    public async IAsyncEnumerable<Contribution> AllAsync(
        string person, LedgerQuery query, DateTimeZone zone, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = (query.From?.Start(zone), query.To?.End(zone));
        var given = new HashSet<UInt128>();
        var tags = await reader.TagsAsync(person, from, to, cancel);
        IReadOnlyList<(DateTimeOffset? From, DateTimeOffset? To)> ranges = [(from, to)];
        for (var pass = 0; ranges.Count > 0 && pass < MostPasses; pass++)
        {
            foreach (var range in ranges)
            {
                var after = pass == 0 ? query.After : null;
                do
                {
                    var page = await PageAsync(person, query with { After = after }, range.From, range.To, cancel);
                    foreach (var entry in page.Items)
                    {
                        if (IsAfterCursor(query, entry) && given.Add(Identity.ToUInt128(entry.Id)))
                            yield return entry;
                    }

                    after = page.Next;
                }
                while (after is not null);
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

        // First as many as are wanted, which is all it takes when nothing is filtered out; then, once, the rest of what may be looked at.
        // A read looks one row ahead to know whether it is the last.
        foreach (var rows in new[] { query.Limit, MostRows - query.Limit - 2 })
        {
            var page = query.OldestFirst
                ? await reader.OldestAsync(person, from, to, after, rows, cancel)
                : await reader.NewestAsync(person, from, to, after, rows, cancel);
            foreach (var (index, entry) in page.Items.Index().Where(e => filter.Holds(e.Item)))
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
/// Where a walk through the ledger stands: the key of the last entry looked at, in base64url. What comes back is taken only in exactly the
/// form of such a key, so that no forged one reads anything but entries.
/// </summary>
public static class Cursor
{
    private const int Longest = 100;

    public static string Write(string key) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(key));

    public static bool TryRead(string text, out string key)
    {
        key = "";
        if (text.Length > Longest || !Base64Url.IsValid(text))
            return false;
        key = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text));
        return LedgerKeys.IsEntry(key) && string.Equals(Write(key), text, StringComparison.Ordinal);
    }
}
