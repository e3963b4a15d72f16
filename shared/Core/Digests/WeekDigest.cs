using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using NodaTime;
using NodaTime.Calendars;

namespace ContributionIngest.Core.Digests;

/// <summary>
/// One person's week, stored as it was made. Private entries are counted but never shown. Fields missing from digests of earlier versions read as empty.
/// </summary>
public sealed record WeekDigest
{
    /// <summary>For example <c>2026-W47</c>.</summary>
    public required string Week { get; init; }

    public required DateOnly Monday { get; init; }

    /// <summary>IANA time zone of the days and hours.</summary>
    public required string Zone { get; init; }

    /// <summary>BCP 47 language tag.</summary>
    public required string Locale { get; init; }

    public string? Name { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>Whether this is the person's first digest.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Contributions per day, Monday to Sunday.</summary>
    public IReadOnlyList<int> Days { get; init => field = value ?? []; } = [];

    public int Total { get; init; }

    /// <summary>How many of the total are private, and so not shown.</summary>
    public int Private { get; init; }

    /// <summary>Weekly average of the four weeks before; null if the record is younger.</summary>
    public double? Average { get; init; }

    /// <summary>From 1 January to the week's Sunday.</summary>
    public int ThisYear { get; init; }

    /// <summary>From 1 January to the same day of the year before.</summary>
    public int LastYear { get; init; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<DigestItem> New { get; init => field = value ?? []; } = [];

    public IReadOnlyList<DigestChange> Changed { get; init => field = value ?? []; } = [];

    /// <summary>Entries of the four weeks before that were found after their week's digest was made, newest first. They count in their own week.</summary>
    public IReadOnlyList<DigestItem> Late { get; init => field = value ?? []; } = [];

    /// <summary>Entries in the 14 days after the digest was made, soonest first.</summary>
    public IReadOnlyList<DigestItem> Coming { get; init => field = value ?? []; } = [];

    public IReadOnlyList<DigestNumber> Numbers { get; init => field = value ?? []; } = [];

    public IReadOnlyList<DigestCare> Care { get; init => field = value ?? []; } = [];

    public IReadOnlyList<DigestGap> Gaps { get; init => field = value ?? []; } = [];

    /// <summary>Templates that were used lately, the last used first.</summary>
    public IReadOnlyList<DigestTemplate> Again { get; init => field = value ?? []; } = [];

    /// <summary>What matters now for the person's programmes, the most pressing first.</summary>
    public IReadOnlyList<ProgrammeMatter> Programmes { get; init => field = value ?? []; } = [];

    /// <summary>Whether nothing was done and nothing changed.</summary>
    public bool IsQuiet => Total == 0 && Changed.Count == 0 && Late.Count == 0;
}

/// <param name="IsDay">Whether only the day is known, not the time.</param>
public sealed record DigestItem(
    string Id, Kind Kind, Role Role, Status Status, string Title, string? Url, string? Container, DateTimeOffset When, bool IsDay)
{
    /// <summary>The one number that says most about it; null if none is known.</summary>
    public DigestFigure? Figure { get; init; }
}

/// <param name="Name">Of a metric, such as <c>views</c>.</param>
public sealed record DigestFigure(string Name, double Value);

public sealed record DigestChange(DigestItem Item, Status Before);

/// <param name="By">The growth from <paramref name="Since"/> to <paramref name="At"/>.</param>
public sealed record DigestNumber(string Id, string Title, string? Url, string Name, double Value, double By, DateTimeOffset Since, DateTimeOffset At, MetricOrigin How);

/// <param name="Problem">What is wrong and what to do, in one sentence.</param>
public sealed record DigestCare(string Connection, string Title, Health Health, string? Problem);

/// <param name="Last">The day of the last contribution of this kind.</param>
/// <param name="Usual">The usual number of days between two.</param>
public sealed record DigestGap(Kind Kind, DateOnly Last, int Usual);

/// <param name="Figure">The number that says most about it; null if it has none.</param>
public sealed record DigestTemplate(string Id, string Title, DigestFigure? Figure);

/// <summary>Everything a digest is made from.</summary>
internal sealed record DigestInputs
{
    public required MetricHistory History { get; init; }

    public required Person Person { get; init; }

    public required Week Week { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required bool IsFirst { get; init; }

    /// <summary>Entries of the week, newest first.</summary>
    public required IReadOnlyList<Contribution> Entries { get; init; }

    /// <summary>Entries of the four weeks before, newest first.</summary>
    public required IReadOnlyList<Contribution> Older { get; init; }

    /// <summary>When the digest before this one was made; null if there is none.</summary>
    public required DateTimeOffset? PreviousMadeAt { get; init; }

    /// <summary>Entries of the next 14 days, newest first.</summary>
    public required IReadOnlyList<Contribution> Coming { get; init; }

    public required IReadOnlyList<RevisedEntry> Revised { get; init; }

    /// <summary>Metric snapshots of entries of the last five weeks, the current ones last.</summary>
    public required IReadOnlyList<(Contribution Entry, IReadOnlyList<Snapshot> Numbers)> Measured { get; init; }

    /// <summary>Counts by day, public and private, from 1 January of the year before the week's.</summary>
    public required IReadOnlyDictionary<DateOnly, Counts> Days { get; init; }

    /// <summary>The same without private entries.</summary>
    public required IReadOnlyDictionary<DateOnly, Counts> PublicDays { get; init; }

    /// <summary>The last used first.</summary>
    public required IReadOnlyList<ContributionTemplate> Templates { get; init; }

    public required IReadOnlyList<ConnectionSnapshot> Connections { get; init; }

    public required IReadOnlyList<ProgrammeMatter> Programmes { get; init; }
}

/// <summary>An entry that was revised in the week, with its status at the start and the end of the week.</summary>
internal sealed record RevisedEntry(Contribution Entry, Status Before, Status After);

/// <summary>A week from Monday to Sunday (ISO 8601), written <c>2026-W47</c>.</summary>
public readonly partial record struct Week(int Year, int Number)
{
    public DateOnly Monday => DateOnly.FromDateTime(ISOWeek.ToDateTime(Year, Number, DayOfWeek.Monday));

    public DateOnly Sunday => Monday.AddDays(6);

    public Week Before => Of(Monday.AddDays(-7));

    public static Week Of(DateOnly day)
    {
        var rule = WeekYearRules.Iso;
        var date = new LocalDate(day.Year, day.Month, day.Day);
        return new Week(rule.GetWeekYear(date), rule.GetWeekOfWeekYear(date));
    }

    public static Week? Parse(string text)
    {
        if (!Pattern().IsMatch(text))
            return null;
        var (year, number) = (int.Parse(text.AsSpan(0, 4), CultureInfo.InvariantCulture), int.Parse(text.AsSpan(6), CultureInfo.InvariantCulture));
        return year is >= 1970 and <= 9000 && number >= 1 && number <= ISOWeek.GetWeeksInYear(year) ? new Week(year, number) : null;
    }

    /// <summary>The first instant of the week in a time zone.</summary>
    public DateTimeOffset Start(DateTimeZone zone) => StartOf(Monday, zone);

    /// <summary>The first instant after it.</summary>
    public DateTimeOffset End(DateTimeZone zone) => StartOf(Monday.AddDays(7), zone);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:D4}-W{Number:D2}");

    private static DateTimeOffset StartOf(DateOnly day, DateTimeZone zone) =>
        zone.AtStartOfDay(new LocalDate(day.Year, day.Month, day.Day)).ToDateTimeOffset().ToUniversalTime();

    [GeneratedRegex(@"^[0-9]{4}-W[0-9]{2}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pattern();
}
