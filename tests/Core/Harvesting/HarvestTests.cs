using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>A blog connected once, through the front door.</summary>
public sealed class HarvestTests
{
    private const string Feed = "https://one.example/feed.xml";

    [Fact]
    public async Task Connected_blog_is_harvested_newest_first()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 12).Select(n => Blogs.Post(n)));
        await using var app = await AppFixture.StartAsync(blogs.Web);

        await app.ConnectAsync(Feed);

        Assert.Empty(app.Failures);
        var ledger = await app.LedgerAsync();
        Assert.Equal(Enumerable.Range(1, 12).Reverse().Select(n => $"Post {n}"), ledger.Select(i => Text(i, "title")));
        var first = ledger[0];
        Assert.Equal("https://one.example/posts/12", Text(first, "url"));
        Assert.Equal("2026-05-13T09:00:00Z", Text(first, "when"));
        Assert.Equal("blogPost", Text(first, "kind"));
        Assert.Equal("exact", Text(first, "datePrecision"));
        Assert.Equal("About 12.", Text(first, "summary"));
        Assert.Equal("even", first.GetProperty("topics")[0].GetString());
        Assert.Equal("One", first.GetProperty("container").GetProperty("name").GetString());
        Assert.Equal(1, first.GetProperty("revision").GetInt32());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unchanged_poll_costs_four_operations_and_writes_nothing_to_the_ledger(bool validators)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 20).Select(n => Blogs.Post(n)), validators: validators);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await app.PassAsync(TimeSpan.FromHours(24));
        var before = await app.DumpAsync("ledger");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        var asked = blogs.Web.Asked.Count;
        app.Table.Forget();

        await app.DrainAsync();

        Assert.Equal(
            ["people range", "people write", "people write", "schedule transact"],
            app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        Assert.Equal(before, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 1, blogs.Web.Asked.Count);
    }

    [Fact]
    public async Task Announced_event_is_polled_when_it_begins_however_rarely_its_source_is()
    {
        var blogs = new Blogs();
        var now = new TestClock().GetUtcNow();
        List<Post> posts = [.. Enumerable.Range(1, 4).Select(n => Blogs.Post(n) with { Date = now.AddDays(-60 * n) })];
        blogs.Rss(Feed, [Blogs.Post(9) with { Date = now.AddHours(10) }, Blogs.Post(8) with { Date = now.AddHours(15) }, .. posts]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        var first = now.AddHours(10).AddMinutes(5);

        Assert.Equal(first, (await app.GetAsync($"/connections/{id}")).GetProperty("nextRun").GetDateTimeOffset());

        await app.PassAsync(first - now + TimeSpan.FromSeconds(1));

        Assert.Equal(first.AddHours(5), (await app.GetAsync($"/connections/{id}")).GetProperty("nextRun").GetDateTimeOffset());
        Assert.Equal(["scheduled", "published"], (await app.LedgerAsync()).Take(2).Select(i => Text(i, "status")));
    }

    [Fact]
    public async Task Poll_that_finds_nothing_new_is_the_last_run_and_not_the_last_change()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connected = app.Clock.GetUtcNow();
        var id = await app.ConnectAsync(Feed);
        app.Clock.Advance(TimeSpan.FromHours(1));

        await app.HarvestAsync(id);

        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal((connected, connected.AddHours(1)), (connection.GetProperty("lastChange").GetDateTimeOffset(), connection.GetProperty("lastRun").GetDateTimeOffset()));
    }

    [Fact]
    public async Task Paused_connection_is_not_read_whoever_asks_and_its_row_is_removed()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"paused":true}""");
        var due = Due.OfConnection((await app.GetAsync("/me")).GetProperty("id").GetString()!, id, Feed);
        await app.App.Services.GetRequiredService<DueIndex>().MoveAsync(due, null, app.Clock.GetUtcNow(), default);
        var asked = blogs.Web.Asked.Count;

        await app.PollAsync(id);
        await app.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(asked, blogs.Web.Asked.Count);
        Assert.DoesNotContain(await app.DumpAsync("schedule"), row => row.Contains("|harvest|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Change_outside_the_items_writes_nothing_to_the_ledger()
    {
        var blogs = new Blogs();
        var posts = Enumerable.Range(1, 20).Select(n => Blogs.Post(n)).ToList();
        blogs.Rss(Feed, posts, validators: false);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        var before = await app.DumpAsync("ledger");
        blogs.On(Feed, HttpStatusCode.OK, Blogs.Rss(Feed, "One", posts) + "<!-- made at 12:03 -->", "application/rss+xml");
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Table.Forget();

        await app.DrainAsync();

        Assert.Equal(before, await app.DumpAsync("ledger"));
        Assert.InRange(app.Table.Operations.Count, 1, 4);
    }

    [Fact]
    public async Task Changed_title_creates_a_revision_and_the_old_one_stays_readable()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.Rss(Feed, [Blogs.Post(1) with { Title = "Post one, better" }, Blogs.Post(2)]);

        await app.HarvestAsync(id);

        var entry = Assert.Single(await app.LedgerAsync(), i => i.GetProperty("revision").GetInt32() == 2);
        Assert.Equal("Post one, better", Text(entry, "title"));
        var history = await app.GetAsync($"/ledger/{Text(entry, "id")}/history");
        Assert.Contains("Post 1\"", history.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_date_moves_the_entry_and_its_counts()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.Rss(Feed, [Blogs.Post(1) with { Date = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero) }, Blogs.Post(2)]);

        await app.HarvestAsync(id);

        Assert.Equal(["2026-05-03T09:00:00Z", "2026-03-01T00:00:00Z"], (await app.LedgerAsync()).Select(i => Text(i, "when")));
        var months = (await app.GetAsync("/ledger/summary?by=month&from=2026-01-01&to=2026-12-31")).GetProperty("public").GetProperty("items");
        Assert.Equal(
            ["2026-03 1", "2026-05 1"],
            months.EnumerateArray().Where(m => m.GetProperty("total").GetInt32() > 0).Select(m => $"{Text(m, "period")} {m.GetProperty("total")}"));
    }

    [Fact]
    public async Task New_guid_for_the_same_link_splits_no_post_and_a_guid_shared_by_links_merges_none()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2), Blogs.Post(3)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        blogs.Rss(Feed, [Blogs.Post(1) with { Guid = "new" }, Blogs.Post(2) with { Guid = "same" }, Blogs.Post(3) with { Guid = "same" }, Blogs.Post(4) with { Guid = "same" }]);

        await app.HarvestAsync(id);
        var once = await app.DumpAsync("ledger");
        await app.HarvestAsync(id);

        Assert.Equal(4, (await app.LedgerAsync()).Count);
        Assert.Equal(once, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Rejected_entry_never_comes_back_even_after_reconnecting()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1), Blogs.Post(2)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        var unwanted = Text((await app.LedgerAsync())[0], "id");
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{unwanted}", """{"review":"rejected"}""");

        await app.SendAsync(HttpMethod.Delete, $"/connections/{id}?contributions=delete");
        Assert.Empty(await app.LedgerAsync("review=new"));
        await app.ConnectAsync(Feed);

        Assert.Equal(["Post 1"], (await app.LedgerAsync("")).Select(i => Text(i, "title")));
        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Personal_edits_survive_every_harvest_and_null_restores_the_harvested_value()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var connection = await app.ConnectAsync(Feed);
        var id = Text((await app.LedgerAsync())[0], "id");
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"title":"Mine","when":"2026-02-02T00:00:00Z","topics":["azure"]}""");
        blogs.Rss(Feed, [Blogs.Post(1) with { Title = "Theirs", Summary = "New words." }]);

        await app.HarvestAsync(connection);

        var entry = await app.GetAsync($"/ledger/{id}");
        Assert.Equal("Mine", Text(entry, "title"));
        Assert.Equal("2026-02-02T00:00:00Z", Text(entry, "when"));
        Assert.Equal("New words.", Text(entry, "summary"));
        Assert.Equal("Theirs", entry.GetProperty("harvested").GetProperty("title").GetString());
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"title":null,"when":null,"topics":null}""");
        entry = await app.GetAsync($"/ledger/{id}");
        Assert.Equal("Theirs", Text(entry, "title"));
        Assert.Equal("2026-05-02T09:00:00Z", Text(entry, "when"));
    }

    [Fact]
    public async Task Poll_interval_follows_the_publishing_rhythm_of_the_feed()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 12).Select(n => Blogs.Post(n)));
        await using var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        var asked = blogs.Web.Asked.Count;

        for (var hour = 0; hour < 48; hour++)
            await app.PassAsync(TimeSpan.FromHours(1));

        Assert.InRange(blogs.Web.Asked.Count - asked, 2, 20);
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
