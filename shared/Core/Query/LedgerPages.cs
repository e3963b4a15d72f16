using System.Runtime.CompilerServices;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Query;

/// <summary>Answers queries page by page.</summary>
public sealed class LedgerPages(LedgerReader reader)
{
    /// <summary>Rows one answer may look at; a page may be short or even empty and still have a next one.</summary>
    public const int MostRows = 1000;

    /// <returns>The page; its <see cref="LedgerPage.Next"/> is the key of the last entry looked at.</returns>
    public async Task<LedgerPage> Page(string person, LedgerQuery query, DateTimeZone zone, CancellationToken cancel)
    {
        var (from, to) = (query.From?.Start(zone), query.To?.End(zone));
        var filter = new Filter(query, from, to);
        var items = new List<Contribution>(query.Limit);
        var after = query.After;

        // First as many as are wanted, which is all it takes when nothing is filtered out; then, once, the rest of what may be looked at.
        // A read looks one row ahead to know whether it is the last.
        foreach (var rows in new[] { query.Limit, MostRows - query.Limit - 2 })
        {
            var page = query.OldestFirst
                ? await reader.Oldest(person, from, to, after, rows, cancel)
                : await reader.Newest(person, from, to, after, rows, cancel);
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

    /// <summary>Everything the query means, read as it is asked for.</summary>
    public async IAsyncEnumerable<Contribution> All(
        string person, LedgerQuery query, DateTimeZone zone, [EnumeratorCancellation] CancellationToken cancel)
    {
        var next = query;
        do
        {
            var page = await Page(person, next, zone, cancel);
            foreach (var entry in page.Items)
                yield return entry;
            next = next with { After = page.Next };
        }
        while (next.After is not null);
    }

    private static string KeyOf(Contribution entry) => LedgerKeys.Entry(entry.Effective().When, entry.Id);
}
