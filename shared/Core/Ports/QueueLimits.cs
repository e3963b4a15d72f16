using System.Text;

namespace ContributionIngest.Core.Ports;

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
        if (!Names.IsWholeText(body))
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
        if (!Names.IsLabel(queue) || (!IsPoison(queue) && !Names.IsLabel(queue + PoisonSuffix)))
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
