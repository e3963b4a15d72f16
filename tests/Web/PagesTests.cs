using ContributionIngest.Core.Harvesting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>Digests, settings, status, the report and the public page in a real browser, with and without script.</summary>
[Collection(Chromium.Collection)]
public sealed class PagesTests(Chromium chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Profile_keys_sessions_and_digests_are_set_and_the_page_says_what_was_done(bool hasScript)
    {
        await using var site = await Site.StartAsync(chromium, hasScript: hasScript);
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();

        await visitor.OpenAsync("/settings");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Juna Okvist");
        await page.GetByLabel("Time zone").SelectOptionAsync("Europe/Stockholm");
        await visitor.PressAsync("Save profile");
        await Expect(page.GetByRole(AriaRole.Status).First).ToBeInViewportAsync();
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Juna Okvist");

        await page.GetByLabel("Name of a new key").FillAsync("laptop");
        await page.GetByLabel("What it may do").SelectOptionAsync("read");
        await visitor.PressAsync("Make a key");
        var key = await page.Locator(".secret").First.TextContentAsync();
        await visitor.OpenAsync("/settings");
        await Expect(page.GetByText(key!)).ToHaveCountAsync(0);
        var row = page.Locator("#keys li", new() { HasText = "laptop" });
        await Expect(row).ToContainTextAsync(key![..6]);
        await row.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.Locator("#keys li", new() { HasText = "laptop" })).ToHaveCountAsync(0);

        await using (var elsewhere = await Visitor.ComeAsync(chromium.Browser, site.Address))
        {
            await site.SignInAsync(elsewhere);
            await visitor.OpenAsync("/settings");
            await visitor.PressAsync("Sign out all others");
            await elsewhere.OpenAsync("/ledger");
            await Expect(elsewhere.Page).ToHaveURLAsync(site.Address + "/auth/sign-in?return=%2Fledger");
        }

        await visitor.OpenAsync("/digests");
        await page.GetByLabel("Day").SelectOptionAsync("Friday");
        await page.GetByLabel("Hour").SelectOptionAsync("17");
        await visitor.PressAsync("Save");
        await visitor.ReadsAsync("The next one is made on Friday");
        await page.GetByLabel("No digest at all").CheckAsync();
        await visitor.PressAsync("Save");
        await visitor.SeesAsync("No digest is made");
        await page.GetByRole(AriaRole.Link, new() { Name = "Look at this week" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Public_page_is_off_then_shown_to_everybody_then_off_again_and_the_report_prints(bool hasScript)
    {
        await using var site = await Site.StartAsync(chromium, hasScript: hasScript);
        await using var blog = await LocalBlog.StartAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();
        await page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await visitor.PressAsync("Look");
        await visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/settings");

        await using var stranger = await Visitor.ComeAsync(chromium.Browser, site.Address, hasScript: hasScript);
        await stranger.OpenAsync("/u/juna-okvist");
        await Expect(stranger.Page.GetByText("Splicing")).ToHaveCountAsync(0);

        await page.GetByLabel("Name in the address").FillAsync("juna-okvist");
        await page.GetByLabel("About you").FillAsync("Software for ferries");
        await page.GetByLabel("Everybody can see it").CheckAsync();
        await visitor.PressAsync("Save public page");
        await stranger.OpenAsync("/u/juna-okvist");
        await stranger.ReadsAsync("Software for ferries");
        await stranger.ReadsAsync("Splicing, part 3");
        if (hasScript)
            await AccessibilityTests.HasNoBarrierAsync(stranger.Page);
        await stranger.OpenAsync("/u/juna-okvist/card.svg");
        await Expect(stranger.Page.Locator("svg")).ToBeVisibleAsync();

        await visitor.OpenAsync("/report");
        await visitor.SeesAsync("3 contributions");
        if (hasScript)
            await AccessibilityTests.HasNoBarrierAsync(page);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.GetByText("Splicing, part 1")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Navigation)).ToHaveCountAsync(0);
        await visitor.OpenAsync("/ledger");
        await Expect(page.GetByText("Splicing, part 1").First).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Make private" })).ToHaveCountAsync(0);
        await page.EmulateMediaAsync(new() { Media = Media.Screen });

        await visitor.OpenAsync("/settings");
        await page.GetByLabel("Everybody can see it").UncheckAsync();
        await visitor.PressAsync("Save public page");
        await stranger.OpenAsync("/u/juna-okvist");
        await Expect(stranger.Page.GetByText("Splicing")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Operator_sends_a_message_again_that_failed_five_times()
    {
        await using var site = await Site.StartAsync(chromium);
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();
        await visitor.OpenAsync("/status");
        await visitor.SeesAsync("Nothing waits, and nothing has failed");
        await visitor.ReadsAsync("No host has asked for a pause.");

        await site.App.Services.GetRequiredService<PoisonedMessages>().RecordAsync("digest", """{"person":"nobody","dueKey":"x"}""", CancellationToken.None);
        await page.ReloadAsync();
        await visitor.SeesAsync("1 message failed and waits for you");
        await AccessibilityTests.HasNoBarrierAsync(page);
        await visitor.PressAsync("Send again");
        await visitor.ReadsAsync("The message is back in its queue.");
    }
}
