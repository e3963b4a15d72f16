using System.Net;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

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
        Assert.Contains("No contributions so far. No threshold is published.", site.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await site.OpenAsync("/programmes/nothing")).Status);
    }

    [Fact]
    public async Task Window_begins_with_the_day_that_was_typed_and_every_sentence_has_its_rule()
    {
        await using var site = await LedgerSiteFixture.StartAsync();
        await site.LogAsync("In the term", "talk", "2026-02-20");
        await site.LogAsync("Before it", "talk", "2026-01-05");
        await site.OpenAsync("/programmes/asyncapi-ambassador?accepted=11+Jan+2026");

        Assert.Contains("Its window: 11 Jan 2026 to 10 Jan 2027. It counts contributions.", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 contribution so far, as many as in the window before. 1 talk", site.Text.Replace("“4 contributions a year, in any mix.” Published by the programme, seen 2026-07-11: asyncapi/community:docs/010-contribution-guidelines/AMBASSADOR_PROGRAM.md@1d1e955 One kind of contribution. ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("4 months are empty. March 2026, April 2026, May 2026, June 2026.", site.Text, StringComparison.Ordinal);
        Assert.Contains("1 is just outside the window, in the month before it.", site.Text, StringComparison.Ordinal);
        Assert.Equal("/ledger?from=2026-01-11&to=2027-01-10", site.Link("1 contribution so far, as many as in the window before."));

        await site.OpenAsync("/programmes/asyncapi-ambassador?accepted=%3Cb%3Esoon");
        Assert.Equal(HttpStatusCode.BadRequest, site.Browser.Status);
        Assert.Contains("That is no date. Type it like 20 May 2026.", site.Text, StringComparison.Ordinal);
        Assert.Equal("<b>soon", site.Value("accepted"));
    }
}
