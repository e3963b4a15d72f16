using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Support.ScriptedWeb;

namespace ContributionIngest.Tests.Core.Http;

public sealed class FetcherTests
{
    private static readonly Uri Feed = new("https://blog.example/feed");

    private readonly TestClock clock = new();

    [Fact]
    public async Task Validators_are_sent_as_received_and_an_unchanged_page_has_no_body()
    {
        var (fetched, web) = await AskAsync(
            new FetchRequest(Feed) { ETag = "W/\"a, b\"", LastModified = "Tue, 1 Jan 2026 09:5:00 CEST" },
            _ => Answer(HttpStatusCode.NotModified, "", null, ("ETag", "W/\"c\"")));

        Assert.Equal((FetchOutcome.NotModified, "W/\"c\""), (fetched.Outcome, fetched.Header("etag")));
        Assert.Equal("W/\"a, b\"", Sent(web.Asked[0], "If-None-Match"));
        Assert.Equal("Tue, 1 Jan 2026 09:5:00 CEST", Sent(web.Asked[0], "If-Modified-Since"));
    }

    [Fact]
    public async Task Every_request_has_a_User_Agent_and_accepts_compressed_bodies()
    {
        var (_, web) = await AskAsync(new FetchRequest(Feed) { Accept = "text/html" }, _ => Answer(HttpStatusCode.OK));

        Assert.Equal("Ledger/1.0 (+https://operator.example)", Sent(web.Asked[0], "User-Agent"));
        Assert.Equal("text/html", Sent(web.Asked[0], "Accept"));
        Assert.Equal("gzip, br, deflate", Sent(web.Asked[0], "Accept-Encoding"));
    }

    [Theory]
    [InlineData(200, FetchOutcome.Content)]
    [InlineData(226, FetchOutcome.Content)]
    [InlineData(304, FetchOutcome.Terminal)]
    [InlineData(400, FetchOutcome.Terminal)]
    [InlineData(401, FetchOutcome.Denied)]
    [InlineData(403, FetchOutcome.Denied)]
    [InlineData(404, FetchOutcome.Missing)]
    [InlineData(410, FetchOutcome.Gone)]
    [InlineData(429, FetchOutcome.Throttled)]
    [InlineData(500, FetchOutcome.Transient)]
    [InlineData(503, FetchOutcome.Throttled)]
    public async Task Status_is_mapped_to_an_outcome_with_body_and_message(int status, FetchOutcome outcome)
    {
        var (fetched, _) = await AskAsync(new FetchRequest(Feed), _ => Answer(status, "{}"u8.ToArray()));

        Assert.Equal((outcome, status), (fetched.Outcome, fetched.Status));
        Assert.Equal(status == 304 ? "" : "{}", Encoding.UTF8.GetString(fetched.Body));
        Assert.Equal(outcome == FetchOutcome.Content, fetched.Problem is null && fetched.Code is null);
    }

