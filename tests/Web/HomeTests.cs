using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Web.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>Home in a browser: it fills by itself, and the keyboard reaches everything in it.</summary>
[Collection(Chromium.Collection)]
public sealed class HomeTests(Chromium chromium)
{
    [Fact]
    public async Task From_a_fresh_start_to_a_filled_year_it_is_one_field_and_two_clicks()
    {
        await using var site = await Site.StartAsync(chromium);
        await using var blog = await LocalBlog.StartAsync();
        await site.SignInAsync();
        var visitor = site.Visitor;

        await visitor.Page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await visitor.PressAsync("Look");
        await visitor.PressAsync("Connect 1 place");

        // The page that follows is asked for only once.
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "3 contributions in twelve months", Exact = true })).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator("[data-live]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Who_has_no_time_zone_is_offered_that_of_the_browser()
    {
        await using var site = await Site.StartAsync(chromium);
        await site.SignInAsync();
        await Expect(site.Visitor.Page.Locator("[data-zone]")).ToBeHiddenAsync();
        await using var visitor = await Visitor.ComeAsync(chromium.Browser, site.Address, zone: "Europe/Stockholm");
        await visitor.OpenAsync($"/auth/link/{await site.App.Services.GetRequiredService<OwnerSignIn>().TokenAsync(CancellationToken.None)}");
        await visitor.PressAsync("Sign in");

        await visitor.ReadsAsync("The zone of this browser is Europe/Stockholm.");
        await visitor.PressAsync("Count days there");

        await visitor.ReadsAsync("Days are counted in Europe/Stockholm.");
        await Expect(visitor.Page.Locator("[data-zone]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Keys_go_through_the_days_and_the_entries()
    {
        await using var site = await Site.StartAsync(chromium);
        await using var blog = await LocalBlog.StartAsync();
        await site.SignInAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await visitor.PressAsync("Look");
        await visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/");

        var days = page.GetByRole(AriaRole.Group, new() { Name = "Days from" }).GetByRole(AriaRole.Link);
        await days.Last.FocusAsync();
        await Expect(days.Last).ToHaveAccessibleNameAsync($"1 contribution on {Numbers.Day(LocalBlog.Day(3))}");
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator(":focus")).ToHaveAccessibleNameAsync($"1 contribution on {Numbers.Day(LocalBlog.Day(2))}");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Shift+Tab");
        await Expect(page.Locator(":focus")).ToHaveAccessibleNameAsync($"1 contribution on {Numbers.Day(LocalBlog.Day(2))}");

        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator(":focus")).ToHaveTextAsync("Splicing, part 3");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("k");
        await Expect(page.Locator(":focus")).ToHaveTextAsync("Splicing, part 2");

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("gc/j");
        await Expect(page.GetByLabel("Search the ledger")).ToHaveValueAsync("gc/j");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("?");
        await visitor.SeesAsync("Keys");
        await visitor.PressAsync("Turn these keys off");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("c");
        await Expect(page).ToHaveURLAsync(site.Address + "/");

        await visitor.PressAsync("Keyboard");
        await visitor.PressAsync("Turn these keys on");
        await visitor.PressAsync("Close");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("c");
        await visitor.SeesAsync("The one connection is well");
    }
}
