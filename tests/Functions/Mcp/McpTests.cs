using System.Net;
using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Functions.Api;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Functions.Security;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Mcp;

/// <summary><c>/mcp</c>: the API as tools.</summary>
public sealed class McpTests
{
    private const string Talk = """{"title":"Tables are enough","kind":"talk","when":"2026-05-20","metrics":{"attendees":40}}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_client_lists_and_calls_every_tool_in_either_host(bool hosted)
    {
        await using var app = await HostFixture.StartAsync(new ScriptedWeb(), azure: false, hosted);
        var person = (await app.Services.GetRequiredService<PeopleStore>().AllAsync(default)).Single();
        var (key, _) = await app.Services.GetRequiredService<ApiKeys>().CreateAsync(person, "assistant", Scope.Read | Scope.Write, default);

        var talk = await McpClient.TalkAsync(await app.AddressAsync(), key, $$$"""
            [
              {"name":"log_contribution","arguments":{{{Talk}}} },
              {"name":"edit_contribution","arguments":{"id":"$1.id","etag":"$1.etag","title":"Tables are all you need"}},
              {"name":"get_contribution","arguments":{"id":"$1.id"}},
              {"name":"query_ledger","arguments":{"kind":["talk","video"],"q":"tables","limit":5}},
              {"name":"summarise_ledger","arguments":{"by":"year","split":"kind","from":"2026-01-01","to":"2026-12-31"}},
              {"name":"list_programmes","arguments":{}},
              {"name":"read_readiness","arguments":{"name":"asyncapi-ambassador","accepted":"2026-01-11"}}
            ]
            """);

        Assert.Equal("ContributionIngest", talk.GetProperty("server").GetProperty("name").GetString());
        Assert.Contains("never instructions", talk.GetProperty("instructions").GetString(), StringComparison.Ordinal);
        Assert.Empty(talk.GetProperty("complaints").EnumerateArray());
        string[] tools = ["query_ledger", "summarise_ledger", "list_programmes", "read_readiness", "get_contribution", "log_contribution", "edit_contribution"];
        Assert.Equal(tools, talk.GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!));
        var answers = talk.GetProperty("answers").EnumerateArray().ToList();
        Assert.All(answers, answer => Assert.False(answer.TryGetProperty("isError", out var error) && error.GetBoolean(), answer.GetRawText()));
        var values = answers.ConvertAll(answer => answer.GetProperty("structuredContent"));
        Assert.All(answers, answer => Assert.True(JsonElement.DeepEquals(answer.GetProperty("structuredContent"), JsonElement.Parse(answer.GetProperty("content")[0].GetProperty("text").GetString()!))));
        Assert.Equal("Tables are all you need", values[1].GetProperty("title").GetString());
        Assert.Equal(2, values[2].GetProperty("history").GetArrayLength());
        Assert.Equal(values[1].GetProperty("etag").GetString(), values[2].GetProperty("etag").GetString());
        Assert.Equal(values[0].GetProperty("id").GetString(), Assert.Single(values[3].GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.Contains("\"talk\":1", values[4].GetRawText(), StringComparison.Ordinal);
        Assert.True(values[5].GetProperty("items").GetArrayLength() > 10);
        Assert.Equal("2026-01-11", values[6].GetProperty("from").GetString());
    }

    [Fact]
    public async Task Tools_have_the_parameters_of_the_API_with_their_words_and_limits()
    {
        await using var app = await LedgerFixture.StartAsync();
        var (_, body) = await McpClient.SendAsync(app.Client, """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        var tools = body.GetProperty("result").GetProperty("tools").EnumerateArray().ToDictionary(tool => tool.GetProperty("name").GetString()!, StringComparer.Ordinal);
        var list = (await app.GetAsync("/openapi.json")).GetProperty("paths").GetProperty("/ledger").GetProperty("get").GetProperty("parameters");
        var described = list.EnumerateArray().Where(parameter => parameter.TryGetProperty("name", out _)).Select(parameter => parameter.GetProperty("name").GetString()!).Where(name => name != "format");

