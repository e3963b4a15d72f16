using System.Globalization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Areas;

namespace ContributionIngest.Core.Programmes;

/// <summary>The checks as sentences. Something is missing only where a published rule has a figure.</summary>
internal static class ReadinessChecks
{
    public static IReadOnlyList<ReadinessCheck> Of(ReadinessInput input, IReadOnlyList<LackingEntry> lacking)
    {
        var told = input.Programme.Rules.ToLookup(rule => rule.Check);
        var links = new LinkChecks(input);
        List<ReadinessCheck?> checks =
        [
            Items(input, Least(RuleCheck.Items)), Area(input), Category(input), Kinds(input), Criteria(input, told[RuleCheck.Kinds].FirstOrDefault(rule => rule.Criteria is not null)),
            Months(input, Least(RuleCheck.Months)), Silence(input, told[RuleCheck.Silence].FirstOrDefault(rule => rule.Days is not null)), Evidence(input), links.Links(), links.Pages(), Numbers(input, lacking, told[RuleCheck.Numbers]),
            Size(input, told[RuleCheck.Size].FirstOrDefault(rule => rule.Sizes is not null)), Points(input, told[RuleCheck.Points].FirstOrDefault(rule => rule.Points is not null)),
            Employer(input, told.Contains(RuleCheck.Employer)), Outside(input), Cap(input, told[RuleCheck.Cap].FirstOrDefault(rule => rule.AtMost is not null)), Deadline(input),
        ];
        return [.. checks.OfType<ReadinessCheck>().Select(check => check with { Rules = [.. told[check.Check].Where(rule => (rule.Criteria is not null) == (check.Criteria is not null) || check.Check != RuleCheck.Kinds)] })];

        int? Least(RuleCheck check) => told[check].Select(rule => rule.AtLeast).FirstOrDefault(least => least is not null);
    }

    /// <summary>The months of the window; what goes on for several counts in each of them where the programme says so.</summary>
    public static IReadOnlyList<ReadinessMonth> MonthsOf(ReadinessInput input)
    {
        var months = new List<ReadinessMonth>();
        for (var first = First(input.Window.From); first <= input.Window.To; first = first.AddMonths(1))
        {
            var (from, to) = (Later(first, input.Window.From), Earlier(first.AddMonths(1).AddDays(-1), input.Window.To));
            var items = input.Current.Where(item => item.Day <= to && item.Last >= from).ToList();
            months.Add(new ReadinessMonth(from, to, items.Count, input.Share is null ? null : items.GroupBy(item => item.Place!.Part).ToDictionary(group => group.Key, group => group.Count())));
        }

        return months;
    }

    /// <summary>Entries without evidence, or without the number that a rule asks for.</summary>
    public static IReadOnlyList<LackingEntry> LackingOf(ReadinessInput input)
    {
        var asked = input.Programme.Rules.FirstOrDefault(rule => rule is { Check: RuleCheck.Numbers, Numbers: not null })?.Numbers;
        var asksEvidence = input.Programme.Rules.Any(rule => rule.Check == RuleCheck.Evidence);
        var lacking = new List<LackingEntry>();
        foreach (var item in input.Current)
        {
            var lacksLink = asksEvidence && item.Url is null;
            var number = asked?.GetValueOrDefault(item.Kind) is { } wanted && !(item.Number(wanted) >= 1) ? wanted : null;
            if (lacksLink || number is not null)
                lacking.Add(new LackingEntry(item.Id, item.Title, item.Kind, item.Day, [.. new[] { lacksLink ? LackingEntry.Link : null, number }.OfType<string>()]));
        }

        return lacking;
    }

    private static ReadinessCheck Items(ReadinessInput input, int? least)
    {
        var count = input.Current.Count;
        int? missing = least is { } asked ? Math.Max(0, asked - count) : null;
        var before = input.Before?.Values.Sum();
        List<string> parts = [$"{Counted(count)} so far"];
        if (before is { } former)
            parts.Add((count - former) switch { 0 => "as many as in the window before", > 0 and var more => $"{Number(more)} more than in the window before", var fewer => $"{Number(-fewer)} fewer than in the window before" });
        if (missing > 0 && count == 0)
            parts.Add($"all {Number(missing.Value)} that it asks for are missing");
        else if (missing > 0)
            parts.Add($"{Number(missing.Value)} of the {Number(least!.Value)} it asks for {(missing == 1 ? "is" : "are")} missing");
        return new ReadinessCheck(RuleCheck.Items, string.Join(", ", parts) + ".", count, before) { Missing = missing, Entries = Ids(input.Current) };
    }

