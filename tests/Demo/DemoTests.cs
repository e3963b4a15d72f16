using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ContributionIngest.Tests.Demo;

public sealed class DemoTests(RunningDemo demo) : IClassFixture<RunningDemo>
{
    [Fact]
    public async Task Ledger_holds_a_year_of_three_blogs_up_to_today()
    {
        var entries = (await EntriesAsync()).FindAll(e => Text(e, "source") is "feed" or "manual");
        Assert.InRange(entries.Count, 120, 150);
        Assert.Equal(3, entries.Where(e => Text(e, "kind") == "blogPost").Select(e => Text(e.GetProperty("container"), "name")).Distinct(StringComparer.Ordinal).Count());

        var days = entries.ConvertAll(e => e.GetProperty("when").GetDateTimeOffset());
        var now = TimeProvider.System.GetUtcNow();
        Assert.InRange(now - days.Max(), TimeSpan.Zero, TimeSpan.FromDays(1));
        Assert.InRange(now - days.Min(), TimeSpan.FromDays(330), TimeSpan.FromDays(366));
    }

    [Fact]
    public async Task Two_posts_were_revised_in_title_and_in_date()
    {
        var revised = (await EntriesAsync()).Where(e => e.GetProperty("revision").GetInt32() > 1).ToList();
        Assert.Equal(2, revised.Count);
        var changes = new List<string>();
        foreach (var entry in revised)
        {
            var history = (await demo.GetAsync($"/api/ledger/{Text(entry, "id")}/history")).GetProperty("items").EnumerateArray().ToList();
            Assert.Equal(2, history.Count);
            changes.AddRange(((string[])["title", "when", "url"]).Where(name => Text(history[0].GetProperty("effective"), name) != Text(history[1].GetProperty("effective"), name)));
        }

        Assert.Equal(["title", "when"], changes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_talk_was_logged_by_hand_with_its_attendees()
    {
        var talk = Assert.Single(await EntriesAsync(), e => Text(e, "source") == "manual");
        Assert.Equal("talk", Text(talk, "kind"));
        var attendees = talk.GetProperty("metrics").GetProperty("attendees");
        Assert.Equal(64, attendees.GetProperty("value").GetInt32());
        Assert.Equal("typed", Text(attendees, "how"));
    }

    [Fact]
    public async Task Post_published_in_two_blogs_is_one_contribution() =>
        Assert.Single(await EntriesAsync(), e => e.GetProperty("sightings").GetArrayLength() == 2);

    [Fact]
    public async Task Every_blog_is_connected_by_its_page_and_its_history_is_complete()
    {
        var connections = (await ConnectionsAsync()).FindAll(c => Text(c, "source") == "feed");
        Assert.Equal(3, connections.Count);
        Assert.All(connections, c => Assert.Equal("ok", Text(c, "health")));
        Assert.All(connections, c => Assert.True(c.GetProperty("coverage").GetProperty("complete").GetBoolean()));
        Assert.Equal("Juna Okvist", Text(Assert.Single(connections, c => c.GetProperty("options").EnumerateObject().Any()).GetProperty("options"), "author"));
    }

    [Fact]
    public async Task Pull_requests_to_other_peoples_projects_are_present_and_those_to_her_own_are_not()
    {
        var pulls = (await EntriesAsync()).FindAll(e => Text(e, "source") == "github");
        Assert.Equal(62, pulls.Count);
        Assert.Equal(12, pulls.Select(e => Text(e.GetProperty("container"), "name")).Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain(pulls, e => Text(e, "title").StartsWith("Attachments in pieces", StringComparison.Ordinal));
        Assert.Equal(["closed", "merged", "open"], pulls.Select(e => Text(e, "status")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.All(pulls, e => Assert.True(e.GetProperty("metrics").GetProperty("additions").GetProperty("value").GetInt32() > 0));
        Assert.True(Assert.Single(await ConnectionsAsync(), c => Text(c, "source") == "github").GetProperty("coverage").GetProperty("complete").GetBoolean());
        Assert.Contains("Use the monotonic clock", await demo.SendAsync(HttpMethod.Get, Text(pulls[0], "url")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Her_channel_has_its_metrics_and_an_upcoming_premiere()
    {
        var videos = (await EntriesAsync()).FindAll(e => Text(e, "source") == "youtube");
        Assert.Equal(31, videos.Count);
        Assert.Equal(["scheduled", "published"], videos.Take(2).Select(e => Text(e, "status")));
        Assert.All(videos, e => Assert.Equal(("video", "author", "Juna Okvist"), (Text(e, "kind"), Text(e, "role"), Text(e.GetProperty("container"), "name"))));
        Assert.Equal(2, videos.Count(e => !e.GetProperty("metrics").TryGetProperty("likes", out _) && Text(e, "status") == "published"));
        Assert.Equal(2, videos.Count(e => e.TryGetProperty("endsAt", out _)));
        Assert.True(Assert.Single(await ConnectionsAsync(), c => Text(c, "source") == "youtube").GetProperty("coverage").GetProperty("complete").GetBoolean());
        Assert.Contains(Text(videos[1], "title"), await demo.SendAsync(HttpMethod.Get, Text(videos[1], "url")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meetups_she_organises_have_their_metrics_and_two_are_upcoming()
    {
        var evenings = (await EntriesAsync()).FindAll(e => Text(e, "source") == "meetup");
        Assert.Equal(15, evenings.Count);
        Assert.Equal(["scheduled", "scheduled", "published"], evenings.Take(3).Select(e => Text(e, "status")));
        Assert.Single(evenings, e => Text(e, "status") == "cancelled");
        Assert.All(evenings, e => Assert.Equal(("event", "organiser", "Sound .NET"), (Text(e, "kind"), Text(e, "role"), Text(e.GetProperty("container"), "name"))));
        Assert.Equal(71, evenings[2].GetProperty("metrics").GetProperty("rsvps").GetProperty("value").GetInt32());
        Assert.True(Assert.Single(await ConnectionsAsync(), c => Text(c, "source") == "meetup").GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Harvesting_again_changes_nothing()
    {
        var before = await demo.SendAsync(HttpMethod.Get, "/api/ledger?format=ndjson&limit=all");
        var runs = (await ConnectionsAsync()).ToDictionary(c => Text(c, "id"), c => c.GetProperty("runs").GetInt32(), StringComparer.Ordinal);
        foreach (var id in runs.Keys)
            await demo.SendAsync(HttpMethod.Post, $"/api/connections/{id}/harvest");
        var start = TimeProvider.System.GetTimestamp();
        while ((await ConnectionsAsync()).Exists(c => c.GetProperty("harvesting").GetBoolean() || c.GetProperty("runs").GetInt32() <= runs[Text(c, "id")]))
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(2), "It was not harvested again.");
        Assert.Equal(before, await demo.SendAsync(HttpMethod.Get, "/api/ledger?format=ndjson&limit=all"));
    }

    [Fact]
    public async Task Every_printed_command_works_as_printed()
    {
        Assert.InRange(demo.CurlLines.Count, 9, 20);
        foreach (var line in demo.CurlLines)
            Assert.NotEmpty(await demo.CurlAsync(line));
    }

    [Fact]
    public void First_printed_address_is_the_servers_own()
    {
        var addresses = Regex.Matches(demo.Output, "http://[0-9.:]+", RegexOptions.None, Timeout.InfiniteTimeSpan).Select(m => m.Value).ToList();
        Assert.Contains($"{addresses[0]}/api/ledger?limit=5", demo.CurlLines[0], StringComparison.Ordinal);
        Assert.DoesNotContain('\e', demo.Output);
    }

    [Fact]
    public async Task Home_page_shows_the_number_of_contributions()
    {
        var count = (await EntriesAsync()).Count(entry => Text(entry, "status") != "cancelled");
        Assert.Contains($"All {count} in the ledger", await demo.SendAsync(HttpMethod.Get, "/"), StringComparison.Ordinal);
    }

    private async Task<List<JsonElement>> EntriesAsync() => [.. (await demo.GetAsync("/api/ledger?limit=500")).GetProperty("items").EnumerateArray()];

    private async Task<List<JsonElement>> ConnectionsAsync() => [.. (await demo.GetAsync("/api/connections")).GetProperty("items").EnumerateArray()];

    private static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}