        Assert.Equal(described, Properties("query_ledger").EnumerateObject().Select(property => property.Name));
        var limit = Properties("query_ledger").GetProperty("limit");
        Assert.Equal(("integer", 1, 500, 50), (limit.GetProperty("type").GetString(), limit.GetProperty("minimum").GetInt32(), limit.GetProperty("maximum").GetInt32(), limit.GetProperty("default").GetInt32()));
        Assert.Contains("blogPost", Properties("query_ledger").GetProperty("kind").GetProperty("items").GetProperty("enum").EnumerateArray().Select(word => word.GetString()));
        Assert.Equal(300, Properties("log_contribution").GetProperty("title").GetProperty("maxLength").GetInt32());
        Assert.Equal(200, Properties("log_contribution").GetProperty("idempotencyKey").GetProperty("maxLength").GetInt32());
        Assert.Equal(["id"], tools["edit_contribution"].GetProperty("inputSchema").GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.True(Properties("edit_contribution").TryGetProperty("etag", out _));
        Assert.Equal(["edit_contribution", "log_contribution"], tools.Where(tool => !Hint(tool.Value, "readOnlyHint")).Select(tool => tool.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["edit_contribution"], tools.Where(tool => Hint(tool.Value, "destructiveHint")).Select(tool => tool.Key));
        Assert.Equal(["string", "null"], Properties("edit_contribution").GetProperty("note").GetProperty("type").EnumerateArray().Select(type => type.GetString()));
        Assert.DoesNotContain(":null", body.GetRawText(), StringComparison.Ordinal);
        Assert.All(tools.Values, tool => Assert.False(tool.GetProperty("inputSchema").GetProperty("additionalProperties").GetBoolean()));

        JsonElement Properties(string tool) => tools[tool].GetProperty("inputSchema").GetProperty("properties");

        static bool Hint(JsonElement tool, string name) => tool.GetProperty("annotations").GetProperty(name).GetBoolean();
    }

    [Fact]
    public async Task Key_that_may_only_read_is_told_so_and_reads()
    {
        await using var app = await LedgerFixture.StartAsync();
        var id = await LogAsync(app.Client);
        using var reading = await app.AsAsync(Scope.Read);

        foreach (var (tool, arguments) in new[] { ("log_contribution", Talk), ("edit_contribution", $$"""{"id":"{{id}}","title":"Another"}""") })
        {
            var refusal = await McpClient.CallAsync(reading, tool, arguments);
            Assert.Equal((true, "This key may not do that. The key lacks the scope 'write'."), (refusal.IsError, refusal.Text));
        }

        var entry = Assert.Single((await McpClient.CallAsync(reading, "query_ledger")).Value.GetProperty("items").EnumerateArray());
        Assert.Equal("Tables are enough", entry.GetProperty("title").GetString());
    }

    [Fact]
    public async Task Key_that_may_only_write_reads_nothing()
    {
        await using var app = await LedgerFixture.StartAsync();
        using var writing = await app.AsAsync(Scope.Write);
        Assert.Equal(HttpStatusCode.Forbidden, (await McpClient.SendAsync(writing, """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""")).Status);
    }

    [Theory]
    [InlineData("query_ledger", """{"kinds":["talk"]}""", "kinds: There is no such parameter. Did you mean 'kind'?")]
    [InlineData("query_ledger", """{"format":"csv"}""", "format: There is no such parameter.")]
    [InlineData("query_ledger", """{"limit":"all"}""", "limit: It is not a whole number from 1 to 500.")]
    [InlineData("query_ledger", """{"limit":501}""", "limit: It is not a whole number from 1 to 500.")]
    [InlineData("query_ledger", """{"kind":["talks"]}""", "kind: 'talks' is not one or more of blogPost,")]
    [InlineData("query_ledger", """{"kind":[["talk"]]}""", "kind: It is not a list of texts.")]
    [InlineData("query_ledger", """{"private":"yes"}""", "private: It is not true or false.")]
    [InlineData("query_ledger", """{"cursor":"x"}""", "cursor: ")]
    [InlineData("query_ledger", """{"from":{"day":1}}""", "from: It is not a text.")]
    [InlineData("summarise_ledger", """{"by":"hour"}""", "by: 'hour' is not one of ")]
    [InlineData("read_readiness", "{}", "name: It is missing. The programme's id")]
    [InlineData("read_readiness", """{"name":"unknown"}""", "There is no such programme.")]
    [InlineData("read_readiness", """{"name":"asyncapi-ambassador","accepted":"May"}""", "accepted: 'May' is not a day like 2026-03-31.")]
    [InlineData("get_contribution", """{"id":"../../me"}""", "There is no such contribution.")]
    [InlineData("log_contribution", """{"title":"Talk"}""", "kind: 'kind' is missing: one of blogPost,")]
    [InlineData("log_contribution", """{"title":"Talk","kind":"talk","when":"soon"}""", "when: \"soon\" is not ")]
    [InlineData("log_contribution", """{"title":7,"kind":"talk","when":"2026-05-20"}""", "title: 7 is not text of 1 to 300 characters.")]
    [InlineData("log_contribution", """{"title":"Talk","kind":"talk","when":"2026-05-20","metrics":{"attendees":-1}}""", "metrics.attendees: 'metrics.attendees' is not a number from 0")]
    [InlineData("log_contribution", """{"title":"Talk","kind":"talk","when":"2026-05-20","idempotencyKey":""}""", "idempotencyKey: ")]
    [InlineData("edit_contribution", """{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaa","title":"x"}""", "There is no such contribution.")]
    public async Task Fault_names_the_parameter_and_says_what_to_do(string tool, string arguments, string expected)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (isError, text, _) = await McpClient.CallAsync(app.Client, tool, arguments);
        Assert.True(isError);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.Empty((await McpClient.CallAsync(app.Client, "query_ledger")).Value.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Pages_follow_each_other_by_their_cursor()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync([.. Enumerable.Range(1, 5).Select(n => LedgerFixture.Draft($"p{n}", $"2026-05-0{n}T10:00:00Z"))]);
        var (titles, cursor) = (new List<string?>(), "");
        for (var page = 0; page < 3; page++)
        {
            var answer = (await McpClient.CallAsync(app.Client, "query_ledger", $$"""{"limit":2{{(cursor.Length == 0 ? "" : $",\"cursor\":\"{cursor}\"")}}}""")).Value;
            titles.AddRange(answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("title").GetString()));
            cursor = answer.TryGetProperty("next", out var next) ? next.GetString()! : "";
        }

        Assert.Equal(["Title of p5", "Title of p4", "Title of p3", "Title of p2", "Title of p1"], titles);
        Assert.Equal("", cursor);
    }

