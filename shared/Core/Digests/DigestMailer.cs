using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>What a mail needs besides the digest.</summary>
/// <param name="Host">The domain in Message-ID and List-Id.</param>
/// <param name="Links">Returns the links in a person's digest.</param>
public sealed record MailIdentity(string Host, Func<Person, WeekDigest, DigestLinks> Links);

/// <summary>
/// Processes one message of queue <c>mail</c>. A claim is written before the mail is sent and confirmed afterwards. Any other process that sees the
/// claim leaves the mail alone, so nothing is mailed twice, and mails that were never confirmed can be reported.
/// </summary>
public sealed class DigestMailer(PeopleStore people, DigestStore store, SendAttempts attempts, MailQueue mailQueue, MailIdentity identity, DigestMailHtml html, TimeProvider clock, IMail? mail = null)
{
    private const int MaxAttempts = 8;

    /// <summary>Delay after the first attempt. It doubles each time, so the last attempt is about ten hours later.</summary>
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(5);

    public async Task RunAsync(MailMessage message, CancellationToken cancel)
    {
        if (message.Person is not { } id || message.Week is null || Week.Parse(message.Week) is not { } week || await store.GetAsync(id, week, cancel) is not (var record, { } tag))
            return;
        if (record.Mail != MailState.Waiting || await people.GetAsync(id, cancel) is not { } person)
            return;
        var digest = await store.ContentAsync(record, cancel);
        if (digest is null || message.IsTooMany || mailQueue.BlockedReason(person) is not null)
        {
            var reason = mailQueue.BlockedReason(person)
                ?? (digest is null ? "Its content no longer exists." : "More mails are queued than can be sent in a week; MailPerHour limits the mails per hour.");
            await store.SaveAsync(person.Id, record with { Mail = MailState.None, At = clock.GetUtcNow(), Reason = reason }, tag, cancel);
            if (reason == MailQueue.NoMail)
                Telemetry.MailIsOff();
            return;
        }

        if (!mailQueue.IsDue(message))
            await mailQueue.QueueAsync(person.Id, week, cancel);
        else
            await ClaimAsync(person, week, record, tag, await ComposeAsync(person, week, digest), cancel);
    }

    private async Task ClaimAsync(Person person, Week week, DigestRecord record, string tag, Email email, CancellationToken cancel)
    {
        var attempt = new SendAttempt(person.Id, record.Week, clock.GetUtcNow(), Identity.Random());
        await attempts.AddAsync(attempt, cancel);
        var claimed = record with { Mail = MailState.Claimed, At = attempt.At, Attempts = record.Attempts + 1, To = person.Email, Claim = attempt.Id };
        if (await store.SaveAsync(person.Id, claimed, tag, cancel) is { } claimedTag)
            await ConfirmAsync(attempt, week, claimed, claimedTag, await mail!.SendAsync(email, cancel));
        else
            await attempts.RemoveAsync(attempt, cancel);
    }

    /// <summary>Records the outcome even during shutdown: no other process knows it.</summary>
    private async Task ConfirmAsync(SendAttempt attempt, Week week, DigestRecord record, string tag, MailResult result)
    {
        Telemetry.Mailed(result.Outcome);
        var cancel = CancellationToken.None;
        if (result.Outcome == MailOutcome.Unknown)
        {
            await store.SaveAsync(attempt.Person, record with { Reason = result.Detail }, tag, cancel);
            return;
        }

        var shouldRetry = result.Outcome == MailOutcome.Temporary && record.Attempts < MaxAttempts;
        var state = result.Outcome == MailOutcome.Accepted ? MailState.Sent : shouldRetry ? MailState.Waiting : MailState.Refused;
        var confirmed = record with { Mail = state, At = clock.GetUtcNow(), Reason = result.Detail, Claim = null };
        await store.SaveAsync(attempt.Person, confirmed, tag, cancel);
        await attempts.RemoveAsync(attempt, cancel);
        if (shouldRetry)
            await mailQueue.QueueAfterAsync(attempt.Person, week, FirstDelay * Math.Pow(2, record.Attempts - 1), cancel);
        if (result.Outcome == MailOutcome.NoSuchAddress)
            await people.ChangeAsync(attempt.Person, p => p.Email == record.To ? p with { Digest = p.EffectiveDigest with { Bounced = true } } : p, cancel);
    }

    /// <summary>Mails a digest at once without storing it.</summary>
    public async Task<MailResult> SendTestAsync(Person person, WeekDigest digest, CancellationToken cancel)
    {
        var email = await ComposeAsync(person, Week.Parse(digest.Week)!.Value, digest);
        var test = email with { MessageId = "test." + Identity.Random() + email.MessageId[email.MessageId.IndexOf('@')..] };
        return mail is null ? new MailResult(MailOutcome.Permanent, MailQueue.NoMail) : await mail.SendAsync(test, cancel);
    }

    /// <summary>Queues a mail (again) unless it is already queued or sent. Null if there is no such digest, the reason if it cannot be sent, otherwise empty.</summary>
    public async Task<string?> ResendAsync(string person, Week week, CancellationToken cancel)
    {
        if (await store.GetAsync(person, week, cancel) is not (var record, { } tag))
            return null;
        if (record.Mail is MailState.Sent or MailState.Waiting)
            return record.Mail == MailState.Sent ? "It was sent." : "It is already queued.";
        if (record.Mail == MailState.Claimed && clock.GetUtcNow() - record.At < SendAttempts.ConfirmationTime)
            return "It is being sent; if it is still unconfirmed after 15 minutes, it can be sent again.";
        if (await people.GetAsync(person, cancel) is not { } known)
            return null;
        if (mailQueue.BlockedReason(known) is { } reason)
            return reason;
        var waiting = record with { Mail = MailState.Waiting, At = clock.GetUtcNow(), Reason = null, Attempts = 0, Claim = null };
        if (await store.SaveAsync(person, waiting, tag, cancel) is null)
            throw new ConcurrencyException();
        if (record.Claim is { } claim)
            await attempts.RemoveAsync(new SendAttempt(person, record.Week, record.At, claim), cancel);
        await mailQueue.QueueAsync(person, week, cancel);
        return "";
    }

    private async Task<Email> ComposeAsync(Person person, Week week, WeekDigest digest)
    {
        var links = identity.Links(person, digest);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Auto-Submitted"] = "auto-generated",
            ["List-Id"] = $"ContributionIngest digest <digest.{identity.Host}>",
        };
        if (links.Unsubscribe is { } unsubscribe)
        {
            headers["List-Unsubscribe"] = $"<{unsubscribe.AbsoluteUri}>";
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click";
        }

        var id = $"{week}.{Identity.Hash($"digest\0{person.Id}\0{week}")}@{identity.Host}";
        var parts = DigestParts.Of(digest, links);
        return new Email(person.Email!, parts.Headline, DigestText.Of(parts), await html(parts), id, clock.GetUtcNow(), headers);
    }
}
