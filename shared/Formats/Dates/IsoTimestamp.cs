using NodaTime;
using NodaTime.Text;

namespace ContributionIngest.Formats.Dates;

/// <summary>A timestamp of ISO 8601, as pages and APIs write it.</summary>
/// <param name="IsDay">A day without a time, at midnight UTC.</param>
internal readonly record struct IsoTimestamp(DateTimeOffset Time, bool IsDay)
{
    private const int Longest = 80;

    private static readonly OffsetDateTimePattern[] WithOffset =
    [
        OffsetDateTimePattern.ExtendedIso,
        OffsetDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mmo<Z+HH:mm>"),
        OffsetDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'ss;FFFFFFFFFo<Z+HHmm>"),
        OffsetDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'ss;FFFFFFFFFo<Z+HH>"),
    ];

    private static readonly LocalDateTimePattern[] WithoutOffset =
        [LocalDateTimePattern.ExtendedIso, LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm")];

    /// <summary><c>2026-05-20</c>, <c>2026-05-20T18:00+02:00</c>, <c>2026-05-20T18:00:00.5Z</c>, <c>2026-05-20T18:00-04:00[US/Eastern]</c>.</summary>
    /// <param name="zone">Zone of times without an offset; without it only their day is used.</param>
    public static IsoTimestamp? Parse(string? text, string? zone = null)
    {
        if (text is null || text.Length > Longest)
            return null;
        text = text.Trim();
        if (text.EndsWith(']') && text.IndexOf('[', StringComparison.Ordinal) is var bracket and > 0)
            (text, zone) = (text[..bracket], text[(bracket + 1)..^1]);
        if (text.Length > 10 && text[10] == ' ')
            text = text[..10] + "T" + text[11..].TrimStart();
        foreach (var pattern in WithOffset)
        {
            if (pattern.Parse(text) is { Success: true } parsed)
                return IsSupported(parsed.Value.Year) ? Of(parsed.Value.ToInstant()) : null;
        }

        foreach (var pattern in WithoutOffset)
        {
            if (pattern.Parse(text) is { Success: true } parsed && IsSupported(parsed.Value.Year))
                return zone is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is { } known ? Of(known.AtLeniently(parsed.Value).ToInstant()) : Day(parsed.Value.Date);
        }

        return LocalDatePattern.Iso.Parse(text.Replace('/', '-')) is { Success: true } day ? Day(day.Value) : null;
    }

    private static IsoTimestamp Of(Instant instant) => new(instant.ToDateTimeOffset(), false);

    /// <summary>In the first and last years not every zone has all instants.</summary>
    private static bool IsSupported(int year) => year is >= 3 and <= 9997;

    private static IsoTimestamp? Day(LocalDate day) =>
        IsSupported(day.Year) ? new IsoTimestamp(new DateTimeOffset(day.AtMidnight().ToDateTimeUnspecified(), TimeSpan.Zero), true) : null;
}
