using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
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
    public async Task Tab_reaches_everything_that_can_be_pressed_and_what_has_the_focus_is_marked()
    {
        await using var site = await Site.StartAsync(chromium);
        await using var blog = await LocalBlog.StartAsync();
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        await site.SignInAsync();
        await page.GetByLabel("Where you publish, one a line").FillAsync($"{blog.Address}\n{blog.Address}/nothing");
        await visitor.PressAsync("Look");
        await visitor.SeesAsync("1 of 2 places found");
        await ReachesAllAsync(page);
        await visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/ledger");
        var entry = await page.Locator(".entry .title").First.GetAttributeAsync("href");
        var connection = (await site.ConnectionsAsync())[0].GetProperty("id").GetString();
        foreach (var path in new[] { "/", "/ledger", entry!, entry + "/edit", "/log?kind=talk", "/connections", $"/connections/{connection}", "/digests", "/digests/now", "/programmes", "/programmes/cncf-ambassador", "/programmes/microsoft-mvp/areas", "/programmes/microsoft-mvp/choose", "/programmes/sitecore-mvp/form", "/programmes/sitecore-mvp/sheet", "/settings", "/status", "/report" })
        {
            await visitor.OpenAsync(path);
            await ReachesAllAsync(page);
        }
    }

    [Fact]
    public async Task Pages_behind_the_links_of_a_digest_have_no_barriers_and_need_no_sign_in()
    {
        await using var site = await Site.StartAsync(chromium);
        await using var blog = await LocalBlog.StartAsync();
        await site.SignInAsync();
        await site.Visitor.Page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await site.Visitor.PressAsync("Look");
        await site.Visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/ledger");
        var entry = (await site.Visitor.Page.Locator(".entry .title").First.GetAttributeAsync("href"))!["/ledger/".Length..];
        var connection = (await site.ConnectionsAsync())[0].GetProperty("id").GetString()!;
        var person = (await site.App.Services.GetRequiredService<PeopleStore>().FindOwnerAsync(CancellationToken.None))!.Id;
        await using var reader = await Visitor.ComeAsync(chromium.Browser, site.Address);

        foreach (var action in Enum.GetValues<DigestAction>().Where(action => action != DigestAction.Programme))
        {
            await reader.OpenAsync(Path("act/" + SignedLinks.Purpose(action), SignedLinks.Purpose(action), action switch { DigestAction.Log => "talk", DigestAction.Connection => connection, _ => entry }));
            await IsReadableAsync();
        }

        await reader.OpenAsync(Path("act/settings", SignedLinks.Settings, ""));
        await IsReadableAsync();
        await reader.OpenAsync(Path("unsubscribe", SignedLinks.Unsubscribe, ""));
        await IsReadableAsync();
        await reader.OpenAsync("/act/settings/senseless");
        await IsReadableAsync();

        await reader.OpenAsync(Path("act/" + SignedLinks.Purpose(DigestAction.Log), SignedLinks.Purpose(DigestAction.Log), "talk"));
        await reader.Page.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(reader.Page.Locator("[aria-invalid=true]").First).ToBeFocusedAsync();
        await IsReadableAsync();

        string Path(string path, string purpose, string about) => $"/{path}/{site.App.Services.GetRequiredService<SignedLinks>().Make(purpose, new LinkGrant(person, about))}";

        async Task IsReadableAsync()
        {
            await Expect(reader.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            await Expect(reader.Page.GetByRole(AriaRole.Navigation)).ToHaveCountAsync(0);
            await AccessibilityTests.HasNoBarrierAsync(reader.Page);
        }
    }

    /// <summary>In a chart and in a group of radio buttons the arrow keys go on.</summary>
    private static async Task ReachesAllAsync(IPage page)
    {
        var all = await page.EvaluateAsync<int>("""
            () => {
              window.reached = new Set();
              window.wanted = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
                .filter(element => element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.tabIndex >= 0 && (element.type !== 'radio' || element.checked));
              document.activeElement.blur();
              return window.wanted.length;
            }
            """);
        Assert.NotEqual(0, all);
        for (var pressed = 0; pressed < all + 5; pressed++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.True(await page.EvaluateAsync<bool>("""
                () => {
                  const now = document.activeElement;
                  window.reached.add(now);
                  const mark = now.closest('svg') ? now.querySelector('rect') : null;
                  return now === document.body || (mark ? getComputedStyle(mark).stroke !== 'none' : getComputedStyle(now).outlineStyle !== 'none');
                }
                """), $"What has the focus on {page.Url} is not marked.");
        }

        var missed = await page.EvaluateAsync<string[]>("window.wanted.filter(element => !window.reached.has(element)).map(element => element.outerHTML.slice(0, 120))");
        Assert.True(missed.Length == 0, $"Tab does not reach on {page.Url}: {string.Join('\n', missed)}");
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
