using System.Globalization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Programmes;

/// <summary>One thing to know before applying: a sentence with a number, and what is behind it.</summary>
/// <param name="Text">For people.</param>
/// <param name="Count">The number in it; absent if there is none, as with no entry since ever.</param>
/// <param name="Before">The same in the window before, to see one's own trend; absent where it says nothing.</param>
public sealed record ReadinessCheck(RuleCheck Check, string Text, int? Count = null, int? Before = null)
{
    /// <summary>Ids of the entries that are meant, the newest first, at most <see cref="Readiness.MaxEntries"/>.</summary>
    public IReadOnlyList<string> Entries { get; init; } = [];

    /// <summary>By kind.</summary>
    public IReadOnlyDictionary<Kind, int>? Kinds { get; init; }

    /// <summary>Months without anything, by their first day.</summary>
    public IReadOnlyList<DateOnly> Months { get; init; } = [];

    /// <summary>What the programme says of it. Where nothing published has a figure, there is nothing to compare with but the window before.</summary>
    public IReadOnlyList<ProgrammeRule> Rules { get; init; } = [];
}

/// <summary>Where a person stands with a programme. There is no score, and no figure that the programme did not publish.</summary>
/// <param name="Window">The days that count.</param>
/// <param name="IsOurWindow">The programme says nothing of the days that count, or they are not known yet: these are the last twelve months.</param>
/// <param name="Rules">Rules without a figure.</param>
public sealed record Readiness(CountedDays Window, bool IsOurWindow, IReadOnlyList<ReadinessCheck> Checks, IReadOnlyList<ProgrammeRule> Rules)
{
    public const int MaxEntries = 100;

    /// <summary>How many days before the window count as just outside.</summary>
    private const int JustOutside = 31;

    /// <summary>Reads the window and the one before it in one pass over the entries.</summary>
    public static async Task<Readiness> ReadAsync(LedgerReader reader, string person, Programme programme, Membership membership, DateOnly today, DateTimeZone zone, CancellationToken cancel)
    {
        var known = programme.Window?.Around(today, membership);
        var window = known ?? new CountedDays(today.AddYears(-1).AddDays(1), today);
        var before = new CountedDays(window.From.AddDays(-(window.To.DayNumber - window.From.DayNumber + 1)), window.From.AddDays(-1));
        var (current, former) = (new List<Item>(), new List<Item>());
        var (from, to) = (new DateOrInstant(null, before.From).Start(zone), new DateOrInstant(null, window.To < today ? window.To : today).End(zone));
        await foreach (var entry in reader.NewestFirstAsync(person, from, to, null, 500, cancel))
        {
            var values = entry.Effective();
            if (entry.Review == Review.Rejected || !MonthRollup.IsCounted(values.Status))
                continue;
            var day = MonthRollup.Day(values.When, zone);
            (day >= window.From ? current : former).Add(new Item(entry.Id, values.Kind, day, values.Url is not null));
        }

        var told = programme.Rules.ToLookup(rule => rule.Check);
        List<ReadinessCheck> checks = [Items(current, former), Kinds(current), Months(current, window, today), Silence(current, window, today), Evidence(current), Outside(former, window)];
        if (known is not null)
            checks.Add(Days(window, today));
        return new Readiness(window, known is null, [.. checks.Select(check => check with { Rules = [.. told[check.Check]] })], [.. programme.Rules.Where(rule => checks.TrueForAll(check => check.Check != rule.Check))]);
    }

    private static ReadinessCheck Items(IReadOnlyList<Item> current, IReadOnlyList<Item> former)
    {
        // Of a time before everything that is known, nothing is said.
        if (former.Count == 0)
            return new(RuleCheck.Items, $"{Counted(current.Count)} so far.", current.Count) { Entries = Ids(current) };
        var trend = (current.Count - former.Count) switch
        {
            0 => "as many as in the window before",
            > 0 and var more => $"{more} more than in the window before",
            var fewer => $"{-fewer} fewer than in the window before",
        };
        return new(RuleCheck.Items, $"{Counted(current.Count)} so far, {trend}.", current.Count, former.Count) { Entries = Ids(current) };
    }

