using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Projects that the person may maintain.</summary>
public sealed class ProjectTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedGitHub hub;

    public ProjectTests() => hub = new ScriptedGitHub(clock);

    [Fact]
    public async Task Project_with_releases_is_proposed_as_one_entry_of_the_year()
    {
        var project = Project("juna/pebbles", 41);
        for (var month = 1; month <= 5; month++)
            project.Releases.Add(new ScriptedRelease(month, Day(2026, month, 4)));
        project.Releases.Add(new ScriptedRelease(5, Day(2026, 5, 4)));
        project.Releases.Add(new ScriptedRelease(90, null));
        project.Releases.Add(new ScriptedRelease(91, Day(2026, 5, 20), IsPrerelease: true));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(("project", "author", "suggested", "year"), (Text(entry, "kind"), Text(entry, "role"), Text(entry, "review"), Text(entry, "datePrecision")));
        Assert.Equal(("pebbles", "https://github.com/juna/pebbles", "Does one thing well."), (Text(entry, "title"), Text(entry, "url"), Text(entry, "summary")));
        Assert.Equal("2026-01-01T12:00:00Z", Text(entry, "when"));
        Assert.Equal((41, 3, 5), (Number(entry, "stars"), Number(entry, "forks"), Number(entry, "releases")));
        var links = Assert.Single(entry.GetProperty("sightings").EnumerateArray()).GetProperty("links").EnumerateArray().Select(link => Text(link, "url")).ToList();
        Assert.Equal(Enumerable.Range(1, 5).Reverse().Select(n => $"https://github.com/juna/pebbles/releases/tag/v{n}"), links);
        Assert.Equal(0, await CountAsync(app));
    }

    [Fact]
    public async Task Stars_and_forks_are_kept_with_the_days_on_which_they_were_measured()
    {
        var project = Project("juna/pebbles", 41);
        project.Releases.Add(new ScriptedRelease(1, Day(2026, 3, 4)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromHours(25));
        (project.Repository.Stars, project.Forks) = (45, 4);
        await app.PollAsync(id);

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal((45, 4), (Number(entry, "stars"), Number(entry, "forks")));
        var metric = entry.GetProperty("metrics").GetProperty("stars");
        Assert.Equal(("measured", "2026-06-02"), (Text(metric, "how"), Text(metric, "at")[..10]));
        var history = (await app.GetAsync($"/ledger/{Text(entry, "id")}/metrics")).ToString();
        Assert.Contains("41", history, StringComparison.Ordinal);
        Assert.Contains("45", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forks_archived_empty_private_and_unused_repositories_are_not_proposed()
    {
        var release = new ScriptedRelease(1, Day(2026, 3, 4));
        ScriptedProject[] projects =
        [
            new() { Repository = Home("juna/fork", 50), IsFork = true, Pushed = clock.GetUtcNow() },
            new() { Repository = Home("juna/archived", 51), IsArchived = true, Pushed = clock.GetUtcNow() },
            new() { Repository = Home("juna/empty", 52), IsEmpty = true, Pushed = clock.GetUtcNow() },
            new() { Repository = new ScriptedRepository { Id = 4999, Name = "juna/secret", Stars = 53, IsPrivate = true }, Pushed = clock.GetUtcNow() },
        ];
        foreach (var project in projects)
            project.Releases.Add(release);
        hub.Projects.AddRange(projects);
        Project("juna/playground", 2);
        Project("juna/old", 90).Pushed = Day(2024, 2, 1);
        Project("juna/site", 12);
        Project("friend/tool", 40);
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");

        // Without a release, those that others use and that were worked on.
        Assert.Equal(["site author", "tool contributor"], (await app.LedgerAsync()).Select(entry => $"{Text(entry, "title")} {Text(entry, "role")}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Repositories_of_an_organisation_are_proposed_by_their_releases_and_not_without_limit()
    {
        for (var n = 1; n <= 40; n++)
            Project($"org/part{n}", 500 - n, "Organization").Releases.Add(new ScriptedRelease(n, Day(2026, 3, 4)));
        Project("org/idle", 900, "Organization");
        Project("org/mine", 0, "Organization").Releases.Add(new ScriptedRelease(77, Day(2026, 3, 4), Author: "juna"));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");
        var titles = (await app.LedgerAsync()).Select(entry => Text(entry, "title")).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(21, titles.Count);
        Assert.Contains("mine", titles);
        Assert.Contains("part20", titles);
        Assert.DoesNotContain("part21", titles);
    }

    [Theory]
    [InlineData("accepted", "new", 1)]
    [InlineData("rejected", "rejected", 0)]
    public async Task What_was_said_of_a_project_holds_for_its_next_year(string said, string next, int counted)
    {
        var project = Project("juna/pebbles", 41);
        project.Releases.Add(new ScriptedRelease(1, Day(2026, 3, 4)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{Text(Assert.Single(await app.LedgerAsync()), "id")}", $$"""{"review":"{{said}}"}""");

        clock.Advance(Day(2027, 2, 1) - clock.GetUtcNow());
        project.Releases.Add(new ScriptedRelease(2, Day(2027, 1, 20)));
        await app.PollAsync(id);

        var ledger = await app.LedgerAsync();
        Assert.Equal([next, said], ledger.Select(entry => Text(entry, "review")));
        Assert.Equal(counted, await CountAsync(app, 2027));
        var before = await app.DumpAsync("ledger");
        clock.Advance(TimeSpan.FromDays(2));
        await app.PollAsync(id);
        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Rejected_project_stays_rejected_when_its_numbers_and_its_name_change()
    {
        var project = Project("juna/pebbles", 41);
        project.Releases.Add(new ScriptedRelease(1, Day(2026, 3, 4)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{Text(Assert.Single(await app.LedgerAsync()), "id")}", """{"review":"rejected"}""");
        clock.Advance(TimeSpan.FromHours(25));
        (project.Repository.Name, project.Repository.Stars) = ("elsewhere/pebbles2", 99);
        await app.PollAsync(id);
        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(("rejected", "elsewhere/pebbles2"), (Text(entry, "review"), Text(entry.GetProperty("container"), "name")));
    }

    [Fact]
    public async Task Year_before_is_proposed_by_its_releases_and_today_s_stars_say_nothing_of_it()
    {
        var project = Project("juna/pebbles", 41);
        project.Releases.Add(new ScriptedRelease(1, Day(2024, 3, 4)));
        project.Releases.Add(new ScriptedRelease(2, Day(2025, 12, 31)));
        project.Releases.Add(new ScriptedRelease(3, Day(2026, 1, 1)));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");
        var ledger = await app.LedgerAsync();
        Assert.Equal(["2026", "2025"], ledger.Select(entry => Text(entry, "when")[..4]));
        Assert.False(ledger[1].GetProperty("metrics").TryGetProperty("stars", out _));
        Assert.Equal(1, Number(ledger[1], "releases"));
    }

    [Fact]
    public async Task Number_of_releases_is_absent_where_the_list_does_not_reach_back_to_the_beginning_of_the_year()
    {
        var project = Project("juna/pebbles", 41);
        for (var n = 1; n <= 30; n++)
            project.Releases.Add(new ScriptedRelease(n, Day(2026, 2, 1).AddDays(n)));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");
        Assert.False(Assert.Single(await app.LedgerAsync()).GetProperty("metrics").TryGetProperty("releases", out _));
    }

    [Fact]
    public async Task Downloads_are_typed_by_hand_and_stay()
    {
        var project = Project("juna/pebbles", 41);
        project.Releases.Add(new ScriptedRelease(1, Day(2026, 3, 4)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        var entry = Text(Assert.Single(await app.LedgerAsync()), "id");
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync(HttpMethod.Patch, $"/ledger/{entry}", """{"metrics":{"downloads":1200}}""")).Status);
        clock.Advance(TimeSpan.FromHours(25));
        project.Repository.Stars = 50;
        await app.PollAsync(id);
        var after = Assert.Single(await app.LedgerAsync());
        Assert.Equal((1200, 50), (Number(after, "downloads"), Number(after, "stars")));
    }

    private Task<AppFixture> StartAsync() => AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);

    private ScriptedProject Project(string name, int stars, string ownerType = "User")
    {
        var project = new ScriptedProject { Repository = Home(name, stars), OwnerType = ownerType, Pushed = clock.GetUtcNow().AddDays(-3) };
        hub.Projects.Add(project);
        return project;
    }

    private ScriptedRepository Home(string name, int stars) => new() { Id = 4001 + hub.Projects.Count, Name = name, Stars = stars };

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 9, 0, 0, TimeSpan.Zero);

    private static async Task<int> CountAsync(AppFixture app, int year = 2026) =>
        (await app.GetAsync($"/ledger/summary?from={year}-01-01&to={year}-12-31")).GetProperty("public").GetProperty("total").GetInt32();

    private static int Number(JsonElement entry, string name) => entry.GetProperty("metrics").GetProperty(name).GetProperty("value").GetInt32();

    private static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}
