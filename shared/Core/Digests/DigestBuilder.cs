using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digests;

/// <summary>Builds a digest from its inputs. Pure.</summary>
internal static class DigestBuilder
{
    private const int MaxNumbers = 8;
    private const int MinDaysForGap = 4;
    private const int GapFactor = 2;
    private const int MinGapDays = 14;
    private const int MaxGapDays = 120;
    private const int MaxTemplates = 3;

    /// <summary>A template that was not used for longer is not offered.</summary>
    private static readonly TimeSpan TemplateSpan = TimeSpan.FromDays(60);

    /// <summary>Of these numbers the first that is known is shown.</summary>
    private static readonly string[] Telling = ["attendees", "views", "plays", "downloads", "comments", "likes"];

    private static readonly string[] ToldOfTemplates = [.. Telling, "minutes"];

    private static readonly string[] Announced = ["rsvps"];

    public static WeekDigest Build(DigestInputs inputs)
    {
        var week = inputs.Week;
        int[] days = [.. Enumerable.Range(0, 7).Select(i => CountBetween(inputs, week.Monday.AddDays(i), week.Monday.AddDays(i)))];
        var counted = inputs.Entries.Where(e => IsCounted(e) && !IsUpcoming(e, inputs.Now)).ToList();
        return new WeekDigest
        {
            Week = week.ToString(),
            Monday = week.Monday,
            Zone = inputs.Person.Zone,
            Locale = inputs.Person.Locale,
            Name = inputs.Person.Name,
            MadeAt = inputs.Now,
            IsFirst = inputs.IsFirst,
            Days = days,
            Total = days.Sum(),
            Private = counted.Count(e => e.Private),
            Average = Average(inputs),
            ThisYear = CountBetween(inputs, new DateOnly(week.Sunday.Year, 1, 1), week.Sunday),
            LastYear = CountBetween(inputs, new DateOnly(week.Sunday.Year - 1, 1, 1), week.Sunday.AddYears(-1)),
            New = [.. counted.Where(e => !e.Private).Select(Item)],
            Changed = [.. inputs.Revised.Where(r => IsShown(r.Entry) && r.Before != r.After).Select(r => new DigestChange(Item(r.Entry) with { Status = r.After }, r.Before))],
            Late = [.. inputs.Older.Where(e => IsShown(e) && IsCounted(e) && IsLate(e, inputs)).Select(Item)],
            Coming = [.. inputs.Coming.Where(e => IsShown(e) && e.Effective().Status == Status.Scheduled).Reverse().Select(Item)],
            Numbers = Numbers(inputs),
            Care = [.. inputs.Connections.Where(NeedsCare).Select(Care)],
            Gaps = [.. Gaps(inputs)],
            Programmes = inputs.Programmes,
            Again = [.. inputs.Templates.Where(template => !template.Private && template.LastUsed > inputs.Now - TemplateSpan).Take(MaxTemplates).Select(Template)],
        };
    }

    private static bool IsCounted(Contribution entry) => entry.Review != Review.Rejected && MonthRollup.IsCounted(entry.Effective().Status);

    private static bool IsShown(Contribution entry) => !entry.Private && entry.Review != Review.Rejected;

    /// <summary>
    /// Whether no digest has shown it: it was found after the one of its week. What a new connection brings of the time before it is no news.
    /// </summary>
    private static bool IsLate(Contribution entry, DigestInputs inputs)
    {
        var when = entry.Effective().When;
        return entry.FirstSeen > inputs.PreviousMadeAt && (entry.Sightings.Any(sighting => sighting.Connection == LedgerTransaction.Manual)
            || inputs.Connections.Any(known => known.Connection.Since <= when && entry.Sightings.Any(sighting => sighting.Connection == known.Connection.Id)));
    }

    /// <summary>Entries announced for the rest of the week are listed under what is coming.</summary>
    private static bool IsUpcoming(Contribution entry, DateTimeOffset now) => entry.Effective().When > now;

    private static DigestItem Item(Contribution entry)
    {
        var values = entry.Effective();
        return new DigestItem(entry.Id, values.Kind, values.Role, values.Status, values.Title, values.Url, values.Container?.Name, values.When, IsDay(entry, values))
        {
            Figure = Figure(entry, values.Status == Status.Scheduled ? Announced : Telling),
        };
    }

