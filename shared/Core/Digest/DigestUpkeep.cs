using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digest;

/// <summary>Every night: everybody who wants digests has a row in the due index, and no mail waits for a message that is gone.</summary>
public sealed class DigestUpkeep(DigestPlanner planner, DigestStore store, MailQueue mailQueue, TimeProvider clock)
{
    /// <summary>Longer than any turn and any pause are ahead, so that no message of it can be left.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromDays(7);

    /// <summary>Older ones are no news.</summary>
    private const int Weeks = 4;

    public async Task RunAsync(Person person, CancellationToken cancel)
    {
        await planner.PlanAsync(person, cancel);
        var now = clock.GetUtcNow();
        foreach (var record in (await store.NewestAsync(person.Id, Weeks, cancel)).Where(r => r.Mail == MailState.Waiting && now - r.At > Lost))
        {
            // It says so first, so that it is not lost again tomorrow.
            if (Week.Parse(record.Week) is { } week && await store.GetAsync(person.Id, week, cancel) is (var found, { } tag) && found == record
                && await store.SaveAsync(person.Id, found with { At = now }, tag, cancel) is not null)
                await mailQueue.QueueAsync(person.Id, week, cancel);
        }
    }
}
