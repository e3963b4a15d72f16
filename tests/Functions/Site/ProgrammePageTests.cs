using System.Net;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>Today is 1 June 2026.</summary>
public sealed class ProgrammePageTests
{
    [Fact]
    public async Task List_says_which_programmes_have_rules_and_leads_to_each()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.OpenAsync("/programmes");
        Assert.Contains("27 programmes on file, 20 with rules", site.Text, StringComparison.Ordinal);
        Assert.Contains("AsyncAPI Ambassador It counts contributions · 2 rules, all published by the programme itself", site.Text, StringComparison.Ordinal);
        Assert.Equal("/programmes/aws-hero", site.Link("AWS Hero"));
        await site.OpenAsync("/programmes/aws-hero");
        Assert.Contains("The last twelve months: 2 Jun 2025 to 1 Jun 2026. What it looks for most is not known.", site.Text, StringComparison.Ordinal);
        Assert.Contains("No contributions so far.", site.Text, StringComparison.Ordinal);
        Assert.Contains("No threshold is published", site.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await site.OpenAsync("/programmes/nothing")).Status);
    }

    [Fact]
    public async Task Programme_is_added_asks_what_only_the_person_knows_and_counts_by_it()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.LogAsync("AsyncAPI in the term", "talk", "2026-02-20");
        await site.LogAsync("AsyncAPI before it", "talk", "2026-01-05");
        await site.LogAsync("Something else", "talk", "2026-03-05");
        await site.OpenAsync("/programmes/asyncapi-ambassador");
        Assert.Contains("Since when are you in it? Add it to say so.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync("/programmes/asyncapi-ambassador/add");
        Assert.Contains("AsyncAPI Ambassador is one of your programmes.", site.Text, StringComparison.Ordinal);

        await site.Browser.SubmitAsync("/programmes/asyncapi-ambassador/mine", ("accepted", "<b>soon"), ("employerSites", "not a host"));
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.Contains("That is no date. Type it like 20 May 2026.", site.Text, StringComparison.Ordinal);
        Assert.Contains("Hosts such as contoso.com are expected, separated by commas.", site.Text, StringComparison.Ordinal);
        Assert.Equal("<b>soon", site.Value("accepted"));

        await site.Browser.SubmitAsync("/programmes/asyncapi-ambassador/mine", ("accepted", "11 Jan 2026"), ("employerSites", "https://Contoso.com/blog, work.example"));
        Assert.Contains("1 contribution in the window, 223 days left", site.Text, StringComparison.Ordinal);
        Assert.Contains("Its window: 11 Jan 2026 to 10 Jan 2027. It counts contributions.", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 contribution so far, 3 of the 4 it asks for are missing. published 4 contributions a year, in any mix.", site.Text, StringComparison.Ordinal);
        Assert.Contains("3 months are empty. March 2026, April 2026, May 2026.", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 contribution of these days names asyncapi neither in the title nor in the topics, and is not counted here.", site.Text, StringComparison.Ordinal);
        Assert.Equal("/ledger?from=2025-12-11&to=2026-01-10", site.Link("Look at them"));
        Assert.Contains("href=\"/ledger?from=2026-03-01&amp;to=2026-03-31\"", site.Browser.Page, StringComparison.Ordinal);

        await site.OpenAsync("/programmes");
        Assert.Contains("AsyncAPI Ambassador lacks 3 contributions and has 223 days left", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 of the 4 it asks for", site.Text, StringComparison.Ordinal);
        await site.OpenAsync("/");
        Assert.Contains("3 contributions are missing, and 223 days are left.", site.Text, StringComparison.Ordinal);

        await site.OpenAsync("/programmes/asyncapi-ambassador/mine");
        Assert.Equal(("11 Jan 2026", "contoso.com, work.example"), (site.Value("accepted"), site.Value("employerSites")));
        await site.Browser.SubmitAsync("/programmes/asyncapi-ambassador/remove");
        Assert.Contains("AsyncAPI Ambassador is none of yours any more.", site.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await site.OpenAsync("/programmes/asyncapi-ambassador/mine")).Status);
    }

    [Fact]
    public async Task Two_programmes_with_opposite_wishes_say_at_once_what_each_lacks()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        for (var month = 6; month < 18; month++)
            await site.HarvestAsync(LedgerSiteFixture.Draft($"Post {month}") with { NativeId = $"post-{month}", Url = $"https://blog.example/{month}", Topics = [month % 3 == 0 ? "blazor" : "power-bi"], When = new DateTimeOffset(2025 + (month / 13), month > 12 ? month - 12 : month, 3, 9, 0, 0, TimeSpan.Zero) });
        await site.OpenAsync("/programmes");
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/add");
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/mine", ("handIn", ""), ("area", ".NET"), ("employerSites", ""));
        await site.OpenAsync("/programmes");
        await site.Browser.SubmitAsync("/programmes/cncf-ambassador/add");
        await site.OpenAsync("/programmes");

        Assert.Contains("4 of 12 in .NET, 0 elsewhere in Developer Technologies, 8 other, 0 not placed.", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 kind of its list is missing.", site.Text, StringComparison.Ordinal);
        Assert.Contains("Content 12", site.Text, StringComparison.Ordinal);
        Assert.Contains("Speaking none", site.Text, StringComparison.Ordinal);
        Assert.True(site.Text.IndexOf("CNCF Ambassador", StringComparison.Ordinal) < site.Text.IndexOf("Microsoft MVP, nomination", StringComparison.Ordinal), "The one that lacks most comes first.");
    }

    [Fact]
    public async Task Areas_are_placed_by_topic_and_by_entry_and_each_entry_says_which_word_decided()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var id = await site.LogAsync("Plain", more: ",\"topics\":[\"knitting\"]");
        await site.LogAsync("Aspire", more: ",\"topics\":[\"aspire\"]");
        await site.LogAsync("Blazor", more: ",\"topics\":[\"blazor\"]");
        await site.OpenAsync("/programmes");
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/add");
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/mine", ("handIn", ""), ("area", ".NET"), ("employerSites", ""));
        await site.OpenAsync("/programmes/microsoft-mvp/areas");
        Assert.Contains("1 of 3 in .NET, 0 elsewhere in Developer Technologies, 0 other, 2 not placed.", site.Text, StringComparison.Ordinal);
        Assert.Contains("Blazor .NET, by blazor", site.Text, StringComparison.Ordinal);
        Assert.Contains("Aspire not placed; aspire may belong to .NET", site.Text, StringComparison.Ordinal);
        Assert.Contains("Plain not placed; no area is known for knitting", site.Text, StringComparison.Ordinal);
        Assert.Equal(".NET", site.Value("topic.aspire"));

        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/areas", ("topic.aspire", ".net"), ("topic.knitting", "Carpentry"));
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.Equal("Carpentry", site.Value("topic.knitting"));
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/areas", ("topic.aspire", ".net"), ("topic.knitting", "-"));
        Assert.Contains("2 of 3 in .NET", site.Text, StringComparison.Ordinal);
        Assert.Contains("Aspire .NET, by aspire as you placed it", site.Text, StringComparison.Ordinal);

        await site.OpenAsync("/programmes/microsoft-mvp/areas?part=notPlaced");
        Assert.DoesNotContain("Where do these topics belong?", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/areas?part=notPlaced", ($"entry.{id}", "excel"), ($"was.entry.{id}", ""));
        Assert.Contains("2 of 3 in .NET, 0 elsewhere in Developer Technologies, 1 other, 0 not placed.", site.Text, StringComparison.Ordinal);
        await site.OpenAsync("/programmes/microsoft-mvp/areas?part=other");
        Assert.Contains("Excel, as you placed it", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync("/programmes/microsoft-mvp/areas", ("forget", "aspire"), ("forget", "knitting"));
        Assert.Contains("1 of 3 in .NET", site.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_lacks_a_link_or_a_number_is_named_with_the_way_to_fill_it_in()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        var talk = await site.LogAsync("Offline <b>is</b> a feature");
        await site.OpenAsync("/programmes/microsoft-mvp");
        Assert.Contains("1 contribution lacks a link or a number", site.Text, StringComparison.Ordinal);
        Assert.Contains("Offline <b>is</b> a feature has no link; number of attendees unknown", site.Text, StringComparison.Ordinal);
        Assert.Contains($"href=\"/ledger/{talk}/edit\"", site.Browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>is</b>", site.Browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_are_looked_at_with_a_button_and_the_entry_says_what_was_seen()
    {
        var web = new ScriptedWeb(_ => ScriptedWeb.Answer(HttpStatusCode.OK, "<p>20 May 2026", "text/html"));
        await using var site = await LedgerSiteFixture.StartAsync(web);
        var id = await site.LogAsync("Elastic at sea", more: ""","url":"https://oresund.example/sea" """);
        await site.OpenAsync("/ledger/" + id);
        Assert.DoesNotContain("The link", site.Text, StringComparison.Ordinal);
        await site.OpenAsync("/programmes/elastic-contributor");
        Assert.Contains("The link was never looked at. Look at 25 links", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync("/programmes/elastic-contributor/evidence");
        Assert.Contains("1 link was looked at. None is left.", site.Text, StringComparison.Ordinal);
        Assert.Contains("Of 1 link, 1 answered, the oldest look was today.", site.Text, StringComparison.Ordinal);
        await site.Browser.SubmitAsync("/programmes/elastic-contributor/evidence");
        Assert.Contains("All links were looked at lately.", site.Text, StringComparison.Ordinal);
        Assert.Single(web.Asked);
        await site.OpenAsync("/ledger/" + id);
        Assert.Matches("The link answered on 1 Jun 2026; the date stands on it(, your name was not found)?\\.", site.Text);
    }
}
