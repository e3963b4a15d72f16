using ContributionIngest.Core.Mail;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>An app whose owner signs in with an address, and the links that it mails.</summary>
internal sealed class SignInFixture : IAsyncDisposable
{
    public const string Address = "juna@quayside.example";

    private SignInFixture(AppFixture app) => App = app;

    public AppFixture App { get; }

    public static Task<SignInFixture> StartAsync(params (string Name, string Value)[] settings) => StartAsync(new ScriptedWeb(), settings);

    public static async Task<SignInFixture> StartAsync(HttpMessageHandler web, params (string Name, string Value)[] settings)
    {
        var values = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value, StringComparer.Ordinal);
        values.TryAdd("OwnerEmail", Address);
        values.TryAdd("PublicUrl", "http://localhost");
        return new SignInFixture(await AppFixture.StartAsync(web, settings: values));
    }

    public Browser Browser() => new(App);

    public T Get<T>()
        where T : notnull => App.App.Services.GetRequiredService<T>();

    /// <summary>Asks for a link and returns its path; null if no mail came.</summary>
    public async Task<string?> AskAsync(Browser browser, string address = Address, string returnPath = "/")
    {
        var before = App.Mail.Letters.Count;
        await browser.OpenAsync("/auth/sign-in?return=" + Uri.EscapeDataString(returnPath));
        await browser.SubmitAsync("/auth/sign-in", ("email", address), ("return", returnPath));
        await App.DrainAsync();
        return App.Mail.Letters.Count == before ? null : Link(App.Mail.Letters[^1]);
    }

    /// <summary>Signs in by mail.</summary>
    public async Task<Browser> SignInAsync(string address = Address)
    {
        var browser = Browser();
        var link = await AskAsync(browser, address) ?? throw new InvalidOperationException($"No link came to {address}.");
        await browser.OpenAsync(link);
        return await browser.SubmitAsync(link);
    }

    /// <summary>The link that is printed when the server starts.</summary>
    public async Task<string> PrintedAsync() => "/auth/link/" + await Get<OwnerSignIn>().TokenAsync(CancellationToken.None);

    public async Task<Person> OwnerAsync() => (await Get<PeopleStore>().FindOwnerAsync(CancellationToken.None))!;

    public ValueTask DisposeAsync() => App.DisposeAsync();

    /// <summary>The path of the link in a mail.</summary>
    public static string Link(Email mail) => new Uri(mail.Text.Split('\n').Single(line => line.StartsWith("http", StringComparison.Ordinal)).Trim()).AbsolutePath;
}
