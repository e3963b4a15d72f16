using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.RateLimiting;
using Polly;
using Polly.Retry;

namespace ContributionIngest.Core.Http;

/// <summary>
/// The one gate to the internet. An outcome is data: nothing but the caller's own cancellation is thrown. It takes the handler that dials
/// (<see cref="GuardedHandler"/>), so that tests can answer in place of the world.
/// </summary>
public sealed class Fetcher : IDisposable
{
    private const int MostRedirects = 5;
    private const int MostErrorBytes = 64 * 1024;
    private const int MostHosts = 16;

    /// <summary>For a whole request, redirects and retries included; waiting for the host's turn does not count.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker invoker;
    private readonly AddressPolicy policy;
    private readonly TimeProvider time;
    private readonly string userAgent;

    /// <summary>One request at a time per host, and so many hosts at once; first come, first served.</summary>
    private readonly PartitionedRateLimiter<string> hostTurns = PartitionedRateLimiter.Create<string, string>(
        host => RateLimitPartition.GetConcurrencyLimiter(host, _ => AtOnce(1)), StringComparer.OrdinalIgnoreCase);

    private readonly ConcurrencyLimiter allTurns = new(AtOnce(MostHosts));
    private readonly ResiliencePipeline<Fetched> retries;

    /// <param name="userAgent">Product/version and where its operator can be reached.</param>
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

    /// <summary>Hosts that are not asked before a certain time.</summary>
    public HostPauses Pauses { get; }

    public async Task<Fetched> SendAsync(FetchRequest request, CancellationToken cancel)
    {
        var (address, problem) = policy.Check(request.Address.OriginalString);
        if (address is null)
            return Failed(FetchOutcome.Terminal, request.Address, "refusedAddress", problem!);

        var budget = new TimeBudget(time, MostTime);
        return request.Method is "GET" or "HEAD"
            ? await retries.ExecuteAsync(async token => await FollowAsync(request, address, budget, token), cancel)
            : await FollowAsync(request, address, budget, cancel);
    }

    public void Dispose()
    {
        invoker.Dispose();
        hostTurns.Dispose();
        allTurns.Dispose();
    }

    private static ConcurrencyLimiterOptions AtOnce(int requests) => new() { PermitLimit = requests, QueueLimit = int.MaxValue };

    private async Task<Fetched> FollowAsync(FetchRequest request, Uri address, TimeBudget budget, CancellationToken cancel)
    {
        var movedTo = default(Uri);
        var permanent = true;
        var redirects = 0;
        while (true)
        {
            var answer = await AskAsync(request, address, budget, cancel) with { MovedTo = movedTo };
            if (answer.Status is not (301 or 302 or 303 or 307 or 308) || answer.Header("Location") is not { } location)
                return answer;
            if (!request.FollowRedirects)
                return answer with { Outcome = FetchOutcome.Missing, Code = "redirect", Problem = $"{address.Host} answered with a redirect." };
            if (redirects++ == MostRedirects)
                return answer with { Code = "tooManyRedirects", Problem = $"{address.Host} redirects in circles or too often." };

            var (next, problem) = Uri.TryCreate(address, Utf8(location), out var target)
                ? policy.Check(target.OriginalString)
                : new AddressVerdict(null, "it is not an address");
            if (next is null)
                return answer with { Code = "refusedAddress", Problem = $"{address.Host} redirects to an address that is not asked: {problem}" };
            if (address.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp)
                return answer with { Code = "downgrade", Problem = $"{address.Host} redirects from https to http, which is not followed." };

            permanent &= answer.Status is 301 or 308;
            movedTo = permanent ? next : null;
            request = Onward(request, answer.Status, address, next);
            address = next;
        }
    }

