using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>The form of a programme in a browser, with scripts and without.</summary>
[Collection(Chromium.Collection)]
public sealed class FormTests(Chromium chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Form_is_answered_once_for_all_and_for_one_and_the_file_is_offered(bool hasScript)
    {
        await using var site = await Site.StartAsync(chromium, hasScript: hasScript);
        await using var blog = await LocalBlog.StartAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await ConnectAsync(site, blog);

        await visitor.OpenAsync("/programmes/docker-captain");
        await page.GetByRole(AriaRole.Link, new() { Name = "Fill in its form" }).ClickAsync();
        await visitor.SeesAsync("3 contributions for the form, none has a fault");
        await page.GetByLabel("What does Advocu call this type of content?", new() { Exact = true }).FillAsync("Blog post");
        await page.GetByLabel("How many people have seen it?: Splicing, part 3").FillAsync("a few");
        await visitor.PressAsync("Save");
        await Expect(page.GetByText("“a few” is no whole number. Type digits, such as 40.")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("What does Advocu call this type of content?", new() { Exact = true })).ToHaveValueAsync("Blog post");
        await page.GetByLabel("How many people have seen it?: Splicing, part 3").FillAsync("340");
        await visitor.PressAsync("Save");
        await Expect(page.GetByText("2 answers are saved.")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("How many people have seen it?: Splicing, part 3")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Export 3 (JSON)" })).ToBeVisibleAsync();
        if (!hasScript)
            return;
        await AccessibilityTests.HasNoBarrierAsync(page);
        foreach (var path in new[] { "/programmes/docker-captain/form", "/programmes/microsoft-mvp/form", "/programmes/sitecore-mvp/sheet" })
        {
            await visitor.OpenAsync(path);
            await AccessibilityTests.FitsAsync(page, 360);
            await AccessibilityTests.HasNoBarrierAsync(page);
        }
    }

    [Fact]
    public async Task Field_is_copied_from_the_sheet()
    {
        await using var site = await Site.StartAsync(chromium);
        await using var blog = await LocalBlog.StartAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await ConnectAsync(site, blog);
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await visitor.OpenAsync("/programmes/sitecore-mvp/form");
        await page.GetByRole(AriaRole.Link, new() { Name = "Copy from a page" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy Name of Splicing, part 3" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).GetByText("Name is copied.")).ToHaveCountAsync(1);
        Assert.Equal("Splicing, part 3", await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task Without_scripts_the_sheet_has_its_values_and_no_buttons()
    {
        await using var site = await Site.StartAsync(chromium, hasScript: false);
        await using var blog = await LocalBlog.StartAsync();
        await ConnectAsync(site, blog);
        await site.Visitor.OpenAsync("/programmes/sitecore-mvp/sheet");
        await site.Visitor.SeesAsync("3 contributions to copy into the form");
        await Expect(site.Visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Copy" })).ToHaveCountAsync(0);
    }

    private static async Task ConnectAsync(Site site, LocalBlog blog)
    {
        await site.SignInAsync();
        await site.Visitor.Page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await site.Visitor.PressAsync("Look");
        await site.Visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/programmes");
    }
}
