using System.Globalization;
using ContributionIngest.Formats.Dates;
using Xunit;

namespace ContributionIngest.Tests.Formats.Dates;

public sealed class DateTests
{
    [Theory]
    [InlineData("2024-02-29T23:59:60Z", "2024-03-01T00:00:00Z")]
    [InlineData("2024-01-02t03:04:05.123456789z", "2024-01-02T03:04:05.1234567Z")]
    [InlineData("2024-01-02 03:04:05", "2024-01-02T03:04:05Z")]
    [InlineData("2024-01-02T24:00:00+02:00", "2024-01-02T22:00:00Z")]
    [InlineData("20240102T030405Z", "2024-01-02T03:04:05Z")]
    [InlineData("2024-060", "2024-02-29T00:00:00Z")]
    [InlineData("2004-07-08 23:56:58.0", "2004-07-08T23:56:58Z")]
    [InlineData("Thu, 01 Jan 04 19:48:21 GMT", "2004-01-01T19:48:21Z")]
    [InlineData("1 Jan 70 00:00 UT", "1970-01-01T00:00:00Z")]
    [InlineData("Mon, 02 Jan 2006 15:04:05 PDT", "2006-01-02T22:04:05Z")]
    [InlineData("Fri, 09 Feb 1906 23:59:45 +0000", "1906-02-09T23:59:45Z")]
    [InlineData("Sun Jan  4 16:29:06 2004", "2004-01-04T16:29:06Z")]
    [InlineData("Thu(a comment), 9(th) Feb(ruary) 2006 23:59:45 +0000(x)", "2006-02-09T23:59:45Z")]
    [InlineData("Thu, June 22, 2023 at 01:11 PM EDT", "2023-06-22T17:11:00Z")]
    [InlineData("Jan. 4, 2016, 12:07 a.m.", "2016-01-04T00:07:00Z")]
    [InlineData("Mon, 16th Nov 2020 13:16:28 GMT", "2020-11-16T13:16:28Z")]
    [InlineData("Do, 29 Mär 2018 00:00:00 +0200", "2018-03-28T22:00:00Z")]
    [InlineData("mar., 01 déc. 2020 16:11:02 +0000", "2020-12-01T16:11:02Z")]
    [InlineData("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z")]
    [InlineData("2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z")]
    [InlineData("2004년 05월 28일  01:31:15", "2004-05-27T16:31:15Z")]
    [InlineData("2004-05-25 오후 11:23:17", "2004-05-25T14:23:17Z")]
    [InlineData("26.06.2020 10:30", "2020-06-26T10:30:00Z")]
    [InlineData("Mon, 03/30/2020 - 19:19", "2020-03-30T19:19:00Z")]
    [InlineData("Fri, 31 Mar 2023 20:19:00 America/Los_Angeles", "2023-04-01T03:19:00Z")]
    [InlineData("Thu Nov 12 2020 17:00:00 GMT+0100 (Central European Time)", "2020-11-12T16:00:00Z")]
    [InlineData("Tue, 10 Feb 2026 10:00:00 AT", "2026-02-10T14:00:00Z")]
    [InlineData("Tue, 10 Feb 2026 10:00:00 (UTC+1)", "2026-02-10T09:00:00Z")]
    [InlineData("Sat, 28 Mar 2020 10:00:00 IST+0530", "2020-03-28T04:30:00Z")]
    [InlineData("2026-02-10T10:00:00+01:00[Europe/Berlin]", "2026-02-10T09:00:00Z")]
    [InlineData("2026-02-10T10:00:00[Europe/Berlin]", "2026-02-10T09:00:00Z")]
    [InlineData("mardi 10 février 2026 10h30", "2026-02-10T10:30:00Z")]
    [InlineData("1700000000", "2023-11-14T22:13:20Z")]
    [InlineData("1700000000000", "2023-11-14T22:13:20Z")]
    [InlineData("031231", "2003-12-31T00:00:00Z")]
    [InlineData("-0312", "2003-12-01T00:00:00Z")]
    public void Unambiguous_dates_are_read(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), FeedDates.Parse(text)?.Instant);

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("03/04/2020")]
    [InlineData("2024-02-30")]
    [InlineData("2024-13-01")]
    [InlineData("2003-12-31T10:14:61Z")]
    [InlineData("2003-12-31T25:14:55Z")]
    [InlineData("2003-12-31T10:61:55Z")]
    [InlineData("2003-012-31")]
    [InlineData("Tue, 10 Feb 2026 10:00:00 - Wed, 11 Feb 2026 12:00")]
    [InlineData("2013-01-27-01")]
    [InlineData("Sun, 16 zzz 2012 11:47:32 GMT")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("12:30:00")]
    public void Ambiguous_or_invalid_dates_are_not_guessed(string text) => Assert.Null(FeedDates.Parse(text));

    [Theory]
    [InlineData("Thu, 01 Jan 2004 19:48:21 XYZ", "2004-01-01")]
    [InlineData("9999-12-31T23:59:59-99:99", "9999-12-31")]
    [InlineData("2013-01-28T11:30:00-06:00Textra", "2013-01-28")]
    [InlineData("Sat, 28 Mar 2020 10:00:00 IST", "2020-03-28")]
    [InlineData("Sat Mar 28 10:00:00 IST 2020", "2020-03-28")]
    [InlineData("2013-01-28T09:00:00+00:xx", "2013-01-28")]
    [InlineData("Tue, 10 Feb 2026 10:00:00 Romance Standard Time", "2026-02-10")]
    [InlineData("Tue, 10 Feb 2026 10:00:00 %z", "2026-02-10")]
    [InlineData("Tue, 10 Feb 2026 10:00:00 EST5EDT", "2026-02-10")]
    [InlineData("2026-02-10 10:00:00 Mars/Olympus", "2026-02-10")]
    [InlineData("2026-02-10 10:00:00 [Nowhere]", "2026-02-10")]
    [InlineData("2026-02-10 10:00:00.5 +0100 CET m=+0.000012345", "2026-02-10")]
    public void Unreadable_zone_does_not_cost_the_day(string text, string day)
    {
        var date = FeedDates.Parse(text)!.Value;
        Assert.Equal((day, true), (date.Instant.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), date.IsDay));
    }

    [Theory]
    [InlineData("2003-12-31", true)]
    [InlineData("Fri, 26/06/2020", true)]
    [InlineData("Nov. 2020", true)]
    [InlineData("2003", true)]
    [InlineData("2003-12-31T00:00:00Z", false)]
    public void Date_without_a_time_is_marked_as_a_date(string text, bool day) => Assert.Equal(day, FeedDates.Parse(text)!.Value.IsDay);

    [Fact]
    public void Any_time_survives_a_round_trip_through_the_formats_of_feeds()
    {
        var random = new Random(7);
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.fffffffK", "ddd, dd MMM yyyy HH:mm:ss zz'00'", "d MMM yyyy HH:mm:ss zz'00'", "ddd MMM d HH:mm:ss zz'00' yyyy", "dddd, MMMM d, yyyy h:mm:ss tt zz'00'"];
        for (var i = 0; i < 2000; i++)
        {
            var time = DateTimeOffset.FromUnixTimeSeconds(random.NextInt64(-2_000_000_000, 8_000_000_000)).ToOffset(TimeSpan.FromHours(random.Next(-12, 15)));
            foreach (var format in formats)
            {
                var text = time.ToString(format, CultureInfo.InvariantCulture);
                Assert.True(FeedDates.Parse(text)?.Instant == time, text);
            }
        }
    }
}