    private static DigestTemplate Template(ContributionTemplate template) =>
        new(template.Id, template.Title, Array.Find(ToldOfTemplates, template.Metrics.ContainsKey) is { } name ? new DigestFigure(name, template.Metrics[name]) : null);

    private static DigestFigure? Figure(Contribution entry, string[] names)
    {
        var metrics = entry.EffectiveMetrics();
        return Array.Find(names, metrics.ContainsKey) is { } name ? new DigestFigure(name, metrics[name].Value) : null;
    }

    /// <summary>A day that the person typed over the harvested one is stored as noon UTC.</summary>
    private static bool IsDay(Contribution entry, ContributionValues values) =>
        values.DatePrecision != DatePrecision.Exact || entry.Edits.When is { } edited && edited.UtcDateTime.TimeOfDay == TimeSpan.FromHours(12);

    /// <summary>The stored counts include announced entries; a digest counts only what is done.</summary>
    private static int CountBetween(DigestInputs inputs, DateOnly from, DateOnly to)
    {
        var zone = DigestSchedule.Zone(inputs.Person);
        var upcoming = inputs.Entries.Where(e => IsCounted(e) && IsUpcoming(e, inputs.Now)).Select(e => MonthRollup.Day(e.Effective().When, zone));
        return inputs.Days.Where(d => d.Key >= from && d.Key <= to).Sum(d => d.Value.Total) - upcoming.Count(d => d >= from && d <= to);
    }

    private static double? Average(DigestInputs inputs)
    {
        var first = inputs.Week.Monday.AddDays(-28);
        if (!inputs.Days.Keys.Any(day => day < first.AddDays(7)))
            return null;
        return CountBetween(inputs, first, inputs.Week.Monday.AddDays(-1)) / 4.0;
    }

    private static List<DigestNumber> Numbers(DigestInputs inputs)
    {
        var zone = DigestSchedule.Zone(inputs.Person);
        var (start, end) = (inputs.Week.Start(zone), inputs.Week.End(zone));
        var grown = from measured in inputs.Measured
                    where IsShown(measured.Entry)
                    from series in inputs.History.Of(measured.Entry.Source, measured.Numbers, start, end)
                    where series.Growth is { By: > 0 }
                    let facts = measured.Entry.Effective()
                    let growth = series.Growth!
                    orderby growth.By descending, facts.When descending
                    select new DigestNumber(
                        measured.Entry.Id, facts.Title, facts.Url, series.Name, growth.To.Value, growth.By, growth.From.At, growth.To.At, growth.To.How);
        return [.. grown.Take(MaxNumbers)];
    }

    private static bool NeedsCare(ConnectionSnapshot connected) =>
        !connected.Connection.Paused && connected.State.Health is Health.Failing or Health.Broken or Health.Gone;

    private static DigestCare Care(ConnectionSnapshot connected) => new(
        connected.Connection.Id, connected.Connection.Title ?? connected.Connection.Origin, connected.State.Health, connected.State.Problem?.Message);

    /// <summary>Kinds that used to appear regularly and have been missing for twice as long as usual. Private entries are not shown, but they do close a gap.</summary>
    private static IEnumerable<DigestGap> Gaps(DigestInputs inputs)
    {
        var end = inputs.Week.Sunday;
        foreach (var kind in Enum.GetValues<Kind>())
        {
            var days = DaysOf(inputs.PublicDays, kind, end);
            if (days.Count < MinDaysForGap || DaysOf(inputs.Days, kind, end)[^1] != days[^1])
                continue;
            var between = days.Zip(days.Skip(1), (a, b) => b.DayNumber - a.DayNumber).Order().ToList();
            var usual = between[between.Count / 2];
            var since = end.DayNumber - days[^1].DayNumber;
            if (since > Math.Max(MinGapDays, GapFactor * usual) && since <= MaxGapDays)
                yield return new DigestGap(kind, days[^1], usual);
        }
    }

    private static List<DateOnly> DaysOf(IReadOnlyDictionary<DateOnly, Counts> counts, Kind kind, DateOnly end)
    {
        var word = EnumText<Kind>.Of(kind);
        return [.. counts.Where(d => d.Key <= end && d.Key > end.AddYears(-1) && d.Value.Kind.ContainsKey(word)).Select(d => d.Key).Order()];
    }
}
