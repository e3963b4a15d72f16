using Microsoft.Playwright;
using Xunit;

namespace ContributionIngest.Tests.Web;

/// <summary>What a browser brings back from an OAuth server, and connects nothing.</summary>
[Collection(Chromium.Collection)]
public sealed class RefusedAccountTests(Chromium chromium)
{
    private const string Unexpected = "This answer was not expected";
    private const string NoAccess = "GitHub gave no access";

    [Fact]
    public async Task Who_declines_connects_nothing_and_can_change_their_mind()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        await site.Visitor.PressAsync("Connect GitHub");
        await site.Visitor.DeclineAsync();

        await site.Visitor.SeesAsync("Nothing was connected");
        await site.Visitor.ReadsAsync("You declined at GitHub. Nothing was saved.");
        Assert.Empty(await site.ConnectionsAsync());

        await site.Visitor.OpenAsync("/connections");
        await site.ConnectAsync("GitHub");
        await site.Visitor.SeesAsync("The one connection is well");
    }

    [Fact]
    public async Task Answer_with_a_changed_state_connects_nothing()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        var answer = await HeldAsync(site);
        var at = answer.IndexOf("state=", StringComparison.Ordinal) + 60;

        await site.Visitor.OpenAsync(answer[..at] + (answer[at] == 'A' ? 'B' : 'A') + answer[(at + 1)..]);
        await site.Visitor.SeesAsync(Unexpected);
        Assert.Empty(await site.ConnectionsAsync());

        // What somebody else made up does not spoil the answer that is due.
        await site.Visitor.OpenAsync(answer);
        await site.Visitor.ReadsAsync("is connected");
    }

    [Fact]
    public async Task Answer_works_once_and_only_in_the_browser_that_asked()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        var answer = await HeldAsync(site);
        await using var other = await Visitor.ComeAsync(chromium.Browser, site.Address);

        await other.OpenAsync(answer);
        await other.SeesAsync(Unexpected);
        Assert.Empty(await site.ConnectionsAsync());

        await site.Visitor.OpenAsync(answer);
        await site.Visitor.ReadsAsync("is connected");
        await site.Visitor.OpenAsync(answer);
        await site.Visitor.SeesAsync(Unexpected);
        Assert.Single(await site.ConnectionsAsync());
    }

    [Fact]
    public async Task Code_of_an_earlier_answer_gives_no_access()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        var (first, second) = (await HeldAsync(site), await HeldAsync(site));

        await site.Visitor.OpenAsync(second.Replace(Code(second), Code(first), StringComparison.Ordinal));

        await site.Visitor.SeesAsync(NoAccess);
        Assert.Empty(await site.ConnectionsAsync());
    }

    [Fact]
    public async Task Provider_that_is_out_of_order_is_said_to_be_and_can_be_asked_again()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        await site.OAuth.BreakAsync();
        await site.Visitor.PressAsync("Connect GitHub");
        await site.Visitor.ConsentAsync();

        await site.Visitor.SeesAsync(NoAccess);
        await site.Visitor.ReadsAsync("GitHub did not answer, or not as expected. Nothing was saved.");
        Assert.Empty(await site.ConnectionsAsync());

        await site.OAuth.RepairAsync();
        await site.Visitor.OpenAsync("/connections");
        await site.ConnectAsync("GitHub");
    }

    [Fact]
    public async Task Provider_that_cannot_be_reached_is_said_not_to_answer()
    {
        await using var site = await Site.StartAsync(chromium, azure: false, hasScript: true, ("GitHubTokenUrl", "http://localhost:1/token"));
        await site.SignInAsync();
        await site.Visitor.PressAsync("Connect GitHub");
        await site.Visitor.ConsentAsync();

        await site.Visitor.SeesAsync(NoAccess);
        Assert.Empty(await site.ConnectionsAsync());
    }

    /// <summary>The address that the provider would send the browser back to.</summary>
    private static async Task<string> HeldAsync(Site site)
    {
        await site.OAuth.HoldAsync();
        await site.Visitor.OpenAsync("/connections");
        await site.Visitor.PressAsync("Connect GitHub");
        await site.Visitor.ConsentAsync();
        return await site.Visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Back" }).GetAttributeAsync("href") ?? "";
    }

    private static string Code(string answer) => new Uri(answer).Query.TrimStart('?').Split('&').Single(part => part.StartsWith("code=", StringComparison.Ordinal));
}
