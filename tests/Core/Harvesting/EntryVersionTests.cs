using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>An entry's older version never overwrites a newer one, by its own time of change, whichever way it comes.</summary>
public sealed class EntryVersionTests
{
    private static readonly DateTimeOffset Published = new(2026, 5, 20, 6, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Late_push_changes_nothing()
    {
        await using var pushed = await StartAsync(Feed(("One", 1), ("Two", 1)));
        await pushed.DeliverAsync(Feed(("One, corrected twice", 3)));
        var before = await pushed.App.DumpAsync("ledger");

        Assert.Equal(HttpStatusCode.Accepted, await pushed.DeliverAsync(Feed(("One, corrected", 2))));

        Assert.Equal(before, await pushed.App.DumpAsync("ledger"));
        Assert.Equal(["One, corrected twice", "Two"], await TitlesAsync(pushed.App));
    }

    [Fact]
    public async Task Stale_copy_of_the_feed_changes_nothing_and_a_newer_one_does()
    {
        await using var pushed = await StartAsync(Feed(("One", 3), ("Two", 1)));
        Pushed.Publish(pushed.Blogs, Feed(("One, not yet corrected", 1), ("Two, corrected", 2)));

        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Equal(["One", "Two, corrected"], await TitlesAsync(pushed.App));
        var before = await pushed.App.DumpAsync("ledger");
        Pushed.Publish(pushed.Blogs, Feed(("One", 3), ("Two", 1)));
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal(before, await pushed.App.DumpAsync("ledger"));
        Pushed.Publish(pushed.Blogs, Feed(("One, at last", 4), ("Two, corrected again", 3)));
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal(["One, at last", "Two, corrected again"], await TitlesAsync(pushed.App));
    }

    [Fact]
    public async Task Poll_after_a_newer_push_changes_nothing_while_the_feed_is_stale()
    {
        await using var pushed = await StartAsync(Feed(("One", 1)));
        await pushed.DeliverAsync(Feed(("One, corrected", 2)));
        var before = await pushed.App.DumpAsync("ledger");
        Pushed.Publish(pushed.Blogs, Feed(("One", 1)) + "<!-- cached -->");

        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Equal(before, await pushed.App.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Version_without_a_time_of_change_counts_and_lets_no_older_one_back_in()
    {
        await using var pushed = await StartAsync(Feed(("One", 3)));
        Pushed.Publish(pushed.Blogs, Regex.Replace(Feed(("One, without a time", 3)), "<updated>[^<]+</updated>", "", RegexOptions.None, TimeSpan.FromSeconds(5)));
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal(["One, without a time"], await TitlesAsync(pushed.App));

        Pushed.Publish(pushed.Blogs, Feed(("One, not yet corrected", 1)));
        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Equal(["One, without a time"], await TitlesAsync(pushed.App));
    }

    [Fact]
    public async Task Entries_whose_update_time_changes_with_every_site_build_are_not_rewritten_at_each_poll()
    {
        await using var pushed = await StartAsync(Feed(("One", 1), ("Two", 1)));
        var before = await pushed.App.DumpAsync("ledger");
        for (var build = 2; build < 6; build++)
        {
            Pushed.Publish(pushed.Blogs, Feed(("One", build), ("Two", build)));

            await pushed.App.HarvestAsync(pushed.Connection);

            Assert.Equal(before, await pushed.App.DumpAsync("ledger"));
        }

        Assert.Empty(pushed.App.Failures);
    }

    [Fact]
    public async Task Edit_received_by_push_is_undone_when_the_feed_reverts_it()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var body = Pushed.Body(12);
        await pushed.DeliverAsync(body.Replace("Post 12<", "Post 12, edited<", StringComparison.Ordinal));
        await pushed.App.DrainAsync();
        Assert.Contains("Post 12, edited", await TitlesAsync(pushed.App));
        Pushed.Publish(pushed.Blogs, body + "<!-- built anew -->");

        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Contains("Post 12", await TitlesAsync(pushed.App));
    }

    [Fact]
    public async Task Edit_received_by_push_during_a_poll_is_undone_when_the_feed_reverts_it()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var body = Pushed.Body(12);
        var isAsked = false;
        pushed.Blogs.On(Pushed.Feed, _ =>
        {
            if (!isAsked)
            {
                isAsked = true;
                pushed.App.Clock.Advance(TimeSpan.FromSeconds(1));
                pushed.DeliverAsync(body.Replace("Post 12<", "Post 12, edited<", StringComparison.Ordinal)).GetAwaiter().GetResult();
            }

            return ScriptedWeb.Answer(HttpStatusCode.OK, body + "<!-- built anew -->", "application/rss+xml");
        });
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Contains("Post 12, edited", await TitlesAsync(pushed.App));
        Pushed.Publish(pushed.Blogs, body + "<!-- built again -->");
        pushed.App.Clock.Advance(TimeSpan.FromMinutes(1));

        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Contains("Post 12", await TitlesAsync(pushed.App));
    }

    /// <summary>A program that was killed leaves a message hidden, and what came after it is read before.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delayed_delivery_does_not_undo_later_deliveries_or_polls(bool isDelivered)
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var queue = pushed.App.Store.Queue;
        var body = Pushed.Body(12);
        await ScriptedHub.DeliverAsync(pushed.App, pushed.Hub.Asked[0], body.Replace("Post 12<", "Post 12, draft<", StringComparison.Ordinal), drain: false);
        var waiting = Assert.Single(await queue.ReceiveAsync(HarvestQueue.Name, 1, TimeSpan.FromMinutes(2), CancellationToken.None));
        pushed.App.Clock.Advance(TimeSpan.FromSeconds(1));
        var final = body.Replace("Post 12<", "Post 12, final<", StringComparison.Ordinal);
        if (isDelivered)
        {
            await pushed.DeliverAsync(final);
        }
        else
        {
            Pushed.Publish(pushed.Blogs, final);
            await pushed.App.HarvestAsync(pushed.Connection);
        }

        var before = await pushed.App.DumpAsync("ledger");
        await queue.ExtendAsync(HarvestQueue.Name, waiting, TimeSpan.Zero, CancellationToken.None);
        await pushed.App.DrainAsync();

        Assert.Equal(before, await pushed.App.DumpAsync("ledger"));
        Assert.Contains("Post 12, final", await TitlesAsync(pushed.App));
    }

