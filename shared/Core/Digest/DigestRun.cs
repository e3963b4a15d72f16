using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Digest;

/// <summary>What else happened to a person's entries in a week: ids of those that harvests revised.</summary>
public delegate Task<IReadOnlyList<string>> RevisedEntries(string person, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);

/// <summary>Works off one message of queue <c>digest</c>: makes the week's digest unless it is there, and sets its mail going. Safe to repeat.</summary>
public sealed class DigestRun(
    ITable table, PeopleStore people, Recount recount, DigestStore store, DigestPlanner planner, Outgoing outgoing, RevisedEntries revised, TimeProvider clock)
{
    private readonly DigestReader reader = new(table);

    public async Task Run(DigestMessage message, CancellationToken cancel)
    {
        var person = await people.Get(message.Person, cancel);
        if (person is { Wish.Off: false })
            await Make(person, cancel);
        await planner.Done(message.Person, person, message.DueKey, cancel);
    }

    /// <summary>The digest of a week as it would be now; kept nowhere.</summary>
    public async Task<WeekDigest> Preview(Person person, Week week, CancellationToken cancel)
    {
        var zone = DigestSchedule.Zone(person);
        var isFirst = (await store.Newest(person.Id, 1, cancel)).Count == 0;
        return await reader.Make(
            person, week, clock.GetUtcNow(), isFirst, await revised(person.Id, week.Start(zone), week.End(zone), cancel), cancel);
    }

    private async Task Make(Person person, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var week = DigestSchedule.Week(person, now);
        if (await store.Get(person.Id, week, cancel) is not { } found)
        {
            // Nobody has a week from before they came.
            if (week.End(DigestSchedule.Zone(person)) <= person.Since)
                return;

            // Counts half made would be kept for good.
            await recount.Finish(person.Id, cancel);
            var digest = await Preview(person, week, cancel);
            var (mail, reason) = outgoing.Wanted(person, digest);
            var isNew = await store.Add(
                person.Id,
                digest,
                blob => new DigestRecord(digest.Week, now, digest.Total, digest.IsQuiet, blob, mail, now, reason) { To = mail == MailState.Waiting ? person.Email : null },
                cancel);
            if (!isNew || mail != MailState.Waiting)
                return;
        }
        else if (found.Record.Mail != MailState.Waiting)
        {
            return;
        }

        await outgoing.Queue(person.Id, week, cancel);
    }
}
