using ContributionIngest.Core.Model;
using ContributionIngest.Core.Areas;

namespace ContributionIngest.Core.Programmes;

/// <summary>One thing to know before applying: a sentence with a number, and what is behind it.</summary>
/// <param name="Text">For people.</param>
/// <param name="Count">The number in it; absent if there is none, as with no entry since ever.</param>
/// <param name="Before">The same in the window before, to see one's own trend; absent where it says nothing.</param>
public sealed record ReadinessCheck(RuleCheck Check, string Text, int? Count = null, int? Before = null)
{
    /// <summary>What a published rule asks for and is not there; absent where no published rule has a figure.</summary>
    public int? Missing { get; init; }

    /// <summary>Ids of the entries that are meant, the newest first, at most <see cref="Readiness.MaxEntries"/>.</summary>
    public IReadOnlyList<string> Entries { get; init; } = [];

    /// <summary>By kind.</summary>
    public IReadOnlyDictionary<Kind, int>? Kinds { get; init; }

    /// <summary>By kind, in the window before.</summary>
    public IReadOnlyDictionary<Kind, int>? KindsBefore { get; init; }

    /// <summary>By what the programme's own list has.</summary>
    public IReadOnlyDictionary<string, int>? Criteria { get; init; }

    /// <summary>Months without anything, by their first day.</summary>
    public IReadOnlyList<DateOnly> Months { get; init; } = [];

    /// <summary>What the programme says of it. Where nothing published has a figure, there is nothing to compare with but the window before.</summary>
    public IReadOnlyList<ProgrammeRule> Rules { get; init; } = [];
}

/// <summary>A calendar month of a window, or the part of it that lies in the window.</summary>
/// <param name="From">The first day of it that counts.</param>
/// <param name="To">The last.</param>
/// <param name="Parts">How many are in the person's area, elsewhere, and not placed; absent if the programme has no areas.</param>
public sealed record ReadinessMonth(DateOnly From, DateOnly To, int Count, IReadOnlyDictionary<AreaPart, int>? Parts);

/// <summary>An entry and what it lacks.</summary>
/// <param name="Lacks">What it lacks: a link, or a number by its name in the ledger.</param>
public sealed record LackingEntry(string Id, string Title, Kind Kind, DateOnly Day, IReadOnlyList<string> Lacks)
{
    /// <summary>In <see cref="Lacks"/>, for an entry without evidence.</summary>
    public const string Link = "link";
}

/// <summary>Where a person stands with a programme. There is no score, and no figure that the programme did not publish.</summary>
/// <param name="Window">The days that count.</param>
/// <param name="IsOurWindow">The programme says nothing of the days that count, or they are not known yet: these are the last twelve months.</param>
/// <param name="Total">Everything in the window, also what is not about the programme's subject.</param>
/// <param name="NotAbout">How many of them do not name the programme's subject; they are in no other figure.</param>
/// <param name="Rules">Rules without a figure.</param>
public sealed record Readiness(CountedDays Window, bool IsOurWindow, int Total, int NotAbout, IReadOnlyList<ReadinessCheck> Checks, IReadOnlyList<ProgrammeRule> Rules)
{
    public const int MaxEntries = 100;

    /// <summary>How the entries spread over areas; null if the programme has none.</summary>
    public AreaShare? Areas { get; init; }

    /// <summary>All months of the window.</summary>
    public IReadOnlyList<ReadinessMonth> Months { get; init; } = [];

    /// <summary>Entries without evidence or a number that the programme asks for, the newest first, at most <see cref="MaxEntries"/>.</summary>
    public IReadOnlyList<LackingEntry> Lacking { get; init; } = [];

    /// <summary>How many of them there are.</summary>
    public int LackingCount { get; init; }
}
