using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Sends requests to one of an account's services until one is answered: five tries, each on a message of its own with a time limit of its own,
/// with growing pauses between them or those the service asks for. All waiting goes by the given clock, which is why Azure.Core's own retries,
/// bound to the system's, are off.
/// </summary>
internal sealed class StorageService(Uri endpoint, HttpPipeline pipeline, TimeProvider clock)
{
    private const int Tries = 5;
    private const string Version = "2021-12-02";

    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly string root = endpoint.AbsoluteUri.TrimEnd('/') + "/";

    public string Address(string path) => root + path;

    /// <exception cref="StoreUnavailableException">No try was answered, or the service asks for a longer pause than a caller should wait.</exception>
    public async Task<StorageAnswer> Send(StorageRequest request, CancellationToken cancel)
    {
        var repeated = false;
        for (var attempt = 1; ; attempt++)
        {
            var (answer, trouble) = await Try(request, repeated, cancel);
            if (trouble is null)
                return answer!;
            var pause = Pause(answer, attempt);
            answer?.Dispose();
            if (attempt == Tries || pause > LongestPause)
                throw new StoreUnavailableException($"{request.Method} to {endpoint.Host} failed {attempt} times, the last time: {trouble}.");
            repeated = true;
            await Task.Delay(pause, clock, cancel);
        }
    }

    /// <summary>What to throw at an answer nobody expects. Addresses hold keys of rows, so only the host is named.</summary>
    public StoreUnavailableException Unexpected(StorageAnswer answer) =>
        new($"{answer.Method} to {endpoint.Host} was answered with {Describe(answer)}.");

    private async Task<(StorageAnswer? Answer, string? Trouble)> Try(StorageRequest request, bool repeated, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(TryLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        var message = pipeline.CreateMessage();
        message.BufferResponse = false;
        var kept = false;
        try
        {
            Fill(message.Request, request);
            await pipeline.SendAsync(message, either.Token);
            var answer = new StorageAnswer(message, await AnswerBody.Read(message.Response, either.Token), repeated);
            kept = true;
            return (answer, IsPassing(answer) || request.TryAgain?.Invoke(answer) is true ? Describe(answer) : null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, "no answer in time");
        }
        catch (Exception e) when (e is RequestFailedException or IOException or HttpRequestException)
        {
            return (null, e.Message);
        }
        catch (AuthenticationFailedException e)
        {
            throw new StoreUnavailableException("No identity could be had for the storage account.", e);
        }
        finally
        {
            if (!kept)
                message.Dispose();
        }
    }

    private void Fill(Request target, StorageRequest request)
    {
        target.Method = request.Method;
        target.Uri.Reset(new Uri(root + request.Path));
        target.Headers.SetValue("x-ms-version", Version);
        target.Headers.SetValue("x-ms-date", clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        foreach (var (name, value) in request.Headers)
            target.Headers.SetValue(name, value);
        if (request.Body is { } body)
            target.Content = RequestContent.Create(body);
    }

    private TimeSpan Pause(StorageAnswer? answer, int attempt)
    {
        if (answer?.Header("Retry-After") is { } asked)
        {
            if (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(seconds);
            if (DateTimeOffset.TryParse(asked, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when))
                return when > clock.GetUtcNow() ? when - clock.GetUtcNow() : TimeSpan.Zero;
        }

        // Between half and the whole of a doubling pause, so that those who failed together do not come again together.
        return FirstPause * Math.Pow(2, attempt - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    private static bool IsPassing(StorageAnswer answer) =>
        answer.Status is 408 or 429 or 500 or 502 or 503 or 504
        || (answer.Status == 409 && answer.ErrorCode is "TableBeingDeleted" or "QueueBeingDeleted" or "ContainerBeingDeleted");

    private static string Describe(StorageAnswer answer) =>
        string.Create(CultureInfo.InvariantCulture, $"{answer.Status} {answer.ErrorCode} (request {answer.Header("x-ms-request-id") ?? "unknown"})");
}
