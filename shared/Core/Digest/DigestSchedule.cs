using ContributionIngest.Core.People;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Digest;

/// <summary>When a person's digest is due: their weekday and hour, where they are.</summary>
public static class DigestSchedule
{
    /// <summary>The first due time after an instant. An hour the clocks leave out is the moment they jump; one that comes twice, its first.</summary>
    public static DateTimeOffset Next(Person person, DateTimeOffset after)
    {
        var (zone, day) = (Zone(person), Today(person, after).PlusDays(-7));
        while (true)
        {
            day = day.Next(person.Wish.Day);
            var due = zone.AtLeniently(day.At(new LocalTime(person.Wish.Hour, 0))).ToDateTimeOffset().ToUniversalTime();
            if (due > after)
                return due;
        }
    }

    /// <summary>The week a digest that is made now is about: the last one that was over when it last fell due.</summary>
    public static Week Week(Person person, DateTimeOffset now)
    {
        var day = Today(person, Next(person, now)).PlusDays(-7);
        return Digest.Week.Of(new DateOnly(day.Year, day.Month, day.Day)).Before;
    }

    public static DateTimeZone Zone(Person person) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(person.Zone) ?? DateTimeZone.Utc;

    private static LocalDate Today(Person person, DateTimeOffset at) => at.ToInstant().InZone(Zone(person)).Date;
}
