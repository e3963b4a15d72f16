using System.Globalization;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed class ScheduleTests
{
    public static readonly string[] Zones =
    [
        "Etc/GMT+12", "Pacific/Pago_Pago", "Pacific/Honolulu", "Pacific/Marquesas", "America/Anchorage", "America/Los_Angeles", "America/Denver",
        "America/Chicago", "America/New_York", "America/Halifax", "America/St_Johns", "America/Santiago", "America/Asuncion", "America/Sao_Paulo",
        "America/Nuuk", "Atlantic/Azores", "Atlantic/Reykjavik", "Europe/Lisbon", "Europe/London", "Africa/Casablanca", "Europe/Berlin",
        "Europe/Stockholm", "Africa/Cairo", "Asia/Beirut", "Asia/Jerusalem", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Kolkata",
        "Asia/Kathmandu", "Asia/Yangon", "Asia/Tokyo", "Australia/Eucla", "Australia/Adelaide", "Australia/Sydney", "Australia/Lord_Howe",
        "Pacific/Chatham", "Pacific/Kiritimati",
    ];

    [Theory]
    [InlineData("Europe/Berlin", IsoDayOfWeek.Monday, 8, "2026-06-10T12:00:00Z", "2026-06-15T06:00:00Z", "an ordinary week")]
    [InlineData("Europe/Berlin", IsoDayOfWeek.Monday, 8, "2026-06-15T05:59:59Z", "2026-06-15T06:00:00Z", "the second before")]
    [InlineData("Europe/Berlin", IsoDayOfWeek.Monday, 8, "2026-06-15T06:00:00Z", "2026-06-22T06:00:00Z", "the moment itself is over")]
    [InlineData("Europe/Berlin", IsoDayOfWeek.Sunday, 2, "2026-03-28T00:00:00Z", "2026-03-29T01:00:00Z", "02:00 is left out: the moment of the jump")]
    [InlineData("Europe/Berlin", IsoDayOfWeek.Sunday, 2, "2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z", "02:00 comes twice: the first")]
    [InlineData("Europe/Berlin", IsoDayOfWeek.Sunday, 2, "2026-10-25T00:30:00Z", "2026-11-01T01:00:00Z", "and not the second")]
    [InlineData("Australia/Lord_Howe", IsoDayOfWeek.Sunday, 2, "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z", "half an hour is left out")]
    [InlineData("Asia/Beirut", IsoDayOfWeek.Sunday, 0, "2026-03-28T00:00:00Z", "2026-03-28T22:00:00Z", "the day begins at one")]
    [InlineData("Pacific/Kiritimati", IsoDayOfWeek.Monday, 0, "2026-06-10T12:00:00Z", "2026-06-14T10:00:00Z", "first of all")]
    [InlineData("Etc/GMT+12", IsoDayOfWeek.Sunday, 23, "2026-06-14T12:00:00Z", "2026-06-15T11:00:00Z", "last of all")]
    [InlineData("Nowhere/Atall", IsoDayOfWeek.Monday, 8, "2026-06-10T12:00:00Z", "2026-06-15T08:00:00Z", "a zone that is unknown counts as UTC")]
    public void Next_digest_is_due_at_the_persons_day_and_hour(string zone, IsoDayOfWeek day, int hour, string after, string due, string why) =>
        Assert.Equal((At(due), why), (DigestSchedule.Next(Person(zone, day, hour), At(after)), why));

    [Theory]
    [InlineData(IsoDayOfWeek.Monday, 8, "2026-06-15T06:00:00Z", "2026-W24")]
    [InlineData(IsoDayOfWeek.Monday, 8, "2026-06-15T05:59:00Z", "2026-W23")]
    [InlineData(IsoDayOfWeek.Monday, 8, "2026-06-21T23:00:00Z", "2026-W24")]
    [InlineData(IsoDayOfWeek.Sunday, 18, "2026-06-14T16:00:00Z", "2026-W23")]
    [InlineData(IsoDayOfWeek.Sunday, 18, "2026-06-15T16:00:00Z", "2026-W23")]
    [InlineData(IsoDayOfWeek.Monday, 8, "2027-01-04T07:00:00Z", "2026-W53")]
    [InlineData(IsoDayOfWeek.Monday, 8, "2026-01-05T07:00:00Z", "2026-W01")]
    [InlineData(IsoDayOfWeek.Monday, 0, "2026-10-25T23:00:00Z", "2026-W43")]
    public void Digest_covers_the_last_full_week_before_it_fell_due(IsoDayOfWeek day, int hour, string now, string week) =>
        Assert.Equal(week, DigestSchedule.Week(Person("Europe/Berlin", day, hour), At(now)).ToString());

    [Fact]
    public void Due_times_and_their_weeks_follow_each_other_weekly_in_every_time_zone() =>
        Prop.ForAll(
            Gen.Elements(Zones).SelectMany(zone => Gen.Choose(1, 7).SelectMany(day => Gen.Choose(0, 23).SelectMany(hour =>
                Gen.Choose(0, 60 * 24 * 365 * 12).Select(minute => (zone, day, hour, minute))))).ToArbitrary(),
            asked =>
            {
                var person = Person(asked.zone, (IsoDayOfWeek)asked.day, asked.hour);
                var after = At("2016-01-01T00:00:00Z").AddMinutes(asked.minute);
                var due = DigestSchedule.Next(person, after);
                Assert.Equal(LocalClock.First(asked.zone, asked.day, asked.hour, after), due);
                var week = DigestSchedule.Week(person, due);
                Assert.Equal(DigestSchedule.Week(person, due.AddMinutes(-1)), week.Before);
                Assert.True(week.End(DigestSchedule.Zone(person)) <= due, "The week was not over.");
                Assert.True(due - week.End(DigestSchedule.Zone(person)) < TimeSpan.FromDays(7.1), "A later week was over.");
            }).QuickCheckThrowOnFailure();

    private static Person Person(string zone, IsoDayOfWeek day, int hour) =>
        new() { Id = "p", Zone = zone, Since = At("2020-01-01T00:00:00Z"), Digest = new DigestPreferences(day, hour) };

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
