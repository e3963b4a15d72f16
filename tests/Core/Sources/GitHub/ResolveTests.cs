using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>What people type, and single pull requests by their address.</summary>
public sealed class ResolveTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedGitHub hub;

    public ResolveTests() => hub = ScriptedGitHub.Of(clock, 3);

    [Theory]
    [InlineData("juna")]
    [InlineData(" @Juna ")]
    [InlineData("https://github.com/juna")]
    [InlineData("github.com/juna/")]
    [InlineData("https://www.github.com/juna?tab=repositories#x")]
    [InlineData("https://github.com/@juna")]
    public async Task Login_and_profile_address_resolve_to_the_person(string typed)
    {
        var place = await Source().ResolveAsync(typed, Credentials.None, default);

        Assert.Equal("4711", place.Origin);
        Assert.Equal("https://api.github.com/users/juna", place.Address);
        Assert.Equal(("Juna Okvist", "https://github.com/juna"), (place.Title, place.Url));
    }

    [Theory]
    [InlineData("https://github.com/juna/pebbles", "notAPerson", "repository juna/pebbles")]
    [InlineData("https://github.com/org/project/pull/7", "notAPerson", "who made the pull request")]
    [InlineData("https://github.com/orgs/something/people", "notAPerson", "organisation")]
    [InlineData("https://github.com/org/project/releases.atom", "notAPerson", "source feed")]
    [InlineData("https://github.com/", "notAPerson", "front page")]
    [InlineData("https://gitlab.com/juna", "notGitHub", "github.com")]
    [InlineData("juna okvist", "notGitHub", "octocat")]
    [InlineData("../user", "notGitHub", "octocat")]
    [InlineData("", "notGitHub", "octocat")]
    [InlineData("nobody", "noSuchUser", "nobody")]
    public async Task Address_that_is_no_person_is_rejected_with_what_to_enter(string typed, string code, string hint)
    {
        var failure = await Assert.ThrowsAsync<SourceException>(() => Source().ResolveAsync(typed, Credentials.None, default));

        Assert.Equal((Failure.Terminal, code), (failure.Failure, failure.Code));
        Assert.Contains(hint, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Organization", "organisation")]
    [InlineData("Bot", "bot")]
    public async Task An_account_of_no_person_is_refused(string type, string hint)
    {
        hub.Before = (_, _) => ScriptedGitHub.Json(HttpStatusCode.OK, new JsonObject { ["login"] = "acme", ["id"] = 5, ["type"] = type });

        var failure = await Assert.ThrowsAsync<SourceException>(() => Source().ResolveAsync("acme", Credentials.None, default));

        Assert.Contains(hint, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://github.com/org/project/pull/7")]
    [InlineData("https://github.com/org/project/pull/7/files#diff-1")]
    public async Task Address_of_a_pull_request_yields_it_whoever_its_author(string address)
    {
        hub.Before = (_, request) => request.RequestUri!.AbsolutePath == "/repos/org/project/pulls/7" ? Pull(isPrivate: false) : null;

        var draft = await Source().LookupAsync(new Uri(address), default);

        Assert.NotNull(draft);
        Assert.Equal(("88/7", Status.Merged, "Mend the fence", "someone"), (draft.NativeId, draft.Status, draft.Title, draft.Author));
        Assert.Equal(["C", "rivers", "chore"], draft.Topics);
        Assert.Equal([5, 2, 1, 30], ((string[])["additions", "deletions", "changedFiles", "stars"]).Select(name => draft.Metrics[name]));
    }

    [Theory]
    [InlineData("https://github.com/org/project")]
    [InlineData("https://github.com/org/project/issues/7")]
    [InlineData("https://github.com/org/project/pull/new")]
    [InlineData("https://github.com/org/project/pull/99999999999999999999")]
    [InlineData("https://example.org/org/project/pull/7")]
    public async Task Other_addresses_are_nothing_to_look_at(string address) => Assert.Null(await Source().LookupAsync(new Uri(address), default));

    [Fact]
    public async Task Private_or_missing_pull_request_is_rejected_with_a_message()
    {
        hub.Before = (_, _) => Pull(isPrivate: true);
        var address = new Uri("https://github.com/org/project/pull/7");
        var isPrivate = await Assert.ThrowsAsync<SourceException>(() => Source().LookupAsync(address, default));
        hub.Before = (_, _) => ScriptedGitHub.Json(HttpStatusCode.NotFound, new JsonObject { ["message"] = "Not Found" });
        var missing = await Assert.ThrowsAsync<SourceException>(() => Source().LookupAsync(address, default));

        Assert.Equal(("private", "noSuchPullRequest"), (isPrivate.Code, missing.Code));
        Assert.DoesNotContain("Mend", isPrivate.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enterprise_server_is_requested_at_its_own_addresses()
    {
        var asked = new List<string>();
        using var web = new ScriptedWeb(request =>
        {
            asked.Add(request.RequestUri!.AbsoluteUri);
            return request.Method == HttpMethod.Post
                ? ScriptedGitHub.Json(HttpStatusCode.OK, ScriptedGitHub.Data("juna", 4711, [], false, null))
                : ScriptedGitHub.Json(HttpStatusCode.OK, new JsonObject { ["login"] = "juna", ["id"] = 4711, ["type"] = "User" });
        });
        using var fetcher = new Fetcher(web, AddressPolicy.PublicOnly, clock, "test/1");
        var source = new GitHubSource(fetcher, new GitHubOptions(new Uri("https://git.example/api/v3"), new Uri("https://git.example"), "t"), clock);

        var place = await source.ResolveAsync("https://git.example/juna", Credentials.None, default);
        await foreach (var page in source.ReadAsync(new SourceRequest(place.Origin, place.Address, null, new Dictionary<string, string>(StringComparer.Ordinal), Credentials.None), default))
            Assert.False(page.More);

        Assert.Equal(["https://git.example/api/v3/users/juna", "https://git.example/api/graphql"], asked);
        Assert.Equal(["git.example"], source.Info.Hosts);
    }

    private static HttpResponseMessage Pull(bool isPrivate) => ScriptedGitHub.Json(HttpStatusCode.OK, new JsonObject
    {
        ["number"] = 7,
        ["title"] = "Mend the fence",
        ["html_url"] = "https://github.com/org/project/pull/7",
        ["state"] = "closed",
        ["merged"] = true,
        ["created_at"] = "2026-05-01T10:00:00Z",
        ["updated_at"] = "2026-05-02T10:00:00Z",
        ["user"] = new JsonObject { ["login"] = "someone", ["id"] = 3 },
        ["labels"] = new JsonArray(new JsonObject { ["name"] = "chore" }),
        ["additions"] = 5,
        ["deletions"] = 2,
        ["changed_files"] = 1,
        ["base"] = new JsonObject
        {
            ["repo"] = new JsonObject
            {
                ["id"] = 88,
                ["full_name"] = "org/project",
                ["private"] = isPrivate,
                ["html_url"] = "https://github.com/org/project",
                ["language"] = "C",
                ["topics"] = new JsonArray("rivers"),
                ["stargazers_count"] = 30,
            },
        },
    });

    private GitHubSource Source() => new(
        new Fetcher(hub.Web, AddressPolicy.PublicOnly, clock, "test/1"), new GitHubOptions(new Uri("https://api.github.com"), new Uri("https://github.com"), null), clock);
}
