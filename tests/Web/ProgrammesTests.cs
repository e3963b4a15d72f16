using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>The person's programmes in a browser, with scripts and without.</summary>
[Collection(Chromium.Collection)]
public sealed class ProgrammesTests(Chromium chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Programme_is_added_its_area_chosen_topics_placed_and_entries_chosen(bool hasScript)
    {
        await using var site = await Site.StartAsync(chromium, hasScript: hasScript);
        await using var blog = await LocalBlog.StartAsync(string.Concat(Enumerable.Range(1, 26).Select(n =>
            $"<item><title>Post {n}</title><link>https://below-deck.example/{n}</link><guid>p-{n}</guid><category>{(n % 2 == 0 ? "blazor" : "aspire")}</category><pubDate>{LocalBlog.Day(-n):dd MMM yyyy} 08:00:00 GMT</pubDate></item>")));
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();
        await page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await visitor.PressAsync("Look");
        await visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/programmes");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add Microsoft MVP, nomination", Exact = true }).ClickAsync();
        await visitor.SeesAsync("What only you know");
        await LooksWellAsync(page, hasScript);
        await page.GetByLabel("Which area are you nominated in?").SelectOptionAsync(".NET");
        await visitor.PressAsync("Save");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("in .NET");
        await LooksWellAsync(page, hasScript);

        await page.GetByRole(AriaRole.Link, new() { Name = "Place 16", Exact = true }).ClickAsync();
        await Expect(page.GetByLabel("Area of aspire")).ToHaveValueAsync(".NET");
        await LooksWellAsync(page, hasScript);
        await visitor.PressAsync("Save these topics");
        await Expect(page.GetByText("It is saved, and counted so from now on.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("3 not placed");

        await visitor.OpenAsync("/programmes/microsoft-mvp");
        await page.GetByRole(AriaRole.Link, new() { Name = "Choose 24" }).First.ClickAsync();
        await Expect(page.Locator("section input[name=entry]:checked")).ToHaveCountAsync(24);
        await LooksWellAsync(page, hasScript);
        await page.Locator("section input[name=entry]").First.UncheckAsync();
        await visitor.PressAsync("Save this choice");
        await Expect(page.GetByText("23 are chosen, and only they are handed in.")).ToBeVisibleAsync();
        await visitor.PressAsync("Suggest anew");
        await Expect(page.Locator("section input[name=entry]:checked")).ToHaveCountAsync(24);

        await visitor.OpenAsync("/programmes");
        await LooksWellAsync(page, hasScript);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add AsyncAPI Ambassador", Exact = true }).ClickAsync();
        await page.GetByLabel("Since when are you in it?").FillAsync("11 Jan 2020");
        await visitor.PressAsync("Save");
        await Expect(page.GetByText("0 of the 4 it asks for")).ToBeVisibleAsync();
        await LooksWellAsync(page, hasScript);
    }

    private static async Task LooksWellAsync(IPage page, bool hasScript)
    {
        await AccessibilityTests.FitsAsync(page, 768);
        await AccessibilityTests.FitsAsync(page, 360);
        if (hasScript)
            await AccessibilityTests.HasNoBarrierAsync(page);
        await page.SetViewportSizeAsync(1280, 800);
    }
}
