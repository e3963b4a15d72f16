using System.Globalization;
using System.Text.Json;
using System.Xml;
using Azure;
using Azure.Identity;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Retries calls to one of an account's services: five tries, each with a time limit that includes reading the response, and growing pauses or those
/// the service asks for. It waits by the given clock. The clients' own retries are off, because they use the system's clock and hide that an earlier
/// try may have succeeded.
/// </summary>
internal sealed class StorageCalls(Uri service, TimeProvider clock)
{
    private const int Tries = 5;

    // What is missing again after that is being deleted by someone else.
    private const int MaxCreations = 2;

    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <exception cref="StoreUnavailableException">
    /// No try was answered, a response is unusable, or the service asks for too long a pause.
    /// </exception>
    public async Task<StorageResult<T>> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (value, failure) = await TryAsync(call, cancel);
            if (failure is null)
                return new StorageResult<T>(value, null, attempt > 1, service);
            if (failure is AuthenticationFailedException)
                throw new StoreUnavailableException("No identity is available for the storage account.", failure);
            if (!IsTransient(failure))
            {
                return failure is RequestFailedException refusal
                    ? new StorageResult<T>(default, refusal, attempt > 1, service)
                    : throw new StoreUnavailableException($"{service.Host} gave an unusable response.", failure);
            }

            cancel.ThrowIfCancellationRequested();
            var pause = Pause(failure, attempt);
            if (attempt == Tries || pause > LongestPause)
                throw new StoreUnavailableException($"{service.Host} failed {attempt} times, the last time: {Describe(failure)}.");
            await Task.Delay(pause, clock, cancel);
        }
    }

    /// <summary>Creates what the service says is missing, and calls again.</summary>
    /// <param name="missing">The error code.</param>
    /// <exception cref="StoreUnavailableException">As <see cref="CallAsync"/>, or it could not be created.</exception>
    public async Task<StorageResult<T>> CallAsync<T, TMade>(
        Func<CancellationToken, Task<T>> call, string missing, Func<CancellationToken, Task<TMade>> make, CancellationToken cancel)
    {
        for (var made = 0; ; made++)
        {
            var answer = await CallAsync(call, cancel);
            if (answer.ErrorCode != missing || made == MaxCreations)
                return answer;
            _ = (await CallAsync(make, cancel)).Value;
        }
    }

    /// <summary>Describes a failure without addresses and messages, which contain row keys.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        RequestFailedException { Status: not 0 } e => string.Create(CultureInfo.InvariantCulture, $"{e.Status} {e.ErrorCode} (request {Header(e, "x-ms-request-id") ?? "unknown"})"),
        OperationCanceledException => "no answer in time",
        _ => failure.Message,
    };

    private async Task<(T? Value, Exception? Failure)> TryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(TryLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            return (await call(either.Token), null);
        }
        catch (Exception e)
        {
            // A malformed response makes the clients throw nearly anything.
            if (e is OperationCanceledException)
                cancel.ThrowIfCancellationRequested();
            return (default, e);
        }
    }

    private static bool IsTransient(Exception failure) => failure switch
    {
        // Without a status there was no response; a 2xx fails if its content is not the service's.
        RequestFailedException e => e.Status is < 300 or 408 or 429 or 500 or 502 or 503 or 504
            || (e.Status == 409 && e.ErrorCode is "TableBeingDeleted" or "QueueBeingDeleted" or "ContainerBeingDeleted"),

        // A response that was cut off, or came from a proxy.
        OperationCanceledException or IOException or HttpRequestException or JsonException or XmlException or KeyNotFoundException => true,
        _ => false,
    };

    private TimeSpan Pause(Exception failure, int attempt)
    {
        if (failure is RequestFailedException e && Header(e, "Retry-After") is { } asked)
        {
            if (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(seconds);
            if (DateTimeOffset.TryParse(asked, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when))
                return when > clock.GetUtcNow() ? when - clock.GetUtcNow() : TimeSpan.Zero;
        }

        // Exponential backoff with jitter.
        return FirstPause * Math.Pow(2, attempt - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    private static string? Header(RequestFailedException failure, string name) =>
        failure.GetRawResponse() is { } response && response.Headers.TryGetValue(name, out var value) ? value : null;
}

/// <summary>The result of a call: a value or a refusal.</summary>
internal sealed class StorageResult<T>(T? value, RequestFailedException? refusal, bool repeated, Uri service)
{
    /// <summary>The outcome of an earlier try is unknown; it may have done what this one was refused.</summary>
    public bool Repeated => repeated;

    public RequestFailedException? Refusal => refusal;

    /// <summary>Of the refusal; null when there is none.</summary>
    public int? Status => refusal?.Status;

    /// <summary>Of the refusal; null when there is none.</summary>
    public string? ErrorCode => refusal?.ErrorCode;

    /// <exception cref="StoreUnavailableException">The service refused for an unexpected reason.</exception>
    public T Value => refusal is null
        ? value!
        : throw new StoreUnavailableException($"{service.Host} answered {StorageCalls.Describe(refusal)}.");
}
