using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Digests;

/// <summary>
/// Digests that are due become messages. A person has a row in the due index while they want digests; a row left over from earlier wishes does
/// no harm, since the week decides whether there is something to make.
/// </summary>
public sealed class DigestPlanner(ITable table, IQueue queue, TimeProvider clock)
{
    /// <summary>A message that is lost is asked for again after this.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(12);

    private readonly DueIndex index = new(table);

    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        for (var shard = 0; shard < DueIndex.Shards; shard++)
        {
            var moves = new List<(DueRow, DateTimeOffset)>();
            foreach (var row in await index.DueByAsync(DueIndex.Digest, shard, now, cancel))
            {
                var claimed = now + Claim;
                var message = new DigestMessage(row.Due.Person, DueIndex.KeyAt(row.Due, claimed));
                await queue.PutAsync(DigestMessage.Queue, JsonSerializer.Serialize(message, DigestJson.Default.DigestMessage), TimeSpan.Zero, cancel);
                moves.Add((row, claimed));
            }

            await index.MoveAllAsync(moves, cancel);
        }
    }

    /// <summary>Sees to it that the person's next digest is due; safe to repeat.</summary>
    public async Task PlanAsync(Person person, CancellationToken cancel)
    {
        if (!person.EffectiveDigest.Off)
            await index.MoveAsync(DueOf(person.Id), null, DigestSchedule.Next(person, clock.GetUtcNow()), cancel);
    }

    /// <summary>The row a message came from moves to the next time, or goes where no digest is wanted.</summary>
    public async Task DoneAsync(string id, Person? person, string? dueKey, CancellationToken cancel)
    {
        if (person is { EffectiveDigest.Off: false })
            await index.MoveAsync(DueOf(id), dueKey, DigestSchedule.Next(person, clock.GetUtcNow()), cancel);
        else if (dueKey is not null)
            await index.RemoveAsync(DueOf(id), dueKey, cancel);
    }

    /// <summary>What failed for a reason of ours is tried again tomorrow, and not every quarter of an hour.</summary>
    public Task PostponeAsync(DigestMessage message, CancellationToken cancel) =>
        index.MoveAsync(DueOf(message.Person), message.DueKey, clock.GetUtcNow() + TimeSpan.FromDays(1), cancel);

    private static Due DueOf(string person) => new(DueIndex.Digest, person, string.Empty);
}

/// <summary>When a person's digest is due: their weekday and hour, where they are.</summary>
public static class DigestSchedule
{
    /// <summary>The first due time after an instant. An hour the clocks leave out is the moment they jump; one that comes twice, its first.</summary>
    public static DateTimeOffset Next(Person person, DateTimeOffset after)
    {
        var (zone, day) = (Zone(person), Today(person, after).PlusDays(-7));
        while (true)
        {
            day = day.Next(person.EffectiveDigest.Day);
            var due = zone.AtLeniently(day.At(new LocalTime(person.EffectiveDigest.Hour, 0))).ToDateTimeOffset().ToUniversalTime();
            if (due > after)
                return due;
        }
    }

    /// <summary>The week a digest that is made now is about: the last one that was over when it last fell due.</summary>
    public static Week Week(Person person, DateTimeOffset now)
    {
        var day = Today(person, Next(person, now)).PlusDays(-7);
        return ContributionIngest.Core.Digests.Week.Of(new DateOnly(day.Year, day.Month, day.Day)).Before;
    }

    public static DateTimeZone Zone(Person person) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(person.Zone) ?? DateTimeZone.Utc;

    private static LocalDate Today(Person person, DateTimeOffset at) => at.ToInstant().InZone(Zone(person)).Date;
}

/// <summary>Every night: everybody who wants digests has a row in the due index, and no mail waits for a message that is gone.</summary>
public sealed class DigestMaintenance(DigestPlanner planner, DigestStore store, MailQueue mailQueue, TimeProvider clock)
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