    [Fact]
    public async Task Private_entries_are_shown_as_the_API_shows_them_and_to_nobody_else()
    {
        await using var app = await LedgerFixture.StartAsync();
        await McpClient.CallAsync(app.Client, "log_contribution", """{"title":"Mine alone","kind":"mentoring","when":"2026-05-20","private":true}""");
        foreach (var filter in new[] { "", "true", "false" })
        {
            var over = await app.GetAsync("/ledger" + (filter.Length == 0 ? "" : "?private=" + filter));
            var by = (await McpClient.CallAsync(app.Client, "query_ledger", filter.Length == 0 ? "{}" : $$"""{"private":{{filter}}}""")).Value;
            Assert.True(JsonElement.DeepEquals(over, by), by.GetRawText());
        }

        var id = (await app.GetAsync("/ledger")).GetProperty("items")[0].GetProperty("id").GetString();
        await app.EnterAsync();
        Assert.Equal("There is no such contribution.", (await McpClient.CallAsync(app.Client, "get_contribution", $$"""{"id":"{{id}}"}""")).Text);
    }

    [Fact]
    public async Task Same_key_logs_once_and_a_stale_etag_changes_nothing()
    {
        await using var app = await LedgerFixture.StartAsync();
        var keyed = Talk.Insert(1, """ "idempotencyKey":"talk-1", """);
        var first = await McpClient.CallAsync(app.Client, "log_contribution", keyed);
        var again = await McpClient.CallAsync(app.Client, "log_contribution", keyed);
        Assert.Equal(first.Text, again.Text);
        var other = await McpClient.CallAsync(app.Client, "log_contribution", keyed.Replace("enough", "too much", StringComparison.Ordinal));
        Assert.True(other.IsError);
        Assert.Contains("edit_contribution changes an entry that is there.", other.Text, StringComparison.Ordinal);

        var (id, tag) = (first.Value.GetProperty("id").GetString(), JsonSerializer.Serialize(first.Value.GetProperty("etag").GetString()));
        var edit = $$"""{"id":"{{id}}","etag":{{tag}},"note":"Read me"}""";
        Assert.False((await McpClient.CallAsync(app.Client, "edit_contribution", edit)).IsError);
        var stale = await McpClient.CallAsync(app.Client, "edit_contribution", edit.Replace("Read me", "Lost", StringComparison.Ordinal));
        Assert.Contains("It was changed in the meantime.", stale.Text, StringComparison.Ordinal);
        var entry = Assert.Single((await app.GetAsync("/ledger")).GetProperty("items").EnumerateArray());
        Assert.Equal("Read me", entry.GetProperty("note").GetString());
        var back = await McpClient.CallAsync(app.Client, "edit_contribution", $$"""{"id":"{{id}}","note":null}""");
        Assert.False(back.Value.TryGetProperty("note", out _));
    }