    /// <summary>The request for the next hop: another place gets none of the caller's own headers, and only 307 and 308 repeat a body.</summary>
    private static FetchRequest Onward(FetchRequest request, int status, Uri from, Uri to)
    {
        var samePlace = string.Equals(from.Host, to.Host, StringComparison.OrdinalIgnoreCase)
            && (from.Port == to.Port || (from.IsDefaultPort && to.IsDefaultPort));
        if (!samePlace)
            request = request with { Authorization = null, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) };
        return status is 307 or 308 || request.Method is "GET" or "HEAD"
            ? request
            : request with { Method = "GET", Body = default, BodyType = null };
    }

    /// <summary>One exchange with one host, in its turn.</summary>
    private async Task<Fetched> AskAsync(FetchRequest request, Uri address, TimeBudget budget, CancellationToken cancel)
    {
        // The host's turn first: whoever waits for a busy host must not hold another host's place.
        using var hostTurn = await hostTurns.AcquireAsync(address.Host, 1, cancel);
        using var turn = await allTurns.AcquireAsync(1, cancel);
        if (Pauses.Until(address.Host) is { } until)
            return Paused(address, until, "paused");

        var began = time.GetTimestamp();
        using var limit = budget.Start(cancel);
        try
        {
            using var message = Message(request, address);
            using var response = await invoker.SendAsync(message, limit.Token);
            return Noted(await ReadAsync(request, address, response, limit.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Noted(Failed(
                FetchOutcome.Transient, address, "timeout", $"{address.Host} did not answer completely within {MostTime.TotalSeconds} seconds."));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or SocketException)
        {
            return Noted(Broken(address, e));
        }

        Fetched Noted(Fetched answer)
        {
            Telemetry.Asked(address.Host, answer.Outcome, time.GetElapsedTime(began));
            return answer;
        }
    }

    private HttpRequestMessage Message(FetchRequest request, Uri address)
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
        return message;

        void Add(string name, string? value)
        {
            if (value is not null && !message.Headers.Contains(name))
                message.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private async Task<Fetched> ReadAsync(FetchRequest request, Uri address, HttpResponseMessage response, CancellationToken cancel)
    {
        var answer = Answers.Of(address, response, Conditional(request));
        if (answer.Outcome == FetchOutcome.Throttled)
            answer = answer with { RetryAt = Pauses.Pause(address.Host, Pauses.RetryAt(answer.Header("Retry-After"))) };
        if (answer.Outcome == FetchOutcome.NotModified || request.Method == "HEAD" || (int)response.StatusCode is >= 300 and < 400)
            return answer;

        if (answer.Outcome != FetchOutcome.Content)
            return answer with { Body = await ErrorBodyAsync(response, cancel) };

        return await BodyReader.ReadAsync(response.Content, request.MaximumBytes, cancel) is { } body
            ? answer with { Body = body }
            : Failed(
                FetchOutcome.Terminal, address, "tooLarge", $"{address.Host} sent more than {request.MaximumBytes / 1024} KB.") with
            {
                Status = answer.Status,
            };
    }

    /// <summary>What an error says about itself helps (APIs answer JSON), but the answer stands without it.</summary>
    private static async Task<byte[]> ErrorBodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await BodyReader.ReadAsync(response.Content, MostErrorBytes, cancel) ?? [];
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            return [];
        }
    }

    private static bool Conditional(FetchRequest request) => request.ETag is not null || request.LastModified is not null;

    private static Fetched Broken(Uri address, Exception e)
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
                    return Failed(FetchOutcome.Transient, address, "badEncoding", $"{address.Host} sent a body that cannot be unpacked.");
            }
        }

        return Failed(FetchOutcome.Transient, address, "connection", $"The connection to {address.Host} failed or broke off.");
    }

    private static Fetched Failed(FetchOutcome outcome, Uri address, string code, string problem) =>
        new(outcome, address) { Code = code, Problem = problem };

    private static Fetched Paused(Uri address, DateTimeOffset until, string code) =>
        new(FetchOutcome.Throttled, address)
        {
            Code = code,
            RetryAt = until,
            Problem = string.Create(CultureInfo.InvariantCulture, $"{address.Host} asked for a pause until {until:yyyy-MM-dd HH:mm} UTC."),
        };

    /// <summary>Header bytes arrive as Latin-1; a Location beyond ASCII is UTF-8 in practice.</summary>
    private static string Utf8(string header)
    {
        var bytes = Encoding.Latin1.GetBytes(header);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : header;
    }
}

/// <summary>An answer's body, unpacked and counted while it streams, so that nothing grows beyond the cap whatever was promised.</summary>
internal static class BodyReader
{
    private const int MostLayers = 3;

    /// <returns>The body; null when it is larger than <paramref name="maximum"/> bytes.</returns>
    /// <exception cref="InvalidDataException">It is packed in a way nobody asked for, or damaged.</exception>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int maximum, CancellationToken cancel)
    {
        var encodings = content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values)
            ? values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];
        if (encodings.Length > MostLayers)
            throw new InvalidDataException("packed too many times");
        if (encodings.Length == 0 && content.Headers.ContentLength > maximum)
            return null;

        var stream = await content.ReadAsStreamAsync(cancel);
        foreach (var encoding in encodings.Reverse())
            stream = await UnpackAsync(stream, encoding, cancel);
        await using (stream)
            return await ReadAllAsync(stream, maximum, cancel);
    }

    private static async Task<byte[]?> ReadAllAsync(Stream stream, int maximum, CancellationToken cancel)
    {
        var body = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await stream.ReadAsync(body.GetMemory(8 * 1024), cancel)) > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > maximum)
                return null;
        }

        return body.WrittenSpan.ToArray();
    }

    /// <summary>Looks at the first two bytes: some servers name an encoding they did not apply, and deflate comes with and without its header.</summary>
    private static async Task<Stream> UnpackAsync(Stream packed, string encoding, CancellationToken cancel)
    {
        var reader = PipeReader.Create(packed);
        var start = await reader.ReadAtLeastAsync(2, cancel);
        var (first, second) = Start(start.Buffer);
        reader.AdvanceTo(start.Buffer.Start);
        var stream = reader.AsStream();
        return encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" when first == 0x1F && second == 0x8B => new GZipStream(stream, CompressionMode.Decompress),
            "deflate" when (first & 0x0F) == 8 && ((first << 8) | second) % 31 == 0 => new ZLibStream(stream, CompressionMode.Decompress),
            "deflate" when first >= 0 => new DeflateStream(stream, CompressionMode.Decompress),
            "br" when first >= 0 => new BrotliStream(stream, CompressionMode.Decompress),
            "gzip" or "x-gzip" or "deflate" or "br" or "identity" => stream,
            _ => throw new InvalidDataException($"packed as '{encoding}'"),
        };
    }

    private static (int First, int Second) Start(ReadOnlySequence<byte> buffer)
    {
        Span<byte> two = stackalloc byte[2];
        var length = (int)Math.Min(2, buffer.Length);
        buffer.Slice(0, length).CopyTo(two);
        return (length > 0 ? two[0] : -1, length > 1 ? two[1] : -1);
    }
}
