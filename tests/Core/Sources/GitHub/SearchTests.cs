using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Reading without a token, page by page.</summary>
public sealed class SearchTests
{
    private readonly TestClock clock = new();

    [Fact]
    public async Task More_pull_requests_of_one_second_than_a_page_holds_are_all_harvested()
    {
        var hub = new ScriptedGitHub(clock);
        var home = new ScriptedRepository { Id = 5, Name = "org/project" };
        for (var n = 1; n <= 460; n++)
        {
            var created = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(n <= 80 ? n : n <= 390 ? 90 : n);
            hub.Pulls.Add(new ScriptedPull { Repository = home, Number = n, Title = $"{n}", Created = created, Updated = created });
        }

        var (pages, failure) = await ReadAsync(hub, null);

        Assert.Null(failure);
        Assert.Equal(460, pages.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct().Count());
    }

    [Fact]
    public async Task Unfinished_search_moves_no_cursor()
    {
        var hub = ScriptedGitHub.Of(clock, 150, repositories: 3);
        var searches = 0;
        hub.Before = (_, request) => request.RequestUri!.AbsolutePath.StartsWith("/search", StringComparison.Ordinal) && ++searches == 2
            ? ScriptedGitHub.Json(HttpStatusCode.OK, new JsonObject { ["total_count"] = 0, ["incomplete_results"] = true, ["items"] = new JsonArray() })
            : null;

        var (first, failure) = await ReadAsync(hub, null);
        Assert.Equal((Failure.Transient, "incomplete"), (failure!.Failure, failure.Code));
        var (second, _) = await ReadAsync(hub, Assert.Single(first).Cursor);

        Assert.Equal(150, first.Concat(second).SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct().Count());
        Assert.InRange(second.Sum(page => page.Drafts.Count), 50, 51);
        Assert.False(second[^1].More);
    }

    [Fact]
    public async Task Exhausted_hourly_requests_keep_the_results_and_the_search_resumes_where_it_stopped()
    {
        var hub = ScriptedGitHub.Of(clock, 100, repositories: 100);
        var (first, failure) = await ReadAsync(hub, null);
        Assert.Equal((Failure.Transient, "throttled"), (failure!.Failure, failure.Code));
        Assert.InRange(failure.RetryAt!.Value - clock.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
        Assert.Equal(60, Assert.Single(first).Drafts.Count);
        Assert.True(first[0].More);
        Assert.InRange(first[0].Cursor.Length, 1, 30_000);

        clock.Advance(TimeSpan.FromHours(1));
        var asked = hub.Web.Asked.Count;
        var (second, none) = await ReadAsync(hub, first[0].Cursor);

        Assert.Null(none);
        Assert.Equal(41, hub.Web.Asked.Count - asked);
        Assert.Equal(100, first.Concat(second).SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct().Count());
    }

    [Fact]
    public async Task Repository_name_is_looked_up_again_after_a_month_in_case_it_was_reused()
    {
        var hub = ScriptedGitHub.Of(clock, 10, repositories: 1);
        var (first, _) = await ReadAsync(hub, null);
        clock.Advance(TimeSpan.FromDays(40));
        var heir = new ScriptedRepository { Id = 77_000, Name = hub.Pulls[0].Repository.Name };
        hub.Pulls[0].Repository.Name = "elsewhere/renamed";
        hub.Pulls.Add(new ScriptedPull { Repository = heir, Number = 1, Title = "First of another", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow() });

        var (second, _) = await ReadAsync(hub, first[^1].Cursor);

        Assert.Equal("77000/1", Assert.Single(second.SelectMany(page => page.Drafts)).NativeId);
    }

    [Theory]
    [InlineData(200, "{}")]
    [InlineData(200, "[")]
    [InlineData(200, "{\"items\":7}")]
    [InlineData(422, "{\"message\":\"Validation Failed\"}")]
    [InlineData(502, "")]
    public async Task Malformed_answer_is_a_transient_failure(int status, string body)
    {
        var hub = ScriptedGitHub.Of(clock, 10);
        hub.Before = (_, request) => request.RequestUri!.AbsolutePath.StartsWith("/search", StringComparison.Ordinal) ? ScriptedWeb.Answer((HttpStatusCode)status, body) : null;

        var (pages, failure) = await ReadAsync(hub, null);

        Assert.Empty(pages);
        Assert.Equal(Failure.Transient, failure!.Failure);
    }

    [Fact]
    public async Task Malformed_rows_are_counted_and_never_throw()
    {
        var hub = ScriptedGitHub.Of(clock, 1);
        const string Body = """{"total_count":5,"items":[null,7,{},{"repository_url":"x","number":1},{"repository_url":"https://api.github.com/repos/a/../../user","number":"2","created_at":8,"labels":{}}]}""";
        hub.Before = (_, request) => request.RequestUri!.AbsolutePath.StartsWith("/search", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.OK, Body) : null;

        var (pages, _) = await ReadAsync(hub, null);

        Assert.Empty(Assert.Single(pages).Drafts);
        Assert.Equal(5, Assert.Single(pages[0].Repairs).Count);
    }

    private async Task<(List<SourcePage> Pages, SourceException? Failure)> ReadAsync(ScriptedGitHub hub, string? cursor)
    {
        using var fetcher = new Fetcher(hub.Web, AddressPolicy.PublicOnly, clock, "test/1");
        var source = new GitHubSource(fetcher, new GitHubOptions(new Uri("https://api.github.com"), new Uri("https://github.com"), null), clock);
        var reading = new SourceRequest("4711", "https://api.github.com/users/juna", cursor, new Dictionary<string, string>(StringComparer.Ordinal), Credentials.None);
        var pages = new List<SourcePage>();
        try
        {
            await foreach (var page in source.ReadAsync(reading, default))
                pages.Add(page);
        }
        catch (SourceException failure)
        {
            return (pages, failure);
        }

        return (pages, null);
    }
}
