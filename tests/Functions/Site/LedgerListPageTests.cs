using System.Globalization;
using System.Net;
using ContributionIngest.Core.Model;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary><c>GET /ledger</c> as a page.</summary>
public sealed class LedgerListPageTests
{
    [Fact]
    public async Task Entries_stand_by_month_with_their_counts_and_the_headline_says_how_many()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.LogAsync("Conflicts are rows", "talk", "2026-05-20");
        await site.LogAsync("Whose clock is it?", "talk", "2026-04-14");
        await site.LogAsync("Three evenings", "mentoring", "2026-04-02");

        await site.OpenAsync("/ledger");

        Assert.Equal(HttpStatusCode.OK, site.Browser.Status);
        Assert.Contains("3 contributions 2 talks, 1 mentoring", site.Text, StringComparison.Ordinal);
        Assert.Contains("May 2026 1", site.Text, StringComparison.Ordinal);
        Assert.Contains("April 2026 2", site.Text, StringComparison.Ordinal);
        Assert.Equal(["Conflicts are rows", "Whose clock is it?", "Three evenings"], site.Titles);
    }

    [Theory]
    [InlineData("at=2026", "June 1;May 31;May 1;April 30;December 31", null)]
    [InlineData("at=June+2026", "June 1;May 31;May 1;April 30;December 31", null)]
    [InlineData("at=May+2026", "May 31;May 1;April 30;December 31", "June 1")]
    [InlineData("at=2026-05", "May 31;May 1;April 30;December 31", "June 1")]
    [InlineData("at=1+May+2026", "May 1;April 30;December 31", "June 1;May 31")]
    [InlineData("at=2025", "December 31", "June 1;May 31;May 1;April 30")]
    [InlineData("at=May+2026&order=oldest", "May 1;May 31;June 1", "December 31;April 30")]
    [InlineData("at=31+May+2026&order=oldest&kind=talk", "May 31;June 1", "December 31;April 30;May 1")]
    [InlineData("at=2025&order=oldest", "December 31;April 30;May 1;May 31;June 1", null)]
    [InlineData("at=1999", "", "June 1;May 31;May 1;April 30;December 31")]
    public async Task Page_that_jumps_to_a_time_begins_there_and_leads_to_what_is_before_it(string query, string titles, string? before)
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.App.SendAsync(HttpMethod.Put, "/me", """{"timeZone":"Pacific/Auckland"}""");
        foreach (var (title, day) in new[] { ("December 31", "2025-12-31"), ("April 30", "2026-04-30"), ("May 1", "2026-05-01"), ("May 31", "2026-05-31"), ("June 1", "2026-06-01") })
            await site.LogAsync(title, "talk", day);

        await site.OpenAsync("/ledger?" + query);

        Assert.Equal(titles, string.Join(';', site.Titles));
        if (titles.Length == 0)
            Assert.Contains("There are no more.", site.Text, StringComparison.Ordinal);
        Assert.Equal(before is not null, site.Browser.Page.Contains("rel=\"prev\"", StringComparison.Ordinal));
        if (before is null)
            return;
        await site.OpenAsync(site.Link(query.Contains("oldest", StringComparison.Ordinal) ? "Older" : "Newer"));
        Assert.Equal(before, string.Join(';', site.Titles));
    }

    [Fact]
    public async Task Empty_ledger_says_what_belongs_there_and_where_it_comes_from()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/ledger");
        Assert.Contains("Nothing here yet", site.Text, StringComparison.Ordinal);
        Assert.Equal("/connections/add", site.Link("Connect a place"));
        Assert.Equal("/log", site.Link("Log a contribution"));
    }

    [Fact]
    public async Task Ledger_of_nothing_but_what_is_not_mine_leads_to_that()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("A talk");
        await site.OpenAsync("/ledger/" + id);
        await site.Browser.SubmitAsync($"/ledger/{id}/review", ("value", "rejected"));
        await site.OpenAsync("/ledger");
        Assert.Contains("All contributions here are marked as not yours.", site.Text, StringComparison.Ordinal);
        await site.OpenAsync(site.Link("Look at them"));
        Assert.Equal(["A talk"], site.Titles);
    }

    [Theory]
    [InlineData("kind=talk", "A talk;A private talk", "2 of 4 contributions", "Kind talk")]
    [InlineData("kind=mentoring&kind=video", "A video;Mentoring", "2 of 4 contributions", "Kind mentoring, video")]
    [InlineData("kind=mentoring,video", "A video;Mentoring", "2 of 4 contributions", "Kind mentoring, video")]
    [InlineData("q=vid%C3%89o", "A video", "1 of 4 contributions", null)]
    [InlineData("from=2026-05-02", "A talk;A video", "2 of 4 contributions", "When since 2 May 2026")]
    [InlineData("from=2026-04-01&to=2026-04-30", "Mentoring", "1 of 4 contributions", "When April 2026")]
    [InlineData("connection=manual&topic=azure", "A talk;A private talk", "2 of 4 contributions", "Topic azure")]
    [InlineData("private=true", "A private talk", "1 of 4 contributions", "More private")]
    [InlineData("private=false&kind=talk", "A talk", "1 of 4 contributions", "More public")]
    [InlineData("review=rejected", "Not mine at all", "1 contribution", "More not yours")]
    [InlineData("review=all&kind=video", "A video;Not mine at all", "2 contributions", "More yours or not")]
    [InlineData("order=oldest", "Mentoring;A private talk;A video;A talk", "4 contributions", "More oldest first")]
    [InlineData("source=manual&status=published", "A talk;A video;A private talk;Mentoring", "4 contributions", "Place manual")]
    public async Task Filter_in_the_address_gives_its_entries_their_count_and_its_name(string query, string titles, string headline, string? filter)
    {
        await using var site = await FourAsync();

        // A form sends its empty fields, too.
        await site.OpenAsync($"/ledger?q=&from=&review=&{query}&to=");

        Assert.Equal(titles.Split(';'), site.Titles);
        Assert.Contains(headline, site.Text, StringComparison.Ordinal);
        if (filter is not null)
            Assert.Contains(filter, site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filter_in_use_is_ticked_in_the_form_and_its_cross_takes_only_it_away()
    {
        await using var site = await FourAsync();
        await site.OpenAsync("/ledger?kind=talk&private=false");
        Assert.Contains("name=\"kind\" value=\"talk\" checked", site.Browser.Page, StringComparison.Ordinal);
        Assert.Contains("name=\"private\" value=\"false\" checked", site.Browser.Page, StringComparison.Ordinal);

        await site.OpenAsync(site.Link("Without the filter Kind"));

        Assert.Equal("/ledger?private=false", site.Browser.Path);
        Assert.Equal(["A talk", "A video", "Mentoring"], site.Titles);
        Assert.Equal("/ledger", site.Link("Clear filters"));
    }

    [Theory]
    [InlineData("kind=talks", "'talks' is not one or more of blogPost")]
    [InlineData("from=May", "'May' is not a day like")]
    [InlineData("knd=talk", "There is no parameter 'knd'. Did you mean 'kind'?")]
    [InlineData("cursor=abc", "'abc' is not the 'next' of an answer")]
    [InlineData("before=abc", "'abc' is not the address of a page")]
    [InlineData("at=last+May", "'last May' is not a year, a month such as May 2024 or a day such as 20 May 2024")]
    [InlineData("limit=5", "There is no parameter 'limit'")]
    public async Task Address_that_is_not_valid_says_why_and_shows_no_entries(string query, string fault)
    {
        await using var site = await FourAsync();
        await site.OpenAsync("/ledger?" + query);
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.Contains(fault, site.Text, StringComparison.Ordinal);
        Assert.Empty(site.Titles);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&order=oldest")]
    [InlineData("&q=number")]
    public async Task Pages_of_a_hundred_lead_on_and_back_without_gap_or_repeat(string more)
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var start = site.App.Clock.GetUtcNow().AddDays(-300);
        var drafts = Enumerable.Range(0, 230).Select(number => LedgerSiteFixture.Draft() with { NativeId = $"post-{number}", Title = $"Number {number}", Url = $"https://blog.example/{number}", When = start.AddDays(number) }).ToList();
        await site.HarvestAllAsync(drafts);
        var all = Enumerable.Range(0, 230).Select(number => string.Create(CultureInfo.InvariantCulture, $"Number {number}")).ToList();
        var (on, back) = more == "&order=oldest" ? ("Newer", "Older") : ("Older", "Newer");
        if (on == "Older")
            all.Reverse();

        await site.OpenAsync("/ledger?kind=blogPost" + more);
        Assert.Contains("230 of 230 contributions 230 blog posts", site.Text, StringComparison.Ordinal);
        Assert.Equal(all.Take(100), site.Titles);
        Assert.DoesNotContain($"rel=\"prev\"", site.Browser.Page, StringComparison.Ordinal);
        await site.OpenAsync(site.Link(on));
        Assert.Equal(all.Skip(100).Take(100), site.Titles);
        await site.OpenAsync(site.Link(on));
        Assert.Equal(all.Skip(200), site.Titles);
        Assert.DoesNotContain($"rel=\"next\"", site.Browser.Page, StringComparison.Ordinal);
        await site.OpenAsync(site.Link(back));
        Assert.Equal(all.Skip(100).Take(100), site.Titles);
        await site.OpenAsync(site.Link(back));
        Assert.Equal(all.Take(100), site.Titles);
        await site.OpenAsync(site.Link(on));
        Assert.Equal(all.Skip(100).Take(100), site.Titles);
    }

    [Fact]
    public async Task Search_that_reads_only_part_of_a_long_ledger_says_how_far_and_leads_on()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var newest = site.App.Clock.GetUtcNow().AddDays(-1);
        var drafts = Enumerable.Range(0, 2100).Select(number => LedgerSiteFixture.Draft() with { NativeId = $"post-{number}", Title = number is 5 or 2090 ? $"Needle {number}" : "Hay", Url = $"https://blog.example/{number}", When = newest.AddHours(-12 * number) }).ToList();
        await site.HarvestAllAsync(drafts);

        await site.OpenAsync("/ledger?q=needle");

        Assert.Equal(["Needle 5"], site.Titles);
        Assert.Contains("At least 1 of 2,100 contributions", site.Text, StringComparison.Ordinal);
        Assert.Contains("Searched back to January 2025. Search on", site.Text, StringComparison.Ordinal);
        await site.OpenAsync(site.Link("Search on"));
        Assert.Empty(site.Titles);
        await site.OpenAsync(site.Link("Search on"));
        Assert.Equal(["Needle 2090"], site.Titles);
        Assert.DoesNotContain("Search on", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_nothing_matches_the_filter_that_removes_most_is_named_with_a_link_without_it()
    {
        await using var site = await FourAsync();

        await site.OpenAsync("/ledger?kind=talk&topic=cobol&from=2026-05-10");

        Assert.Contains("Nothing matches Without cobol, 1 contribution matches.", site.Text, StringComparison.Ordinal);
        await site.OpenAsync(site.Link("Look without it"));
        Assert.Equal("/ledger?kind=talk&from=2026-05-10", site.Browser.Path);
        Assert.Equal(["A talk"], site.Titles);

        await site.OpenAsync("/ledger?kind=book&topic=cobol");
        Assert.Contains("No contribution has any of this.", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_cancelled_is_shown_but_not_counted()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.LogAsync("A talk");
        await site.LogAsync("Called off", more: ""","status":"cancelled" """);
        foreach (var query in new[] { "", "?q=a" })
        {
            await site.OpenAsync("/ledger" + query);
            Assert.Equal(2, site.Titles.Count);
            Assert.Contains(query.Length == 0 ? "1 contribution 1 talk" : "1 of 1 contribution 1 talk", site.Text, StringComparison.Ordinal);
            Assert.Contains("What was cancelled or removed is shown, but not counted.", site.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Title_and_place_from_outside_are_shown_as_text()
    {
        const string Hostile = "<script>alert(1)</script> \" onmouseover=x \u202Eevil 🎉";
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.HarvestAsync(LedgerSiteFixture.Draft(Hostile) with { Container = new Container("<img src=x>", "https://blog.example/\"><b>"), Topics = ["<u>t</u>&x=1"] });

        foreach (var path in new[] { "/ledger", "/ledger/" + id, $"/ledger/{id}/edit", "/ledger?q=%3Cscript%3E&topic=%3Cu%3Et%3C%2Fu%3E%26x%3D1" })
        {
            await site.OpenAsync(path);
            Assert.Equal(HttpStatusCode.OK, site.Browser.Status);
            Assert.DoesNotContain("<script>", site.Browser.Page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<img", site.Browser.Page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<u>", site.Browser.Page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\" onmouseover", site.Browser.Page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(" style=", site.Browser.Page, StringComparison.OrdinalIgnoreCase);
        }

        await site.OpenAsync("/ledger");
        Assert.Equal([Hostile], site.Titles);
        await site.OpenAsync("/ledger/" + id);
        await site.OpenAsync(site.Link("<u>t</u>&x=1"));
        Assert.Equal([Hostile], site.Titles);
    }

    private static async Task<LedgerSiteFixture> FourAsync()
    {
        var site = await LedgerSiteFixture.StartAsync();
        await site.LogAsync("A talk", "talk", "2026-05-20", ""","topics":["Azure"]""");
        await site.LogAsync("A video", "video", "2026-05-10");
        await site.LogAsync("A private talk", "talk", "2026-05-01", ""","topics":["Azure"],"private":true""");
        await site.LogAsync("Mentoring", "mentoring", "2026-04-02");
        var rejected = await site.LogAsync("Not mine at all", "video", "2026-04-01");
        await site.App.SendAsync(HttpMethod.Patch, "/ledger/" + rejected, """{"review":"rejected"}""");
        return site;
    }
}
