using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>Mail that waits.</summary>
/// <param name="IsOn">Whether mail can be sent.</param>
/// <param name="Waiting">Messages of queue <c>mail</c>; if no mail can be sent, digests that were made and not mailed for that reason.</param>
/// <param name="Since">When the oldest of those digests was made; null if there is none.</param>
public sealed record MailBacklog(bool IsOn, int Waiting, DateTimeOffset? Since);

/// <summary>Counts the mail that waits.</summary>
public sealed class UnmailedDigests(DigestStore store, IQueue queue, MailPace pace)
{
    private const int MaxWeeks = 53;

    public async Task<MailBacklog> CountAsync(IReadOnlyList<string> people, CancellationToken cancel)
    {
        if (pace.IsOn)
            return new MailBacklog(true, await queue.CountAsync(MailMessage.Queue, cancel), null);
        var (waiting, since) = (0, (DateTimeOffset?)null);
        foreach (var person in people)
        {
            foreach (var record in (await store.NewestAsync(person, MaxWeeks, cancel)).Where(IsUnmailed))
            {
                waiting++;
                since = since < record.MadeAt ? since : record.MadeAt;
            }
        }

        return new MailBacklog(false, waiting, since);
    }

    private static bool IsUnmailed(DigestRecord record) => record is { Mail: MailState.None, Reason: MailQueue.NoMail };
}
