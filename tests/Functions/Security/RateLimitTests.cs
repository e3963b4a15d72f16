using System.Net;
using System.Net.Http.Headers;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Xunit;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>How much is answered, and who is not shut out by others.</summary>
public sealed class RateLimitTests
{
    [Fact]
    public async Task Key_that_asks_too_much_is_told_when_to_go_on_and_others_are_answered()
    {
        await using var app = await SignInFixture.StartAsync(("RequestsPerMinute", "20"));
        var owner = await app.OwnerAsync();
        var (other, _) = await app.Get<ApiKeys>().CreateAsync(owner.Id, "other", Scope.Read, default);
        var last = HttpStatusCode.OK;
        for (var request = 0; request < 40 && last == HttpStatusCode.OK; request++)
        {
            using var answer = await app.App.Client.GetAsync(new Uri("/api/me/keys", UriKind.Relative));
            last = answer.StatusCode;
            if (last != HttpStatusCode.OK)
            {
                Assert.InRange(request, 20, 22);
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
                Assert.Contains("urn:contributioningest:problem:tooMany", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, other));
    }

    [Theory]
    [InlineData("/api/me")]
    [InlineData("/auth/link/s2.unknown")]
    [InlineData("/unsubscribe/s2.unknown")]
    [InlineData("/api/webhooks/github/unknown")]
    public async Task Who_guesses_keys_links_and_hooks_is_slowed_down_and_a_valid_key_works_meanwhile(string path)
    {
        await using var app = await SignInFixture.StartAsync(("RequestsPerMinute", "1000"));
        var owner = await app.OwnerAsync();
        var (valid, _) = await app.Get<ApiKeys>().CreateAsync(owner.Id, "valid", Scope.Read, default);
        var statuses = new List<HttpStatusCode>();
        for (var guess = 0; guess < 60; guess++)
        {
            using var client = app.App.App.GetTestClient();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "ci_" + new string('a', 52));
            using var answer = path.Contains("webhooks", StringComparison.Ordinal)
                ? await client.PostAsync(new Uri(path, UriKind.Relative), null)
                : await client.GetAsync(new Uri(path, UriKind.Relative));
            statuses.Add(answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, statuses.Take(RateLimitOptions.GuessesPerMinute));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses.Skip(RateLimitOptions.GuessesPerMinute));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, valid));
    }

    [Fact]
    public async Task Guesses_count_over_all_processes_for_an_hour()
    {
        await using var app = await SignInFixture.StartAsync();
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("203.0.113.7") } };
        for (var process = 0; process < RateLimitOptions.GuessesPerHour / RateLimitOptions.GuessesPerMinute; process++)
        {
            using var guesses = Process();
            for (var guess = 0; guess < RateLimitOptions.GuessesPerMinute; guess++)
                Assert.Null(await guesses.CountAsync(context));
        }

        app.App.Clock.Advance(TimeSpan.FromMinutes(10));
        using var next = Process();
        Assert.Equal(50 * 60, await next.CountAsync(context));
        Assert.Null(await next.CountAsync(new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("203.0.113.8") } }));
        app.App.Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Null(await next.CountAsync(context));

        Guesses Process() => new(app.Get<AttemptCounter>(), new RateLimitOptions(1000, IsShared: true));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "20010db800010002")]
    [InlineData("2001:db8:1:2:ffff::1", "20010db800010002")]
    public void Client_of_IPv6_is_its_network(string address, string client) =>
        Assert.Equal(client, RateLimits.Client(new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } }));

    [Fact]
    public async Task Sign_in_forms_are_limited_for_each_address()
    {
        await using var app = await SignInFixture.StartAsync(("RequestsPerMinute", "1000"));
        using var browser = app.Browser();
        await browser.OpenAsync("/auth/sign-in");
        var token = browser.Token;
        var statuses = new List<HttpStatusCode>();
        for (var form = 0; form < 30; form++)
            statuses.Add((await browser.PostAsync("/auth/sign-in", ("email", "no address"), ("csrf", token))).Status);
        Assert.All(statuses.Take(RateLimitOptions.FormsPerMinute), status => Assert.Equal(HttpStatusCode.BadRequest, status));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    private static async Task<HttpStatusCode> StatusAsync(SignInFixture app, string key)
    {
        using var client = app.App.App.GetTestClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.GetAsync(new Uri("/api/me", UriKind.Relative));
        return answer.StatusCode;
    }
}