    private static ReadinessCheck Kinds(IReadOnlyList<Item> current)
    {
        var kinds = current.GroupBy(item => item.Kind).ToDictionary(group => group.Key, group => group.Count());
        return new(RuleCheck.Kinds, kinds.Count switch { 0 => "No kind of contribution yet.", 1 => "One kind of contribution.", _ => $"{kinds.Count} kinds of contribution." }, kinds.Count) { Kinds = kinds };
    }

    private static ReadinessCheck Months(IReadOnlyList<Item> current, CountedDays window, DateOnly today)
    {
        // A month of which only some days count may well be empty, but today's is not over yet.
        var first = new DateOnly(window.From.Year, window.From.Month, 1);
        var filled = current.Select(item => new DateOnly(item.Day.Year, item.Day.Month, 1)).ToHashSet();
        var last = window.To < today ? window.To : today;
        var empty = new List<DateOnly>();
        for (var month = first < window.From ? first.AddMonths(1) : first; month <= last; month = month.AddMonths(1))
        {
            if (!filled.Contains(month))
                empty.Add(month);
        }

        var text = empty.Count switch
        {
            0 => "No month is empty.",
            1 => $"{Name(empty[0])} is empty.",
            _ => $"{empty.Count} months are empty.",
        };
        return new(RuleCheck.Months, text, empty.Count) { Months = empty };
    }

    /// <summary>Between the begin of the window or an entry, and the next entry or today.</summary>
    private static ReadinessCheck Silence(IReadOnlyList<Item> current, CountedDays window, DateOnly today)
    {
        var end = window.To < today ? window.To : today;
        if (end < window.From)
            return new(RuleCheck.Silence, "The window has not begun.");
        var days = current.Select(item => item.Day).Append(window.From).Append(end).Distinct().Order().ToList();
        var longest = days.Zip(days.Skip(1)).Select(pair => (Length: pair.Second.DayNumber - pair.First.DayNumber, From: pair.First, To: pair.Second)).DefaultIfEmpty((Length: 0, From: window.From, To: end)).MaxBy(gap => gap.Length);
        return new(RuleCheck.Silence, $"The longest silence is {(longest.Length == 1 ? "1 day" : $"{longest.Length} days")}, from {Name(longest.From, true)} to {Name(longest.To, true)}.", longest.Length);
    }

    private static ReadinessCheck Evidence(IReadOnlyList<Item> current)
    {
        var without = current.Where(item => !item.HasLink).ToList();
        return new(RuleCheck.Evidence, without.Count switch { 0 => "All have a link.", 1 => "1 has no link.", _ => $"{without.Count} have no link." }, without.Count) { Entries = Ids(without) };
    }

    private static ReadinessCheck Outside(IReadOnlyList<Item> former, CountedDays window)
    {
        var near = former.Where(item => window.From.DayNumber - item.Day.DayNumber <= JustOutside).ToList();
        return new(RuleCheck.Window, near.Count switch { 0 => "Nothing is just outside the window.", 1 => "1 is just outside the window, in the month before it.", _ => $"{near.Count} are just outside the window, in the month before it." }, near.Count) { Entries = Ids(near) };
    }

    private static ReadinessCheck Days(CountedDays window, DateOnly today)
    {
        var left = window.To.DayNumber - today.DayNumber;
        return new(RuleCheck.Deadline, left switch { < 0 => $"The window ended on {Name(window.To, true)}.", 0 => "The window ends today.", 1 => "1 day is left.", _ => $"{left} days are left." }, left < 0 ? null : left);
    }

    private static string Counted(int count) => count switch { 0 => "No contributions", 1 => "1 contribution", _ => $"{count.ToString("N0", CultureInfo.InvariantCulture)} contributions" };

    private static string Name(DateOnly day, bool isDay = false) => day.ToString(isDay ? "d MMMM yyyy" : "MMMM yyyy", CultureInfo.InvariantCulture);

    private static IReadOnlyList<string> Ids(IEnumerable<Item> items) => [.. items.Take(MaxEntries).Select(item => item.Id)];

    /// <summary>What the checks look at of an entry.</summary>
    private readonly record struct Item(string Id, Kind Kind, DateOnly Day, bool HasLink);
}
