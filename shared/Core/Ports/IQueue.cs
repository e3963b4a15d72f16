namespace ContributionIngest.Core.Ports;

/// <summary>
/// At-least-once messages without order, shaped like Azure Queue storage
/// (https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api). A body is text of at most 48 KiB in UTF-8 (64 KiB once
/// in base64, as the Functions host expects it). A queue's name is 3 to 63 of a–z, 0–9 and single hyphens, its poison queue's name included.
/// Queues come into being with their first message. Messages stay until they are deleted. <see cref="QueueLimits"/> says what every driver
/// refuses with <see cref="ArgumentException"/>.
/// </summary>
public interface IQueue
{
    const int MaximumBody = 48 * 1024;
    const int MaximumAttempts = 5;

    /// <param name="delay">0 to 7 days until the message is first visible.</param>
    Task PutAsync(string queue, string body, TimeSpan delay, CancellationToken cancel);

    /// <summary>
    /// At most <paramref name="count"/> (1 to 32) visible messages, hidden from others for <paramref name="hidden"/> (1 s to 7 days).
    /// A message that was received <see cref="MaximumAttempts"/> times before and never deleted is moved to <c>QUEUE-poison</c> instead; one in a
    /// poison queue stays there.
    /// </summary>
    Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan hidden, CancellationToken cancel);

    /// <summary>
    /// Hides the message for <paramref name="hidden"/> from now (zero: visible at once). Null when it was received by somebody else or
    /// deleted meanwhile; otherwise the message with its new receipt.
    /// </summary>
    Task<QueueMessage?> ExtendAsync(string queue, QueueMessage message, TimeSpan hidden, CancellationToken cancel);

    /// <summary>
    /// Makes the message visible at once and as if it had not been received: this attempt does not count. A store that cannot lower a count puts
    /// a copy, whose attempts begin anew, and then deletes the message, so that for a moment it is there twice and never nowhere. False when it was
    /// received by somebody else or deleted meanwhile.
    /// </summary>
    Task<bool> GiveBackAsync(string queue, QueueMessage message, CancellationToken cancel);

    /// <summary>False when it was received by somebody else or deleted meanwhile.</summary>
    Task<bool> DeleteAsync(string queue, QueueMessage message, CancellationToken cancel);

    /// <summary>Moves the message to <c>QUEUE-poison</c>. False when it was received by somebody else or deleted meanwhile.</summary>
    Task<bool> DeadLetterAsync(string queue, QueueMessage message, CancellationToken cancel);

    /// <summary>Messages in the queue, hidden ones included; an estimate on a distributed store.</summary>
    Task<int> CountAsync(string queue, CancellationToken cancel);

    /// <summary>
    /// How long the oldest message that could be received has been waiting; null when there is none. A store that does not know since when a message is
    /// visible counts from when it was put.
    /// </summary>
    Task<TimeSpan?> OldestAgeAsync(string queue, CancellationToken cancel);
}

/// <param name="Attempt">1 at the first delivery.</param>
public sealed record QueueMessage(string Id, string Receipt, string Body, int Attempt);
