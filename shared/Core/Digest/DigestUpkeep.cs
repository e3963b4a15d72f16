using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digest;

/// <summary>Every night: everybody who wants digests has a row in the due index, and no mail waits for a message that is gone.</summary>
public sealed class DigestUpkeep(DigestPlanner planner, DigestStore store, Outgoing outgoing, TimeProvider clock)
{
    /// <summary>Longer than any turn is ahead.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromDays(7);

    public async Task Run(Person person, CancellationToken cancel)
    {
        await planner.Plan(person, cancel);
        var found = await store.Newest(person.Id, 1, cancel);
        if (found is [{ Mail: MailState.Waiting } newest] && clock.GetUtcNow() - newest.At > Lost && Week.Parse(newest.Week) is { } week)
            await outgoing.Queue(person.Id, week, cancel);
    }
}
