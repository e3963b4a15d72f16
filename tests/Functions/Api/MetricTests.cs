using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>The numbers of a contribution over time.</summary>
public sealed class MetricTests
{
    [Fact]
    public async Task Each_day_keeps_its_last_value_and_growth_counts_from_the_value_at_the_start_of_the_window()
    {
        await using var app = await LedgerFixture.StartAsync();
        foreach (var (hours, views) in new[] { (0, 100), (6, 110), (18, 150), (24, 150), (72, 400) })
        {
            app.Clock.SetUtcNow(LedgerFixture.Now.AddHours(hours));
            await app.HarvestAsync(Video(("views", views)));
        }

        var id = (await app.WalkAsync("")).Single();
        var all = Series(await app.GetAsync($"/ledger/{id}/metrics"), "views");

        Assert.Equal(["2026-06-15T18:00:00Z 110", "2026-06-16T06:00:00Z 150", "2026-06-18T12:00:00Z 400"], Values(all));
        Assert.Equal(290, all.GetProperty("growth").GetProperty("by").GetDouble());

        var window = Series(await app.GetAsync($"/ledger/{id}/metrics?from=2026-06-17&to=2026-06-18"), "views");
        Assert.Equal(["2026-06-18T12:00:00Z 400"], Values(window));
        Assert.Equal(250, window.GetProperty("growth").GetProperty("by").GetDouble());
        Assert.Equal("2026-06-16T06:00:00Z", window.GetProperty("growth").GetProperty("from").GetProperty("at").GetString());
    }

    [Fact]
    public async Task Unknown_metric_is_absent_and_a_single_value_shows_no_growth()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Video(("views", 7)), LedgerFixture.Draft("plain"));
        var ids = await app.WalkAsync("");

        foreach (var id in ids)
        {
            var items = (await app.GetAsync($"/ledger/{id}/metrics")).GetProperty("items").EnumerateArray().ToList();
            Assert.All(items, item => Assert.Equal("views", item.GetProperty("name").GetString()));
            Assert.All(items, item => Assert.False(item.TryGetProperty("growth", out _)));
        }
    }

    [Fact]
    public async Task Numbers_that_stay_the_same_cost_no_row_when_something_else_changes()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Video(("views", 7)));

        await app.HarvestAsync(Video(("views", 7)) with { Title = "Another title" });

        Assert.Empty(await app.Table.RangeAsync(TableNames.Ledger, app.Person, "v|", "v}", null, default).ToListAsync());
    }

    [Fact]
    public async Task Entered_number_is_marked_and_never_compared_with_a_measured_one()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(Video(("views", 10)));
        var id = (await app.WalkAsync("")).Single();
        app.Clock.SetUtcNow(LedgerFixture.Now.AddDays(1));
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"metrics":{"views":99,"attendees":40}}""", "application/merge-patch+json");

        var history = await app.GetAsync($"/ledger/{id}/metrics");

        var views = Series(history, "views");
        Assert.Equal(["measured", "typed"], views.GetProperty("values").EnumerateArray().Select(v => v.GetProperty("how").GetString()));
        Assert.False(views.TryGetProperty("growth", out _));
        Assert.Single(Series(history, "attendees").GetProperty("values").EnumerateArray());
    }

    [Fact]
    public async Task Views_counted_in_a_new_way_are_no_growth()
    {
        await using var app = await LedgerFixture.StartAsync();
        var context = LedgerFixture.Observer("channel") with { Source = "youtube" };
        foreach (var (day, views) in new[] { (20, 100), (30, 900), (31, 950) })
        {
            app.Clock.SetUtcNow(new DateTimeOffset(2026, 8, day, 12, 0, 0, TimeSpan.Zero));
            await app.HarvestAsync(context, Video(("views", views), ("likes", day)));
        }

        var id = (await app.WalkAsync("")).Single();
        var history = await app.GetAsync($"/ledger/{id}/metrics");

        Assert.Equal(50, Series(history, "views").GetProperty("growth").GetProperty("by").GetDouble());
        Assert.Equal(11, Series(history, "likes").GetProperty("growth").GetProperty("by").GetDouble());
    }

    [Fact]
    public async Task Metrics_are_deleted_with_a_contribution_logged_by_hand_and_hidden_from_other_people()
    {
        await using var app = await LedgerFixture.StartAsync();
        (string, string)[] key = [("Idempotency-Key", "one")];
        const string Talk = """{"kind":"talk","title":"T","when":"2026-06-01","metrics":{"attendees":10}}""";
        var id = (await app.SendAsync(HttpMethod.Post, "/ledger", Talk, headers: key)).Body.GetProperty("id").GetString();
        app.Clock.SetUtcNow(LedgerFixture.Now.AddDays(1));
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"metrics":{"attendees":12}}""", "application/merge-patch+json");
        Assert.Equal(2, Series(await app.GetAsync($"/ledger/{id}/metrics"), "attendees").GetProperty("values").GetArrayLength());

        await app.SendAsync(HttpMethod.Delete, $"/ledger/{id}");
        await app.SendAsync(HttpMethod.Post, "/ledger", Talk, headers: key);

        Assert.Equal(1, Series(await app.GetAsync($"/ledger/{id}/metrics"), "attendees").GetProperty("values").GetArrayLength());
        await app.EnterAsync();
        Assert.Equal(404, (await app.SendAsync(HttpMethod.Get, $"/ledger/{id}/metrics")).Status);
    }

    [Fact]
    public async Task Invalid_time_window_is_rejected_by_name()
    {
        await using var app = await LedgerFixture.StartAsync();

        var (status, body, _) = await app.SendAsync(HttpMethod.Get, $"/ledger/{new string('a', 26)}/metrics?from=yesterday&by=day");

        Assert.Equal(400, status);
        Assert.Equal(["by", "from"], body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order());
    }

    private static Draft Video(params (string Name, double Value)[] metrics) =>
        LedgerFixture.Draft("v", kind: Kind.Video) with { Metrics = metrics.ToDictionary(m => m.Name, m => m.Value) };

    private static JsonElement Series(JsonElement history, string name) =>
        history.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("name").GetString() == name);

    private static IEnumerable<string> Values(JsonElement series) =>
        series.GetProperty("values").EnumerateArray().Select(v => $"{v.GetProperty("at").GetString()} {v.GetProperty("value").GetDouble()}");
}
