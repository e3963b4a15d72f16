using ContributionIngest.Core.Model;
using ContributionIngest.Core.Ports;
using NodaTime;

namespace ContributionIngest.Core.Ledger;

/// <summary>Counts all of a person's entries anew: after a change of zone, or on doubt.</summary>
public sealed class Recount(ITable table, TimeProvider clock)
{
    /// <summary>Makes <paramref name="zone"/> (IANA name) the zone of the counts and counts everything again if it was another.</summary>
    public async Task SetZone(string person, string zone, CancellationToken cancel)
    {
        var isNew = await Conflicts.Retry<bool>(clock, async () =>
        {
            var row = await table.Get(LedgerKeys.Table, person, LedgerKeys.Zone, cancel);
            if (string.Equals(CountingRow.Value(row, CountingRow.Zone), zone, StringComparison.Ordinal))
                return false;
            return await CountingRow.Set(table, person, CountingRow.Zone, zone, cancel) ? true : null;
        }, cancel);
        if (isNew)
            await Everything(person, cancel);
    }

    /// <summary>Safe beside harvests: a month whose counts moved meanwhile is counted again.</summary>
    public async Task Everything(string person, CancellationToken cancel)
    {
        var reader = new LedgerReader(table);
        var zone = await reader.Zone(person, cancel);
        var months = await Held(reader, person, zone, cancel);
        foreach (var month in months)
            await Conflicts.Retry<bool>(clock, async () => await TryMonth(reader, person, month, zone, cancel) ? true : null, cancel);
    }

    /// <summary>What the counts should be, from the entries alone.</summary>
    public static async Task<SortedDictionary<DateOnly, Month>> Expected(LedgerReader reader, string person, CancellationToken cancel)
    {
        var zone = await reader.Zone(person, cancel);
        var months = new SortedDictionary<DateOnly, Month>();
        foreach (var entry in await reader.Between(person, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancel))
        {
            var facts = entry.Effective();
            var day = Month.Day(facts.When, zone);
            var first = new DateOnly(day.Year, day.Month, 1);
            if (!months.TryGetValue(first, out var month))
                months[first] = month = new Month();
            month.Count(entry, facts, day, 1);
        }

        return months;
    }

    /// <summary>Months that hold entries, and months that hold counts, possibly of entries that are gone or counted elsewhere now.</summary>
    private static async Task<SortedSet<DateOnly>> Held(LedgerReader reader, string person, DateTimeZone zone, CancellationToken cancel)
    {
        var months = new SortedSet<DateOnly>();
        await foreach (var (first, _) in reader.Months(person, DateOnly.MinValue, DateOnly.MaxValue, cancel))
        {
            // Another zone moves an entry by a day at most.
            months.Add(first);
            months.Add(first.AddMonths(-1));
            months.Add(first.AddMonths(1));
        }

        foreach (var entry in await reader.Between(person, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, cancel))
        {
            var day = Month.Day(entry.Effective().When, zone);
            months.Add(new DateOnly(day.Year, day.Month, 1));
        }

        return months;
    }

    private async Task<bool> TryMonth(LedgerReader reader, string person, DateOnly first, DateTimeZone zone, CancellationToken cancel)
    {
        var key = LedgerKeys.Month(first);
        var row = await table.Get(LedgerKeys.Table, person, key, cancel);
        var counts = new Month();
        var entries = await reader.Between(
            person, LedgerReader.StartOf(first, zone), LedgerReader.StartOf(first.AddMonths(1), zone), cancel);
        foreach (var entry in entries)
        {
            var facts = entry.Effective();
            counts.Count(entry, facts, Month.Day(facts.When, zone), 1);
        }

        if (row is null && counts.IsEmpty)
            return true;
        var next = RowDocument.Write(person, key, counts, LedgerJson.Default.Month, row?.ETag);
        var write = (row, counts.IsEmpty) switch
        {
            (null, _) => TableWrite.Insert(next),
            (_, true) => TableWrite.Delete(next),
            _ => TableWrite.Replace(next),
        };
        return (await table.Write(LedgerKeys.Table, write, cancel)).Outcome == WriteOutcome.Done;
    }
}
