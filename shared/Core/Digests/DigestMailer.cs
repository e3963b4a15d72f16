using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Digests;

/// <summary>What a mail needs beside the digest.</summary>
/// <param name="Host">Right of the @ in Message-ID and List-Id.</param>
/// <param name="Links">Where the lines of a person's digest lead.</param>
public sealed record MailIdentity(string Host, Func<Person, WeekDigest, CancellationToken, Task<DigestLinks>> Links);

/// <summary>
/// Works off one message of queue <c>mail</c>. The claim is written before the mail leaves and confirmed after: whoever comes in between finds
/// it claimed and leaves it alone, so that nothing is mailed twice, and what was never confirmed can be seen.
/// </summary>
public sealed class DigestMailer(PeopleStore people, DigestStore store, SendAttempts attempts, MailQueue mailQueue, MailIdentity identity, TimeProvider clock, IMail? mail = null)
{
    private const int MostAttempts = 8;

    /// <summary>After the first attempt; doubled after each, so that the last comes some ten hours later.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    public async Task RunAsync(MailMessage message, CancellationToken cancel)
    {
        if (Week.Parse(message.Week) is not { } week || await store.GetAsync(message.Person, week, cancel) is not (var record, { } tag))
            return;
        if (record.Mail != MailState.Waiting || await people.GetAsync(message.Person, cancel) is not { } person)
            return;
        var digest = await store.ContentAsync(record, cancel);
        if (digest is null || message.IsTooMany || mailQueue.Unable(person) is not null)
        {
            var reason = mailQueue.Unable(person)
                ?? (digest is null ? "Its content is gone." : "More mails wait than can be sent in a week; MailPerHour says how many leave in an hour.");
            await store.SaveAsync(person.Id, record with { Mail = MailState.None, At = clock.GetUtcNow(), Reason = reason }, tag, cancel);
            return;
        }

        if (!mailQueue.IsDue(message))
            await mailQueue.QueueAsync(person.Id, week, cancel);
        else
            await ClaimAsync(person, week, record, tag, await WriteAsync(person, week, digest, cancel), cancel);
    }

    private async Task ClaimAsync(Person person, Week week, DigestRecord record, string tag, Email letter, CancellationToken cancel)
    {
        var attempt = new SendAttempt(person.Id, record.Week, clock.GetUtcNow(), Identity.Random());
        await attempts.AddAsync(attempt, cancel);
        var claimed = record with { Mail = MailState.Claimed, At = attempt.At, Attempts = record.Attempts + 1, To = person.Email, Claim = attempt.Id };
        if (await store.SaveAsync(person.Id, claimed, tag, cancel) is { } claimedTag)
            await ConfirmAsync(attempt, week, claimed, claimedTag, await mail!.SendAsync(letter, cancel));
        else
            await attempts.RemoveAsync(attempt, cancel);
    }

    /// <summary>What became of a mail is written down even when the program is told to stop: nobody else knows it.</summary>
    private async Task ConfirmAsync(SendAttempt attempt, Week week, DigestRecord record, string tag, MailResult result)
    {
        Telemetry.Mailed(result.Outcome);
        var cancel = CancellationToken.None;
        if (result.Outcome == MailOutcome.Unknown)
        {
            await store.SaveAsync(attempt.Person, record with { Reason = result.Detail }, tag, cancel);
            return;
        }

        var isWorthAnother = result.Outcome == MailOutcome.Temporary && record.Attempts < MostAttempts;
        var state = result.Outcome == MailOutcome.Accepted ? MailState.Sent : isWorthAnother ? MailState.Waiting : MailState.Refused;
        var confirmed = record with { Mail = state, At = clock.GetUtcNow(), Reason = result.Detail, Claim = null };
        await store.SaveAsync(attempt.Person, confirmed, tag, cancel);
        await attempts.RemoveAsync(attempt, cancel);
        if (isWorthAnother)
            await mailQueue.QueueAfterAsync(attempt.Person, week, FirstPause * Math.Pow(2, record.Attempts - 1), cancel);
        if (result.Outcome == MailOutcome.NoSuchAddress)
            await people.ChangeAsync(attempt.Person, p => p.Email == record.To ? p with { Digest = p.EffectiveDigest with { Bounced = true } } : p, cancel);
    }

    /// <summary>A digest that is kept nowhere, mailed at once.</summary>
    public async Task<MailResult> TryAsync(Person person, WeekDigest digest, CancellationToken cancel)
    {
        var letter = await WriteAsync(person, Week.Parse(digest.Week)!.Value, digest, cancel);
        var once = letter with { MessageId = "test." + Identity.Random() + letter.MessageId[letter.MessageId.IndexOf('@')..] };
        return mail is null ? new MailResult(MailOutcome.Permanent, "Nothing sends mail here.") : await mail.SendAsync(once, cancel);
    }

    /// <summary>Sets a mail going (again) that is not on its way. Null when there is no such digest, a sentence when it cannot be, else empty.</summary>
    public async Task<string?> AgainAsync(string person, Week week, CancellationToken cancel)
    {
        if (await store.GetAsync(person, week, cancel) is not (var record, { } tag))
            return null;
        if (record.Mail is MailState.Sent or MailState.Waiting)
            return record.Mail == MailState.Sent ? "It was sent." : "It waits for its turn already.";
        if (record.Mail == MailState.Claimed && clock.GetUtcNow() - record.At < SendAttempts.Leaving)
            return "It is leaving just now; if it is still unconfirmed in a quarter of an hour, it can be sent again.";
        if (await people.GetAsync(person, cancel) is not { } known)
            return null;
        if (mailQueue.Unable(known) is { } reason)
            return reason;
        var waiting = record with { Mail = MailState.Waiting, At = clock.GetUtcNow(), Reason = null, Attempts = 0, Claim = null };
        if (await store.SaveAsync(person, waiting, tag, cancel) is null)
            throw new ConcurrencyException();
        if (record.Claim is { } claim)
            await attempts.RemoveAsync(new SendAttempt(person, record.Week, record.At, claim), cancel);
        await mailQueue.QueueAsync(person, week, cancel);
        return "";
    }

    private async Task<Email> WriteAsync(Person person, Week week, WeekDigest digest, CancellationToken cancel)
    {
        var links = await identity.Links(person, digest, cancel);
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
        return new Email(
            person.Email!, DigestParts.Of(digest, links).Subject, DigestText.Of(digest, links), DigestHtml.Of(digest, links), id, clock.GetUtcNow(), headers);
    }
}
