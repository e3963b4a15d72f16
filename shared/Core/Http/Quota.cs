using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Http;

/// <summary>
/// The units a provider lets us spend per day. The day begins at midnight Pacific time, as with all Google quotas.
/// Units are held in the process and requested in blocks, so that several processes share one budget at the cost of one write per block.
/// </summary>
/// <param name="ask">
/// Given the day (<c>yyyy-MM-dd</c>) and the units wanted, returns the units granted and those of the day not granted yet. Null: all are ours.
/// </param>
public sealed class Quota(int daily, TimeProvider time, Func<string, int, CancellationToken, Task<(int Units, int Left)>>? ask = null)
{
    private const int BlocksPerDay = 50;

    private readonly Lock gate = new();
    private LocalDate day;
    private int held;
    private int left;

    // Looked up on use, so that a process that spends nothing does not load the time zones.
    private static DateTimeZone Pacific => DateTimeZoneProviders.Tzdb["America/Los_Angeles"];

    /// <summary>The provider's current day, as <c>yyyy-MM-dd</c>.</summary>
    public string Day => Name(Today());

    public int Daily => daily;

    /// <summary>Units left today, as far as this process knows.</summary>
    public long Left
    {
        get
        {
            lock (gate)
                return (long)held + left;
        }
    }

    /// <summary>Whether a tenth of the day's units or less is left, as far as this process knows. It should be kept for urgent requests.</summary>
    public bool IsLow
    {
        get
        {
            lock (gate)
                return day == Today() && ((long)held + left) * 10 <= daily;
        }
    }

    /// <summary>Takes one unit.</summary>
    /// <returns>Null if it may be spent; otherwise when new units become available.</returns>
    public async Task<DateTimeOffset?> TakeAsync(CancellationToken cancel)
    {
        var today = Today();
        if (TakeHeld(today) is { } isTaken)
            return isTaken ? null : Midnight(today);
        var wanted = Math.Max(1, daily / BlocksPerDay);
        var (units, rest) = ask is null ? (daily, 0) : await ask(Name(today), wanted, cancel);
        lock (gate)
        {
            (day, held, left) = (today, (day == today ? held : 0) + units, rest);
            if (held == 0)
                return Midnight(today);
            held--;
            return null;
        }
    }

    /// <summary>Records that the provider reports the quota as exhausted; others may spend from it too.</summary>
    /// <returns>When new units become available.</returns>
    public DateTimeOffset Spent()
    {
        var today = Today();
        lock (gate)
            (day, held, left) = (today, 0, 0);
        return Midnight(today);
    }

    /// <summary>True if a unit was taken, false if none is left today, null if a block must be requested.</summary>
    private bool? TakeHeld(LocalDate today)
    {
        lock (gate)
        {
            if (day != today || (held == 0 && left > 0))
                return null;
            if (held == 0)
                return false;
            held--;
            return true;
        }
    }

    private LocalDate Today() => time.GetUtcNow().ToInstant().InZone(Pacific).Date;

    private static DateTimeOffset Midnight(LocalDate today) => Pacific.AtStartOfDay(today.PlusDays(1)).ToInstant().ToDateTimeOffset();

    private static string Name(LocalDate day) => day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
}
