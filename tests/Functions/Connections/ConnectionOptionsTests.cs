using System.Net;
using ContributionIngest.Tests.Core.Sources.GitHub;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Connections;

/// <summary>What is read of a connection, chosen on its page.</summary>
public sealed class ConnectionOptionsTests
{
    [Fact]
    public async Task Lists_of_an_account_are_chosen_on_the_page_of_its_connection()
    {
        var clock = new TestClock();
        var hub = ScriptedGitHub.Of(clock, 3);
        hub.Reviewed.Add(ScriptedReviewed.Of(hub.Pulls[0].Repository, 900, ("APPROVED", clock.GetUtcNow().AddDays(-1))));
        await using var app = await SignInFixture.StartAsync(hub.Web, ("GitHubToken", ScriptedGitHub.Token));
        using var browser = await app.SignInAsync();
        var id = await app.App.ConnectAsync("juna", "github");
        await browser.OpenAsync("/connections/" + id);
        Assert.Contains("4 contributions", browser.Page, StringComparison.Ordinal);
        Assert.Contains("name=\"on\" value=\"reviews\" checked", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"ownRepositories\" checked", browser.Page, StringComparison.Ordinal);

        await browser.SubmitAsync($"/connections/{id}/options", ("on", "pullRequests"), ("on", "ownRepositories"), ("on", "nothing"));
        var options = (await app.App.GetAsync("/connections/" + id)).GetProperty("options");
        Assert.Equal("""{"ownRepositories":"true","reviews":"false","answers":"false","projects":"false"}""", options.ToString());
        hub.Queries.Clear();
        await app.App.DrainAsync();
        Assert.Equal(["PullRequests"], hub.Queries.Distinct());

        await browser.OpenAsync("/connections/" + id);
        await browser.SubmitAsync($"/connections/{id}/options", ("on", "pullRequests"), ("on", "reviews"), ("on", "answers"), ("on", "projects"));
        Assert.Equal("{}", (await app.App.GetAsync("/connections/" + id)).GetProperty("options").ToString());
    }

    [Fact]
    public async Task Preview_says_what_else_is_read()
    {
        var clock = new TestClock();
        var hub = ScriptedGitHub.Of(clock, 3);
        await using var app = await SignInFixture.StartAsync(hub.Web, ("GitHubToken", ScriptedGitHub.Token));
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/connections/add");
        await browser.SubmitAsync("/connections/look", ("places", "https://github.com/juna"));
        Assert.Contains("3 contributions", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Reviews, accepted answers and projects are read as well", browser.Page, StringComparison.Ordinal);
    }
}
