using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.StackExchange.ScriptedStackExchange;

namespace ContributionIngest.Tests.Core.Sources.StackExchange;

/// <summary>The answers of an account: all of them once, the newest with each read.</summary>
public sealed class AnswersTests
{
    private readonly ScriptedStackExchange network = new();

    [Fact]
    public async Task Answer_is_an_entry_with_the_question_as_its_title_the_site_it_is_on_and_its_votes()
    {
        network.Answers.Add(new GivenAnswer(1001, 1_779_000_000, 12, true, "Is &quot;await&quot; &lt;T&gt; free?"));
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");

        var entry = Assert.Single(await app.LedgerAsync());
        Assert.Equal(("forumAnswer", "author", "published"), (Text(entry, "kind"), Text(entry, "role"), Text(entry, "status")));
        Assert.Equal(("Is \"await\" <T> free?", "https://stackoverflow.com/questions/6001/how-deep/1001#1001"), (Text(entry, "title"), Text(entry, "url")));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_779_000_000), entry.GetProperty("when").GetDateTimeOffset());
        Assert.Equal(("Stack Overflow", "https://stackoverflow.com/"), (Text(entry.GetProperty("container"), "name"), Text(entry.GetProperty("container"), "url")));
        Assert.Equal(["c#", "tides"], entry.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()));
        Assert.Equal((12, 1, "measured"), (Number(entry, "score"), Number(entry, "accepted"), Text(entry.GetProperty("metrics").GetProperty("score"), "how")));
        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("Juna Ökvist on Stack Overflow", Text(connection, "title"));
        Assert.True(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Unchanged_poll_costs_one_request_and_four_operations()
    {
        network.Fill(150);
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");
        await app.PassAsync(TimeSpan.FromDays(1));
        var (ledger, asked) = (await app.DumpAsync("ledger"), network.Calls.Count);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Table.Forget();

        await app.DrainAsync();

        Assert.InRange(app.Table.Operations.Count(o => o.Table != "lookups"), 1, 4);
        Assert.Equal(ledger, await app.DumpAsync("ledger"));
        Assert.Equal(asked + 1, network.Calls.Count);
    }

    [Fact]
    public async Task Whole_past_is_read_even_where_more_answers_than_a_page_holds_are_of_one_second()
    {
        network.Fill(120);
        var second = TestClock.Begin.AddDays(-400).ToUnixTimeSeconds();
        network.Answers.AddRange(Enumerable.Range(0, 250).Select(n => new GivenAnswer(9_000 + n, second)));
        network.Answers.AddRange(Enumerable.Range(0, 130).Select(n => new GivenAnswer(7_000 + n, second - 86_400 - n)));
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");

        Assert.Empty(app.Failures);
        Assert.Equal(500, (await app.LedgerAsync()).Count);
        Assert.True((await app.GetAsync($"/connections/{id}")).GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task More_new_answers_than_a_page_shows_are_all_found()
    {
        network.Fill(5);
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");
        app.Clock.Advance(TimeSpan.FromDays(20));
        network.Answers.AddRange(Enumerable.Range(0, 260).Select(n => new GivenAnswer(20_000 + n, TestClock.Begin.AddHours(n).ToUnixTimeSeconds())));
        await app.HarvestAsync(id);
        Assert.Equal(265, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Votes_and_acceptance_are_known_over_time_and_old_ones_monthly()
    {
        network.Fill(130);
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");
        app.Clock.Advance(TimeSpan.FromDays(2));
        network.Change(1001, answer => answer with { Score = 40, IsAccepted = true });
        network.Change(1129, answer => answer with { Score = 50 });
        await app.HarvestAsync(id);
        var entries = await app.LedgerAsync();
        Assert.Equal((40, 1), (Number(entries[0], "score"), Number(entries[0], "accepted")));
        Assert.NotEqual(50, Number(entries[128], "score"));
        var series = (await app.GetAsync($"/ledger/{Text(entries[0], "id")}/metrics")).GetRawText();
        Assert.Contains("\"score\"", series, StringComparison.Ordinal);

        app.Clock.Advance(TimeSpan.FromDays(31));
        await app.HarvestAsync(id);
        Assert.Equal(50, Number((await app.LedgerAsync())[128], "score"));
    }

    [Fact]
    public async Task Answer_that_is_no_longer_shown_stays_and_an_account_without_any_says_so()
    {
        network.Fill(3);
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");
        network.Answers.RemoveAt(0);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.All(await app.LedgerAsync(), entry => Assert.Equal("published", Text(entry, "status")));
        Assert.Equal(3, (await app.LedgerAsync()).Count);

        network.Answers.Clear();
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        Assert.Contains("no longer shows", Text((await app.GetAsync($"/connections/{id}")).GetProperty("coverage"), "reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_that_never_ends_is_stopped_and_said_to_be_incomplete()
    {
        network.Fill(1);
        network.Instead = request => request.RequestUri!.AbsolutePath == "/2.3/users/22/answers"
            ? Zipped(200, new JsonObject
            {
                ["items"] = new JsonArray(new JsonObject { ["answer_id"] = 1, ["creation_date"] = 1_700_000_000, ["title"] = "Again" }, new JsonObject { ["answer_id"] = -1 }, 7),
                ["has_more"] = true,
                ["quota_remaining"] = 9_000,
            }.ToJsonString())
            : null;
        await using var app = await AppFixture.StartAsync(network.Web, settings: new Dictionary<string, string?> { ["StackExchangeDailyRequests"] = "100000" });
        var id = await app.ConnectAsync(Profile, "stackexchange");
        Assert.Single(await app.LedgerAsync());
        Assert.InRange(network.Calls.Count, 1_000, 1_020);
        Assert.Contains("did not end", (await app.GetAsync($"/connections/{id}")).GetProperty("coverage").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"items\":{}}")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task Answer_that_the_API_does_not_give_is_tried_again_and_changes_nothing(string body)
    {
        network.Fill(3);
        await using var app = await AppFixture.StartAsync(network.Web);
        var id = await app.ConnectAsync(Profile, "stackexchange");
        network.Instead = _ => Zipped(200, body);
        await app.HarvestAsync(id);
        Assert.Equal("unreadable", Text((await app.GetAsync($"/connections/{id}")).GetProperty("problem"), "code"));
        network.Instead = _ => null;
        app.Clock.Advance(TimeSpan.FromHours(2));
        await app.HarvestAsync(id);
        Assert.Equal("ok", Text(await app.GetAsync($"/connections/{id}"), "health"));
        Assert.Equal(3, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("https://stackoverflow.com/a/1001/22")]
    [InlineData("https://stackoverflow.com/questions/6001/how-deep/1001#1001")]
    [InlineData("https://stackoverflow.com/questions/6001/how-deep#1001")]
    public async Task Single_answer_is_logged_by_its_address(string address)
    {
        network.Fill(1);
        await using var app = await AppFixture.StartAsync(network.Web);
        var (_, body) = await app.PostAsync("/ledger", $$"""{"url":"{{address}}"}""");
        Assert.Equal(("forumAnswer", "How deep is the bay?"), (Text(body, "kind"), Text(body, "title")));
    }

    internal static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static int Number(JsonElement entry, string name) => entry.GetProperty("metrics").GetProperty(name).GetProperty("value").GetInt32();
}
