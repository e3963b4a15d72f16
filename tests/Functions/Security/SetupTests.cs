using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>The owner's first sign-in with the secret that a deployment made: once, by one browser, until it expires.</summary>
public sealed class SetupTests
{
    private static readonly TimeSpan RepetitionTime = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Secret_used_at_one_instance_is_refused_at_the_other_and_to_the_same_browser(bool azure)
    {
        await using var app = await SetupFixture.StartAsync(azure);
        using var owner = await app.AtFormAsync(0);
        Assert.Contains($"<bdi>{SignInFixture.Address}</bdi>", owner.Page, StringComparison.Ordinal);
        using var late = await app.AtFormAsync(1);
        await SetupFixture.SubmitAsync(owner);
        Assert.Equal("/connections", owner.Path);
        Assert.True(await SetupFixture.IsInAsync(owner));

        await SetupFixture.SubmitAsync(late);
        Assert.Equal(HttpStatusCode.NotFound, late.Status);
        Assert.Contains("There is nothing to set up", late.Page, StringComparison.Ordinal);
        Assert.False(await SetupFixture.IsInAsync(late));
        await owner.SubmitAsync("/auth/sign-out");
        await owner.OpenAsync("/auth/setup");
        Assert.Equal(HttpStatusCode.NotFound, owner.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Guesses_at_one_instance_count_at_the_other(bool azure)
    {
        await using var app = await SetupFixture.StartAsync(azure);
        for (var guess = 0; guess < 10; guess++)
        {
            using var guesser = await app.AtFormAsync(guess % 2);
            await SetupFixture.SubmitAsync(guesser, $"guess {guess}");
            Assert.Equal(HttpStatusCode.BadRequest, guesser.Status);
        }

        foreach (var instance in (int[])[0, 1])
        {
            using var next = await app.AtFormAsync(instance);
            await SetupFixture.SubmitAsync(next, "another guess");
            Assert.Equal((HttpStatusCode.TooManyRequests, "3600"), (next.Status, next.Headers["Retry-After"]));
        }

        app.Clock.Advance(TimeSpan.FromHours(1));
        using var owner = await app.AtFormAsync(1);
        await SetupFixture.SubmitAsync(owner);
        Assert.True(await SetupFixture.IsInAsync(owner));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Secret_expires_until_another_deployment_makes_a_new_one(bool azure)
    {
        const string Another = "a-secret-of-another-deployment";
        await using var app = await SetupFixture.StartAsync(azure, "2026-06-08T12:00:00Z");
        app.Log.Plant(Another);
        using var late = await app.AtFormAsync(0);
        Assert.Contains("It works once, until 8 June 2026, 12:00 UTC.", late.Page, StringComparison.Ordinal);
        app.Clock.Advance(TimeSpan.FromDays(7));
        await SetupFixture.SubmitAsync(late);
        Expired(late);
        await late.OpenAsync("/auth/setup");
        Expired(late);
        Assert.False(await SetupFixture.IsInAsync(late));

        await app.DeployAsync(Another, "2026-06-15T12:00:00Z");
        using var owner = await app.AtFormAsync(1);
        await SetupFixture.SubmitAsync(owner);
        Assert.Equal(HttpStatusCode.BadRequest, owner.Status);
        app.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await SetupFixture.SubmitAsync(owner, Another);
        Assert.True(await SetupFixture.IsInAsync(owner));

        static void Expired(Browser browser)
        {
            Assert.Equal(HttpStatusCode.Gone, browser.Status);
            Assert.Contains("The set-up secret has expired", browser.Page, StringComparison.Ordinal);
            Assert.Contains("azd provision --no-state", browser.Page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deployment_after_the_set_up_changes_nothing(bool azure)
    {
        const string Another = "a-secret-of-another-deployment";
        await using var app = await SetupFixture.StartAsync(azure, "2026-06-08T12:00:00Z");
        app.Log.Plant(Another);
        using var owner = await app.AtFormAsync(0);
        await SetupFixture.SubmitAsync(owner);
        app.Clock.Advance(TimeSpan.FromDays(8));
        var before = await app.RowsAsync();

        await app.DeployAsync(Another, "2026-06-16T12:00:00Z");
        foreach (var secret in (string[])[SetupFixture.Secret, Another])
        {
            using var browser = await app.AtFormAsync(1);
            Assert.Equal(HttpStatusCode.NotFound, browser.Status);

            // With the token of another page, since this one has no form.
            await browser.OpenAsync("/settings");
            await browser.OpenAsync("/auth/link/none");
            await SetupFixture.SubmitAsync(browser, secret);
            Assert.Null(browser.Cookie("session"));
        }

        Assert.Equal(before, await app.RowsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_several_that_use_the_secret_at_the_same_time_one_gets_in(bool azure)
    {
        await using var app = await SetupFixture.StartAsync(azure);
        var browsers = new List<Browser>();
        for (var i = 0; i < 8; i++)
            browsers.Add(await app.AtFormAsync(i % 2));

        await Task.WhenAll(browsers.Select(browser => Task.Run(() => SetupFixture.SubmitAsync(browser))));

        Assert.All(browsers.Where(browser => browser.Cookie("session") is null), browser => Assert.Contains(browser.Status, (HttpStatusCode[])[HttpStatusCode.Conflict, HttpStatusCode.NotFound]));
        Assert.Equal(1, await InAsync(browsers));
        browsers.ForEach(browser => browser.Dispose());
    }

    /// <summary>The other one comes before each write of the first in turn.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whenever_the_other_one_comes_one_gets_in(bool azure)
    {
        for (var n = 1; ; n++)
        {
            await using var app = await SetupFixture.StartAsync(azure);
            using var first = await app.AtFormAsync(0);
            using var other = await app.AtFormAsync(1);
            var writes = 0;
            app.Table.Step = () =>
            {
                if (++writes == n)
                    Task.Run(() => SetupFixture.SubmitAsync(other)).GetAwaiter().GetResult();
            };
            await SetupFixture.SubmitAsync(first);
            app.Table.Step = () => { };
            if (writes < n)
            {
                Assert.True(n > 4, $"Only {n} writes.");
                return;
            }

            Assert.True(await InAsync([first, other]) == 1, $"At write {n}.");
        }
    }

    /// <summary>Whatever fails, the secret works afterwards, at any instance and for any browser, and then once.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Death_at_any_step_neither_loses_the_secret_nor_lets_it_work_twice(bool azure)
    {
        for (var n = 0; ; n++)
        {
            await using var app = await SetupFixture.StartAsync(azure);
            using var first = await app.AtFormAsync(0);
            app.Table.BreakIn = n;
            await SetupFixture.SubmitAsync(first);
            app.Table.BreakIn = null;
            if (first.Cookie("session") is not null)
            {
                Assert.True(n > 5, $"Only {n} operations.");
                return;
            }

            using var other = await app.AtFormAsync(1);
            if (n % 2 == 0)
            {
                await SetupFixture.SubmitAsync(other);
                Assert.True(await SetupFixture.IsInAsync(other), $"Another browser, after operation {n}.");
            }

            await first.OpenAsync("/auth/setup");
            await SetupFixture.SubmitAsync(first);
            Assert.True(await SetupFixture.IsInAsync(first) == (n % 2 != 0), $"The same browser, after operation {n}.");
            await SetupFixture.SubmitAsync(other);
            Assert.True(await InAsync([first, other]) == 1, $"After operation {n}.");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Browser_that_the_answer_did_not_reach_goes_on_for_five_minutes(bool azure)
    {
        await using var app = await SetupFixture.StartAsync(azure);
        using var owner = await app.AtFormAsync(0);
        var cookies = owner.AllCookies;
        var token = owner.Token;
        await SetupFixture.SubmitAsync(owner);
        Assert.Null(owner.Cookie("setup"));

        // The same browser, had the answer got lost.
        using var again = Before(1);
        await again.PostAsync("/auth/setup", ("secret", SetupFixture.Secret), ("csrf", token));
        Assert.True(await SetupFixture.IsInAsync(again));
        using var stranger = await app.AtFormAsync(1);
        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);

        app.Clock.Advance(RepetitionTime);
        using var late = Before(0);
        await late.PostAsync("/auth/setup", ("secret", SetupFixture.Secret), ("csrf", token));
        Assert.Equal(HttpStatusCode.NotFound, late.Status);

        Browser Before(int instance)
        {
            var browser = app.Browser(instance);
            foreach (var cookie in cookies.Split("; ").Select(cookie => cookie.Split('=', 2)))
                browser.SetCookie(cookie[0], cookie[1]);
            return browser;
        }
    }

    private static async Task<int> InAsync(IEnumerable<Browser> browsers)
    {
        var count = 0;
        foreach (var browser in browsers)
            count += await SetupFixture.IsInAsync(browser) ? 1 : 0;
        return count;
    }
}
