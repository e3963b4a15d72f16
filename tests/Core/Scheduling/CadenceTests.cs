using System.Net;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Scheduling;

/// <summary>When a place is looked at again.</summary>
public sealed class CadenceTests
{
    private const string Feed = "https://one.example/feed.xml";

    /// <summary>A post every so many hours gives an eighth of that as the pause; what the place asks for may only lengthen it.</summary>
    [Theory]
    [InlineData(24, null, null, 3)]
    [InlineData(24, 600, null, 10)]
    [InlineData(24, null, 36_000, 10)]
    [InlineData(24, 60, 3600, 3)]
    [InlineData(96, 60, null, 12)]
    [InlineData(96, null, 3600, 12)]
    [InlineData(24, 100_000, null, 24)]
    [InlineData(1, null, null, 0.5)]
    [InlineData(400, null, null, 24)]
    public async Task Next_look_follows_the_rhythm_of_the_posts_but_never_comes_sooner_than_the_place_asks(int hoursApart, int? ttl, int? maxAge, double hours)
    {
        var blogs = new Blogs();
        var now = TestClock.Begin;
        var posts = Enumerable.Range(1, 6).Select(n => Blogs.Post(n) with { Date = now.AddHours(-n * hoursApart) });
        var body = Blogs.Rss(Feed, "One", posts).Replace("<item>", ttl is null ? "<item>" : $"<ttl>{ttl}</ttl><item>", StringComparison.Ordinal);
        (string, string)[] headers = maxAge is null ? [] : [("Cache-Control", $"max-age={maxAge}")];
        blogs.On(Feed, HttpStatusCode.OK, body, "application/rss+xml", headers);
        await using var app = await AppFixture.StartAsync(blogs.Web);

        var id = await app.ConnectAsync(Feed);

        var next = (await app.GetAsync($"/connections/{id}")).GetProperty("nextRun").GetDateTimeOffset() - now;
        Assert.InRange(next, TimeSpan.FromHours(Math.Max(0.5, hours * 0.9)), TimeSpan.FromHours(Math.Min(24, hours * 1.1)));
    }

    /// <summary>Over many connections the pauses reach from nine to eleven tenths.</summary>
    [Theory]
    [InlineData(1, 0.5, 0.55)]
    [InlineData(2, 0.9, 1.1)]
    [InlineData(3, 1.8, 2.2)]
    [InlineData(6, 14.4, 17.6)]
    [InlineData(7, 24, 24)]
    [InlineData(100, 24, 24)]
    public void Pause_after_a_failure_doubles_from_half_an_hour_to_a_day(int failures, double shortest, double longest)
    {
        var hours = Enumerable.Range(0, 2000).Select(n => (Cadence.AfterFailure(TestClock.Begin, failures, $"connection {n}") - TestClock.Begin).TotalHours).ToList();
        Assert.Equal((shortest, longest), (Math.Round(hours.Min(), 6), Math.Round(hours.Max(), 6)));
    }
}
