using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Payloads and exchanges that GitHub published itself.</summary>
public sealed class CorpusTests
{
    [CorporaFact]
    public async Task Every_pull_request_payload_yields_the_expected_draft_and_other_payloads_none()
    {
        var (pulls, others) = (0, 0);
        foreach (var (file, expected) in Expected("github"))
        {
            var body = await File.ReadAllBytesAsync(Corpora.Path("github", "input", file));
            var name = (string)expected["event"]!;
            if (name != "pull_request")
            {
                Assert.Null(GitHubWebhook.AuthorOf(name, body));
                Assert.Empty((await AcceptAsync(name, "21031067", body))!);
                others++;
                continue;
            }

            var (pull, home) = (expected["pull_request"]!, expected["repository"]!);
            var author = (long)pull["author"]!["id"]!;
            Assert.Equal(author, GitHubWebhook.AuthorOf(name, body));
            var draft = Assert.Single((await AcceptAsync(name, author.ToString(System.Globalization.CultureInfo.InvariantCulture), body))!);
            Assert.Equal($"{home["id"]}/{pull["number"]}", draft.NativeId);
            Assert.Equal((string?)pull["title"], draft.Title);
            Assert.Equal((string?)pull["html_url"], draft.Url);
            Assert.Equal((bool)pull["merged"]! ? Status.Merged : (string)pull["state"]! == "open" ? Status.Open : Status.Closed, draft.Status);
            Assert.Equal(DateTimeOffset.Parse((string)pull["created_at"]!, System.Globalization.CultureInfo.InvariantCulture), draft.When);
            Assert.Equal((string?)pull["author"]!["login"], draft.Author);
            Assert.Equal((string?)home["full_name"], draft.Container?.Name);
            Assert.Equal((double)pull["additions"]!, draft.Metrics["additions"]);
            Assert.Equal((double)pull["deletions"]!, draft.Metrics["deletions"]);
            Assert.Equal((double)pull["changed_files"]!, draft.Metrics["changedFiles"]);
            Assert.Superset(pull["labels"]!.AsArray().Select(label => (string)label!).ToHashSet(), draft.Topics.ToHashSet());
            Assert.Empty((await AcceptAsync(name, "1", body))!);
            pulls++;
        }

        Assert.True(pulls > 0 && others > 0);
    }

    /// <summary>Cut short, or with any one value of another type, a payload is at worst nothing.</summary>
    [CorporaFact]
    public async Task Payload_damaged_anywhere_never_throws()
    {
        foreach (var file in Expected("github").Where(pair => (string?)pair.Value["event"] == "pull_request").Select(pair => pair.Key).Take(3))
        {
            var body = await File.ReadAllBytesAsync(Corpora.Path("github", "input", file));
            for (var length = 0; length < body.Length; length += 97)
                Assert.Empty((await AcceptAsync("pull_request", "21031067", body[..length]))!);
            foreach (var instead in (string[])["null", "-1", "1e999", "\"\\ud800\"", "[]", "{\"a\":[[]]}"])
            {
                foreach (var damaged in Damaged(JsonNode.Parse(body)!, instead))
                    Assert.InRange((await AcceptAsync("pull_request", "21031067", damaged))?.Count ?? 0, 0, 1);
            }
        }
    }

    [CorporaFact]
    public async Task Every_recorded_answer_is_read_without_a_fault()
    {
        var answers = Directory.GetFiles(Corpora.Path("github", "input"), "graphql__*.json").Select(file => (Status: 200, Body: JsonNode.Parse(File.ReadAllText(file)))).ToList();
        foreach (var file in Directory.GetFiles(Corpora.Path("github-http", "input"), "*.json"))
            answers.AddRange(JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsArray().Select(exchange => ((int)exchange!["status"]!, exchange["response"]?.DeepClone())));
        Assert.True(answers.Count > 30);
        foreach (var (status, body) in answers)
        {
            var bytes = Encoding.UTF8.GetBytes(body?.ToJsonString() ?? "");
            foreach (var token in (string?[])[ScriptedGitHub.Token, null])
            {
                var source = Source((_, _) => ScriptedWeb.Answer(status, bytes, "application/json"), token);
                await UnthrownAsync(async () => await source.ResolveAsync("octokit-fixture-user-a", Credentials.None, default));
                await UnthrownAsync(async () => await source.LookupAsync(new Uri("https://github.com/octokit-fixture-org/paginate-issues/pull/13"), default));
                await UnthrownAsync(async () =>
                {
                    await foreach (var page in source.ReadAsync(new SourceRequest("1000", "https://api.github.com/users/octokit-fixture-user-a", null, None, Credentials.None), default))
                        Assert.NotNull(page.Cursor);
                });
            }
        }
    }

