using System.Net;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Site;

/// <summary>The digests of who is signed in, and when they come. The clock stands at noon of Monday, 1 June 2026.</summary>
public sealed class DigestPageTests
{
    [Fact]
    public async Task Digest_of_a_week_is_kept_and_links_to_the_entries()
    {
        await using var app = await SignInFixture.StartAsync();
        var (_, logged) = await app.App.PostAsync("/ledger", """{"title":"Knots <b>and</b> ropes","kind":"talk","when":"2026-06-03"}""");
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/digests");
        Assert.Contains("The first digest is still to come", browser.Page, StringComparison.Ordinal);
        Assert.Contains("The next one is made on Monday 8 June at 08:00 and goes to juna@quayside.example.", browser.Page, StringComparison.Ordinal);

        await app.App.PassAsync(TimeSpan.FromDays(7));

        using var later = await app.SignInAsync();
        await later.OpenAsync("/digests");
        Assert.Contains("1 digest so far", later.Page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/digests/2026-W23\">1 June to 7 June 2026</a>", later.Page, StringComparison.Ordinal);
        Assert.Contains("1 contribution · mailed to juna@quayside.example", later.Page, StringComparison.Ordinal);
        await later.OpenAsync("/digests/2026-W23");
        Assert.Contains("Knots &lt;b&gt;and&lt;/b&gt; ropes", later.Page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/ledger/{logged.GetProperty("id").GetString()}\"", later.Page, StringComparison.Ordinal);
        await later.OpenAsync("/digests/2026-W10");
        Assert.Equal(HttpStatusCode.NotFound, later.Status);
        Assert.Contains("There is no such digest", later.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task This_week_is_shown_as_it_would_be_now()
    {
        await using var app = await SignInFixture.StartAsync();
        await app.App.PostAsync("/ledger", """{"title":"Knots","kind":"talk","when":"2026-06-01T08:00:00Z"}""");
        using var browser = await app.SignInAsync();

        await browser.OpenAsync("/digests/now");

        Assert.Contains("<h1 class=\"digest-headline\">1 contribution: a talk</h1>", browser.Page, StringComparison.Ordinal);
        Assert.Contains("<p class=\"digest-week\">Week of 1 – 7 June 2026</p>", WebUtility.HtmlDecode(browser.Page), StringComparison.Ordinal);
        Assert.Contains("href=\"/log?kind=talk\"", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain(" style=", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Knots", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("/act/", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Day_and_hour_are_saved_and_what_is_no_day_is_refused()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/digests");

        await browser.SubmitAsync("/digests/settings", ("day", "Friday"), ("hour", "18"), ("skipQuiet", "yes"));
        Assert.Contains("It is saved.", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Friday 5 June at 18:00", browser.Page, StringComparison.Ordinal);
        Assert.Equal((true, false), ((await app.OwnerAsync()).EffectiveDigest.SkipQuiet, (await app.OwnerAsync()).EffectiveDigest.Off));

        await browser.SubmitAsync("/digests/settings", ("day", "Someday"), ("hour", "25"));
        Assert.Contains("Nothing was saved.", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Friday 5 June at 18:00", browser.Page, StringComparison.Ordinal);

        await browser.SubmitAsync("/digests/settings", ("day", "Monday"), ("hour", "8"), ("off", "yes"));
        Assert.Contains("No digest is made from now on.", browser.Page, StringComparison.Ordinal);
        Assert.Contains("<h1>No digest is made</h1>", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_mail_shows_this_week_and_there_are_ten_a_day()
    {
        await using var app = await SignInFixture.StartAsync();
        using var browser = await app.SignInAsync();
        await browser.OpenAsync("/digests");
        var before = app.App.Mail.Letters.Count;

        for (var mails = 0; mails < 10; mails++)
            await browser.SubmitAsync("/digests/test");
        Assert.Contains("This week is mailed to juna@quayside.example.", browser.Page, StringComparison.Ordinal);
        Assert.Equal(10, app.App.Mail.Letters.Count - before);

        await browser.SubmitAsync("/digests/test");
        Assert.Contains("At most 10 test mails can be sent a day.", browser.Page, StringComparison.Ordinal);
        Assert.Equal(10, app.App.Mail.Letters.Count - before);
    }
}
