using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Areas;
using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Web.Programmes;

/// <summary>A programme of the person's, and where the person stands with it.</summary>
public sealed record ProgrammeView(Programme Programme, Membership Membership, Readiness Readiness)
{
    public string Path => "/programmes/" + Programme.Id;

    /// <summary>What the programme is waiting to be told; null if nothing.</summary>
    public string? Needs => Readiness.IsOurWindow ? Membership.Needed(Programme.Window?.Kind) : null;

    public ReadinessCheck? Check(RuleCheck check) => Readiness.Checks.FirstOrDefault(found => found.Check == check);

    public int? DaysLeft => Check(RuleCheck.Deadline)?.Count;

    /// <summary>The days that are left end with the day of applying; the window ended before it.</summary>
    public bool IsAppliedFor => Programme.Window?.Kind == WindowKind.Rolling;

    /// <summary>How long still, such as "3 days left"; null if that is not known.</summary>
    public string? Left => (DaysLeft, IsAppliedFor) switch
    {
        (null, _) => null,
        (0, false) => "the last day is today",
        (0, true) => "you apply today",
        ({ } days, false) => $"{Numbers.Count(days, "day", "days")} left",
        ({ } days, true) => $"you apply in {Numbers.Count(days, "day", "days")}",
    };

    /// <summary>Contributions that a published rule asks for and are not there.</summary>
    public int Missing => Check(RuleCheck.Items)?.Missing ?? 0;

    /// <summary>Things a published rule asks for and are not there, of any check.</summary>
    public bool Lacks => Readiness.Checks.Any(check => check.Missing > 0);

    /// <summary>Contributions that are about the programme's subject.</summary>
    public int Count => Check(RuleCheck.Items)?.Count ?? 0;

    /// <summary>Those that lack most first, then those with the fewest days left.</summary>
    public static IReadOnlyList<ProgrammeView> InOrder(IEnumerable<ProgrammeView> programmes) =>
    [
        .. programmes.OrderByDescending(view => view.Lacks).ThenByDescending(view => view.Missing).ThenBy(view => view.DaysLeft ?? int.MaxValue)
            .ThenByDescending(view => view.Check(RuleCheck.Months)?.Count ?? 0).ThenBy(view => view.Programme.Name, StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>What matters most, in a sentence.</summary>
    public string Sentence
    {
        get
        {
            var left = (DaysLeft, IsAppliedFor) switch
            {
                (null, _) => "",
                (_, true) => $", and {Left}",
                (0, _) => ", and today is the last day",
                (1, _) => ", and 1 day is left",
                ({ } days, _) => $", and {Numbers.Whole(days)} days are left",
            };
            if (Missing > 0)
                return $"{Numbers.Count(Missing, "contribution is", "contributions are")} missing{left}.";
            if (Readiness.Checks.FirstOrDefault(check => check is { Criteria: not null, Missing: > 0 }) is { } criteria)
                return $"{Numbers.Count(criteria.Missing!.Value, "kind of its list is", "kinds of its list are")} missing{left}.";
            if (Readiness.Checks.FirstOrDefault(check => check.Criteria is not null) is { Rules: [{ AtLeast: { } least }, ..] } enough)
                return $"{enough.Count} of the {enough.Criteria!.Count} on its list, which asks for {Numbers.Whole(least)}{left}.";
            if (Check(RuleCheck.Months) is { Months.Count: > 0 } months)
                return months.Months.Count switch
                {
                    1 => $"{Numbers.Month(months.Months[0])} is empty{left}.",
                    2 => $"{Numbers.Month(months.Months[0])} and {Numbers.Month(months.Months[1])} are empty{left}.",
                    var many => $"{many} months are empty{left}.",
                };
            return Readiness.LackingCount > 0 ? $"{Numbers.Count(Readiness.LackingCount, "contribution lacks", "contributions lack")} a link or a number{left}." : $"{Numbers.Capital(Numbers.Contributions(Count))}{left}.";
        }
    }

    /// <summary>The title of its page: how many, where, how long still.</summary>
    public string Headline
    {
        get
        {
            var parts = new List<string> { $"{Numbers.Capital(Numbers.Contributions(Count))} in the window" };
            if (Readiness.Areas is { Area: { } area, Total: > 0 } share)
                parts.Add($"{Numbers.Whole(share.Parts.Single(part => part.Part == AreaPart.Area).Count)} of them in {area}");
            if (Left is { } left)
                parts.Add(left);
            return string.Join(", ", parts);
        }
    }
}