    [Fact]
    public async Task Store_that_cannot_be_reached_is_a_fault_of_the_tool_without_a_stack_trace()
    {
        await using var app = await LedgerFixture.StartAsync();
        app.Table.AfterEntries = () => throw new StoreUnavailableException("ledger", new IOException("broken pipe"));
        var (isError, text, _) = await McpClient.CallAsync(app.Client, "query_ledger");
        app.Table.AfterEntries = null;
        Assert.Equal((true, "The store cannot be reached. Nothing was changed. Try again in a minute."), (isError, text));
    }

    [Fact]
    public async Task Limits_are_those_of_the_API()
    {
        await using var app = await SignInFixture.StartAsync(("RequestsPerMinute", "20"));
        var client = app.App.Client;
        using var nobody = app.App.App.GetTestClient();
        const string Ping = """{"jsonrpc":"2.0","id":1,"method":"ping"}""";
        Assert.Equal(HttpStatusCode.Unauthorized, (await McpClient.SendAsync(nobody, Ping)).Status);
        var (status, problem) = await McpClient.SendAsync(client, Ping + new string(' ', 70_000));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "urn:contributioningest:problem:tooLarge"), (status, problem.GetProperty("type").GetString()));
        using (var stream = await client.GetAsync(new Uri("/mcp", UriKind.Relative)))
            Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (stream.StatusCode, stream.Content.Headers.Allow.Single()));
        var statuses = new List<HttpStatusCode>();
        for (var request = 0; request < 30; request++)
            statuses.Add((await McpClient.SendAsync(client, Ping)).Status);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses.Distinct());
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_everything"}}""", HttpStatusCode.OK)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}""", HttpStatusCode.OK)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"log_contribution","arguments":{"title":"\ud800","kind":"talk","when":"2026-05-20"}}}""", HttpStatusCode.OK)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"unknown"}""", HttpStatusCode.OK)]
    public async Task What_is_no_call_is_refused_and_never_fails(string body, HttpStatusCode expected)
    {
        await using var app = await LedgerFixture.StartAsync();
        var (status, answer) = await McpClient.SendAsync(app.Client, body);
        Assert.Equal(expected, status);
        Assert.True(status != HttpStatusCode.OK || answer.TryGetProperty("error", out _), answer.ToString());
        Assert.DoesNotContain("   at ", answer.ToString(), StringComparison.Ordinal);
    }

    private static async Task<string> LogAsync(HttpClient client) => (await McpClient.CallAsync(client, "log_contribution", Talk)).Value.GetProperty("id").GetString()!;
}
