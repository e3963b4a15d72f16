using System.Globalization;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Programmes;

/// <summary>Which days a programme counts.</summary>
[JsonConverter(typeof(EnumTextConverter<WindowKind>))]
public enum WindowKind
{
    /// <summary>The full calendar months before the one of applying.</summary>
    Rolling,

    /// <summary>A year, or some months, that begin on the same day for everybody.</summary>
    Fixed,

    /// <summary>Terms from the day on which the person was accepted.</summary>
    Anniversary,

    /// <summary>A term from the month in which the person's cohort began.</summary>
    Cohort,

    /// <summary>Each calendar month by itself.</summary>
    Month,

    /// <summary>The months before a deadline, to the second.</summary>
    Deadline,
}

/// <summary>Days that count, both included.</summary>
public readonly record struct CountedDays(DateOnly From, DateOnly To)
{
    public bool Includes(DateOnly day) => day >= From && day <= To;
}

/// <summary>Which days a programme counts, and where that is written.</summary>
public sealed record WindowRule
{
    public required WindowKind Kind { get; init; }

    /// <summary>How many months it has; null for a year.</summary>
    public int? Months { get; init; }

    private int Length => Months ?? 12;

    /// <summary>For <see cref="WindowKind.Fixed"/>, the first day of the year, such as <c>04-01</c>.</summary>
    public string? Begins { get; init; }

    public required RuleMark Mark { get; init; }

    public required string Source { get; init; }

    public required string Seen { get; init; }

    /// <summary>The days around one; null if the person has not said what it takes: the day of acceptance, the cohort or the deadline.</summary>
    /// <param name="day">In the person's time zone; for <see cref="WindowKind.Rolling"/> the day of applying.</param>
    public CountedDays? Around(DateOnly day, Membership person) => Kind switch
    {
        WindowKind.Rolling => new CountedDays(First(person.HandIn ?? day).AddMonths(-Length), First(person.HandIn ?? day).AddDays(-1)),
        WindowKind.Fixed => Term(BeginsIn(day.Year) > day ? BeginsIn(day.Year - 1) : BeginsIn(day.Year)),
        WindowKind.Month => new CountedDays(First(day), First(day).AddMonths(1).AddDays(-1)),
        WindowKind.Cohort => person.Cohort is { } cohort ? Term(First(cohort)) : null,
        WindowKind.Anniversary => person.Accepted is { } accepted ? Anniversary(accepted, day) : null,
        _ => person.Deadline is { } deadline ? new CountedDays(DateOnly.FromDateTime(deadline.AddMonths(-Length).UtcDateTime), DateOnly.FromDateTime(deadline.UtcDateTime)) : null,
    };

    /// <summary>Whether something of that instant counts: for a deadline to the second and with both ends, otherwise by its day.</summary>
    /// <param name="day">The instant's day in the person's time zone.</param>
    public bool Includes(DateTimeOffset at, DateOnly day, DateOnly around, Membership person) => Kind == WindowKind.Deadline
        ? person.Deadline is { } deadline && at >= deadline.AddMonths(-Length) && at <= deadline
        : Around(around, person)?.Includes(day) == true;

    /// <summary>"04-01" as the day of a year.</summary>
    internal static bool TryReadBegins(string? begins, out int month, out int day)
    {
        (month, day) = (0, 0);
        if (!DateOnly.TryParseExact($"2023-{begins}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return false;
        (month, day) = (date.Month, date.Day);
        return true;
    }

    private DateOnly BeginsIn(int year) => TryReadBegins(Begins, out var month, out var day) ? new DateOnly(year, month, day) : new DateOnly(year, 1, 1);

    private CountedDays Term(DateOnly from) => new(from, from.AddMonths(Length).AddDays(-1));

    private CountedDays Anniversary(DateOnly accepted, DateOnly day)
    {
        var terms = 0;
        while (Begin(terms + 1) <= day)
            terms++;
        return new CountedDays(Begin(terms), Begin(terms + 1).AddDays(-1));

        // Who was accepted on 29 February begins on 1 March in years that have none, so that the last day of February belongs to the term before.
        DateOnly Begin(int term)
        {
            var begin = accepted.AddMonths(term * Length);
            return begin.Day == accepted.Day ? begin : begin.AddDays(1);
        }
    }

    private static DateOnly First(DateOnly day) => new(day.Year, day.Month, 1);
}
