using System.Net;
using ContributionIngest.Tests.Infrastructure;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.GitHub;

/// <summary>A long history, through the front door.</summary>
public sealed class BackfillTests(ITestOutputHelper output)
{
    private const int Many = 2_500;

    [Fact]
    public async Task Two_thousand_five_hundred_pull_requests_land_with_as_few_requests_as_there_are_pages()
    {
        var clock = new TestClock();
        var hub = ScriptedGitHub.Of(clock, Many);
        await using var app = await TestApp.Start(hub.Web, clock, settings: ScriptedGitHub.WithToken);

        var id = await app.Connect("juna", "github");

        Assert.Empty(app.Failures);
        await GitHubLedger.AssertEquals(hub, app);
        var pages = hub.Sizes.Count;
        output.WriteLine($"{hub.Web.Asked.Count} requests, {hub.Points} points");
        Assert.Equal(Many / 100, pages);
        Assert.Equal(pages + 1, hub.Web.Asked.Count);
        Assert.Equal(2 * pages, hub.Points);
        var coverage = (await GitHubLedger.Connection(app, id)).GetProperty("coverage");
        Assert.True(coverage.GetProperty("complete").GetBoolean());
    }
}
