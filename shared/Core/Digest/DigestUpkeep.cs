using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digest;

/// <summary>Every night: everybody who wants digests has a row in the due index, and no mail waits for a message that is gone.</summary>
public sealed class DigestUpkeep(DigestPlanner planner, DigestStore store, Outgoing outgoing, TimeProvider clock)
{
    /// <summary>Longer than any turn and any pause are ahead, so that no message of it can be left.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromDays(7);

    /// <summary>Older ones are no news.</summary>
    private const int Weeks = 4;

    public async Task Run(Person person, CancellationToken cancel)
    {
        await planner.Plan(person, cancel);
        var now = clock.GetUtcNow();
        foreach (var record in (await store.Newest(person.Id, Weeks, cancel)).Where(r => r.Mail == MailState.Waiting && now - r.At > Lost))
        {
            // It says so first, so that it is not lost again tomorrow.
            if (Week.Parse(record.Week) is { } week && await store.Get(person.Id, week, cancel) is (var found, { } tag) && found == record
                && await store.Save(person.Id, found with { At = now }, tag, cancel) is not null)
                await outgoing.Queue(person.Id, week, cancel);
        }
    }
}
