using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>Makes digests from the store. Reads only counts and the entries of the weeks concerned, never the whole ledger.</summary>
public sealed class DigestReader(ITable table, ConnectionStore connections, MetricHistory history, TemplateStore templates, ProgrammeMatters matters)
{
    private const int MaxEntries = 500;
    private const int MaxMeasured = 40;
    private const int MeasuredWeeks = 5;
    private static readonly TimeSpan ComingSpan = TimeSpan.FromDays(14);

    private readonly LedgerReader ledger = new(table);

    /// <param name="previousMadeAt">When the digest before this one was made; null if there is none.</param>
    /// <param name="revised">Ids of entries that harvests revised in the week.</param>
    public async Task<WeekDigest> MakeAsync(
        Person person, Week week, DateTimeOffset now, bool isFirst, DateTimeOffset? previousMadeAt, IReadOnlyList<string> revised, CancellationToken cancel)
    {
        var zone = DigestSchedule.Zone(person);
        var (start, end) = (week.Start(zone), week.End(zone));
        var shown = await EntriesAsync(person, start, end, cancel);
        var older = await EntriesAsync(person, start.AddDays(-7 * (MeasuredWeeks - 1)), start, cancel);
        var (days, publicDays) = await DaysAsync(person, week, cancel);
        return DigestBuilder.Build(new DigestInputs
        {
            History = history,
            Person = person,
            Week = week,
            Now = now,
            IsFirst = isFirst,
            Entries = shown,
            Older = older,
            PreviousMadeAt = previousMadeAt,
            Coming = await EntriesAsync(person, now, now + ComingSpan, cancel),
            Revised = await RevisedAsync(person, start, end, revised, cancel),
            Measured = await MeasuredAsync(person, start, [.. shown, .. older], cancel),
            Days = days,
            PublicDays = publicDays,
            Templates = await templates.ListAsync(person.Id, cancel),
            Connections = await connections.ListAsync(person.Id, cancel),
            Programmes = await matters.ReadAsync(person.Id, MonthRollup.Day(now, zone), zone, cancel),
        });
    }

    private async Task<IReadOnlyList<Contribution>> EntriesAsync(Person person, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
        (await ledger.NewestAsync(person.Id, from, to, null, MaxEntries, cancel)).Items;

    /// <summary>Only entries known before the week: those first seen in it are shown as new.</summary>
    private async Task<List<RevisedEntry>> RevisedAsync(
        Person person, DateTimeOffset start, DateTimeOffset end, IReadOnlyList<string> ids, CancellationToken cancel)
    {
        var found = new List<RevisedEntry>();
        foreach (var id in ids.Distinct(StringComparer.Ordinal).Take(MaxEntries))
        {
            if (await ledger.GetAsync(person.Id, id, cancel) is not { } entry || entry.FirstSeen >= start || IsWithin(entry.Effective().When, start, end))
                continue;
            var revisions = await ledger.HistoryAsync(person.Id, entry, cancel);
            found.Add(new RevisedEntry(entry, StatusAt(revisions, start), StatusAt(revisions, end)));
        }

        return found;
    }

    private static bool IsWithin(DateTimeOffset when, DateTimeOffset start, DateTimeOffset end) => when >= start && when < end;

    private static Status StatusAt(IReadOnlyList<Revision> revisions, DateTimeOffset at)
    {
        var then = revisions.First(r => r.Until is null || r.Until >= at);
        return then.Edits.Over(then.Harvested).Status;
    }

    private async Task<List<(Contribution, IReadOnlyList<Snapshot>)>> MeasuredAsync(
        Person person, DateTimeOffset start, IEnumerable<Contribution> entries, CancellationToken cancel)
    {
        var found = new List<(Contribution, IReadOnlyList<Snapshot>)>();
        foreach (var entry in entries.Where(e => e.EffectiveMetrics().Values.Any(m => m.At >= start)).Take(MaxMeasured))
            found.Add((entry, await ledger.SnapshotsAsync(person.Id, entry, cancel)));
        return found;
    }

    private async Task<(Dictionary<DateOnly, Counts> All, Dictionary<DateOnly, Counts> Public)> DaysAsync(Person person, Week week, CancellationToken cancel)
    {
        var (all, visible) = (new Dictionary<DateOnly, Counts>(), new Dictionary<DateOnly, Counts>());
        await foreach (var (first, month) in ledger.MonthsAsync(person.Id, new DateOnly(week.Sunday.Year - 1, 1, 1), week.Sunday, cancel))
        {
            foreach (var (number, counts) in month.Public)
                Add(visible, first, number, counts);
            foreach (var (number, counts) in month.Public.Concat(month.Private))
                Add(all, first, number, counts);
        }

        return (all, visible);
    }

    private static void Add(Dictionary<DateOnly, Counts> days, DateOnly first, string number, Counts counts)
    {
        var day = first.AddDays(int.Parse(number, CultureInfo.InvariantCulture) - 1);
        if (!days.TryGetValue(day, out var sum))
            days[day] = sum = new Counts();
        sum.Add(counts);
    }
}
