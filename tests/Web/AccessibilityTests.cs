using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace ContributionIngest.Tests.Web;

/// <summary>What axe says about the pages, wide in light colours and narrow in dark ones.</summary>
[Collection(Chromium.Collection)]
public sealed class AccessibilityTests(Chromium chromium)
{
    private static readonly AxeRunOptions Sight = new() { RunOnly = RunOnlyOptions.Rules("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block") };

    [Fact]
    public async Task Pages_have_no_barrier_that_axe_knows()
    {
        await using var site = await Site.StartAsync(chromium);
        await using var blog = await LocalBlog.StartAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await visitor.OpenAsync("/");
        await HasNoBarrierAsync(page);
        await visitor.OpenAsync("/auth/sign-in");
        await HasNoBarrierAsync(page);

        await site.SignInAsync();
        await HasNoBarrierAsync(page);
        await page.GetByLabel("Where you publish, one a line").FillAsync($"{blog.Address}\n{blog.Address}/nothing");
        await visitor.PressAsync("Look");
        await visitor.SeesAsync("1 of 2 places found");
        await HasNoBarrierAsync(page);

        await visitor.PressAsync("Connect 1 place");
        await site.ConnectAsync("GitHub");
        await HasNoBarrierAsync(page);
        await site.OAuth.RevokeAsync();
        await page.Locator(".place", new() { HasText = "Juna" }).GetByRole(AriaRole.Button).ClickAsync();
        await site.WorkAsync("/connections");
        await visitor.SeesAsync("1 of 2 connections are well, 1 needs care");
        await HasNoBarrierAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Options" }).First.ClickAsync();
        await visitor.SeesAsync("Disconnect");
        await HasNoBarrierAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Home" }).ClickAsync();
        await page.GetByText("Show as a table").ClickAsync();
        await HasNoBarrierAsync(page);
        foreach (var path in new[] { "/ledger?q=nothing&kind=talk", "/digests", "/digests/now", "/programmes", "/programmes/asyncapi-ambassador?accepted=soon", "/status", "/settings" })
        {
            await visitor.OpenAsync(path);
            await HasNoBarrierAsync(page);
        }
    }

    /// <summary>The page is not wider than the window.</summary>
    internal static async Task FitsAsync(IPage page, int width)
    {
        await page.SetViewportSizeAsync(width, 800);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{page.Url} scrolls sideways at {width} pixels.");
    }

    internal static async Task HasNoBarrierAsync(IPage page)
    {
        // What is dark and narrow has the same elements: only their colours and sizes are new.
        foreach (var (scheme, width, options) in new[] { (ColorScheme.Light, 1280, new AxeRunOptions()), (ColorScheme.Dark, 360, Sight) })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.SetViewportSizeAsync(width, 800);
            var found = await page.RunAxe(options);
            Assert.True(found.Violations.Length == 0, string.Join("\n", found.Violations.SelectMany(violation => violation.Nodes, (violation, node) => $"{page.Url}, {scheme}: {violation.Id}: {violation.Help}: {node.Html}")));
            await FitsAsync(page, width);
        }

        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await page.SetViewportSizeAsync(1280, 800);
    }
}
