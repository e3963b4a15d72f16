using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digests;

/// <summary>Returns the ids of a person's entries that harvests revised in a period.</summary>
public delegate Task<IReadOnlyList<string>> RevisedEntries(string person, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);

/// <summary>Processes one message of queue <c>digest</c>: makes the week's digest unless it exists, and queues its mail. Safe to repeat.</summary>
public sealed class DigestRun(
    DigestReader reader, PeopleStore people, RollupRebuilder rebuilder, DigestStore store, DigestPlanner planner, MailQueue mailQueue, RevisedEntries revised, TimeProvider clock)
{
    public async Task RunAsync(DigestMessage message, CancellationToken cancel)
    {
        var person = await people.GetAsync(message.Person, cancel);
        if (person is { EffectiveDigest.Off: false })
            await MakeAsync(person, cancel);
        await planner.DoneAsync(message.Person, person, message.DueKey, cancel);
    }

    /// <summary>The digest of a week as it would be now; not stored.</summary>
    public async Task<WeekDigest> PreviewAsync(Person person, Week week, CancellationToken cancel)
    {
        var zone = DigestSchedule.Zone(person);
        var made = await store.NewestAsync(person.Id, 2, cancel);
        var previous = made.FirstOrDefault(record => Week.Parse(record.Week)?.Monday < week.Monday);
        return await reader.MakeAsync(
            person, week, clock.GetUtcNow(), made.Count == 0, previous?.MadeAt, await revised(person.Id, week.Start(zone), week.End(zone), cancel), cancel);
    }

    private async Task MakeAsync(Person person, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var week = DigestSchedule.Week(person, now);
        if (await store.GetAsync(person.Id, week, cancel) is not { } found)
        {
            // There is no digest for a week before the person joined.
            if (week.End(DigestSchedule.Zone(person)) <= person.Since)
                return;

            // Incomplete counts would be stored in the digest for good.
            await rebuilder.FinishAsync(person.Id, cancel);
            var digest = await PreviewAsync(person, week, cancel);
            var (mail, reason) = mailQueue.InitialState(person, digest);
            var isNew = await store.AddAsync(
                person.Id,
                digest,
                blob => new DigestRecord(digest.Week, now, digest.Total, digest.IsQuiet, blob, mail, now, reason) { To = mail == MailState.Waiting ? person.Email : null },
                cancel);
            if (isNew && reason == MailQueue.NoMail)
                Telemetry.MailIsOff();
            if (!isNew || mail != MailState.Waiting)
                return;
        }
        else if (found.Record.Mail != MailState.Waiting)
        {
            return;
        }

        await mailQueue.QueueAsync(person.Id, week, cancel);
    }
}
