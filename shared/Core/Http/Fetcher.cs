using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.RateLimiting;
using Polly;
using Polly.Retry;

namespace ContributionIngest.Core.Http;

/// <summary>
/// Sends all outbound HTTP requests. Every outcome is a return value: only the caller's own cancellation throws. The connecting handler
/// (<see cref="GuardedHandler"/>) is a parameter, so that tests can supply responses.
/// </summary>
public sealed class Fetcher : IDisposable
{
    private const int MaxRedirects = 5;
    private const int MaxErrorBytes = 64 * 1024;
    private const int MaxConcurrentHosts = 16;

    /// <summary>How many pieces of work may have a large document at once.</summary>
    private const int MaxLargeAtOnce = 3;

    /// <summary>Limit for a whole request, including redirects and retries but not the wait for the host's turn.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker invoker;
    private readonly AddressPolicy policy;
    private readonly TimeProvider time;
    private readonly string userAgent;

    /// <summary>One request at a time per host, and a limited number of hosts at once; first come, first served.</summary>
    private readonly PartitionedRateLimiter<string> hostTurns = PartitionedRateLimiter.Create<string, string>(
        host => RateLimitPartition.GetConcurrencyLimiter(host, _ => LimiterOptions(1)), StringComparer.OrdinalIgnoreCase);

    private readonly ConcurrencyLimiter allTurns = new(LimiterOptions(MaxConcurrentHosts));
    private readonly ConcurrencyLimiter largeTurns = new(LimiterOptions(MaxLargeAtOnce));
    private readonly ResiliencePipeline<Fetched> retries;

    /// <param name="userAgent">Product/version and the operator's contact address.</param>
    public Fetcher(HttpMessageHandler handler, AddressPolicy policy, TimeProvider time, string userAgent)
    {
        invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        this.policy = policy;
        this.time = time;
        this.userAgent = userAgent;
        Pauses = new HostPauses(time);
        retries = new ResiliencePipelineBuilder<Fetched> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Fetched>
            {
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromSeconds(1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = static attempt => ValueTask.FromResult(
                    attempt.Outcome.Result is { Outcome: FetchOutcome.Transient, Code: not ("timeout" or "unknownHost") }),
            })
            .Build();
    }

    /// <summary>Hosts that must not be contacted before a certain time.</summary>
    public HostPauses Pauses { get; }

    /// <exception cref="TooBusyException">The document is large, and the caller's <see cref="DocumentWork"/> waits no longer for its turn.</exception>
    public async Task<Fetched> SendAsync(FetchRequest request, CancellationToken cancel)
    {
        var (address, problem) = policy.Check(request.Address.OriginalString);
        if (address is null)
            return Failed(FetchOutcome.Terminal, request.Address, "refusedAddress", problem!);
        if (request.Method is not ("GET" or "HEAD"))
            return await FollowAsync(request, address, null, new TimeBudget(time, MaxTime), cancel);

        // Only a request that may be repeated takes turns.
        using var own = DocumentWork.Current is null ? DocumentWork.Begin() : null;
        var work = DocumentWork.Current!;
        while (true)
        {
            try
            {
                var budget = new TimeBudget(time, MaxTime);
                return await retries.ExecuteAsync(async token => await FollowAsync(request, address, work, budget, token), cancel);
            }
            catch (NoTurnException)
            {
                // Nothing is held while it waits, neither the host's turn nor what has come of the document, and so it is requested again.
                await work.EnterAsync(largeTurns, time, cancel);
            }
        }
    }

    /// <summary>Waits until a piece of work may have a large document that was not requested, such as a delivery.</summary>
    /// <exception cref="TooBusyException">The work waits no longer.</exception>
    public Task EnterAsync(DocumentWork work, CancellationToken cancel) => work.EnterAsync(largeTurns, time, cancel);

    public void Dispose()
    {
        invoker.Dispose();
        hostTurns.Dispose();
        allTurns.Dispose();
        largeTurns.Dispose();
    }

    private static ConcurrencyLimiterOptions LimiterOptions(int requests) => new() { PermitLimit = requests, QueueLimit = int.MaxValue };

