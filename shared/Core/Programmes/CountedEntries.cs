using ContributionIngest.Core.Contributions;
using NodaTime;

namespace ContributionIngest.Core.Programmes;

/// <summary>Tells what counts for a programme of what a person has: for readiness, choosing and the form alike.</summary>
/// <param name="today">In the zone.</param>
internal sealed class CountedEntries(Programme programme, Membership membership, DateOnly today, DateTimeZone zone)
{
    private readonly CountedDays? own = programme.Window?.Around(today, membership);
    private readonly ProgrammeSubject? subject = programme.About.Count == 0 ? null : new ProgrammeSubject(programme.About);

    /// <summary>The days that count: the programme's own, or else the last twelve months.</summary>
    public CountedDays Window => own ?? new CountedDays(today.AddYears(-1).AddDays(1), today);

    /// <summary>Whether the window is the programme's own.</summary>
    public bool IsOwnWindow => own is not null;

    /// <summary>Whether only what names the programme's subject counts.</summary>
    public bool HasSubject => subject is not null;

    /// <summary>The first day in the person's zone on which something that counts may have begun.</summary>
    public DateOnly First => programme.CountsEachMonth ? Window.From.AddYears(-1) : Window.From.AddDays(-Slack);

    /// <summary>The last such day that has come.</summary>
    public DateOnly Last => Window.To < today ? Window.To.AddDays(Slack) : today;

    /// <summary>The days of a deadline's window are UTC's; the person's may begin a day earlier or later.</summary>
    private int Slack => EndsWithDeadline ? 1 : 0;

    private bool EndsWithDeadline => IsOwnWindow && programme.Window!.Kind == WindowKind.Deadline;

    /// <summary>Of what is between <see cref="First"/> and <see cref="Last"/>.</summary>
    public bool IsInWindow(DateTimeOffset when, DateTimeOffset? endsAt)
    {
        var day = MonthRollup.Day(when, zone);
        return EndsWithDeadline
            ? programme.Window!.Includes(when, day, today, membership)
            : day >= Window.From || (programme.CountsEachMonth && endsAt is { } end && MonthRollup.Day(end, zone) >= Window.From);
    }

    public bool IsAbout(string title, IReadOnlyList<string> topics) => subject?.IsNamedIn(title, topics) != false;
}