    /// <summary>The recorded rename of a repository: its old name answers 301 with the address by number.</summary>
    [CorporaFact]
    public async Task Recorded_renamed_repository_is_found_by_its_old_name()
    {
        var exchanges = JsonNode.Parse(await File.ReadAllTextAsync(Corpora.Path("github-http", "input", "rename-repository.json")))!.AsArray();
        var gets = exchanges.Where(exchange => (string)exchange!["method"]! == "get").ToDictionary(exchange => (string)exchange!["path"]!, exchange => exchange!);
        var (old, home) = (gets.First(pair => (int)pair.Value["status"]! == 301), gets.First(pair => (int)pair.Value["status"]! == 200).Value["response"]!);
        var item = new JsonObject
        {
            ["total_count"] = 1,
            ["items"] = new JsonArray(new JsonObject
            {
                ["repository_url"] = "https://api.github.com" + old.Key,
                ["html_url"] = $"https://github.com/{old.Key["/repos/".Length..]}/pull/7",
                ["number"] = 7,
                ["title"] = "Seen under the old name",
                ["user"] = new JsonObject { ["id"] = 1000 },
            }),
        };
        var source = Source(
            (request, _) => request.RequestUri!.AbsolutePath switch
            {
                "/search/issues" => ScriptedGitHub.Json(System.Net.HttpStatusCode.OK, item),
                var path when gets.TryGetValue(path, out var exchange) => ScriptedWeb.Answer(
                    (int)exchange["status"]!,
                    Encoding.UTF8.GetBytes(exchange["response"]!.ToJsonString()),
                    "application/json",
                    exchange["headers"]?["location"]?.GetValue<string>() is { } location ? [("Location", location)] : []),
                var path => throw new InvalidOperationException(path),
            },
            null);
        var pages = new List<SourcePage>();
        await foreach (var page in source.ReadAsync(new SourceRequest("1000", "https://api.github.com/users/octokit-fixture-user-a", null, None, Credentials.None), default))
            pages.Add(page);

        var draft = Assert.Single(Assert.Single(pages).Drafts);
        Assert.Equal(($"{home["id"]}/7", (string?)home["full_name"]), (draft.NativeId, draft.Container?.Name));
    }

    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, JsonNode>> Expected(string folder) =>
        JsonNode.Parse(File.ReadAllText(Corpora.Path(folder, "expected.json")))!.AsObject().Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));

    /// <summary>The payload once for each value of the parts that are read, with that value replaced.</summary>
    private static IEnumerable<byte[]> Damaged(JsonNode body, string instead)
    {
        string[] paths = ["pull_request", "pull_request/user", "pull_request/base/repo", "repository", "repository/owner", ""];
        foreach (var path in paths)
        {
            var target = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(body, (node, part) => node[part]!).AsObject();
            foreach (var name in target.Select(member => member.Key).ToArray())
            {
                var kept = target[name];
                target.Remove(name);
                target.Add(name, "@@@");
                yield return Encoding.UTF8.GetBytes(body.ToJsonString().Replace("\"@@@\"", instead, StringComparison.Ordinal));
                target.Remove(name);
                target.Add(name, kept);
            }
        }
    }

    private static Task<IReadOnlyList<Draft>?> AcceptAsync(string name, string origin, byte[] body)
    {
        var source = Source((request, _) => throw new InvalidOperationException($"{request.RequestUri}"), null);
        return source.AcceptAsync(new PushDelivery(origin, name, body, None, new Dictionary<string, string>(StringComparer.Ordinal) { ["ownRepositories"] = "true" }), default);
    }

    private static GitHubSource Source(Func<HttpRequestMessage, CancellationToken, HttpResponseMessage> answer, string? token)
    {
        var clock = new TestClock();
        var web = new ScriptedWeb((request, cancel) => Task.FromResult(answer(request, cancel)));
        return new GitHubSource(new Fetcher(web, AddressPolicy.PublicOnly, clock, "test/1"), new GitHubOptions(new Uri("https://api.github.com"), new Uri("https://github.com"), token), clock);
    }

    private static async Task UnthrownAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (SourceException failure)
        {
            Assert.NotEmpty(failure.Message);
        }
    }
}
