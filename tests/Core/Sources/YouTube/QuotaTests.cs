using ContributionIngest.Core.Http;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>The key's units: a day's budget, shared, renewed at midnight Pacific time.</summary>
public sealed class QuotaTests
{
    [Fact]
    public async Task Several_processes_share_one_quota_with_one_write_per_block()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedYouTube().Web);
        var ledger = new SharedQuota(app.Table, app.Clock);
        var processes = Enumerable.Range(0, 4).Select(_ => new Quota(1000, app.Clock, (day, wanted, cancel) => ledger.GrantAsync("youtube", day, wanted, 1000, cancel))).ToList();
        app.Table.Forget();

        var spent = await Task.WhenAll(processes.Select(quota => Task.Run(async () =>
        {
            var count = 0;
            while (await quota.TakeAsync(default) is null)
                count++;
            return count;
        })));

        Assert.Equal(1000, spent.Sum());
        Assert.Equal(1000, await ledger.GrantedAsync("youtube", processes[0].Day, default));
        Assert.All(processes, quota => Assert.True(quota.IsLow));

        // 50 blocks; at each, the other three may have come too late and asked again.
        Assert.InRange(app.Table.Operations.Count(o => o.What == "write"), 50, 50 * 4);
    }

    [Fact]
    public async Task Concurrent_requests_are_never_granted_the_same_units()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedYouTube().Web);
        var ledger = new SharedQuota(app.Table, app.Clock);
        var hasRival = false;
        app.Table.Step = () =>
        {
            // Between the reading and the writing of the row.
            if (hasRival)
            {
                hasRival = false;
                Assert.Equal(7, ledger.GrantAsync("youtube", "2026-06-01", 7, 100, default).GetAwaiter().GetResult().Units);
            }
        };

        foreach (var (round, left) in new[] { (1, 88), (2, 76) })
        {
            hasRival = true;
            Assert.Equal((5, left), await ledger.GrantAsync("youtube", "2026-06-01", 5, 100, default));
            Assert.Equal(12 * round, await ledger.GrantedAsync("youtube", "2026-06-01", default));
        }
    }

    [Fact]
    public async Task Last_tenth_of_the_day_is_little()
    {
        var quota = new Quota(100, new TestClock());
        for (var unit = 0; unit < 89; unit++)
            await quota.TakeAsync(default);
        Assert.Equal((11, false), (quota.Left, quota.IsLow));

        await quota.TakeAsync(default);
        Assert.Equal((10, true), (quota.Left, quota.IsLow));
    }

    [Fact]
    public async Task Quota_that_is_spent_is_not_written_again()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedYouTube().Web);
        var ledger = new SharedQuota(app.Table, app.Clock);
        Assert.Equal((100, 0), await ledger.GrantAsync("youtube", "2026-06-01", 100, 100, default));
        app.Table.Forget();

        Assert.Equal((0, 0), await ledger.GrantAsync("youtube", "2026-06-01", 1, 100, default));

        Assert.Equal([("lookups", "get")], app.Table.Operations);
    }

    [Fact]
    public async Task Units_of_a_block_last_for_its_day_whoever_else_asks_and_no_longer()
    {
        var clock = new TestClock();
        var isGranted = new TaskCompletionSource();
        var quota = new Quota(1000, clock, async (_, wanted, _) =>
        {
            await isGranted.Task;
            return (wanted, 0);
        });
        var (first, second) = (quota.TakeAsync(default), quota.TakeAsync(default));
        isGranted.SetResult();
        Assert.Equal((null, null), (await first, await second));
        Assert.Equal(38, quota.Left);

        clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await quota.TakeAsync(default));
        Assert.Equal(19, quota.Left);
    }

    [Theory]
    [InlineData("2026-03-08T07:30:00Z", "2026-03-07", "2026-03-08T08:00:00Z")]
    [InlineData("2026-03-08T12:00:00Z", "2026-03-08", "2026-03-09T07:00:00Z")]
    [InlineData("2026-11-01T07:30:00Z", "2026-11-01", "2026-11-02T08:00:00Z")]
    [InlineData("2026-11-01T06:59:59Z", "2026-10-31", "2026-11-01T07:00:00Z")]
    [InlineData("2026-07-15T20:00:00Z", "2026-07-15", "2026-07-16T07:00:00Z")]
    public async Task Quota_day_begins_at_midnight_Pacific_time_even_when_clocks_change(string now, string day, string next)
    {
        var clock = new TestClock(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));
        var quota = new Quota(10, clock);
        Assert.Equal(day, quota.Day);
        for (var unit = 0; unit < 10; unit++)
            Assert.Null(await quota.TakeAsync(default));

        var until = await quota.TakeAsync(default);

        Assert.Equal(DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture), until);
        clock.Advance(until!.Value - clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.NotNull(await quota.TakeAsync(default));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await quota.TakeAsync(default));
    }

    [Fact]
    public async Task Exhausted_quota_waits_for_the_next_day_without_requests_and_is_shown_in_the_status()
    {
        var youtube = new ScriptedYouTube(300);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(units: 10));

        var id = await app.ConnectAsync("@junaokvist", "youtube");

        // The last units are kept for new videos: the history waits.
        Assert.InRange(youtube.Calls.Count, 7, 10);
        Assert.Equal("ok", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
        Assert.Contains("still being read", (await app.GetAsync($"/connections/{id}")).GetProperty("coverage").GetRawText(), StringComparison.Ordinal);
        for (var look = 0; look < 6; look++)
            await app.HarvestAsync(id);
        Assert.Equal(10, youtube.Count());
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("quotaSpent", connection.GetProperty("problem").GetProperty("code").GetString());
        var status = await app.GetAsync("/status");
        Assert.Equal("""{"day":"2026-06-01","used":10,"daily":10}""", status.GetProperty("youTube").GetRawText());
        Assert.Equal("2026-06-02T07:00:00+00:00", status.GetProperty("pausedHosts").GetProperty("www.googleapis.com").GetString()?.Replace("Z", "+00:00", StringComparison.Ordinal));

        for (var day = 0; day < 5; day++)
        {
            await app.PassAsync(TimeSpan.FromHours(24));
            await app.HarvestAsync(id);
        }

        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.Equal("ok", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
    }

    [Fact]
    public async Task Quota_error_from_YouTube_stops_all_requests_for_the_day()
    {
        var youtube = new ScriptedYouTube(5);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        youtube.Instead = _ => Error(403, "quotaExceeded");
        youtube.Count();

        await app.HarvestAsync(id);
        await app.HarvestAsync(id);

        Assert.Equal(1, youtube.Count());
        Assert.Equal("quotaSpent", (await app.GetAsync($"/connections/{id}")).GetProperty("problem").GetProperty("code").GetString());
        youtube.Instead = _ => null;
        app.Clock.Advance(TimeSpan.FromHours(20));
        await app.HarvestAsync(id);
        Assert.Equal("ok", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
    }

    [Fact]
    public async Task Metrics_wait_when_little_quota_is_left_and_new_videos_do_not()
    {
        var youtube = new ScriptedYouTube(20);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(units: 40));
        var id = await app.ConnectAsync("@junaokvist", "youtube");

        // Half an hour into the next Pacific day, and half an hour before the numbers are due.
        app.Clock.Advance(TimeSpan.FromHours(19.5));
        for (var look = 0; look < 37; look++)
            await app.HarvestAsync(id);
        app.Clock.Advance(TimeSpan.FromHours(1));
        youtube.Count();
        await app.HarvestAsync(id);
        Assert.Equal(["playlistItems"], youtube.Calls);

        youtube.Films.Add(Film(99, app.Clock.GetUtcNow()));
        youtube.Count();
        await app.HarvestAsync(id);
        Assert.Equal(["playlistItems", "videos"], youtube.Calls);
        await BackfillTests.AssertAllAsync(app, youtube);
    }
}
