using System.Net.Http.Json;
using System.Text.Json;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed class DigestContentTests
{
    [Fact]
    public async Task Week_covers_its_first_to_last_moment_in_the_persons_time_zone()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(
            DigestFixture.Draft("sunday before", "2026-05-31T21:59:59Z"),
            DigestFixture.Draft("first moment", "2026-05-31T22:00:00Z"),
            DigestFixture.Draft("last moment", "2026-06-07T21:59:59Z", Kind.Talk),
            DigestFixture.Draft("next monday", "2026-06-07T22:00:00Z"));
        await app.App.PassAsync(TimeSpan.FromDays(8));
        var digest = await app.PreviewAsync("2026-W23");
        Assert.Equal(["Title of last moment", "Title of first moment"], DigestFixture.Titles(digest.GetProperty("new")));
        Assert.Equal([1, 0, 0, 0, 0, 0, 1], digest.GetProperty("days").EnumerateArray().Select(d => d.GetInt32()));
        Assert.Equal(2, digest.GetProperty("total").GetInt32());
        Assert.Equal(3, digest.GetProperty("thisYear").GetInt32());
    }

    [Fact]
    public async Task Rejected_entries_are_left_out_and_private_ones_are_counted_but_not_named()
    {
        await using var app = await DigestFixture.StartAsync();
        var weeks = Enumerable.Range(1, 6).Select(i => DigestFixture.Draft("mentoring" + i, $"2026-04-{(i * 4) + 2:D2}T10:00:00Z", Kind.Mentoring)).ToList();
        var ids = await app.HarvestAsync([
            DigestFixture.Draft("open", "2026-06-02T10:00:00Z"), DigestFixture.Draft("kept-back", "2026-06-02T11:00:00Z") with { Metrics = Views(5) },
            DigestFixture.Draft("refused", "2026-06-02T12:00:00Z"), DigestFixture.Draft("kept-back evening", "2026-06-09T12:00:00Z", Kind.Event, Status.Scheduled), .. weeks]);
        foreach (var id in ids.Skip(4).Append(ids[1]).Append(ids[3]))
            await app.App.SendAsync(HttpMethod.Patch, "/ledger/" + id, """{"private": true, "note": "a secret note"}""");
        await app.App.SendAsync(HttpMethod.Patch, "/ledger/" + ids[2], """{"review": "rejected"}""");
        app.App.Clock.Advance(TimeSpan.FromDays(2));
        await app.HarvestAsync(DigestFixture.Draft("kept-back", "2026-06-02T11:00:00Z") with { Metrics = Views(50) });

        var digest = await app.PreviewAsync();
        Assert.Equal((2, 1), (digest.GetProperty("total").GetInt32(), digest.GetProperty("private").GetInt32()));
        Assert.Equal([0, 2, 0, 0, 0, 0, 0], digest.GetProperty("days").EnumerateArray().Select(d => d.GetInt32()));
        Assert.Empty(digest.GetProperty("gaps").EnumerateArray());
        foreach (var shown in new[] { digest.ToString(), await app.ShownAsync("html"), await app.ShownAsync("text") })
        {
            Assert.Contains("Title of open", shown, StringComparison.Ordinal);
            foreach (var secret in new[] { "kept-back", "refused", "secret", "No mentoring", ids[1], ids[3] })
                Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Events_later_in_the_week_are_upcoming_and_not_done()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(
            DigestFixture.Draft("done", "2026-06-01T09:00:00Z"),
            DigestFixture.Draft("tomorrow", "2026-06-02T09:00:00Z", Kind.Event, Status.Scheduled),
            DigestFixture.Draft("in thirteen days", "2026-06-14T09:00:00Z", Kind.Event, Status.Scheduled),
            DigestFixture.Draft("called off", "2026-06-03T09:00:00Z", Kind.Event, Status.Cancelled),
            DigestFixture.Draft("in fourteen days and an hour", "2026-06-15T13:00:00Z", Kind.Event, Status.Scheduled));
        var digest = await app.PreviewAsync();
        Assert.Equal(["Title of done"], DigestFixture.Titles(digest.GetProperty("new")));
        Assert.Equal(["Title of tomorrow", "Title of in thirteen days"], DigestFixture.Titles(digest.GetProperty("coming")));
        Assert.Equal((1, 1), (digest.GetProperty("total").GetInt32(), digest.GetProperty("thisYear").GetInt32()));
    }

    [Fact]
    public async Task Changes_are_known_entries_whose_status_changed()
    {
        await using var app = await DigestFixture.StartAsync();
        Draft[] before =
        [
            Pull("merged", Status.Open), Pull("renamed", Status.Open), Pull("same", Status.Open), Pull("merged later", Status.Open),
            DigestFixture.Draft("evening", "2026-06-20T16:00:00Z", Kind.Event, Status.Scheduled),
        ];
        await app.HarvestAsync(before);
        app.App.Clock.Advance(TimeSpan.FromDays(8));
        await app.HarvestAsync(Pull("merged", Status.Merged), Pull("renamed", Status.Open) with { Title = "Another" }, before[2], before[3], before[4] with { Status = Status.Cancelled },
            DigestFixture.Draft("new", "2026-06-08T16:00:00Z", Kind.PullRequest, Status.Open));
        await app.HarvestAsync(DigestFixture.Draft("new", "2026-06-08T16:00:00Z", Kind.PullRequest, Status.Merged));
        app.App.Clock.Advance(TimeSpan.FromDays(7));
        await app.HarvestAsync(Pull("merged later", Status.Merged), Pull("merged", Status.Closed));

        var changed = (await app.PreviewAsync("2026-W24")).GetProperty("changed").EnumerateArray().Select(Told).Order(StringComparer.Ordinal);
        Assert.Equal(["Title of evening: scheduled, cancelled", "Title of merged: open, merged"], changed);
        var next = (await app.PreviewAsync("2026-W25")).GetProperty("changed").EnumerateArray().Select(Told).Order(StringComparer.Ordinal);
        Assert.Equal(["Title of merged later: open, merged", "Title of merged: merged, closed"], next);

        static Draft Pull(string id, Status status) => DigestFixture.Draft(id, "2026-05-20T10:00:00Z", Kind.PullRequest, status);

        static string Told(JsonElement c) => $"{c.GetProperty("item").GetProperty("title").GetString()}: {c.GetProperty("before").GetString()}, {c.GetProperty("item").GetProperty("status").GetString()}";
    }

    [Fact]
    public async Task Average_covers_the_previous_four_weeks_and_is_absent_for_a_younger_record()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(DigestFixture.Draft("b", "2026-05-26T10:00:00Z"), DigestFixture.Draft("c", "2026-06-01T10:00:00Z"));
        Assert.False((await app.PreviewAsync()).TryGetProperty("average", out _));
        await app.HarvestAsync([.. Enumerable.Range(0, 6).Select(i => DigestFixture.Draft("a" + i, $"2026-05-{i + 4:D2}T10:00:00Z"))]);
        Assert.Equal(1.75, (await app.PreviewAsync()).GetProperty("average").GetDouble());
    }

    [Fact]
    public async Task Year_to_date_is_compared_with_the_same_period_last_year()
    {
        await using var app = await DigestFixture.StartAsync();
        string[] days = ["2024-06-01", "2024-12-31", "2025-01-01", "2025-06-07", "2025-06-08", "2025-12-31", "2026-01-01", "2026-06-01"];
        await app.HarvestAsync([.. days.Select(day => DigestFixture.Draft(day, day + "T09:00:00Z"))]);
        var digest = await app.PreviewAsync();
        Assert.Equal((2, 2), (digest.GetProperty("thisYear").GetInt32(), digest.GetProperty("lastYear").GetInt32()));
    }

    [Fact]
    public async Task Year_is_compared_even_with_a_single_contribution_of_the_last()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(DigestFixture.Draft("then", "2025-03-01T09:00:00Z"), DigestFixture.Draft("now", "2026-06-01T09:00:00Z"));
        Assert.Contains("The four weeks before had none. This year has 1 so far, as many as at this time last year.", Flat(await app.ShownAsync("text")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Year_with_none_before_it_is_told_alone()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(DigestFixture.Draft("earlier", "2026-03-01T09:00:00Z"), DigestFixture.Draft("now", "2026-06-01T09:00:00Z"));
        Assert.Contains("This year has 2 so far.", Flat(await app.ShownAsync("text")), StringComparison.Ordinal);
    }

    [Fact]
    public void Days_of_a_week_that_ends_on_the_last_of_December_are_told_without_their_year()
    {
        var digest = new WeekDigest
        {
            Week = "2028-W52",
            Monday = new DateOnly(2028, 12, 25),
            Zone = "UTC",
            Locale = "en",
            MadeAt = DigestFixture.At("2029-01-01T08:00:00Z"),
            Numbers = [new DigestNumber("a", "Talk", null, "views", 9, 4, DigestFixture.At("2028-12-20T10:00:00Z"), DigestFixture.At("2028-12-28T10:00:00Z"), MetricOrigin.Measured)],
        };
        Assert.DoesNotContain("2028", Assert.Single(DigestParts.Of(digest, DigestLinks.None).Sections).Lines[0].Facts[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weekly_kind_that_stops_is_a_gap()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(1, 5).Select(i => DigestFixture.Draft("v" + i, DigestFixture.At("2026-05-12T09:00:00Z").AddDays(-7 * i).ToString("O"), Kind.Video))]);
        var gap = Assert.Single((await app.PreviewAsync()).GetProperty("gaps").EnumerateArray());
        Assert.Equal(("video", "2026-05-05", 7), (gap.GetProperty("kind").GetString(), gap.GetProperty("last").GetString(), gap.GetProperty("usual").GetInt32()));
    }

    [Fact]
    public async Task Grown_metrics_say_since_when_and_how_they_were_measured()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(DigestFixture.Draft("video", "2026-05-20T10:00:00Z", Kind.Video) with { Metrics = Views(100) });
        app.App.Clock.Advance(TimeSpan.FromDays(9));
        var ids = await app.HarvestAsync(DigestFixture.Draft("video", "2026-05-20T10:00:00Z", Kind.Video) with { Metrics = Views(140) });
        await app.App.SendAsync(HttpMethod.Patch, "/ledger/" + ids[0], """{"metrics": {"attendees": 40}}""");
        app.App.Clock.Advance(TimeSpan.FromDays(1));
        await app.App.SendAsync(HttpMethod.Patch, "/ledger/" + ids[0], """{"metrics": {"attendees": 60}}""");
        var numbers = (await app.PreviewAsync()).GetProperty("numbers").EnumerateArray()
            .Select(n => $"{n.GetProperty("name").GetString()} {n.GetProperty("value").GetDouble()} +{n.GetProperty("by").GetDouble()} {n.GetProperty("how").GetString()} {n.GetProperty("since").GetString()![..10]}");
        Assert.Equal(["views 140 +40 measured 2026-06-01", "attendees 60 +20 typed 2026-06-10"], numbers);
    }

    [Fact]
    public void Digest_of_an_earlier_version_is_read_with_missing_fields_empty()
    {
        var old = JsonSerializer.Deserialize("""{"week":"2026-W24","monday":"2026-06-08","zone":"UTC","locale":"en","madeAt":"2026-06-15T08:00:00Z","days":[0,0,0,0,0,0,0],"gaps":null,"soon":1}""", DigestJson.Default.WeekDigest)!;
        Assert.Empty(old.Gaps.Concat<object>(old.New).Concat(old.Care));
        Assert.Contains("A quiet week", DigestText.Of(DigestParts.Of(old, DigestLinks.None)), StringComparison.Ordinal);
        var record = JsonSerializer.Deserialize("""{"week":"2026-W24","madeAt":"2026-06-15T08:00:00Z","total":1,"isQuiet":false,"blob":"a","mail":"sent","at":"2026-06-15T08:00:00Z"}""", DigestJson.Default.DigestRecord)!;
        Assert.Equal((0, null, null), (record.Attempts, record.Reason, record.To));
    }

    [Fact]
    public async Task New_entry_tells_its_number_and_one_to_come_who_said_yes()
    {
        await using var app = await DigestFixture.StartAsync();
        await app.HarvestAsync(
            DigestFixture.Draft("video", "2026-06-01T09:00:00Z", Kind.Video) with { Metrics = Views(310) },
            DigestFixture.Draft("pull", "2026-06-01T08:00:00Z", Kind.PullRequest, Status.Open) with { Metrics = Views(7) },
            DigestFixture.Draft("evening", "2026-06-09T16:00:00Z", Kind.Event, Status.Scheduled) with { Metrics = new Dictionary<string, double>(StringComparer.Ordinal) { ["rsvps"] = 12, ["views"] = 90 } });

        var text = await app.ShownAsync("text");

        Assert.Contains("\r\n2 contributions: a pull request and a video\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\n  Video, Mon 1 Jun, 310 views\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\n  Pull request, Mon 1 Jun, open\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\n  Event, Tue 9 Jun, 18:00, 12 said yes\r\n", text, StringComparison.Ordinal);
    }

    private static string Flat(string text) => text.Replace("\r\n", " ", StringComparison.Ordinal);

    private static Dictionary<string, double> Views(double value) => new(StringComparer.Ordinal) { ["views"] = value };
}
