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

    public async Task Run(MailMessage message, CancellationToken cancel)
    {
        if (Week.Parse(message.Week) is not { } week || await store.Get(message.Person, week, cancel) is not (var record, { } tag))
            return;
        if (record.Mail != MailState.Waiting || await people.Get(message.Person, cancel) is not { } person)
            return;
        if (person is { Email: null } or { Wish.Off: true } or { Wish.Bounced: true } || await store.Content(record, cancel) is not { } digest)
        {
            await store.Save(person.Id, record with { Mail = MailState.None, At = clock.GetUtcNow(), Reason = "It was not wanted any more when its turn came." }, tag, cancel);
            return;
        }

        var letter = await Write(person, week, digest, cancel);
        var claim = new Claim(person.Id, message.Week, clock.GetUtcNow());
        await claims.Add(claim, cancel);
        record = record with { Mail = MailState.Claimed, At = claim.At, Attempts = record.Attempts + 1, To = person.Email };
        if (await store.Save(person.Id, record, tag, cancel) is not { } claimed)
        {
            // Somebody else was faster, and may have confirmed already.
            if (await store.Get(person.Id, week, cancel) is not { Record.Mail: MailState.Claimed })
                await claims.Remove(claim, cancel);
            return;
        }

        var result = await Send(letter, cancel);
        await Confirm(person, week, record, claimed, claim, result, cancel);
    }

    private async Task Confirm(Person person, Week week, DigestRecord record, string tag, Claim claim, MailResult result, CancellationToken cancel)
    {
        if (result.Outcome == MailOutcome.Unknown)
        {
            await store.Save(person.Id, record with { Reason = result.Detail }, tag, cancel);
            return;
        }

        var isWorthAnother = result.Outcome == MailOutcome.Temporary && record.Attempts < MostAttempts;
        var state = result.Outcome == MailOutcome.Accepted ? MailState.Sent : isWorthAnother ? MailState.Waiting : MailState.Refused;
        await store.Save(person.Id, record with { Mail = state, At = clock.GetUtcNow(), Reason = result.Detail }, tag, cancel);
        await claims.Remove(claim, cancel);
        if (isWorthAnother)
            await outgoing.Queue(person.Id, week, cancel, TimeSpan.FromMinutes(5) * Math.Pow(2, record.Attempts - 1));
        if (result.Outcome == MailOutcome.NoSuchAddress)
            await people.Change(person.Id, p => p.Email == record.To ? p with { Digest = p.Wish with { Bounced = true } } : p, cancel);
    }

    private async Task<MailResult> Send(Letter letter, CancellationToken cancel) =>
        mail is null ? new MailResult(MailOutcome.Temporary, "Nothing sends mail here.") : await mail.Send(letter, cancel);

    /// <summary>A digest that is kept nowhere, mailed at once.</summary>
    public async Task<MailResult> Try(Person person, WeekDigest digest, CancellationToken cancel)
    {
        var letter = await Write(person, Week.Parse(digest.Week)!.Value, digest, cancel);
        return await Send(letter with { MessageId = "test." + Identity.Random() + letter.MessageId[letter.MessageId.IndexOf('@')..] }, cancel);
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
        if (await people.Get(person, cancel) is not { Email: not null })
            return "There is no address to send it to. Set one first.";
        if (await store.Save(person, record with { Mail = MailState.Waiting, At = clock.GetUtcNow(), Reason = null, Attempts = 0 }, tag, cancel) is null)
            throw new LedgerBusyException();
        await claims.Remove(new Claim(person, week.ToString(), record.At), cancel);
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
