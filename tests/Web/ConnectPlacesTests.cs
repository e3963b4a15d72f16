using System.Text;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>Connecting places and harvesting them, in a real browser.</summary>
[Collection(Chromium.Collection)]
public sealed class ConnectPlacesTests(Chromium chromium)
{
    [Fact]
    public async Task Places_of_a_file_are_answered_one_by_one_connected_and_harvested_without_another_page()
    {
        await using var site = await Site.StartAsync(chromium, azure: true);
        await using var blog = await LocalBlog.StartAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();
        await AccessibilityTests.HasNoBarrierAsync(page);

        await page.GetByText("Open an OPML file").ClickAsync();
        await page.GetByLabel("OPML file of a feed reader or podcast player").SetInputFilesAsync(new FilePayload
        {
            Name = "feeds.opml", MimeType = "text/x-opml", Buffer = Encoding.UTF8.GetBytes($"<opml><body><outline xmlUrl=\"{blog.Address}/feed.xml\"/><outline xmlUrl=\"{blog.Address}/nothing\"/></body></opml>"),
        });
        await Expect(page.GetByLabel("Where you publish, one a line")).ToHaveValueAsync($"{blog.Address}/feed.xml\n{blog.Address}/nothing");

        await page.GetByLabel("Where you publish, one a line").PressAsync("Control+Enter");
        await visitor.SeesAsync("1 of 2 places found");
        await Expect(page).ToHaveURLAsync(site.Address + "/connections/opml");
        await Expect(page.Locator(".found")).ToHaveCountAsync(2);
        await AccessibilityTests.HasNoBarrierAsync(page);
        var box = page.GetByRole(AriaRole.Checkbox, new() { Name = "Below Deck" });
        await box.UncheckAsync();
        await Expect(visitor.Button("Connect 0 places")).ToBeDisabledAsync();
        await box.CheckAsync();
        await visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/connections");

        site.App.Clock.Advance(TimeSpan.FromMinutes(1));
        await visitor.PressAsync("Harvest now");
        await visitor.ReadsAsync("Waiting to be read");
        await AccessibilityTests.HasNoBarrierAsync(page);
        var address = page.Url;
        await site.App.WorkAsync();
        await Expect(page.Locator(".report")).ToHaveTextAsync("Nothing new");
        await Expect(page).ToHaveURLAsync(address);
    }
}