    private static ReadinessCheck? Area(ReadinessInput input) => input.Share is not { } share ? null
        : new ReadinessCheck(RuleCheck.Area, share.Text, share.Area is null ? null : share.Parts.Single(part => part.Part == AreaPart.Area).Count)
        {
            Entries = Ids(input.Current.Where(item => item.Place!.Part == AreaPart.Area)),
        };

    /// <summary>The category by itself: how many, of how many kinds, which months are empty.</summary>
    private static ReadinessCheck? Category(ReadinessInput input)
    {
        if (input.Category is not { } category)
            return null;
        var items = input.Current.Where(item => item.Place is { Part: AreaPart.Area or AreaPart.Category }).ToList();
        var empty = Empty(input, items);
        var kinds = items.Select(item => item.Kind).Distinct().Count();
        var months = empty.Count switch { 0 => "no month is empty", 1 => $"{Name(empty[0])} is empty", _ => $"{Number(empty.Count)} months are empty" };
        return new ReadinessCheck(RuleCheck.Category, items.Count == 0 ? $"Nothing in {category} yet." : $"In {category} alone: {Number(items.Count)}, of {(kinds == 1 ? "one kind" : $"{Number(kinds)} kinds")}; {months}.", items.Count) { Months = empty, Entries = Ids(items) };
    }

    private static ReadinessCheck Kinds(ReadinessInput input)
    {
        var kinds = input.Current.GroupBy(item => item.Kind).ToDictionary(group => group.Key, group => group.Count());
        return new ReadinessCheck(RuleCheck.Kinds, kinds.Count switch { 0 => "No kind of contribution yet.", 1 => "One kind of contribution.", _ => $"{kinds.Count} kinds of contribution." }, kinds.Count, input.Before?.Count)
        {
            Kinds = kinds,
            KindsBefore = input.Before,
        };
    }

    /// <summary>The programme's own list of kinds.</summary>
    private static ReadinessCheck? Criteria(ReadinessInput input, ProgrammeRule? rule)
    {
        if (rule?.Criteria is not { } criteria)
            return null;
        var counts = criteria.ToDictionary(item => item.Key, item => input.Current.Count(entry => item.Value.Contains(entry.Kind)), StringComparer.Ordinal);
        var present = counts.Values.Count(count => count > 0);
        int? missing = rule.AtLeast is { } least ? Math.Max(0, least - present) : null;
        return new ReadinessCheck(RuleCheck.Kinds, $"{(present == 0 ? "None" : Number(present))} of the {Number(criteria.Count)} on its list{(missing > 0 ? $", {Number(missing.Value)} {(missing == 1 ? "is" : "are")} missing" : "")}.", present) { Missing = missing, Criteria = counts };
    }

    private static ReadinessCheck Months(ReadinessInput input, int? least)
    {
        var empty = Empty(input, input.Current);
        var text = empty.Count switch { 0 => "No month is empty.", 1 => $"{Name(empty[0])} is empty.", _ => $"{Number(empty.Count)} months are empty." };
        return new ReadinessCheck(RuleCheck.Months, text, empty.Count) { Months = empty, Missing = least is null ? null : empty.Count };
    }

