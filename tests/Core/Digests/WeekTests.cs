using System.Globalization;
using ContributionIngest.Core.Digests;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed class WeekTests
{
    [Theory]
    [InlineData("2026-01-01", "2026-W01", "2025-12-29")]
    [InlineData("2026-12-31", "2026-W53", "2026-12-28")]
    [InlineData("2027-01-03", "2026-W53", "2026-12-28")]
    [InlineData("2027-01-04", "2027-W01", "2027-01-04")]
    [InlineData("2024-12-30", "2025-W01", "2024-12-30")]
    [InlineData("2023-01-01", "2022-W52", "2022-12-26")]
    public void Weeks_follow_ISO_8601_even_around_the_new_year(string day, string week, string monday)
    {
        var found = Week.Of(DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal(week, found.ToString());
        Assert.Equal(DateOnly.ParseExact(monday, "yyyy-MM-dd", CultureInfo.InvariantCulture), found.Monday);
    }

    [Fact]
    public void Every_day_belongs_to_its_week_and_the_previous_week_ends_the_day_before() =>
        Prop.ForAll(Gen.Choose(14, 3_000_000).ToArbitrary(), number =>
        {
            var day = DateOnly.FromDayNumber(number);
            var week = Week.Of(day);
            Assert.Equal(DayOfWeek.Monday, week.Monday.DayOfWeek);
            Assert.InRange(day, week.Monday, week.Sunday);
            Assert.Equal(week.Monday.AddDays(-1), week.Before.Sunday);
            Assert.Equal(day.Year is >= 1971 and < 9000 ? week : null, day.Year is >= 1971 and < 9000 ? Week.Parse(week.ToString()) : null);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("1970-W01")]
    [InlineData("9000-W52")]
    [InlineData("2026-W53")]
    public void First_and_last_weeks_are_parsed(string text) => Assert.Equal(text, Week.Parse(text)?.ToString());

    [Theory]
    [InlineData("2026-W54")]
    [InlineData("2025-W53")]
    [InlineData("2026-W00")]
    [InlineData("1969-W10")]
    [InlineData("9001-W10")]
    [InlineData("9999-W10")]
    [InlineData("2026-w10")]
    [InlineData("2026-W1")]
    [InlineData("2026-W10\n")]
    [InlineData("٢٠٢٦-W10")]
    [InlineData("")]
    public void Invalid_week_is_not_parsed(string text) => Assert.Null(Week.Parse(text));

    [Theory]
    [InlineData("2026-W13", "Europe/Berlin", 167)]
    [InlineData("2026-W43", "Europe/Berlin", 169)]
    [InlineData("2026-W43", "Asia/Tokyo", 168)]
    [InlineData("2026-W14", "Australia/Lord_Howe", 168.5)]
    public void Length_of_a_week_respects_clock_changes(string week, string zone, double hours)
    {
        var (found, where) = (Week.Parse(week)!.Value, DateTimeZoneProviders.Tzdb[zone]);
        Assert.Equal(TimeSpan.FromHours(hours), found.End(where) - found.Start(where));
    }
}
