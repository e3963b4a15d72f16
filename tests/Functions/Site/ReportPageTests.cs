using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>A year to print. The clock stands at noon of 1 June 2026.</summary>
public sealed class ReportPageTests
{
    [Fact]
    public async Task Report_has_each_kind_with_its_entries_and_private_ones_only_when_asked_for()
    {
        await using var app = await SignInFixture.StartAsync();
        await LogAsync(app, "Knots", "talk", "2026-05-20", "https://talks.example/knots");
        await LogAsync(app, "Ropes", "talk", "2026-02-20");
        await LogAsync(app, "A harbour", "book", "2025-06-01");
        var hidden = await LogAsync(app, "A secret", "mentoring", "2026-03-01");
        await app.App.SendAsync(HttpMethod.Patch, $"/ledger/{hidden}", """{"private":true}""");
        var rejected = await LogAsync(app, "By a stranger", "talk", "2026-03-01");
        await app.App.SendAsync(HttpMethod.Patch, $"/ledger/{rejected}", """{"review":"rejected"}""");
        using var browser = await app.SignInAsync();

        await browser.OpenAsync("/report");
        Assert.Contains("2 contributions from 2 June 2025 to 1 June 2026", browser.Page, StringComparison.Ordinal);
        Assert.Contains("2 talks</h2>", browser.Page, StringComparison.Ordinal);
        Assert.Contains("https://talks.example/knots</a>", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("A secret", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("By a stranger", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("A harbour", browser.Page, StringComparison.Ordinal);

        await browser.OpenAsync("/report?private=yes");
        Assert.Contains("3 contributions from", browser.Page, StringComparison.Ordinal);
        Assert.Contains("1 mentoring</h2>", browser.Page, StringComparison.Ordinal);
        Assert.Contains("A secret", browser.Page, StringComparison.Ordinal);

        await browser.OpenAsync("/report?year=2025");
        Assert.Contains("1 contribution from 1 January to 31 December 2025", browser.Page, StringComparison.Ordinal);
        Assert.Contains("A harbour", browser.Page, StringComparison.Ordinal);
    }

    private static async Task<string> LogAsync(SignInFixture app, string title, string kind, string day, string? url = null) =>
        (await app.App.PostAsync("/ledger", $$"""{"title":"{{title}}","kind":"{{kind}}","when":"{{day}}"{{(url is null ? "" : $",\"url\":\"{url}\"")}}}""")).Body.GetProperty("id").GetString()!;
}
