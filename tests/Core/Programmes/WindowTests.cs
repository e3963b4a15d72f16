using System.Globalization;
using ContributionIngest.Core.Programmes;
using Xunit;

namespace ContributionIngest.Tests.Core.Programmes;

/// <summary>Which days the programmes count, by the examples in their own texts.</summary>
public sealed class WindowTests
{
    private static readonly ProgrammeCatalog Catalog = new();

    [Theory]
    [InlineData("microsoft-mvp", "2019-04-17", "2018-04-01", "2019-03-31")]
    [InlineData("microsoft-mvp", "2024-03-31", "2023-03-01", "2024-02-29")]
    [InlineData("microsoft-mvp-renewal", "2026-03-31", "2025-04-01", "2026-03-31")]
    [InlineData("microsoft-mvp-renewal", "2026-04-01", "2026-04-01", "2027-03-31")]
    [InlineData("elastic-contributor", "2024-01-31", "2023-02-01", "2024-01-31")]
    [InlineData("elastic-contributor", "2024-02-01", "2024-02-01", "2025-01-31")]
    [InlineData("aaif-ambassador", "2026-06-30", "2026-06-01", "2026-06-30")]
    [InlineData("aaif-ambassador", "2024-02-10", "2024-02-01", "2024-02-29")]
    public void Window_that_is_the_same_for_everybody_lies_around_the_day(string programme, string day, string from, string to) =>
        Assert.Equal(Days(from, to), Window(programme).Around(Day(day), new Membership()));

    [Theory]
    [InlineData("asyncapi-ambassador", "2025-01-11", "2025-06-01", "2025-01-11", "2026-01-10")]
    [InlineData("asyncapi-ambassador", "2025-01-11", "2026-01-10", "2025-01-11", "2026-01-10")]
    [InlineData("asyncapi-ambassador", "2025-01-11", "2026-01-11", "2026-01-11", "2027-01-10")]
    [InlineData("asyncapi-ambassador", "2024-02-29", "2024-12-01", "2024-02-29", "2025-02-28")]
    [InlineData("asyncapi-ambassador", "2024-02-29", "2025-03-01", "2025-03-01", "2026-02-28")]
    [InlineData("asyncapi-ambassador", "2024-02-29", "2028-02-28", "2027-03-01", "2028-02-28")]
    [InlineData("asyncapi-ambassador", "2024-02-29", "2028-02-29", "2028-02-29", "2029-02-28")]
    [InlineData("asyncapi-ambassador", "2025-01-11", "2024-12-31", "2025-01-11", "2026-01-10")]
    [InlineData("todo-ospo-ambassador", "2025-05-31", "2027-05-30", "2025-05-31", "2027-05-30")]
    public void Term_goes_from_the_day_of_acceptance_to_the_day_before_it_comes_again(string programme, string accepted, string day, string from, string to) =>
        Assert.Equal(Days(from, to), Window(programme).Around(Day(day), new Membership(Accepted: Day(accepted))));

    [Theory]
    [InlineData("2025-12-01", "2025-12-01", "2026-11-30")]
    [InlineData("2025-09-01", "2025-09-01", "2026-08-31")]
    [InlineData("2026-03-15", "2026-03-01", "2027-02-28")]
    public void Cohort_has_a_term_of_whole_months(string cohort, string from, string to) =>
        Assert.Equal(Days(from, to), Window("graphql-ambassador").Around(Day("2026-01-15"), new Membership(Cohort: Day(cohort))));

    [Theory]
    [InlineData("2024-05-30T23:59:00Z", true)]
    [InlineData("2024-05-30T23:58:59Z", false)]
    [InlineData("2025-11-30T23:59:00Z", true)]
    [InlineData("2025-11-30T23:59:01Z", false)]
    public void Window_before_a_deadline_has_both_ends_to_the_second(string at, bool isIn)
    {
        var (instant, deadline) = (Instant(at), Instant("2025-11-30T23:59:00Z"));
        Assert.Equal(isIn, Window("sitecore-mvp").Includes(instant, DateOnly.FromDateTime(instant.UtcDateTime), Day("2025-11-01"), new Membership(Deadline: deadline)));
    }

    [Fact]
    public void Window_that_depends_on_the_person_is_unknown_until_the_person_says_what_it_takes()
    {
        foreach (var programme in (string[])["asyncapi-ambassador", "graphql-ambassador", "sitecore-mvp"])
        {
            Assert.Null(Window(programme).Around(Day("2026-06-01"), new Membership()));
            Assert.False(Window(programme).Includes(Instant("2026-06-01T12:00:00Z"), Day("2026-06-01"), Day("2026-06-01"), new Membership()));
        }
    }

    [Fact]
    public void Day_counts_by_the_zone_of_the_person()
    {
        // Half an hour before midnight in UTC is the next day, and the next year of the programme, in Stockholm.
        var late = Instant("2026-03-31T22:30:00Z");
        Assert.True(Window("microsoft-mvp-renewal").Includes(late, Day("2026-03-31"), Day("2026-03-01"), new Membership()));
        Assert.False(Window("microsoft-mvp-renewal").Includes(late, Day("2026-04-01"), Day("2026-03-01"), new Membership()));
    }

    private static WindowRule Window(string programme) => Catalog.Find(programme)!.Window!;

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static CountedDays Days(string from, string to) => new(Day(from), Day(to));

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
