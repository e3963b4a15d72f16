using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Scheduling;

/// <summary>When to harvest next: by how often the source publishes, between half an hour and a day, and never sooner than the source asks.</summary>
public static class Cadence
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(30);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>Harvests per typical gap between two contributions.</summary>
    private const int HarvestsPerGap = 8;

    private const int Recent = 10;
    private const int MaxAwaited = 20;
    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan WhileLive = TimeSpan.FromHours(1);

    /// <summary>Typical time between the newest dated drafts; null if fewer than two are dated.</summary>
    public static TimeSpan? Gap(IEnumerable<Draft> drafts)
    {
        var dates = drafts.Select(d => d.When).OfType<DateTimeOffset>().OrderDescending().Take(Recent).ToList();
        return dates.Count < 2 ? null : (dates[0] - dates[^1]) / (dates.Count - 1);
    }

    /// <param name="seed">Spreads connections: the same one always gets the same ±10 %.</param>
    public static DateTimeOffset Next(
        DateTimeOffset now, TimeSpan? gap, DateTimeOffset? newest, TimeSpan? noSooner, bool isPushed, string seed)
    {
        if (isPushed)
            return now + Longest;

        // A source that has been quiet for longer than its gap is slowing down.
        var quiet = newest is { } n && now > n ? now - n : TimeSpan.Zero;
        var rhythm = gap is { } g ? (g > quiet ? g : quiet) / HarvestsPerGap : TimeSpan.FromHours(6);
        var wait = Clamp(rhythm);
        if (noSooner > wait)
            wait = Clamp(noSooner.Value);
        return now + Clamp(wait * Spread(seed));
    }

    /// <summary>Times of extra harvests: just after an announced event begins, and hourly while something is live.</summary>
    public static IReadOnlyList<DateTimeOffset>? Awaited(IReadOnlyList<DateTimeOffset>? known, IEnumerable<Draft> drafts, DateTimeOffset now)
    {
        var begins = drafts.Where(d => d.Status == Status.Scheduled && d.When > now).Select(d => d.When!.Value + AfterStart);
        var live = drafts.Where(d => d.Status == Status.Live).Select(_ => now + WhileLive).Take(1);
        List<DateTimeOffset> times = [.. (known ?? []).Concat(begins).Concat(live).Where(at => at > now).Distinct().Order().Take(MaxAwaited)];
        return times.Count == 0 ? null : times;
    }

    /// <summary>Doubling from half an hour to a day.</summary>
    public static DateTimeOffset AfterFailure(DateTimeOffset now, int failures, string seed) =>
        now + Clamp(Shortest * Math.Pow(2, Math.Min(failures - 1, 10)) * Spread(seed));

    private static TimeSpan Clamp(TimeSpan wait) => wait < Shortest ? Shortest : wait > Longest ? Longest : wait;

    /// <summary>Between 0.9 and 1.1.</summary>
    internal static double Spread(string seed) => 0.9 + (seed.Aggregate(7u, (h, c) => (h * 31) + c) % 201 / 1000.0);
}
