using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Accepted answers in discussions.</summary>
public sealed class AnswerTests
{
    private static readonly ScriptedRepository Home = new() { Id = 3001, Name = "lanternui/lantern" };

    private readonly TestClock clock = new();
    private readonly ScriptedGitHub hub;

    public AnswerTests() => hub = new ScriptedGitHub(clock);

    [Fact]
    public async Task Accepted_answer_is_dated_by_its_acceptance()
    {
        hub.Answers.Add(Answer(5, accepted: clock.GetUtcNow().AddDays(-2)));
        hub.Answers.Add(Answer(6, accepted: null));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(("forumAnswer", "contributor", "new"), (Text(entry, "kind"), Text(entry, "role"), Text(entry, "review")));
        Assert.Equal(("How does one do this?", hub.Answers[0].Url, "2026-05-30T12:00:00Z"), (Text(entry, "title"), Text(entry, "url"), Text(entry, "when")));
        Assert.Equal(4, entry.GetProperty("metrics").GetProperty("likes").GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Answer_to_ones_own_question_does_not_count_unless_the_person_accepts_it()
    {
        hub.Answers.Add(Answer(5, accepted: clock.GetUtcNow().AddDays(-2), asker: "JUNA"));
        hub.Answers.Add(Answer(6, accepted: clock.GetUtcNow().AddDays(-3), asker: null));
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");

        var ledger = await app.LedgerAsync();
        Assert.Equal(["suggested", "new"], ledger.Select(entry => Text(entry, "review")));
        Assert.Equal("An answer to a question of one's own.", Text(ledger[0], "summary"));
        Assert.Equal(1, (await app.GetAsync("/ledger/summary?from=2026-01-01&to=2026-12-31")).GetProperty("public").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Answer_written_long_ago_counts_once_it_is_accepted_and_stays_when_it_is_not_any_more()
    {
        hub.Answers.Add(Answer(5, accepted: null));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        Assert.Empty(await app.LedgerAsync());
        clock.Advance(TimeSpan.FromHours(25));
        hub.Answers[0].Accepted = clock.GetUtcNow();
        await app.PollAsync(id);
        Assert.Single(await app.LedgerAsync());

        clock.Advance(TimeSpan.FromHours(25));
        hub.Answers[0].Accepted = null;
        await app.PollAsync(id);
        Assert.Single(await app.LedgerAsync());
    }

    [Fact]
    public async Task Deleted_and_private_answers_are_left_out()
    {
        hub.Answers.Add(Answer(5, accepted: clock.GetUtcNow()));
        hub.Answers[0].Deleted = clock.GetUtcNow();
        hub.Answers.Add(new ScriptedAnswer { Repository = new ScriptedRepository { Id = 3002, Name = "org/secret", IsPrivate = true }, Id = 7, Published = clock.GetUtcNow(), Accepted = clock.GetUtcNow() });
        await using var app = await StartAsync();
        await app.ConnectAsync("juna", "github");
        Assert.Empty(await app.LedgerAsync());
    }

    [Fact]
    public async Task Long_list_is_read_whole_and_then_once_a_week()
    {
        for (var n = 1; n <= 430; n++)
            hub.Answers.Add(Answer(n, accepted: clock.GetUtcNow().AddHours(-n)));
        await using var app = await StartAsync();
        var id = await app.ConnectAsync("juna", "github");
        Assert.Equal(430, (await app.LedgerAsync()).Count);
        Assert.Equal(5, hub.Queries.Count(query => query == "Answers"));

        for (var day = 0; day < 6; day++)
        {
            clock.Advance(TimeSpan.FromDays(1));
            await app.PollAsync(id);
        }

        Assert.Equal(5, hub.Queries.Count(query => query == "Answers"));
        clock.Advance(TimeSpan.FromDays(2));
        await app.PollAsync(id);
        Assert.Equal(10, hub.Queries.Count(query => query == "Answers"));
    }

    private Task<AppFixture> StartAsync() => AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);

    private ScriptedAnswer Answer(long id, DateTimeOffset? accepted, string? asker = "somebody") =>
        new() { Repository = Home, Id = id, Asker = asker, Published = clock.GetUtcNow().AddDays(-100), Accepted = accepted };

    private static string Text(JsonElement of, string name) => of.GetProperty(name).ToString();
}
