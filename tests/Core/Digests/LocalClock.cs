using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>The clock on somebody's wall, looked at again and again: another way to the same due times.</summary>
internal static class LocalClock
{
    /// <summary>Every offset and every change of one is a multiple of this.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(15);

    /// <summary>The first moment after <paramref name="after"/> at which a day of that kind has come to that hour.</summary>
    public static DateTimeOffset First(string zone, int day, int hour, DateTimeOffset after)
    {
        var where = DateTimeZoneProviders.Tzdb[zone];
        var at = new DateTimeOffset(after.Ticks - (after.Ticks % Look.Ticks), TimeSpan.Zero);
        var hasCome = HasCome(where, day, hour, at);
        while (true)
        {
            var before = hasCome;
            at += Look;
            hasCome = HasCome(where, day, hour, at);

            // Hands that go back over the hour do not let it come again.
            if (hasCome && !before && at > after && !HasCome(where, day, hour, at.AddHours(-3)))
                return at;
        }
    }

    private static bool HasCome(DateTimeZone zone, int day, int hour, DateTimeOffset at)
    {
        var local = at.ToInstant().InZone(zone).LocalDateTime;
        return (int)local.DayOfWeek == day && local.Hour >= hour;
    }
}
