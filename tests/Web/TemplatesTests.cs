using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>Templates in a real browser, with its script, and what axe says about them.</summary>
[Collection(Chromium.Collection)]
public sealed class TemplatesTests(Chromium chromium)
{
    [Fact]
    public async Task What_was_logged_once_is_logged_again_by_two_taps_and_undone()
    {
        await using var site = await Site.StartAsync(chromium);
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();
        await visitor.OpenAsync("/log");
        await page.GetByLabel("Title").FillAsync("Monthly meetup");
        await page.GetByLabel("Kind", new() { Exact = true }).SelectOptionAsync("organising");
        await page.GetByLabel("When was it?").FillAsync("8 Oct 2025");
        await page.GetByLabel("Attended").FillAsync("40");
        await page.GetByLabel("Keep as template").CheckAsync();
        await visitor.PressAsync("Log it");
        await visitor.ReadsAsync("It is kept as a template.");

        await visitor.OpenAsync("/log");
        await AccessibilityTests.HasNoBarrierAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Monthly meetup" }).ClickAsync();
        await visitor.SeesAsync("Monthly meetup");
        await visitor.ReadsAsync("is in the ledger, for today.");
        await visitor.PressAsync("Undo");
        await visitor.ReadsAsync("is deleted.");

        await visitor.OpenAsync("/log");
        await page.GetByRole(AriaRole.Link, new() { Name = "Monthly meetup, another day" }).ClickAsync();
        await Expect(page.GetByLabel("When was it?")).ToBeFocusedAsync();
        await Expect(page.GetByLabel("Attended")).ToHaveValueAsync("40");
        await page.GetByRole(AriaRole.Link, new() { Name = "Templates" }).ClickAsync();
        await visitor.SeesAsync("1 template");
        await AccessibilityTests.HasNoBarrierAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Monthly meetup" }).ClickAsync();
        await AccessibilityTests.HasNoBarrierAsync(page);
        await visitor.PressAsync("Delete this template");
        await visitor.SeesAsync("No templates yet");
        await visitor.PressAsync("Undo");
        await visitor.SeesAsync("1 template");
    }
}
