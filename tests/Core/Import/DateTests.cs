using ContributionIngest.Tests.Functions.Api;
using Xunit;

namespace ContributionIngest.Tests.Core.Import;

/// <summary>Dates as lists write them keep how exact they are; what is ambiguous is asked, not guessed.</summary>
public sealed class DateTests
{
    /// <summary>What is written, and what it is.</summary>
    private static readonly (string Written, string Is)[] Dates =
    [
        ("2019-07-31", "2019-07-31"), ("April 7, 2020", "2020-04-07"), ("Friday, April 7, 2017", "2017-04-07"), ("9 Oct 2019", "2019-10-09"), ("15 Sept 2019", "2019-09-15"),
        ("May 2017", "2017-05"), ("September 18-20 2017", "2017-09-18 to 2017-09-20"), ("September 1 2017", "2017-09-01"), ("2016", "2016"), ("2016-04", "2016-04"), ("2016/04", "2016-04"), ("04/2016", "2016-04"),
        ("18-20 September 2018", "2018-09-18 to 2018-09-20"), ("Sep 30 - Oct 2, 2018", "2018-09-30 to 2018-10-02"), ("30 September – 2 October 2018", "2018-09-30 to 2018-10-02"),
        ("2018-09-18 to 2018-09-21", "2018-09-18 to 2018-09-21"), ("2018-09-18/2018-09-22", "2018-09-18 to 2018-09-22"), ("18.–23.09.2018", "2018-09-18 to 2018-09-23"), ("May - June 2015", "2015-05 to 2015-06-30"),
        ("2013-2014", "2013 to 2014-12-31"), ("1st of March 2014", "2014-03-01"), ("3rd April 2014", "2014-04-03"), ("28. Mai 2014", "2014-05-28"), ("Spring 2012", "2012"), ("25/12/2012", "2012-12-25"), ("7/7/2012", "2012-07-07"),
        ("2012/3/4", "2012-03-04"), ("2012-05-06 18:30", "2012-05-06T18:30"), ("2012-05-07T18:30:00Z", "2012-05-07T18:30"), ("43677", "2019-07-31"), ("(Jan 2011)", "2011-01"), ("12-Jan-2011", "2011-01-12"), ("20 May 2011 18:00 - 20:00", "2011-05-20T18:00 to 2011-05-20"), ("Dec 31, 2010 - Jan 2, 2011", "2010-12-31 to 2011-01-02"),
    ];

    [Fact]
    public async Task Date_is_as_exact_as_it_is_written()
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync("title,date\n" + string.Join('\n', Dates.Select(date => $"\"{Array.IndexOf(Dates, date)}: {date.Written}\",\"{date.Written}\"")), "?kind=talk");
        Assert.Empty(Lists.Faults(done));
        var read = (await app.EntriesAsync()).ToDictionary(entry => entry.GetProperty("title").GetString()!.Split(": ")[1], Lists.When, StringComparer.Ordinal);
        Assert.Equal(Dates.Select(date => $"{date.Written} = {date.Is}"), Dates.Select(date => $"{date.Written} = {read[date.Written]}"));
    }

    [Theory]
    [InlineData("TBA")]
    [InlineData("tk")]
    [InlineData("n/a")]
    [InlineData("soon")]
    [InlineData("31/02/2020")]
    [InlineData("2020-13-01")]
    [InlineData("15/09/19")]
    [InlineData("1066-10-14")]
    [InlineData("2099-01-01")]
    [InlineData("October")]
    [InlineData("April 7")]
    [InlineData("123")]
    public async Task What_is_no_date_is_a_fault_of_its_row_and_nothing_is_made_up(string written)
    {
        await using var app = await LedgerFixture.StartAsync();
        var done = await app.ImportAsync($"title,date\nOne,{written}\nTwo,2020-01-02", "?kind=talk");
        Assert.Equal("2 date", Assert.Single(Lists.Faults(done)).Split(':')[0]);
        Assert.Equal((1, 1), (done.Count("new"), done.Count("wrong")));
    }

    [Fact]
    public async Task Order_of_day_and_month_follows_from_the_rows_that_leave_no_doubt()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.ImportAsync("title,date\nOne,3/4/2020\nTwo,13/4/2020", "?kind=talk");
        await app.ImportAsync("title;date\nThree;4/3/2021\nFour;4/13/2021", "?kind=talk");
        Assert.Equal(["2020-04-03", "2020-04-13", "2021-04-03", "2021-04-13"], (await app.EntriesAsync()).Select(Lists.When));
    }

    [Theory]
    [InlineData("One,3/4/2020\nTwo,5/6/2020")]
    [InlineData("One,3/4/2020\nTwo,5/6/2020\nThree,13/4/2020\nFour,4/13/2020")]
    [InlineData("One,03.04.2020\nTwo,05-06-2020")]
    public async Task Order_that_nothing_tells_is_asked(string rows)
    {
        await using var app = await LedgerFixture.StartAsync();
        var looked = await app.LookAsync("title,date\n" + rows, "?kind=talk");
        Assert.Equal(2, looked.Count("wrong"));
        Assert.Contains("3 April 2020 or 4 March 2020", Lists.Faults(looked).First(), StringComparison.Ordinal);

        await app.ImportAsync("title,date\n" + rows, "?kind=talk&dayOrder=monthFirst");
        Assert.Equal("2020-03-04", Lists.When((await app.EntriesAsync())[0]));
    }

    [Fact]
    public async Task Column_of_firsts_is_offered_as_months_and_kept_as_days_until_that_is_said()
    {
        await using var app = await LedgerFixture.StartAsync();
        const string List = "title,date\nOne,2020-01-01\nTwo,2020-03-01\nThree,2020-05-01";
        var looked = await app.LookAsync(List, "?kind=talk");
        Assert.Contains("first of a month", looked.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("day", looked.GetProperty("rows")[0].GetProperty("precision").GetString());

        await app.ImportAsync(List, "?kind=talk&firstIsMonth=true");
        Assert.Equal(["2020-01", "2020-03", "2020-05"], (await app.EntriesAsync()).Select(Lists.When));

        var mixed = await app.LookAsync(List + "\nFour,2020-06-17", "?kind=talk&firstIsMonth=true");
        Assert.Equal("day", mixed.GetProperty("rows")[3].GetProperty("precision").GetString());
        Assert.Empty(mixed.GetProperty("notes").EnumerateArray());
    }

    [Fact]
    public async Task Time_without_a_zone_is_the_persons()
    {
        await using var app = await LedgerFixture.StartAsync("America/New_York");
        await app.ImportAsync("title,start,end\nOne,2020-01-02 18:00,2020-01-02 20:00", "?kind=talk");
        Assert.Equal("2020-01-02T23:00", Lists.When(Assert.Single(await app.EntriesAsync()))[..16]);
    }
}
