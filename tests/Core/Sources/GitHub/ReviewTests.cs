using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Reviews of other people's pull requests.</summary>
public sealed class ReviewTests
{
    private static readonly ScriptedRepository Home = new() { Id = 2001, Name = "kelpdb/kelp" };

    private readonly TestClock clock = new();
    private readonly ScriptedGitHub hub;

    public ReviewTests() => hub = new ScriptedGitHub(clock);

    [Fact]
    public async Task Several_reviews_of_a_pull_request_are_one_entry_with_the_first_date()
    {
        var first = Day(2026, 5, 3);
        hub.Reviewed.Add(ScriptedReviewed.Of(Home, 7, ("CHANGES_REQUESTED", first), ("COMMENTED", first.AddDays(1)), ("APPROVED", first.AddDays(2))));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(("review", "reviewer", "published"), (Text(entry, "kind"), Text(entry, "role"), Text(entry, "status")));
        Assert.Equal(("Theirs 7", "https://github.com/kelpdb/kelp/pull/7#pullrequestreview-0", "2026-05-03T09:00:00Z"), (Text(entry, "title"), Text(entry, "url"), Text(entry, "when")));
        Assert.Equal("Changes requested, commented, approved", Text(entry, "summary"));
        Assert.Equal("kelpdb/kelp", Text(entry.GetProperty("container"), "name"));
        Assert.Equal(["C#", "offline"], entry.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()));
    }

    [Fact]
    public async Task Own_pull_requests_those_of_bots_private_ones_and_reviews_still_being_written_are_left_out()
    {
        var at = Day(2026, 5, 3);
        hub.Reviewed.Add(Reviewed(1, at, author: "Juna"));
        hub.Reviewed.Add(Reviewed(2, at, author: "renovate", type: "Bot"));
        hub.Reviewed.Add(Reviewed(3, at, author: "dependabot[bot]", type: "User"));
        hub.Reviewed.Add(Reviewed(4, at, isRestricted: true));
        hub.Reviewed.Add(ScriptedReviewed.Of(new ScriptedRepository { Id = 2002, Name = "org/secret", IsPrivate = true }, 5, ("APPROVED", at)));
        hub.Reviewed.Add(ScriptedReviewed.Of(Home, 6, ("PENDING", null)));
        hub.Reviewed.Add(Reviewed(8, at, author: null));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");

        // Whose account is gone is somebody else.
        Assert.Equal("https://github.com/kelpdb/kelp/pull/8#pullrequestreview-0", Text(Assert.Single(await app.LedgerAsync()), "url"));
        Assert.DoesNotContain("secret", string.Join('\n', await app.DumpAsync("people")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_pull_request_is_known_by_the_id_of_its_author_after_a_rename()
    {
        hub.Login = "juna-okvist";
        hub.Reviewed.Add(Reviewed(1, Day(2026, 5, 3), author: "juna-okvist"));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna-okvist", "github");
        Assert.Empty(await app.LedgerAsync());
    }

    [Fact]
    public async Task History_is_read_year_by_year_and_a_pull_request_reviewed_in_two_years_is_one_entry()
    {
        for (var n = 1; n <= 230; n++)
            hub.Reviewed.Add(Reviewed(n, Day(2026, 1, 1).AddMinutes(-n)));
        hub.Reviewed.Add(ScriptedReviewed.Of(Home, 900, ("COMMENTED", Day(2021, 2, 3)), ("APPROVED", Day(2026, 2, 3))));
        hub.Reviewed.Add(ScriptedReviewed.Of(Home, 901, ("APPROVED", new DateTimeOffset(2024, 12, 31, 23, 59, 59, TimeSpan.Zero))));
        hub.Reviewed.Add(ScriptedReviewed.Of(Home, 902, ("APPROVED", new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero))));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");

        var ledger = await app.LedgerAsync();
        Assert.Equal(233, ledger.Count);
        Assert.Equal("2021-02-03T09:00:00Z", Text(Assert.Single(ledger, entry => Text(entry, "title") == "Theirs 900"), "when"));

        // 2026, three pages of 2025, 2024 and 2021; between them there is nothing.
        Assert.Equal(6, hub.Queries.Count(query => query == "Reviews"));
        Assert.True((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task New_review_is_harvested_at_the_cost_of_one_small_page_and_one_shown_late_too()
    {
        hub.Reviewed.Add(Reviewed(1, Day(2025, 3, 1)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromHours(7));
        hub.Reviewed.Add(Reviewed(2, clock.GetUtcNow().AddMinutes(-5)));
        hub.Reviewed.Add(Reviewed(3, clock.GetUtcNow().AddHours(-40)));
        var (asked, points) = (hub.Queries.Count(query => query == "Reviews"), hub.OtherPoints);

        await app.PollAsync(id);

        Assert.Equal((asked + 1, points + 1), (hub.Queries.Count(query => query == "Reviews"), hub.OtherPoints));
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        var before = await app.DumpAsync("ledger");
        clock.Advance(TimeSpan.FromHours(7));
        await app.PollAsync(id);
        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Second_review_of_a_known_pull_request_keeps_its_date()
    {
        hub.Reviewed.Add(Reviewed(1, Day(2026, 5, 20)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromHours(7));
        hub.Reviewed[0].Reviews.Add(("CHANGES_REQUESTED", clock.GetUtcNow()));

        await app.PollAsync(id);

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(("2026-05-20T09:00:00Z", "Approved, changes requested"), (Text(entry, "when"), Text(entry, "summary")));
    }

    [Fact]
    public async Task Connection_that_was_paused_for_more_than_a_year_reads_the_years_again()
    {
        hub.Reviewed.Add(Reviewed(1, Day(2026, 5, 20)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromDays(500));
        hub.Reviewed.Add(Reviewed(2, clock.GetUtcNow().AddDays(-450)));
        await app.PollAsync(id);
        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    private Task<AppFixture> StartAsync() => AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);

    private static ScriptedReviewed Reviewed(int number, DateTimeOffset at, string? author = "somebody", string type = "User", bool isRestricted = false)
    {
        var reviewed = new ScriptedReviewed { Repository = Home, Number = number, Title = $"Theirs {number}", Author = author, AuthorType = type, IsRestricted = isRestricted };
        reviewed.Reviews.Add(("APPROVED", at));
        return reviewed;
    }

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 9, 0, 0, TimeSpan.Zero);

    private static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}
