using System.Text;

namespace ContributionIngest.Core.Storage;

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

/// <summary>
/// What Azure Queue storage refuses, refused by every driver
/// (https://learn.microsoft.com/rest/api/storageservices/put-message, get-messages and update-message). The service counts whole seconds,
/// so every driver rounds a part of a second up.
/// </summary>
public static class QueueLimits
{
    public const int MessagesPerReceive = 32;
    public const string PoisonSuffix = "-poison";

    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The queue's name, the body or the delay is none the service takes.</exception>
    public static void CheckPut(string queue, string body, TimeSpan delay)
    {
        CheckQueue(queue);
        CheckSpan(delay, TimeSpan.Zero, nameof(delay));
        if (!StorageNames.IsWholeText(body))
            throw new ArgumentException("A body must not contain half a surrogate pair.", nameof(body));
        if (body.Length > IQueue.MaximumBody || Strict.GetByteCount(body) > IQueue.MaximumBody)
            throw new ArgumentException($"A body holds at most {IQueue.MaximumBody} bytes.", nameof(body));
    }

    /// <exception cref="ArgumentException">The queue's name, the count or the time is none the service takes.</exception>
    public static void CheckReceive(string queue, int count, TimeSpan hidden)
    {
        CheckQueue(queue);
        if (count is < 1 or > MessagesPerReceive)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"One call receives 1 to {MessagesPerReceive} messages.");
        CheckSpan(hidden, TimeSpan.FromSeconds(1), nameof(hidden));
    }

    /// <exception cref="ArgumentException">The queue's name or the time is none the service takes.</exception>
    public static void CheckExtend(string queue, TimeSpan hidden)
    {
        CheckQueue(queue);
        CheckSpan(hidden, TimeSpan.Zero, nameof(hidden));
    }

    /// <exception cref="ArgumentException">Names leave room for the suffix of the queue's own poison queue.</exception>
    public static void CheckQueue(string queue)
    {
        if (!StorageNames.IsLabel(queue) || (!IsPoison(queue) && !StorageNames.IsLabel(queue + PoisonSuffix)))
            throw new ArgumentException($"'{queue}' is no queue name.", nameof(queue));
    }

    /// <summary>A poison queue has no poison queue of its own: its messages stay until they are deleted.</summary>
    public static bool IsPoison(string queue) => queue.EndsWith(PoisonSuffix, StringComparison.Ordinal);

    public static TimeSpan WholeSeconds(TimeSpan span) => TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds));

    private static void CheckSpan(TimeSpan span, TimeSpan shortest, string parameter)
    {
        if (span < shortest || span > Longest)
            throw new ArgumentOutOfRangeException(parameter, span, $"The time is between {shortest} and {Longest}.");
    }
}

/// <summary>What the names of containers and queues may look like, and which text may be stored or used as a name at all.</summary>
internal static class StorageNames
{
    /// <summary>3 to 63 of a–z, 0–9 and single hyphens inside (https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata).</summary>
    public static bool IsLabel(string name)
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

    /// <summary>False for half a surrogate pair: no encoding on the wire can carry it.</summary>
    public static bool IsWholeText(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0; at = text.IndexOfAnyInRange('\uD800', '\uDFFF'))
        {
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return false;
            text = text[(at + 2)..];
        }

        return true;
    }
}