    /// <summary>Between the begin of the window or an entry, and the next entry or today.</summary>
    private static ReadinessCheck Silence(ReadinessInput input, ProgrammeRule? rule)
    {
        if (input.End < input.Window.From)
            return new ReadinessCheck(RuleCheck.Silence, "The window has not begun.");
        var days = input.Current.Select(item => item.Day < input.Window.From ? input.Window.From : item.Day).Append(input.Window.From).Append(input.End).Distinct().Order().ToList();
        var (length, from, to) = days.Zip(days.Skip(1)).Select(pair => (Length: pair.Second.DayNumber - pair.First.DayNumber, From: pair.First, To: pair.Second)).DefaultIfEmpty((Length: 0, From: input.Window.From, To: input.End)).MaxBy(gap => gap.Length);
        var text = $"The longest silence is {Days(length)}, from {Name(from, true)} to {Name(to, true)}.";
        if (input.Current.Count == 0 || input.End < input.Today)
            return new ReadinessCheck(RuleCheck.Silence, text, length);
        var since = input.Today.DayNumber - input.Current.Max(item => Earlier(item.Last, input.Today)).DayNumber;
        var reached = rule?.Days!.Select(step => (Days: int.Parse(step.Key, CultureInfo.InvariantCulture), step.Value)).Where(step => step.Days <= since).OrderBy(step => step.Days).LastOrDefault();
        var last = since switch { 0 => "The last was today.", 1 => "The last was yesterday.", _ => $"The last was {Days(since)} ago{(reached?.Value is { } what ? $"; after {Days(reached.Value.Days)} there is {what}" : "")}." };
        return new ReadinessCheck(RuleCheck.Silence, $"{last} {text}", length);
    }

    private static ReadinessCheck? Evidence(ReadinessInput input)
    {
        if (input.Current.Count == 0)
            return null;
        var without = input.Current.Where(item => item.Url is null).ToList();
        return new ReadinessCheck(RuleCheck.Evidence, without.Count switch { 0 => "All have a link.", 1 => "1 has no link.", var many => $"{Number(many)} have no link." }, without.Count) { Entries = Ids(without) };
    }

    private static ReadinessCheck? Numbers(ReadinessInput input, IReadOnlyList<LackingEntry> lacking, IEnumerable<ProgrammeRule> rules)
    {
        if (input.Current.Count == 0 || rules.All(rule => rule.Numbers is null))
            return null;
        var without = lacking.Where(entry => entry.Lacks.Any(what => what != LackingEntry.Link)).ToList();
        return new ReadinessCheck(RuleCheck.Numbers, without.Count switch { 0 => "All have the number that it asks for.", 1 => "1 lacks the number that it asks for.", var many => $"{Number(many)} lack the number that it asks for." }, without.Count)
        {
            Entries = [.. without.Take(Readiness.MaxEntries).Select(entry => entry.Id)],
        };
    }

    private static ReadinessCheck? Size(ReadinessInput input, ProgrammeRule? rule)
    {
        if (rule?.Sizes is not { } sizes)
            return null;
        var judged = input.Current.Where(item => sizes.ContainsKey(item.Kind)).Select(item => (Item: item, Sizes: sizes[item.Kind])).ToList();
        var below = judged.Where(pair => pair.Sizes.Any(size => pair.Item.Number(size.Key) < size.Value)).Select(pair => pair.Item).ToList();
        var unknown = judged.Where(pair => !below.Contains(pair.Item) && pair.Sizes.Any(size => pair.Item.Number(size.Key) is null)).Select(pair => pair.Item).ToList();
        var text = $"{(below.Count == 0 ? "None is" : below.Count == 1 ? "1 is" : $"{Number(below.Count)} are")} known to be smaller than it asks for; of {Number(unknown.Count)} the size is not known.";
        return new ReadinessCheck(RuleCheck.Size, text, below.Count) { Missing = below.Count, Entries = Ids(below.Concat(unknown)) };
    }

    private static ReadinessCheck? Points(ReadinessInput input, ProgrammeRule? rule)
    {
        if (rule?.Points is not { } table)
            return null;
        var counted = input.Current.Where(item => table.ContainsKey(item.Kind)).ToList();
        var sum = counted.Sum(item => table[item.Kind]);
        List<string> parts = [$"{Number(sum)} points by the part of its table that is on file"];
        if (input.Current.Count - counted.Count is > 0 and var rest)
            parts.Add($"{Number(rest)} {(rest == 1 ? "contribution is" : "contributions are")} of kinds that are not in it");
        if (rule.Levels is { } levels)
        {
            var order = new PointLevels(levels);
            if (order.After(input.Years) is { } level)
                parts.Add($"{level} by these points");
            if (order.Next(sum) is var (next, missing))
                parts.Add($"{Number(missing)} more reach {next}");
        }

        return new ReadinessCheck(RuleCheck.Points, string.Join("; ", parts) + ".", sum) { Entries = Ids(counted) };
    }