    [Fact]
    public async Task Only_a_chain_of_permanent_redirects_reports_a_permanent_move()
    {
        var (moved, _) = await AskAsync(new FetchRequest(Feed), request => request.RequestUri!.AbsolutePath switch
        {
            "/feed" => Redirect(301, "/second"),
            "/second" => Redirect(308, "https://new.example/moved"),
            _ => Answer(HttpStatusCode.OK, "x"),
        });
        var (lent, _) = await AskAsync(new FetchRequest(Feed), request => request.RequestUri!.AbsolutePath switch
        {
            "/feed" => Redirect(301, "/second"),
            "/second" => Redirect(302, "/third"),
            _ => Answer(HttpStatusCode.OK, "x"),
        });

        Assert.Equal("https://new.example/moved", moved.MovedTo?.AbsoluteUri);
        Assert.Equal("https://new.example/moved", moved.Address.AbsoluteUri);
        Assert.Null(lent.MovedTo);
        Assert.Equal("https://blog.example/third", lent.Address.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://127.0.0.1/", "refusedAddress")]
    [InlineData("//169.254.169.254/latest", "refusedAddress")]
    [InlineData("file:///etc/passwd", "refusedAddress")]
    [InlineData("https://user@other.example/", "refusedAddress")]
    [InlineData("http://[::ffff:127.0.0.1]/", "refusedAddress")]
    [InlineData("http://blog.example/feed", "downgrade")]
    [InlineData("https://blog.example/feed", "tooManyRedirects")]
    public async Task Redirect_target_is_checked_like_an_entered_address(string location, string code)
    {
        var (fetched, web) = await AskAsync(new FetchRequest(Feed), _ => Redirect(302, location));

        Assert.Equal((FetchOutcome.Terminal, code), (fetched.Outcome, fetched.Code));
        Assert.Equal(code == "tooManyRedirects" ? 6 : 1, web.Asked.Count);
    }

    [Fact]
    public async Task Probe_follows_no_redirects()
    {
        var (fetched, web) = await AskAsync(new FetchRequest(Feed) { FollowRedirects = false }, _ => Redirect(302, "/"));

        Assert.Equal((FetchOutcome.Missing, 302), (fetched.Outcome, fetched.Status));
        Assert.Single(web.Asked);
    }

    [Fact]
    public async Task Credentials_stay_with_their_host_even_when_redirected_back()
    {
        var request = new FetchRequest(Feed) { Authorization = "Bearer t", Headers = new Dictionary<string, string> { ["X-Api-Key"] = "k" } };
        var (_, web) = await AskAsync(request, asked => asked.RequestUri!.AbsoluteUri switch
        {
            "https://blog.example/feed" => Redirect(302, "https://blog.example/2"),
            "https://blog.example/2" => Redirect(302, "https://cdn.example/"),
            "https://cdn.example/" => Redirect(302, "https://blog.example/3"),
            _ => Answer(HttpStatusCode.OK, "x"),
        });

        Assert.Equal(["Bearer t", "Bearer t", null, null], web.Asked.Select(asked => Sent(asked, "Authorization")));
        Assert.Equal(["k", "k", null, null], web.Asked.Select(asked => Sent(asked, "X-Api-Key")));
    }

    [Theory]
    [InlineData("http://blog.example/feed", "https://blog.example/feed", "Bearer t")]
    [InlineData("https://blog.example:8443/feed", "https://blog.example/feed", null)]
    [InlineData("https://blog.example/feed", "https://blog.example:8443/feed", null)]
    public async Task Credentials_follow_their_host_to_https_but_not_to_another_port(string from, string to, string? sent)
    {
        var request = new FetchRequest(new Uri(from)) { Authorization = "Bearer t", Headers = new Dictionary<string, string> { ["X-Api-Key"] = "Bearer t" } };
        var (_, web) = await AskAsync(request, asked => asked.RequestUri!.AbsoluteUri == from ? Redirect(301, to) : Answer(HttpStatusCode.OK, "x"));

        Assert.Equal([from, to], web.Addresses);
        Assert.Equal((sent, sent), (Sent(web.Asked[1], "Authorization"), Sent(web.Asked[1], "X-Api-Key")));
    }

    [Theory]
    [InlineData(302, "GET")]
    [InlineData(307, "POST")]
    [InlineData(308, "POST")]
    public async Task Only_307_and_308_repeat_the_request_body(int status, string method)
    {
        var request = new FetchRequest(Feed) { Method = "POST", Body = "a=b"u8.ToArray(), BodyType = "application/x-www-form-urlencoded" };
        var bodies = new List<string?>();
        await AskAsync(request, asked =>
        {
            bodies.Add(asked.Method + " " + asked.Content?.ReadAsStringAsync().GetAwaiter().GetResult());
            return bodies.Count == 1 ? Redirect(status, "/on") : Answer(HttpStatusCode.OK);
        });

        Assert.Equal(["POST a=b", method == "GET" ? "GET " : "POST a=b"], bodies);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("gzip, br")]
    public async Task Compressed_bodies_are_decompressed(string encoding)
    {
        var body = encoding.Split(", ").Aggregate("hello"u8.ToArray(), Pack);
        var (fetched, _) = await AskAsync(new FetchRequest(Feed), _ => Packed(body, encoding.Replace("raw ", "")));

        Assert.Equal("hello", Encoding.UTF8.GetString(fetched.Body));
    }

    [Fact]
    public async Task Body_that_only_claims_to_be_compressed_is_taken_as_it_is()
    {
        var (fetched, _) = await AskAsync(new FetchRequest(Feed), _ => Packed("<rss/>"u8.ToArray(), "gzip"));

        Assert.Equal("<rss/>", Encoding.UTF8.GetString(fetched.Body));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, gzip, gzip, gzip")]
    public async Task Body_with_an_unrequested_encoding_is_no_content(string encoding)
    {
        var (fetched, _) = await AskAsync(new FetchRequest(Feed), _ => Packed([0x1F, 0x8B, 1], encoding));

        Assert.Equal((FetchOutcome.Transient, "badEncoding"), (fetched.Outcome, fetched.Code));
    }

    [Fact]
    public async Task Compression_bomb_stops_at_the_size_limit_and_is_not_read_to_its_end()
    {
        var source = new Counting(Pack(new byte[64 * 1024 * 1024], "gzip"));
        var (fetched, _) = await AskAsync(new FetchRequest(Feed) { MaximumBytes = 1_000_000 }, _ =>
        {
            var response = new HttpResponseMessage { Content = new StreamContent(source) };
            response.Content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
            return response;
        });

        Assert.Equal((FetchOutcome.Terminal, "tooLarge"), (fetched.Outcome, fetched.Code));
        Assert.InRange(source.Taken, 1, 32 * 1024);
    }

    [Fact]
    public async Task Endless_body_stops_at_the_size_limit()
    {
        var (fetched, _) = await AskAsync(
            new FetchRequest(Feed) { MaximumBytes = 100_000 }, _ => new HttpResponseMessage { Content = new StreamContent(new Endless()) });

        Assert.Equal("tooLarge", fetched.Code);
        (fetched, _) = await AskAsync(new FetchRequest(Feed), _ => new HttpResponseMessage { Content = new StreamContent(new Endless()) });
        Assert.Equal("blog.example sent more than 10 MB, which is the most that is read.", fetched.Problem);
    }

    [Theory]
    [InlineData(1024 * 1024, "1 MB")]
    [InlineData(1_000_000, "976 KB")]
    public async Task Limit_is_told_in_megabytes_or_kilobytes(int limit, string told)
    {
        var (fetched, _) = await AskAsync(new FetchRequest(Feed) { MaximumBytes = limit }, _ => new HttpResponseMessage { Content = new StreamContent(new Endless()) });

        Assert.Equal($"blog.example sent more than {told}, which is the most that is read.", fetched.Problem);
    }

    [Fact]
    public async Task Body_of_a_redirect_is_not_read()
    {
        var body = new Counting(new byte[100]);
        var (fetched, _) = await AskAsync(new FetchRequest(Feed), asked =>
        {
            if (asked.RequestUri!.AbsolutePath == "/on")
                return Answer(HttpStatusCode.OK, "x");
            var redirect = Redirect(302, "/on");
            redirect.Content = new StreamContent(body);
            return redirect;
        });

        Assert.Equal((FetchOutcome.Content, 0), (fetched.Outcome, body.Taken));
    }

    [Fact]
    public async Task Body_of_exactly_the_size_limit_is_accepted()
    {
        var (fetched, _) = await AskAsync(new FetchRequest(Feed) { MaximumBytes = 5 }, _ => Answer(HttpStatusCode.OK, "12345"));

        Assert.Equal(5, fetched.Body.Length);
    }

    [Theory]
    [InlineData(0, FetchOutcome.Content)]
    [InlineData(1, FetchOutcome.Terminal)]
    public async Task Ten_megabytes_are_read_and_not_a_byte_more(int more, FetchOutcome outcome)
    {
        var (fetched, _) = await AskAsync(new FetchRequest(Feed), _ => Answer(200, new byte[(10 * 1024 * 1024) + more]));

        Assert.Equal(outcome, fetched.Outcome);
    }

    [Fact]
    public async Task Request_without_an_answer_times_out_after_thirty_seconds_and_is_not_retried()
    {
        using var web = new ScriptedWeb(async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel);
            throw new InvalidOperationException("never");
        });
        using var fetcher = New(web);
        var asking = fetcher.SendAsync(new FetchRequest(Feed), default);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(asking.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        var fetched = await asking;

        Assert.Equal((FetchOutcome.Transient, "timeout"), (fetched.Outcome, fetched.Code));
        Assert.Single(web.Asked);
    }

    [Fact]
    public async Task Trickling_body_times_out_after_thirty_seconds()
    {
        var (fetched, _) = await AskAsync(
            new FetchRequest(Feed), _ => new HttpResponseMessage { Content = new StreamContent(new Trickle(clock)) });

        Assert.Equal("timeout", fetched.Code);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_is_thrown()
    {
        using var stop = new CancellationTokenSource();
        using var web = new ScriptedWeb(async (_, cancel) =>
        {
            await stop.CancelAsync();
            cancel.ThrowIfCancellationRequested();
            return Answer(HttpStatusCode.OK);
        });
        using var fetcher = New(web);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetcher.SendAsync(new FetchRequest(Feed), stop.Token));
    }

    [Fact]
    public async Task Request_that_waits_for_its_turn_does_not_outlive_the_program()
    {
        using var stop = new CancellationTokenSource();
        using var web = new ScriptedWeb(async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancel);
            throw new InvalidOperationException("never");
        });
        using var fetcher = New(web);
        var asking = Enumerable.Range(1, 17).Select(n => fetcher.SendAsync(new FetchRequest(new Uri($"https://blog{n}.example/")), stop.Token)).ToList();
        Assert.Equal(16, web.Asked.Count);

        fetcher.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking[16].WaitAsync(TimeSpan.FromMinutes(2)));
        await stop.CancelAsync();
    }

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("POST", 1)]
    public async Task Transient_failure_of_a_safe_request_is_retried_twice(string method, int times)
    {
        var (fetched, web) = await AskAsync(new FetchRequest(Feed) { Method = method }, _ => throw new HttpRequestException("reset"));

        Assert.Equal((FetchOutcome.Transient, "connection", times), (fetched.Outcome, fetched.Code, web.Asked.Count));
        Assert.DoesNotContain("reset", fetched.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Successful_retry_is_the_answer()
    {
        var times = 0;
        var (fetched, _) = await AskAsync(new FetchRequest(Feed), _ => times++ == 0 ? Answer(HttpStatusCode.BadGateway) : Answer(HttpStatusCode.OK, "x"));

        Assert.Equal((FetchOutcome.Content, 2), (fetched.Outcome, times));
    }

    [CorporaFact]
    public async Task Every_redirect_scenario_of_the_corpus_ends_without_a_request_to_the_target()
    {
        using var corpus = JsonDocument.Parse(await File.ReadAllBytesAsync(Corpora.Path("ssrf-urls", "expected.json")));
        var scenarios = corpus.RootElement.GetProperty("redirect_scenarios").EnumerateArray().ToArray();
        Assert.NotEmpty(scenarios);
        foreach (var scenario in scenarios)
        {
            var from = scenario.GetProperty("from").GetString()!;
            var (fetched, web) = await AskAsync(new FetchRequest(new Uri(from)), _ => Redirect(301, scenario.GetProperty("to").GetString()!));
            Assert.Equal(FetchOutcome.Terminal, fetched.Outcome);
            Assert.All(web.Addresses, address => Assert.Equal(from, address));
        }
    }

    private static string? Sent(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static byte[] Pack(byte[] body, string encoding)
    {
        var packed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(packed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
            "raw deflate" => new DeflateStream(packed, CompressionLevel.Fastest),
            _ => new GZipStream(packed, CompressionLevel.Fastest),
        })
            stream.Write(body);
        return packed.ToArray();
    }

    private static HttpResponseMessage Packed(byte[] body, string encoding) => Answer(200, body, null, ("Content-Encoding", encoding));

    private async Task<(Fetched Fetched, ScriptedWeb Web)> AskAsync(FetchRequest request, Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        var web = new ScriptedWeb(answer);
        using var fetcher = New(web);
        return (await fetcher.SendAsync(request, default), web);
    }

    private Fetcher New(ScriptedWeb web) => new(web, AddressPolicy.PublicOnly, clock, "Ledger/1.0 (+https://operator.example)");

    private sealed class Counting(byte[] bytes) : MemoryStream(bytes)
    {
        public long Taken { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            Taken += read;
            return read;
        }
    }

    private sealed class Endless : MemoryStream
    {
        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'x');
            return buffer.Length;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
    }

    private sealed class Trickle(TestClock clock) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(1);
        }
    }
}
