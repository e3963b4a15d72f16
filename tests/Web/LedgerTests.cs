using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>The ledger's pages in a real browser, and what axe says about them.</summary>
[Collection(Chromium.Collection)]
public sealed partial class LedgerTests(Chromium chromium)
{
    [Fact]
    public async Task Contribution_is_logged_found_edited_made_private_and_brought_back()
    {
        await using var site = await Site.StartAsync(chromium);
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();

        await visitor.OpenAsync("/ledger");
        await AccessibilityTests.HasNoBarrierAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Log a contribution" }).Last.ClickAsync();
        await page.GetByLabel("Title").FillAsync("An hour of answering");
        await visitor.PressAsync("Log it");
        await visitor.ReadsAsync("Not saved: 2 fields need another look.");
        await AccessibilityTests.HasNoBarrierAsync(page);
        await page.GetByLabel("Kind").SelectOptionAsync("mentoring");
        await page.GetByLabel("When was it?").FillAsync("8 Oct 2025");
        await visitor.PressAsync("Log it");
        await visitor.SeesAsync("An hour of answering");
        await AccessibilityTests.HasNoBarrierAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).ClickAsync();
        await page.GetByLabel("When was it?").FillAsync("31 June 2025");
        await visitor.PressAsync("Save");
        await visitor.ReadsAsync("June has 30 days.");
        await Expect(page.GetByLabel("When was it?")).ToBeFocusedAsync();
        await AccessibilityTests.HasNoBarrierAsync(page);
        await page.GetByLabel("When was it?").FillAsync("30 June 2025");
        await page.GetByLabel("Attended").FillAsync("2");
        await visitor.PressAsync("Save");
        await visitor.ReadsAsync("Monday 30 June 2025");

        await visitor.OpenAsync("/ledger");
        await page.Locator("summary", new() { HasText = "Kind" }).ClickAsync();
        await AccessibilityTests.HasNoBarrierAsync(page);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Mentoring" }).CheckAsync();
        await page.Locator(".menu").GetByRole(AriaRole.Button, new() { Name = "Show" }).First.ClickAsync();
        await visitor.SeesAsync("1 of 1 contribution");
        await visitor.PressAsync("Choose all");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "Choose An hour of answering" })).ToBeCheckedAsync();
        await page.GetByLabel("A topic to add").FillAsync("careers");
        await page.GetByLabel("A topic to add").PressAsync("Enter");
        await visitor.ReadsAsync("careers");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Choose An hour of answering" }).CheckAsync();
        await visitor.PressAsync("Make private");
        await visitor.ReadsAsync("is private now.");
        await AccessibilityTests.HasNoBarrierAsync(page);
        await visitor.PressAsync("Undo");
        await visitor.ReadsAsync("is as it was.");
        await Expect(page.Locator(".entry .chip")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Contribution_opens_beside_the_list_and_changes_there_and_on_narrow_screens_on_its_own_page()
    {
        await using var site = await Site.StartAsync(chromium);
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();
        foreach (var (title, day) in new[] { ("First talk", "6 Oct 2025"), ("Second talk", "7 Oct 2025"), ("Third talk", "8 Oct 2025") })
            await LogAsync(visitor, title, day);
        await visitor.OpenAsync("/ledger");

        await page.GetByRole(AriaRole.Link, new() { Name = "Third talk" }).ClickAsync();
        await Expect(visitor.Heading("Third talk")).ToBeFocusedAsync();
        await Expect(page).ToHaveURLAsync(OfAnEntry());
        await Expect(page.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(3);
        await AccessibilityTests.HasNoBarrierAsync(page);

        await page.Keyboard.PressAsync("j");
        await Expect(visitor.Heading("Second talk")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("p");
        await visitor.ReadsAsync("“⁨Second talk⁩” is private now.");
        await Expect(page.Locator(".list .chip")).ToHaveTextAsync("private");
        await page.Keyboard.PressAsync("u");
        await visitor.ReadsAsync("“⁨Second talk⁩” is public now.");
        await Expect(page.Locator(".list .chip")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("n");
        await visitor.ReadsAsync("is not yours any more.");
        await visitor.SeesAsync("2 contributions");
        await page.Keyboard.PressAsync("u");
        await visitor.SeesAsync("3 contributions");

        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#detail")).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Second talk" })).ToBeFocusedAsync();
        await Expect(page).ToHaveURLAsync(site.Address + "/ledger");

        await page.GetByRole(AriaRole.Link, new() { Name = "First talk" }).ClickAsync();
        await visitor.PressAsync("Previous");
        await Expect(visitor.Heading("Second talk")).ToBeFocusedAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("#detail")).ToBeHiddenAsync();
        await page.GoForwardAsync();
        await Expect(visitor.Heading("Second talk")).ToBeFocusedAsync();
        await page.ReloadAsync();
        await visitor.SeesAsync("Second talk");
        await Expect(page.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(0);

        await visitor.OpenAsync("/ledger?kind=talk");
        await page.GetByRole(AriaRole.Link, new() { Name = "First talk" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).ClickAsync();
        await visitor.SeesAsync("Edit this talk");
        await page.GoBackAsync();
        await page.GoBackAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "Choose" })).ToHaveCountAsync(3);
        await Expect(page).ToHaveURLAsync(site.Address + "/ledger?kind=talk");

        // A jump within the page is no way back.
        await page.EvaluateAsync("window.isSame = true");
        await page.GetByRole(AriaRole.Link, new() { Name = "Skip to content" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(site.Address + "/ledger?kind=talk#content");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        Assert.True(await page.EvaluateAsync<bool>("window.isSame === true"));
        await page.Keyboard.PressAsync("p");
        await visitor.ReadsAsync("“⁨Second talk⁩” is private now.");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Second talk" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("n");
        await visitor.ReadsAsync("is not yours any more.");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "First talk" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("u");
        await visitor.SeesAsync("3 of 3 contributions");

        await page.SetViewportSizeAsync(768, 900);
        await visitor.OpenAsync("/ledger");
        await page.GetByRole(AriaRole.Link, new() { Name = "First talk" }).ClickAsync();
        await visitor.SeesAsync("First talk");
        await Expect(page.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(0);
    }

    private static async Task LogAsync(Visitor visitor, string title, string day)
    {
        await visitor.OpenAsync("/log?kind=talk");
        await visitor.Page.GetByLabel("Title").FillAsync(title);
        await visitor.Page.GetByLabel("When was it?").FillAsync(day);
        await visitor.PressAsync("Log it");
        await visitor.SeesAsync(title);
    }

    [GeneratedRegex("/ledger/[a-z2-7]+$", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex OfAnEntry();
}