    private static ReadinessCheck? Employer(ReadinessInput input, bool isAsked)
    {
        var hosts = (input.Employer ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (hosts.Length == 0)
            return isAsked ? new ReadinessCheck(RuleCheck.Employer, "Which sites are your employer's is not known.") : null;
        var theirs = input.Current.Where(item => Uri.TryCreate(item.Url, UriKind.Absolute, out var url) && Array.Exists(hosts, host => url.Host.Equals(host, StringComparison.OrdinalIgnoreCase) || url.Host.EndsWith("." + host, StringComparison.OrdinalIgnoreCase))).ToList();
        return new ReadinessCheck(RuleCheck.Employer, theirs.Count switch { 0 => "None is on your employer's site.", 1 => "1 is on your employer's site.", var many => $"{Number(many)} are on your employer's site." }, theirs.Count) { Entries = Ids(theirs) };
    }

    private static ReadinessCheck Outside(ReadinessInput input)
    {
        var near = input.Outside.Where(item => input.Window.From.DayNumber - item.Day.DayNumber <= ReadinessReader.JustOutside).ToList();
        return new ReadinessCheck(RuleCheck.Window, near.Count switch { 0 => "Nothing is just outside the window.", 1 => "1 is just outside the window, in the month before it.", var many => $"{Number(many)} are just outside the window, in the month before it." }, near.Count) { Entries = Ids(near) };
    }

    private static ReadinessCheck? Cap(ReadinessInput input, ProgrammeRule? rule)
    {
        if (rule?.AtMost is not { } most)
            return null;
        var over = Math.Max(0, input.Current.Count - most);
        return new ReadinessCheck(RuleCheck.Cap, over == 0 ? $"All fit into the {Number(most)} that it takes." : $"{Number(input.Current.Count)} are {Number(over)} more than the {Number(most)} that it takes.", over) { Missing = over };
    }

    private static ReadinessCheck? Deadline(ReadinessInput input)
    {
        if (!input.IsKnown)
            return null;

        // A rolling window moves with the day of applying, which is the deadline there.
        var end = input.Programme.Window!.Kind == WindowKind.Rolling ? input.Membership.HandIn : input.Window.To;
        if (end is not { } last)
            return null;
        var left = last.DayNumber - input.Today.DayNumber;
        var text = (left, input.Programme.Window.Kind == WindowKind.Rolling) switch
        {
            ( < 0, true) => $"The day of applying was {Name(last, true)}.",
            ( < 0, false) => $"The window ended on {Name(last, true)}.",
            (0, true) => "The day of applying is today.",
            (0, false) => "The window ends today.",
            (1, true) => "You apply tomorrow.",
            (1, false) => "1 day is left.",
            (_, true) => $"You apply in {Number(left)} days.",
            (_, false) => $"{Number(left)} days are left.",
        };
        return new ReadinessCheck(RuleCheck.Deadline, text, left < 0 ? null : left);
    }

    /// <summary>Whole months of the window that are over and have nothing. A month of which only some days count may well be empty.</summary>
    private static IReadOnlyList<DateOnly> Empty(ReadinessInput input, IReadOnlyList<ReadinessItem> items)
    {
        var filled = new HashSet<DateOnly>();
        foreach (var item in items)
        {
            for (var month = First(item.Day); month <= First(item.Last); month = month.AddMonths(1))
                filled.Add(month);
        }

        var first = First(input.Window.From);
        var empty = new List<DateOnly>();
        for (var month = first < input.Window.From ? first.AddMonths(1) : first; month.AddMonths(1) <= Earlier(input.Today, input.Window.To.AddDays(1)); month = month.AddMonths(1))
        {
            if (!filled.Contains(month))
                empty.Add(month);
        }

        return empty;
    }

    private static string Counted(int count) => count switch { 0 => "No contributions", 1 => "1 contribution", _ => $"{Number(count)} contributions" };

    internal static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Days(int days) => days == 1 ? "1 day" : $"{Number(days)} days";

    private static string Name(DateOnly day, bool isDay = false) => day.ToString(isDay ? "d MMMM yyyy" : "MMMM yyyy", CultureInfo.InvariantCulture);

    internal static IReadOnlyList<string> Ids(IEnumerable<ReadinessItem> items) => [.. items.Take(Readiness.MaxEntries).Select(item => item.Id)];

    private static DateOnly First(DateOnly day) => new(day.Year, day.Month, 1);

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}
