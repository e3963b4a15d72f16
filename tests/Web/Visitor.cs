using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ContributionIngest.Tests.Web;

/// <summary>Somebody who uses the pages in a browser of their own. What the browser complains about in one of our pages fails the test at its end.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly string site;
    private readonly ConcurrentQueue<string> complaints = new();
    private readonly ConcurrentQueue<string> opened = new();

    private Visitor(IBrowserContext context, IPage page, string site) => (this.context, Page, this.site) = (context, page, site);

    public IPage Page { get; }

    /// <summary>Who signs in at the provider.</summary>
    public string Login { get; private init; } = "";

    public static async Task<Visitor> ComeAsync(IBrowser browser, string site, string login = "juna", bool hasScript = true, string? zone = null)
    {
        var window = await browser.NewContextAsync(new() { BaseURL = site, JavaScriptEnabled = hasScript, TimezoneId = zone });
        window.SetDefaultTimeout(Chromium.Patience);
        var page = await window.NewPageAsync();
        var visitor = new Visitor(window, page, site) { Login = login };
        page.Console += (_, message) => visitor.Note(message);
        page.PageError += (_, error) => visitor.complaints.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (request.IsNavigationRequest)
                visitor.opened.Enqueue(request.Url);
            else if (request.Frame.Url.StartsWith(site, StringComparison.Ordinal) && !request.Url.StartsWith(site, StringComparison.Ordinal))
                visitor.complaints.Enqueue("A page asked for " + request.Url);
        };
        return visitor;
    }

    public ILocator Heading(string text) => Page.GetByRole(AriaRole.Heading, new() { Name = text });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public async Task OpenAsync(string path) => await Page.GotoAsync(path);

    public Task PressAsync(string button) => Button(button).ClickAsync();

    public async Task SignOutAsync()
    {
        await Page.GetByLabel("Your account").ClickAsync();
        await PressAsync("Sign out");
    }

    public Task SeesAsync(string heading) => Expect(Heading(heading)).ToBeVisibleAsync();

    /// <summary>Until a program that works in a time of its own is so far.</summary>
    public async Task ReloadsUntilAsync(string text)
    {
        const int Patience = 1000;
        for (var reloads = 0; reloads < Patience && !await Page.GetByText(text).First.IsVisibleAsync(); reloads++)
            await Page.ReloadAsync();
        await ReadsAsync(text);
    }

    public Task ReadsAsync(string text) => Expect(Page.GetByText(text).First).ToBeVisibleAsync();

    /// <summary>Signs in at the provider where it asks for that, until it asks for consent.</summary>
    public async Task ArriveAsync()
    {
        var (login, consent) = (Page.Locator("[name=login]"), Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }));
        await Expect(login.Or(consent)).ToBeVisibleAsync();
        if (await login.IsVisibleAsync())
        {
            await login.FillAsync(Login);
            await Page.Locator("[name=password]").FillAsync("secret");
            await Page.GetByRole(AriaRole.Button, new() { Name = "Sign-in" }).ClickAsync();
        }

        await Expect(consent).ToBeVisibleAsync();
    }

    public async Task ConsentAsync()
    {
        await ArriveAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
    }

    public async Task DeclineAsync()
    {
        await ArriveAsync();
        await Page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        if (!complaints.IsEmpty)
            throw new InvalidOperationException("The browser complained: " + string.Join('\n', complaints));
    }

    /// <summary>A page that refuses has a status that the browser reports as well; that is no fault.</summary>
    private void Note(IConsoleMessage message)
    {
        if (message.Type == "error" && message.Location.StartsWith(site, StringComparison.Ordinal)
            && !(message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && opened.Any(address => message.Location.StartsWith(address, StringComparison.Ordinal))))
            complaints.Enqueue($"{message.Location}: {message.Text}");
    }
}