    private async Task<Fetched> FollowAsync(FetchRequest request, Uri address, DocumentWork? work, TimeBudget budget, CancellationToken cancel)
    {
        var movedTo = default(Uri);
        var permanent = true;
        var redirects = 0;

        // Some sites redirect to the same address until a cookie comes back. It lives for this request only.
        var cookies = new CookieContainer();
        while (true)
        {
            var answer = await SendToHostAsync(request, address, cookies, work, budget, cancel) with { MovedTo = movedTo };
            if (answer.Status is not (301 or 302 or 303 or 307 or 308) || answer.Header("Location") is not { } location)
                return answer;
            if (!request.FollowRedirects)
                return answer with { Outcome = FetchOutcome.Missing, Code = "redirect", Problem = $"{address.Host} answered with a redirect." };
            if (redirects++ == MaxRedirects)
                return answer with { Code = "tooManyRedirects", Problem = $"{address.Host} redirects in circles or too often." };

            var (next, problem) = Uri.TryCreate(address, Utf8(location), out var target)
                ? policy.Check(target.OriginalString)
                : new AddressVerdict(null, "it is not an address");
            if (next is null)
                return answer with { Code = "refusedAddress", Problem = $"{address.Host} redirects to an address that is not allowed: {problem}" };
            if (address.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp)
                return answer with { Code = "downgrade", Problem = $"{address.Host} redirects from https to http, which is not followed." };

            permanent &= answer.Status is 301 or 308;
            movedTo = permanent ? next : null;
            request = NextHop(request, answer.Status, address, next);
            address = next;
        }
    }

