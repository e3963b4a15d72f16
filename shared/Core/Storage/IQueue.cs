using System.Text;

namespace ContributionIngest.Core.Storage;

/// <summary>
/// An at-least-once, unordered queue, modelled on Azure Queue storage
/// (https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api). A body is text of at most 48 KiB in UTF-8 (64 KiB once
/// in base64, as the Functions host expects it). A queue name is 3 to 63 of a–z, 0–9 and single hyphens, and so is its poison queue's.
/// A queue is created with its first message. Messages stay until they are deleted. Every driver throws <see cref="ArgumentException"/>
/// for what <see cref="QueueLimits"/> does not allow.
/// </summary>
public interface IQueue
{
    const int MaximumBody = 48 * 1024;
    const int MaximumAttempts = 5;

    /// <param name="delay">0 to 7 days until the message becomes visible.</param>
    Task PutAsync(string queue, string body, TimeSpan delay, CancellationToken cancel);

    /// <summary>
    /// At most <paramref name="count"/> (1 to 32) visible messages, hidden from others for <paramref name="visibilityTimeout"/> (1 s to 7 days).
    /// A message already received <see cref="MaximumAttempts"/> times and never deleted is moved to <c>QUEUE-poison</c> instead;
    /// one in a poison queue stays there.
    /// </summary>
    Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibilityTimeout, CancellationToken cancel);

    /// <summary>
    /// Hides the message for <paramref name="visibilityTimeout"/> from now (zero makes it visible at once). Null when it was received
    /// elsewhere or deleted meanwhile; otherwise the message with its new receipt.
    /// </summary>
    Task<QueueMessage?> ExtendAsync(string queue, QueueMessage message, TimeSpan visibilityTimeout, CancellationToken cancel);

    /// <summary>
    /// Makes the message visible at once, without counting this attempt. A store that cannot lower the count adds a copy with a fresh count
    /// and then deletes the message, so that it may briefly exist twice but is never lost.
    /// False when it was received elsewhere or deleted meanwhile.
    /// </summary>
    Task<bool> GiveBackAsync(string queue, QueueMessage message, CancellationToken cancel);

    /// <summary>False when it was received elsewhere or deleted meanwhile.</summary>
    Task<bool> DeleteAsync(string queue, QueueMessage message, CancellationToken cancel);

    /// <summary>Moves the message to <c>QUEUE-poison</c>. False when it was received elsewhere or deleted meanwhile.</summary>
    Task<bool> DeadLetterAsync(string queue, QueueMessage message, CancellationToken cancel);

    /// <summary>The number of messages in the queue, including hidden ones; an estimate on a distributed store.</summary>
    Task<int> CountAsync(string queue, CancellationToken cancel);

    /// <summary>
    /// How long the oldest visible message has been waiting; null when there is none. A store that does not know when a message became
    /// visible counts from when it was added.
    /// </summary>
    Task<TimeSpan?> OldestAgeAsync(string queue, CancellationToken cancel);
}

/// <param name="Attempt">1 on the first delivery.</param>
public sealed record QueueMessage(string Id, string Receipt, string Body, int Attempt);

/// <summary>
/// What Azure Queue storage rejects, and therefore every driver
/// (https://learn.microsoft.com/rest/api/storageservices/put-message, get-messages and update-message). The service counts whole seconds,
/// so every driver rounds fractions up.
/// </summary>
public static class QueueLimits
{
    public const int MessagesPerReceive = 32;
    public const string PoisonSuffix = "-poison";

    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(7);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The service would reject the queue name, the body or the delay.</exception>
    public static void CheckPut(string queue, string body, TimeSpan delay)
    {
        CheckQueue(queue);
        CheckSpan(delay, TimeSpan.Zero, nameof(delay));
        if (!StorageNames.IsWellFormedText(body))
            throw new ArgumentException("A body must not contain a lone surrogate.", nameof(body));
        if (body.Length > IQueue.MaximumBody || Strict.GetByteCount(body) > IQueue.MaximumBody)
            throw new ArgumentException($"A body has at most {IQueue.MaximumBody} bytes.", nameof(body));
    }

    /// <exception cref="ArgumentException">The service would reject the queue name, the count or the timeout.</exception>
    public static void CheckReceive(string queue, int count, TimeSpan visibilityTimeout)
    {
        CheckQueue(queue);
        if (count is < 1 or > MessagesPerReceive)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"One call receives 1 to {MessagesPerReceive} messages.");
        CheckSpan(visibilityTimeout, TimeSpan.FromSeconds(1), nameof(visibilityTimeout));
    }

    /// <exception cref="ArgumentException">The service would reject the queue name or the timeout.</exception>
    public static void CheckExtend(string queue, TimeSpan visibilityTimeout)
    {
        CheckQueue(queue);
        CheckSpan(visibilityTimeout, TimeSpan.Zero, nameof(visibilityTimeout));
    }

    /// <exception cref="ArgumentException">The name is invalid, or leaves no room for the suffix of the queue's poison queue.</exception>
    public static void CheckQueue(string queue)
    {
        if (!StorageNames.IsValidName(queue) || (!IsPoison(queue) && !StorageNames.IsValidName(queue + PoisonSuffix)))
            throw new ArgumentException($"'{queue}' is not a valid queue name.", nameof(queue));
    }

    /// <summary>A poison queue has no poison queue of its own: its messages stay until they are deleted.</summary>
    public static bool IsPoison(string queue) => queue.EndsWith(PoisonSuffix, StringComparison.Ordinal);

    public static TimeSpan WholeSeconds(TimeSpan span) => TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds));

    private static void CheckSpan(TimeSpan span, TimeSpan min, string parameter)
    {
        if (span < min || span > MaxTime)
            throw new ArgumentOutOfRangeException(parameter, span, $"The time must be between {min} and {MaxTime}.");
    }
}

/// <summary>Rules for container and queue names, and for any stored text.</summary>
internal static class StorageNames
{
    /// <summary>3 to 63 of a–z, 0–9 and single hyphens inside (https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata).</summary>
    public static bool IsValidName(string name)
    {
        if (name.Length is < 3 or > 63 || name[0] == '-' || name[^1] == '-' || name.Contains("--", StringComparison.Ordinal))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                return false;
        }

        return true;
    }

    /// <summary>False for a lone surrogate, which no wire encoding can carry.</summary>
    public static bool IsWellFormedText(ReadOnlySpan<char> text)
    {
        for (var index = text.IndexOfAnyInRange('\uD800', '\uDFFF'); index >= 0; index = text.IndexOfAnyInRange('\uD800', '\uDFFF'))
        {
            if (index + 1 == text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                return false;
            text = text[(index + 2)..];
        }

        return true;
    }
}
