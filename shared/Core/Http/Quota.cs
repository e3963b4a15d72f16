using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Http;

/// <summary>
/// The units a provider lets us spend a day, which begins at midnight Pacific time, as with all of Google's.
/// Held in the process; it asks for a block of them at a time, so that several processes share one budget at the cost of a write a block.
/// </summary>
/// <param name="ask">
/// Day (<c>yyyy-MM-dd</c>) and units wanted → units granted, and units of the day that nobody has been granted yet. Null: they are all ours.
/// </param>
public sealed class Quota(int daily, TimeProvider time, Func<string, int, CancellationToken, Task<(int Units, int Left)>>? ask = null)
{
    private const int Blocks = 50;

    private readonly Lock gate = new();
    private LocalDate day;
    private int mine;
    private int left;

    // Found when it is needed: the time zones are not loaded for a process that spends nothing.
    private static DateTimeZone Pacific => DateTimeZoneProviders.Tzdb["America/Los_Angeles"];

    /// <summary>The day that runs, as <c>yyyy-MM-dd</c>.</summary>
    public string Day => Name(Today());

    public int Daily => daily;

    /// <summary>Units of the day that are left, as far as this process knows.</summary>
    public long Left
    {
        get
        {
            lock (gate)
                return (long)mine + left;
        }
    }

    /// <summary>A tenth of the day's units or less is left, as far as this process knows: keep it for what cannot wait.</summary>
    public bool IsLow
    {
        get
        {
            lock (gate)
                return day == Today() && ((long)mine + left) * 10 <= daily;
        }
    }

    /// <summary>Takes one unit.</summary>
    /// <returns>Null when it may be spent; otherwise when there are new ones.</returns>
    public async Task<DateTimeOffset?> TakeAsync(CancellationToken cancel)
    {
        var today = Today();
        if (TakeOwn(today) is { } isTaken)
            return isTaken ? null : Midnight(today);
        var wanted = Math.Max(1, daily / Blocks);
        var (units, rest) = ask is null ? (daily, 0) : await ask(Name(today), wanted, cancel);
        lock (gate)
        {
            (day, mine, left) = (today, (day == today ? mine : 0) + units, rest);
            if (mine == 0)
                return Midnight(today);
            mine--;
            return null;
        }
    }

    /// <summary>The provider says that nothing is left, whatever we thought: others spend from it too.</summary>
    /// <returns>When there are new units.</returns>
    public DateTimeOffset Spent()
    {
        var today = Today();
        lock (gate)
            (day, mine, left) = (today, 0, 0);
        return Midnight(today);
    }

    /// <summary>True when one was taken, false when the day has none left, null when it has to be asked for.</summary>
    private bool? TakeOwn(LocalDate today)
    {
        lock (gate)
        {
            if (day != today || (mine == 0 && left > 0))
                return null;
            if (mine == 0)
                return false;
            mine--;
            return true;
        }
    }

    private LocalDate Today() => time.GetUtcNow().ToInstant().InZone(Pacific).Date;

    private static DateTimeOffset Midnight(LocalDate today) => Pacific.AtStartOfDay(today.PlusDays(1)).ToInstant().ToDateTimeOffset();

    private static string Name(LocalDate day) => day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
}
