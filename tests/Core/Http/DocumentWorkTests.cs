using System.Net;
using System.Net.Http.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static ContributionIngest.Tests.Support.ScriptedWeb;

namespace ContributionIngest.Tests.Core.Http;

public sealed class DocumentWorkTests : IDisposable
{
    private const int AtOnce = 3;

    private static readonly string Large = $"<rss><channel><title>t</title><item><title>a</title><description>{new string('x', 300_000)}</description></item></channel></rss>";
    private static readonly string Small = "<rss><channel><title>t</title><item><title>a</title></item></channel></rss>";

    private readonly TestClock clock = new();
    private readonly ScriptedWeb web = new(request => Answer(HttpStatusCode.OK, request.RequestUri!.AbsolutePath == "/small" ? Small : Large, "application/rss+xml"));
    private readonly TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => web.Dispose();

    [Fact]
    public async Task Large_document_waits_until_other_work_has_ended_and_small_ones_do_not()
    {
        await using var app = await AppFixture.StartAsync(web, clock);
        var fetcher = app.App.Services.GetRequiredService<Fetcher>();
        var others = await HoldAllAsync(fetcher);

        var waiting = fetcher.SendAsync(Request("waits", "large"), default);
        Assert.Equal(FetchOutcome.Content, (await fetcher.SendAsync(Request("other", "small"), default)).Outcome);
        Assert.False(waiting.IsCompleted);

        end.SetResult();
        await Task.WhenAll(others);
        Assert.Equal(FetchOutcome.Content, (await waiting).Outcome);
    }

    [Fact]
    public async Task Work_that_has_its_turn_reads_more_large_documents()
    {
        await using var app = await AppFixture.StartAsync(web, clock);
        var fetcher = app.App.Services.GetRequiredService<Fetcher>();
        using var work = DocumentWork.Begin();
        for (var i = 0; i <= AtOnce; i++)
            Assert.Equal(FetchOutcome.Content, (await fetcher.SendAsync(Request("one", "large"), default)).Outcome);
    }

    [Fact]
    public async Task Work_that_gave_its_turn_back_waits_for_another_before_its_next_large_document()
    {
        await using var app = await AppFixture.StartAsync(web, clock);
        var fetcher = app.App.Services.GetRequiredService<Fetcher>();
        using var work = DocumentWork.Begin();
        await fetcher.SendAsync(Request("one", "large"), default);
        work.Release();
        var others = await HoldAllAsync(fetcher);

        var waiting = fetcher.SendAsync(Request("waits", "large"), default);
        Assert.Equal(FetchOutcome.Content, (await fetcher.SendAsync(Request("other", "small"), default)).Outcome);
        Assert.False(waiting.IsCompleted);

        end.SetResult();
        await Task.WhenAll(others);
        Assert.Equal(FetchOutcome.Content, (await waiting).Outcome);
    }

    [Fact]
    public async Task Request_that_is_made_after_its_work_has_ended_keeps_no_turn()
    {
        await using var app = await AppFixture.StartAsync(web, clock);
        var fetcher = app.App.Services.GetRequiredService<Fetcher>();
        var isOver = new TaskCompletionSource();
        Task late;
        using (DocumentWork.Begin())
            late = AskLateAsync();
        isOver.SetResult();
        await late;

        var others = await HoldAllAsync(fetcher).WaitAsync(TimeSpan.FromMinutes(2));

        end.SetResult();
        await Task.WhenAll(others);

        async Task AskLateAsync()
        {
            await isOver.Task;
            await fetcher.SendAsync(Request("late", "large"), default);
        }
    }

    [Fact]
    public async Task Request_that_must_not_be_repeated_does_not_wait_even_if_it_is_redirected_to_a_large_document()
    {
        using var redirecting = new ScriptedWeb(request => request.Method == HttpMethod.Post ? Redirect(303, "/large") : Answer(HttpStatusCode.OK, Large));
        await using var app = await AppFixture.StartAsync(redirecting, clock);
        var fetcher = app.App.Services.GetRequiredService<Fetcher>();
        var others = await HoldAllAsync(fetcher);

        Assert.Equal(FetchOutcome.Content, (await fetcher.SendAsync(Request("api", "search") with { Method = "POST" }, default)).Outcome);
        end.SetResult();
        await Task.WhenAll(others);
    }

    [Theory]
    [InlineData("/api/preview", "address")]
    [InlineData("/api/connections", "address")]
    [InlineData("/api/ledger", "url")]
    public async Task Person_waits_twenty_seconds_and_is_then_told_when_to_try_again(string path, string field)
    {
        await using var app = await AppFixture.StartAsync(web, clock);
        var others = await HoldAllAsync(app.App.Services.GetRequiredService<Fetcher>());
        var asked = app.Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), new Dictionary<string, string> { [field] = "https://late.example/large" });
        await clock.ArmedAsync(DocumentWork.MaxRequestWait);
        clock.Advance(TimeSpan.FromSeconds(19));
        Assert.False(asked.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        using var answer = await asked;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(30)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta));
        end.SetResult();
        await Task.WhenAll(others);
        using var again = await app.Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), new Dictionary<string, string> { [field] = "https://late.example/large" });
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, again.StatusCode);
    }

    private static FetchRequest Request(string host, string path) => new(new Uri($"https://{host}.example/{path}"));

    /// <summary>Work that reads a large document each, and does not end before the test says so.</summary>
    private async Task<Task[]> HoldAllAsync(Fetcher fetcher)
    {
        var read = Enumerable.Range(0, AtOnce).Select(_ => new TaskCompletionSource()).ToList();
        var all = read.Select((one, i) => WorkAsync(fetcher, $"holds{i}", one)).ToArray();
        await Task.WhenAll(read.Select(one => one.Task));
        return all;
    }

    private async Task WorkAsync(Fetcher fetcher, string host, TaskCompletionSource read)
    {
        using var work = DocumentWork.Begin();
        await fetcher.SendAsync(Request(host, "large"), default);
        read.SetResult();
        await end.Task;
    }
}
