using System.Globalization;
using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// Reads entries oldest first. Tables only read ascending, which is newest first, so each read takes a short range of keys and reverses it in memory.
/// The counts of the months say how long a range may be; one that has more entries than expected is divided. The cost grows with the entries that are
/// returned, also in a month that has very many, or where very many have the same time.
/// </summary>
/// <param name="wanted">About how many entries the caller takes; each read returns at most twice as many.</param>
internal sealed class OldestFirstReader(ITable table, string person, int wanted)
{
    private const int MinRead = 16;

    private readonly int expectedPerRead = Math.Max(wanted, MinRead);

    /// <param name="parts">Ascending by time, and apart from each other.</param>
    public async IAsyncEnumerable<Contribution> ReadAsync(IAsyncEnumerable<LedgerPart> parts, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var part in JoinedAsync(parts, cancel))
        {
            // The oldest range is always on top.
            var ranges = new Stack<LedgerPart>([part]);
            var isUneven = false;
            while (ranges.TryPop(out var range))
            {
                if (!isUneven && range.Expected > 1.5 * expectedPerRead && Middle(range.First, range.Last) is { } half)
                {
                    ranges.Push(range with { Last = half, Expected = range.Expected / 2 });
                    ranges.Push(range with { First = half, Expected = range.Expected / 2 });
                    continue;
                }

                var most = isUneven ? MinRead : 2 * expectedPerRead;
                var rows = await table.RangeAsync(TableNames.Ledger, person, range.First, range.Last, most + 1, cancel).ToListAsync(cancel);
                // The entries may stand together anywhere. Until they are found, ranges are long and reads are short.
                isUneven = rows.Count > most || rows.Count == 0 || rows.Count < range.Expected / 4;
                if (rows.Count <= most)
                {
                    for (var index = rows.Count - 1; index >= 0; index--)
                        yield return RowDocument.Read(rows[index], LedgerJson.Default.Contribution);
                    continue;
                }

                // The newest part is known now, and is read again when it is its turn; the rest is divided.
                var rest = rows[most].Key;
                ranges.Push(new LedgerPart(range.First, rest, 0));
                if ((AfterInstant(rows[0].Key, rest, range.Last) ?? Middle(rest, range.Last)) is { } middle)
                {
                    ranges.Push(new LedgerPart(rest, middle, 0));
                    rest = middle;
                }

                ranges.Push(new LedgerPart(rest, range.Last, 0));
            }
        }
    }

    /// <summary>Joins parts that have few entries, so that they are read together.</summary>
    private async IAsyncEnumerable<LedgerPart> JoinedAsync(IAsyncEnumerable<LedgerPart> parts, [EnumeratorCancellation] CancellationToken cancel)
    {
        LedgerPart? joined = null;
        await foreach (var part in parts.WithCancellation(cancel))
        {
            if (joined is not null && joined.Expected + part.Expected > expectedPerRead)
            {
                yield return joined;
                joined = null;
            }

            joined = joined is null ? part : new LedgerPart(part.First, joined.Last, joined.Expected + part.Expected);
            if (joined.Expected >= expectedPerRead)
            {
                yield return joined;
                joined = null;
            }
        }

        if (joined is not null)
            yield return joined;
    }

    /// <summary>Where all entries of one time end, if these two have the same time and the range goes on after it; otherwise null.</summary>
    private static string? AfterInstant(string newest, string rest, string last)
    {
        var instant = LedgerKeys.InstantOf(rest);
        var end = instant + "}";
        return newest.StartsWith(instant, StringComparison.Ordinal) && string.CompareOrdinal(end, last) < 0 ? end : null;
    }

    /// <summary>A key between two others; null if there is none.</summary>
    private static string? Middle(string first, string last)
    {
        var (low, high) = (LedgerKeys.Position(first), LedgerKeys.Position(last));
        if (high <= low)
            return null;
        var middle = LedgerKeys.AtPosition(low + ((high - low) / 2));
        return string.CompareOrdinal(first, middle) < 0 && string.CompareOrdinal(middle, last) < 0 ? middle : null;
    }
}

/// <summary>A range of entry keys.</summary>
/// <param name="First">Inclusive; the key of the newest entry.</param>
/// <param name="Last">Exclusive.</param>
/// <param name="Expected">About how many entries it has; 0 if unknown.</param>
internal sealed record LedgerPart(string First, string Last, double Expected)
{
    /// <summary>The part of it that is older than <paramref name="first"/> and newer than <paramref name="last"/>; null if that is empty.</summary>
    public LedgerPart? Within(string? first, string? last)
    {
        var (from, to) = (First, Last);
        if (first is not null && string.CompareOrdinal(first, from) > 0)
            from = first;
        if (last is not null && string.CompareOrdinal(last, to) < 0)
            to = last;
        return string.CompareOrdinal(from, to) < 0 ? new LedgerPart(from, to, Expected * Length(from, to) / Length(First, Last)) : null;
    }

    private static double Length(string first, string last) => (double)(LedgerKeys.Position(last) - LedgerKeys.Position(first) + 1);
}