    /// <summary>The request for the next hop. Another origin gets none of the caller's own headers, and only 307 and 308 repeat a body.</summary>
    private static FetchRequest NextHop(FetchRequest request, int status, Uri from, Uri to)
    {
        var sameOrigin = string.Equals(from.Host, to.Host, StringComparison.OrdinalIgnoreCase)
            && (from.Port == to.Port || (from.IsDefaultPort && to.IsDefaultPort));
        if (!sameOrigin)
            request = request with { Authorization = null, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) };
        return status is 307 or 308 || request.Method is "GET" or "HEAD"
            ? request
            : request with { Method = "GET", Body = default, BodyType = null };
    }

    /// <summary>Sends one request to one host when it is the host's turn.</summary>
    private async Task<Fetched> SendToHostAsync(
        FetchRequest request, Uri address, CookieContainer cookies, DocumentWork? work, TimeBudget budget, CancellationToken cancel)
    {
        // The host's turn comes first: a request waiting for a busy host must not take another host's slot.
        using var hostTurn = await hostTurns.AcquireAsync(address.Host, 1, cancel);
        using var turn = await allTurns.AcquireAsync(1, cancel);
        if (Pauses.Until(address.Host) is { } until)
            return Paused(address, until, "paused");

        var began = time.GetTimestamp();
        using var limit = budget.Start(cancel);
        try
        {
            using var message = CreateMessage(request, address, cookies);
            using var response = await invoker.SendAsync(message, limit.Token);
            KeepCookies(response, address, cookies);
            return Recorded(await ReadAsync(request, address, response, work, limit.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Recorded(Failed(
                FetchOutcome.Transient, address, "timeout", $"{address.Host} did not answer completely within {MaxTime.TotalSeconds} seconds."));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or SocketException)
        {
            return Recorded(FromException(address, e));
        }

        Fetched Recorded(Fetched answer)
        {
            Telemetry.Asked(address.Host, answer.Outcome, time.GetElapsedTime(began));
            return answer;
        }
    }

    private static void KeepCookies(HttpResponseMessage response, Uri address, CookieContainer cookies)
    {
        if ((int)response.StatusCode is < 300 or >= 400 || !response.Headers.NonValidated.TryGetValues("Set-Cookie", out var values))
            return;
        foreach (var value in values)
        {
            try
            {
                cookies.SetCookies(address, value);
            }
            catch (CookieException)
            {
                // A malformed cookie, or one for another site, is ignored (RFC 6265, 5.3).
            }
        }
    }

    private HttpRequestMessage CreateMessage(FetchRequest request, Uri address, CookieContainer cookies)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (request.BodyType is not null || !request.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.BodyType ?? "application/octet-stream");
        }

        foreach (var (name, value) in request.Headers)
            Add(name, value);
        Add("User-Agent", userAgent);
        Add("Accept", request.Accept);
        Add("Accept-Encoding", "gzip, br, deflate");
        Add("If-None-Match", request.ETag);
        Add("If-Modified-Since", request.LastModified);
        Add("Authorization", request.Authorization);
        if (cookies.Count > 0 && cookies.GetCookieHeader(address) is { Length: > 0 } cookie)
            Add("Cookie", cookie);
        return message;

        void Add(string name, string? value)
        {
            if (value is not null && !message.Headers.Contains(name))
                message.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private async Task<Fetched> ReadAsync(FetchRequest request, Uri address, HttpResponseMessage response, DocumentWork? work, CancellationToken cancel)
    {
        var answer = Answers.Of(address, response, IsConditional(request));
        if (answer.Outcome == FetchOutcome.Throttled)
            answer = answer with { RetryAt = Pauses.Pause(address.Host, Pauses.RetryAt(answer.Header("Retry-After"))) };
        if (answer.Outcome == FetchOutcome.NotModified || request.Method == "HEAD" || (int)response.StatusCode is >= 300 and < 400)
            return answer;

        if (answer.Outcome != FetchOutcome.Content)
            return answer with { Body = await ErrorBodyAsync(response, cancel) };

        return await BodyReader.ReadAsync(response.Content, request.MaximumBytes, cancel, work is null ? null : GrowsLarge) is { } body
            ? answer with { Body = body }
            : Failed(
                FetchOutcome.Terminal, address, "tooLarge", $"{address.Host} sent more than {Size(request.MaximumBytes)}, which is the most that is read.") with
            {
                Status = answer.Status,
            };

        void GrowsLarge(int bytes)
        {
            if (bytes > DocumentWork.LargeBytes && !work.TryEnter(largeTurns))
                throw new NoTurnException();
        }
    }

    /// <summary>The body of an error is useful (APIs return JSON), but the result is valid without it.</summary>
    private static async Task<byte[]> ErrorBodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await BodyReader.ReadAsync(response.Content, MaxErrorBytes, cancel) ?? [];
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            return [];
        }
    }

    private static bool IsConditional(FetchRequest request) => request.ETag is not null || request.LastModified is not null;

    private static Fetched FromException(Uri address, Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case RefusedAddressException:
                    return Failed(FetchOutcome.Terminal, address, "refusedAddress", inner.Message);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData }:
                    return Failed(FetchOutcome.Transient, address, "unknownHost", $"There is no host named {address.Host}.");
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                    return Failed(FetchOutcome.Terminal, address, "headersTooLarge", $"{address.Host} sent too many or too large headers.");
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                    return Failed(FetchOutcome.Transient, address, "tls", $"No secure connection to {address.Host} could be made.");
                case InvalidDataException:
                    return Failed(FetchOutcome.Transient, address, "badEncoding", $"{address.Host} sent a body that cannot be decompressed.");
            }
        }

        return Failed(FetchOutcome.Transient, address, "connection", $"The connection to {address.Host} failed or broke off.");
    }

    private static string Size(int bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{(bytes >= 1024 * 1024 ? bytes / (1024 * 1024) : bytes / 1024)} {(bytes >= 1024 * 1024 ? "MB" : "KB")}");

    private static Fetched Failed(FetchOutcome outcome, Uri address, string code, string problem) =>
        new(outcome, address) { Code = code, Problem = problem };

    private static Fetched Paused(Uri address, DateTimeOffset until, string code) =>
        new(FetchOutcome.Throttled, address)
        {
            Code = code,
            RetryAt = until,
            Problem = string.Create(CultureInfo.InvariantCulture, $"{address.Host} asked for a pause until {until:yyyy-MM-dd HH:mm} UTC."),
        };

    /// <summary>Header bytes are decoded as Latin-1; in practice, a non-ASCII Location is UTF-8.</summary>
    private static string Utf8(string header)
    {
        var bytes = Encoding.Latin1.GetBytes(header);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : header;
    }
}