    private static async Task<Pushed> StartAsync(string body)
    {
        var blogs = new Blogs();
        var hub = new ScriptedHub(blogs);
        Pushed.Publish(blogs, body);
        var app = await AppFixture.StartAsync(blogs.Web, settings: Pushed.Reachable);
        var pushed = new Pushed(blogs, hub, app, await app.ConnectAsync(Pushed.Feed));
        await ScriptedHub.VerifyAsync(app, hub.Last);
        return pushed;
    }

    /// <summary>An Atom feed whose entries were changed so many hours after they were published.</summary>
    private static string Feed(params (string Title, int Hours)[] entries)
    {
        var links = Pushed.Links.Replace("atom:link", "link", StringComparison.Ordinal);
        return $"<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>One</title><id>urn:one</id>{links}{string.Concat(entries.Select(Entry))}</feed>";

        static string Entry((string Title, int Hours) entry)
        {
            var name = entry.Title.Split(',')[0];
            return $"<entry><id>urn:{name}</id><title>{entry.Title}</title><link href=\"https://one.example/posts/{name}\"/>"
                + $"<published>{Time(name == "One" ? 1 : 0)}</published><updated>{Time(entry.Hours)}</updated></entry>";
        }

        static string Time(int hours) => Published.AddHours(hours).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
    }

    private static async Task<IReadOnlyList<string>> TitlesAsync(AppFixture app) =>
        [.. (await app.LedgerAsync()).Select((JsonElement entry) => entry.GetProperty("title").GetString()!)];
}
