using System.Net;
using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>What visitors see of a person. The clock stands at noon of 1 June 2026.</summary>
public sealed class PublicPageTests
{
    private static readonly string[] Paths = ["/u/juna", "/u/juna.json", "/u/juna.atom", "/u/juna.ics", "/u/juna/card.svg"];

    [Fact]
    public async Task Page_is_off_until_it_is_turned_on_and_then_answers_as_one_that_never_was()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await AssertIsMissingAsync(app);

        await SaveAsync(browser, "Juna", isOn: false);
        await AssertIsMissingAsync(app);
        await SaveAsync(browser, "juna", isOn: true);
        Assert.Contains("Everybody can see /u/juna now.", browser.Page, StringComparison.Ordinal);
        foreach (var path in Paths)
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, path)).Status);

        await SaveAsync(browser, "juna", isOn: false);
        await AssertIsMissingAsync(app);
    }

    [Fact]
    public async Task Only_what_is_public_is_shown_in_any_form()
    {
        await using var app = await SignInFixture.StartAsync();
        await LogAsync(app, "Knots", "2026-05-20");
        await LogAsync(app, "Coming knots", "2026-06-20");
        var hidden = await LogAsync(app, "A secretive talk", "2026-05-21");
        await app.App.SendAsync(HttpMethod.Patch, $"/ledger/{hidden}", """{"private":true,"note":"a secretive note"}""");
        var rejected = await LogAsync(app, "A secretive stranger's talk", "2026-06-22");
        await app.App.SendAsync(HttpMethod.Patch, $"/ledger/{rejected}", """{"review":"rejected"}""");
        var noted = await LogAsync(app, "Ropes", "2026-05-22");
        await app.App.SendAsync(HttpMethod.Patch, $"/ledger/{noted}", """{"note":"a secretive note"}""");
        using var browser = await app.SignInAsync();
        await SaveAsync(browser, "juna", isOn: true);
        var person = (await app.OwnerAsync()).Id;

        foreach (var path in Paths)
        {
            var (_, _, body) = await GetAsync(app, path);
            Assert.DoesNotContain("secretive", body, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(person, body, StringComparison.Ordinal);
            Assert.DoesNotContain(SignInFixture.Address, body, StringComparison.Ordinal);
        }

        Assert.Contains("2 public contributions in the last twelve months", (await GetAsync(app, "/u/juna")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("/ledger", (await GetAsync(app, "/u/juna")).Body, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await GetAsync(app, "/u/juna.json")).Body);
        Assert.Equal(2, json.RootElement.GetProperty("total").GetInt32());
        Assert.Equal(["Ropes", "Knots"], json.RootElement.GetProperty("latest").EnumerateArray().Select(entry => entry.GetProperty("title").GetString()));
        Assert.Equal(["Coming knots"], json.RootElement.GetProperty("coming").EnumerateArray().Select(entry => entry.GetProperty("title").GetString()));
        Assert.Contains("SUMMARY:Coming knots", (await GetAsync(app, "/u/juna.ics")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("SUMMARY:Knots", (await GetAsync(app, "/u/juna.ics")).Body, StringComparison.Ordinal);
        Assert.Contains("<title type=\"text\">Knots</title>", (await GetAsync(app, "/u/juna.atom")).Body.Replace("<title>", "<title type=\"text\">", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("2 contributions in twelve months", (await GetAsync(app, "/u/juna/card.svg")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_one_persons_and_free_again_when_they_take_another()
    {
        await using var app = await SignInFixture.StartAsync();
        var other = await app.Get<PeopleStore>().CreateAsync((id, now) => new Person { Id = id, Name = "Else", Since = now }, CancellationToken.None);
        await app.Get<SignInAddresses>().AddAsync(other.Id, "else@quayside.example", CancellationToken.None);
        using var first = await app.SignInAsync();
        using var second = await app.SignInAsync("else@quayside.example");
        await SaveAsync(first, "juna", isOn: true);

        await SaveAsync(second, "juna", isOn: true);
        Assert.Contains("Somebody else has the name juna. Nothing was saved.", second.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("Else", (await GetAsync(app, "/u/juna")).Body, StringComparison.Ordinal);

        await SaveAsync(first, "juna-okvist", isOn: true);
        await AssertIsMissingAsync(app);
        await SaveAsync(second, "juna", isOn: true);
        Assert.Contains("<bdi>Else</bdi>", (await GetAsync(app, "/u/juna")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ju")]
    [InlineData("-juna")]
    [InlineData("juna.json")]
    [InlineData("../settings")]
    [InlineData("jüna")]
    public async Task What_is_no_name_is_refused(string name)
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();

        await SaveAsync(browser, name, isOn: true);

        Assert.Contains("Nothing was saved.", browser.Page, StringComparison.Ordinal);
        Assert.Null((await app.OwnerAsync()).Page);
    }

    [Fact]
    public async Task Card_follows_the_theme_that_is_asked_for_and_allows_no_style_but_its_own()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await app.Get<PeopleStore>().ChangeAsync((await app.OwnerAsync()).Id, person => person with { Name = "<script>&\"Juna" }, CancellationToken.None);
        await SaveAsync(browser, "juna", isOn: true);

        var (_, policy, plain) = await GetAsync(app, "/u/juna/card.svg");
        var (_, darkPolicy, dark) = await GetAsync(app, "/u/juna/card.svg?theme=dark");

        Assert.Contains("prefers-color-scheme:dark", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("prefers-color-scheme", dark, StringComparison.Ordinal);
        Assert.Contains("#101415", dark, StringComparison.Ordinal);
        Assert.NotEqual(policy, darkPolicy);
        Assert.DoesNotContain("<script", plain, StringComparison.Ordinal);
        Assert.Equal(plain, (await GetAsync(app, "/u/juna/card.svg?theme=%3Cb%3E")).Body);
        Assert.Contains("localhost/u/juna", plain, StringComparison.Ordinal);
    }

    private static async Task SaveAsync(Browser browser, string name, bool isOn)
    {
        await browser.OpenAsync("/settings");
        (string, string)[] fields = [("page", name), ("about", "Writes software for ferries.")];
        await browser.SubmitAsync("/settings/public", isOn ? [.. fields, ("on", "yes")] : fields);
    }

    private static async Task AssertIsMissingAsync(SignInFixture app)
    {
        foreach (var path in Paths)
        {
            var (status, policy, body) = await GetAsync(app, path);
            Assert.Equal((HttpStatusCode.NotFound, policy, body), await GetAsync(app, path.Replace("juna", "nobody", StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.NotFound, status);
        }
    }

    /// <summary>As a stranger: the status, the content security policy and the body.</summary>
    private static async Task<(HttpStatusCode Status, string Policy, string Body)> GetAsync(SignInFixture app, string path)
    {
        using var client = app.App.App.GetTestClient();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, string.Join(';', answer.Headers.GetValues("Content-Security-Policy")), await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> LogAsync(SignInFixture app, string title, string day) =>
        (await app.App.PostAsync("/ledger", $$"""{"title":"{{title}}","kind":"talk","when":"{{day}}"}""")).Body.GetProperty("id").GetString()!;
}
