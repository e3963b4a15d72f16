using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Tests.Functions.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace ContributionIngest.Tests.Web;

/// <summary>
/// The product on a real port, registered with the OAuth server: by itself with the embedded store, or behind a Functions host with Azure storage. Its clock
/// stands still at the browser's time, which decides about cookies.
/// </summary>
internal sealed class Site : IAsyncDisposable
{
    private const string Secret = "the-set-up-secret-of-a-test";

    private readonly HttpMessageHandler web;

    private Site(HttpMessageHandler web, HostFixture app, string address, OAuthServer oauth, Visitor visitor) =>
        (this.web, App, Address, OAuth, Visitor) = (web, app, address, oauth, visitor);

    public HostFixture App { get; }

    public string Address { get; }

    public OAuthServer OAuth { get; }

    public Visitor Visitor { get; }

    public static async Task<Site> StartAsync(Chromium chromium, bool azure = false, bool hasScript = true, params (string Name, string Value)[] settings)
    {
        var outbound = GuardedHandler.Create(new AddressPolicy([System.Net.IPNetwork.Parse("127.0.0.0/8")]));
        (string, string)[] all = [("AllowNetworks", "127.0.0.0/8"), ("SetupSecret", Secret), .. chromium.OAuth.Settings.Where(known => settings.All(own => own.Name != known.Name)), .. settings];
        var app = await HostFixture.StartAsync(outbound, azure, hosted: azure, new StillClock(TimeProvider.System.GetUtcNow()), all);
        var address = await app.AddressAsync();
        await chromium.OAuth.ResetAsync(address);
        return new Site(outbound, app, address, chromium.OAuth, await Visitor.ComeAsync(chromium.Browser, address, hasScript: hasScript));
    }

    /// <summary>As the owner, in another browser, by the printed link.</summary>
    public async Task SignInAsync(Visitor visitor)
    {
        await visitor.OpenAsync($"/auth/link/{await App.Services.GetRequiredService<OwnerSignIn>().TokenAsync(CancellationToken.None)}");
        await visitor.PressAsync("Sign in");
    }

    /// <summary>As the owner, who has no connection yet: by the printed link, or with the secret of the deployment.</summary>
    public async Task SignInAsync()
    {
        if (!App.IsHosted)
        {
            await SignInAsync(Visitor);
        }
        else
        {
            await Visitor.OpenAsync("/auth/setup");
            await Visitor.Page.GetByLabel("Set-up secret").FillAsync(Secret);
            await Visitor.PressAsync("Set up and sign in");
        }

        await Visitor.SeesAsync("Where do you publish?");
    }

    /// <summary>Connects an account and reads it.</summary>
    public async Task ConnectAsync(string title)
    {
        await Visitor.OpenAsync("/connections");
        await Visitor.PressAsync($"Connect {title}");
        await Visitor.ConsentAsync();
        await Visitor.ReadsAsync("connected. The past is being read.");
        await WorkAsync("/connections");
    }

    /// <summary>Has the one connection read again.</summary>
    public async Task HarvestAsync()
    {
        await Visitor.PressAsync("Harvest now");
        await Visitor.Page.WaitForURLAsync("**/connections?asked=*", new() { WaitUntil = WaitUntilState.Commit });
        await WorkAsync("/connections");
    }

    /// <summary>Works off what waits, and looks at the page then.</summary>
    public async Task WorkAsync(string path)
    {
        await App.WorkAsync();
        await Visitor.OpenAsync(path);
    }

    /// <summary>By the API.</summary>
    public async Task<IReadOnlyList<JsonElement>> ConnectionsAsync() => [.. (await App.SendAsync(HttpMethod.Get, "/connections")).GetProperty("items").EnumerateArray()];

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Visitor.DisposeAsync();
        }
        finally
        {
            await App.DisposeAsync();
            web.Dispose();
        }
    }
}
