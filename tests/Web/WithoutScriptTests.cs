using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>A browser that runs no scripts does the same by links and forms.</summary>
[Collection(Chromium.Collection)]
public sealed class WithoutScriptTests(Chromium chromium)
{
    [Fact]
    public async Task Year_fills_entry_is_edited_and_undone_and_the_account_menu_opens()
    {
        await using var site = await Site.StartAsync(chromium, hasScript: false);
        await using var blog = await LocalBlog.StartAsync();
        await site.SignInAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);

        await page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await visitor.PressAsync("Look");
        await visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/");
        await visitor.SeesAsync("3 contributions in twelve months");
        await Expect(visitor.Button("Keyboard")).ToBeHiddenAsync();

        await page.GetByText("Show as a table").ClickAsync();
        await page.GetByRole(AriaRole.Cell).GetByRole(AriaRole.Link).Or(page.GetByRole(AriaRole.Rowheader).GetByRole(AriaRole.Link)).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Splicing, part 3" }).ClickAsync();
        await visitor.PressAsync("Not mine");
        await visitor.PressAsync("Undo");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).ClickAsync();
        await page.GetByLabel("Title").FillAsync("Splicing, the last part");
        await visitor.PressAsync("Save");
        await visitor.SeesAsync("Splicing, the last part");

        await page.GetByLabel("Search the ledger").FillAsync("last part");
        await page.GetByLabel("Search the ledger").PressAsync("Enter");
        await visitor.SeesAsync("1 of 3 contributions");
        await visitor.SignOutAsync();
        await visitor.SeesAsync("Sign in");
    }
}
