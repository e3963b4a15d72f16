using System.Security;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>What strangers publish is shown as text on every page: nothing of it runs, leads to a script, or widens the page.</summary>
[Collection(Chromium.Collection)]
public sealed partial class HostileContentTests(Chromium chromium)
{
    private const string Script = "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\">";

    private static readonly (string Title, string Address)[] Posts =
    [
        (Script, "javascript:window.hacked=1"),
        ("\"><svg onload=window.hacked=1>", "http://evil.example/\"onmouseover=\"window.hacked=1"),
        ("Left \u202Eto right\u202C and \u2067isolated\u2069, \u202Eand never closed", "data:text/html,<script>window.hacked=1</script>"),
        ("Zero\u200Bwidth\u200C\u200D\uFEFF and a lone \u0301 mark", "vbscript:msgbox(1)"),
        (string.Concat(Enumerable.Repeat("👩‍🚀", 300)), "https://evil.example/" + new string('e', 300)),
        (new string('W', 300), "https://" + string.Join('.', Enumerable.Repeat(new string('w', 40), 5)) + ".example/x"),
    ];

    [Fact]
    public async Task Nothing_of_it_runs_and_no_page_becomes_wider()
    {
        await using var site = await Site.StartAsync(chromium);
        await using var blog = await LocalBlog.StartAsync(string.Concat(Posts.Select((post, n) =>
            $"<item><title>{SecurityElement.Escape(post.Title)}</title><link>{SecurityElement.Escape(post.Address)}</link><guid>h-{n}</guid><category>{SecurityElement.Escape(Script)}</category><author>{SecurityElement.Escape(Script)}</author><pubDate>{LocalBlog.Day(4):dd MMM yyyy} 0{n}:00:00 GMT</pubDate></item>")));
        var (page, visitor) = (site.Visitor.Page, site.Visitor);
        page.Dialog += (_, _) => throw new InvalidOperationException("A page opened a dialog.");
        await site.SignInAsync();
        await page.GetByLabel("Where you publish, one a line").FillAsync($"{blog.Address}\n{Script}\njavascript:window.hacked=1");
        await visitor.PressAsync("Look");
        await visitor.SeesAsync("1 of 3 places found");
        await IsInertAsync(page);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Below Deck" }).CheckAsync();
        await visitor.PressAsync("Connect 1 place");
        await site.WorkAsync("/settings");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Script);
        await visitor.PressAsync("Save profile");
        await page.GetByLabel("Name in the address").FillAsync("hostile");
        await page.GetByLabel("About you").FillAsync(Script);
        await page.GetByLabel("Everybody can see it").CheckAsync();
        await visitor.PressAsync("Save public page");
        await IsInertAsync(page);

        await visitor.OpenAsync("/ledger");
        await Expect(page.Locator(".entry")).ToHaveCountAsync(9);
        var entries = await page.Locator(".entry .title").EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href'))");
        var connection = (await site.ConnectionsAsync())[0].GetProperty("id").GetString();
        await visitor.OpenAsync("/programmes/microsoft-mvp");
        await visitor.PressAsync("Add to your programmes");
        string[] pages =
        [
            "/programmes", "/programmes/microsoft-mvp", "/programmes/microsoft-mvp/areas", "/programmes/microsoft-mvp/choose", "/programmes/microsoft-mvp/form", "/programmes/microsoft-mvp/sheet",
            "/", "/ledger", "/ledger?q=" + Uri.EscapeDataString(Script), "/ledger?topic=" + Uri.EscapeDataString(Script), "/connections", "/connections/" + connection, "/digests", "/digests/now", "/status", "/report", "/u/hostile",
            "/u/hostile/card.svg", "/settings", "/log?url=javascript:window.hacked%3D1&title=" + Uri.EscapeDataString(Script), .. entries, .. entries.Select(entry => entry + "/edit"),
        ];
        foreach (var path in pages)
        {
            await visitor.OpenAsync(path);
            await IsInertAsync(page);
        }
    }

    private static async Task IsInertAsync(IPage page)
    {
        Assert.False(await page.EvaluateAsync<bool>("'hacked' in window"), $"A script ran on {page.Url}.");
        var addresses = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[href], [src], [action], [formaction]')].flatMap(element => ['href', 'src', 'action', 'formaction'].map(name => element.getAttribute(name)).filter(value => value))");
        Assert.DoesNotContain(addresses, address => Executable().IsMatch(address));
        Assert.Equal(0, await page.Locator("[onerror], [onload], [onmouseover], main script, main img").CountAsync());
        // A picture has its own width.
        foreach (var width in page.Url.EndsWith(".svg", StringComparison.Ordinal) ? [] : (int[])[1280, 360])
            await AccessibilityTests.FitsAsync(page, width);

        await page.SetViewportSizeAsync(1280, 800);
    }

    [GeneratedRegex(@"^\s*(javascript|data|vbscript):", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Executable();
}
