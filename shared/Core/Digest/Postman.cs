using ContributionIngest.Core.Diagnostics;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Digest;

/// <summary>What a mail needs beside the digest.</summary>
/// <param name="Host">Right of the @ in Message-ID and List-Id.</param>
/// <param name="Links">Where the lines of a person's digest lead.</param>
public sealed record Postmark(string Host, Func<Person, WeekDigest, CancellationToken, Task<DigestLinks>> Links);

/// <summary>
/// Works off one message of queue <c>mail</c>. The claim is written before the mail leaves and confirmed after: whoever comes in between finds
/// it claimed and leaves it alone, so that nothing is mailed twice, and what was never confirmed can be seen.
/// </summary>
public sealed class Postman(PeopleStore people, DigestStore store, Claims claims, Outgoing outgoing, IMail? mail, Postmark postmark, TimeProvider clock)
{
    private const int MostAttempts = 8;

    /// <summary>After the first attempt; doubled after each, so that the last comes some ten hours later.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    public async Task Run(MailMessage message, CancellationToken cancel)
    {
        if (Week.Parse(message.Week) is not { } week || await store.Get(message.Person, week, cancel) is not (var record, { } tag))
            return;
        if (record.Mail != MailState.Waiting || await people.Get(message.Person, cancel) is not { } person)
            return;
        var digest = await store.Content(record, cancel);
        if (digest is null || message.IsTooMany || outgoing.Unable(person) is not null)
        {
            var reason = outgoing.Unable(person)
                ?? (digest is null ? "Its content is gone." : "More mails wait than can be sent in a week; MailPerHour says how many leave in an hour.");
            await store.Save(person.Id, record with { Mail = MailState.None, At = clock.GetUtcNow(), Reason = reason }, tag, cancel);
            return;
        }

        if (!outgoing.IsDue(message))
            await outgoing.Queue(person.Id, week, cancel);
        else
            await Claim(person, week, record, tag, await Write(person, week, digest, cancel), cancel);
    }

    private async Task Claim(Person person, Week week, DigestRecord record, string tag, Letter letter, CancellationToken cancel)
    {
        var claim = new Claim(person.Id, record.Week, clock.GetUtcNow(), Identity.Random());
        await claims.Add(claim, cancel);
        var claimed = record with { Mail = MailState.Claimed, At = claim.At, Attempts = record.Attempts + 1, To = person.Email, Claim = claim.Id };
        if (await store.Save(person.Id, claimed, tag, cancel) is { } claimedTag)
            await Confirm(claim, week, claimed, claimedTag, await mail!.Send(letter, cancel));
        else
            await claims.Remove(claim, cancel);
    }

    /// <summary>What became of a mail is written down even when the program is told to stop: nobody else knows it.</summary>
    private async Task Confirm(Claim claim, Week week, DigestRecord record, string tag, MailResult result)
    {
        Telemetry.Mailed(result.Outcome);
        var cancel = CancellationToken.None;
        if (result.Outcome == MailOutcome.Unknown)
        {
            await store.Save(claim.Person, record with { Reason = result.Detail }, tag, cancel);
            return;
        }

        var isWorthAnother = result.Outcome == MailOutcome.Temporary && record.Attempts < MostAttempts;
        var state = result.Outcome == MailOutcome.Accepted ? MailState.Sent : isWorthAnother ? MailState.Waiting : MailState.Refused;
        var confirmed = record with { Mail = state, At = clock.GetUtcNow(), Reason = result.Detail, Claim = null };
        await store.Save(claim.Person, confirmed, tag, cancel);
        await claims.Remove(claim, cancel);
        if (isWorthAnother)
            await outgoing.QueueAfter(claim.Person, week, FirstPause * Math.Pow(2, record.Attempts - 1), cancel);
        if (result.Outcome == MailOutcome.NoSuchAddress)
            await people.Change(claim.Person, p => p.Email == record.To ? p with { Digest = p.Wish with { Bounced = true } } : p, cancel);
    }

    /// <summary>A digest that is kept nowhere, mailed at once.</summary>
    public async Task<MailResult> Try(Person person, WeekDigest digest, CancellationToken cancel)
    {
        var letter = await Write(person, Week.Parse(digest.Week)!.Value, digest, cancel);
        var once = letter with { MessageId = "test." + Identity.Random() + letter.MessageId[letter.MessageId.IndexOf('@')..] };
        return mail is null ? new MailResult(MailOutcome.Permanent, "Nothing sends mail here.") : await mail.Send(once, cancel);
    }

    /// <summary>Sets a mail going (again) that is not on its way. Null when there is no such digest, a sentence when it cannot be, else empty.</summary>
    public async Task<string?> Again(string person, Week week, CancellationToken cancel)
    {
        if (await store.Get(person, week, cancel) is not (var record, { } tag))
            return null;
        if (record.Mail is MailState.Sent or MailState.Waiting)
            return record.Mail == MailState.Sent ? "It was sent." : "It waits for its turn already.";
        if (record.Mail == MailState.Claimed && clock.GetUtcNow() - record.At < Claims.Leaving)
            return "It is leaving just now; if it is still unconfirmed in a quarter of an hour, it can be sent again.";
        if (await people.Get(person, cancel) is not { } known)
            return null;
        if (outgoing.Unable(known) is { } reason)
            return reason;
        var waiting = record with { Mail = MailState.Waiting, At = clock.GetUtcNow(), Reason = null, Attempts = 0, Claim = null };
        if (await store.Save(person, waiting, tag, cancel) is null)
            throw new LedgerBusyException();
        if (record.Claim is { } claim)
            await claims.Remove(new Claim(person, record.Week, record.At, claim), cancel);
        await outgoing.Queue(person, week, cancel);
        return "";
    }

    private async Task<Letter> Write(Person person, Week week, WeekDigest digest, CancellationToken cancel)
    {
        var links = await postmark.Links(person, digest, cancel);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Auto-Submitted"] = "auto-generated",
            ["List-Id"] = $"ContributionIngest digest <digest.{postmark.Host}>",
        };
        if (links.Unsubscribe is { } unsubscribe)
        {
            headers["List-Unsubscribe"] = $"<{unsubscribe.AbsoluteUri}>";
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click";
        }

        var id = $"{week}.{Identity.Hash($"digest\0{person.Id}\0{week}")}@{postmark.Host}";
        return new Letter(
            person.Email!, DigestParts.Of(digest, links).Subject, DigestText.Of(digest, links), DigestHtml.Of(digest, links), id, clock.GetUtcNow(), headers);
    }
}
