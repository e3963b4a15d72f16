using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Digests;

/// <summary>
/// Queues digests that are due. A person has a row in the due index while digests are on. A row left over from earlier preferences is
/// harmless: the week decides whether there is a digest to make.
/// </summary>
public sealed class DigestPlanner(ITable table, IQueue queue, TimeProvider clock)
{
    /// <summary>If a message is lost, it is queued again after this time.</summary>
    private static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(12);

    private readonly DueIndex index = new(table);

    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        for (var shard = 0; shard < DueIndex.Shards; shard++)
        {
            var moves = new List<(DueRow, DateTimeOffset)>();
            foreach (var row in await index.DueByAsync(DueIndex.Digest, shard, now, cancel))
            {
                var claimed = now + ClaimTime;
                var message = new DigestMessage(row.Due.Person, DueIndex.KeyAt(row.Due, claimed));
                await queue.PutAsync(DigestMessage.Queue, JsonSerializer.Serialize(message, DigestJson.Default.DigestMessage), TimeSpan.Zero, cancel);
                moves.Add((row, claimed));
            }

            await index.MoveAllAsync(moves, cancel);
        }
    }

    /// <summary>Schedules the person's next digest; safe to repeat.</summary>
    public async Task PlanAsync(Person person, CancellationToken cancel)
    {
        if (!person.EffectiveDigest.Off)
            await index.MoveAsync(DueOf(person.Id), null, DigestSchedule.Next(person, clock.GetUtcNow()), cancel);
    }

    /// <summary>Moves the row a message came from to the next due time, or removes it if digests are off.</summary>
    public async Task DoneAsync(string id, Person? person, string? dueKey, CancellationToken cancel)
    {
        if (person is { EffectiveDigest.Off: false })
            await index.MoveAsync(DueOf(id), dueKey, DigestSchedule.Next(person, clock.GetUtcNow()), cancel);
        else if (dueKey is not null)
            await index.RemoveAsync(DueOf(id), dueKey, cancel);
    }

    /// <summary>Retries a failure of our own tomorrow rather than every quarter of an hour.</summary>
    public Task PostponeAsync(DigestMessage message, CancellationToken cancel) =>
        index.MoveAsync(DueOf(message.Person), message.DueKey, clock.GetUtcNow() + TimeSpan.FromDays(1), cancel);

    private static Due DueOf(string person) => new(DueIndex.Digest, person, string.Empty);
}

/// <summary>When a person's digest is due: their chosen weekday and hour, in their time zone.</summary>
public static class DigestSchedule
{
    /// <summary>The first due time after an instant. An hour skipped by a clock change means the moment of the change; a repeated hour means its first occurrence.</summary>
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

    /// <summary>The week covered by a digest made now: the last one that was complete at the most recent due time.</summary>
    public static Week Week(Person person, DateTimeOffset now)
    {
        var day = Today(person, Next(person, now)).PlusDays(-7);
        return ContributionIngest.Core.Digests.Week.Of(new DateOnly(day.Year, day.Month, day.Day)).Before;
    }

    public static DateTimeZone Zone(Person person) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(person.Zone) ?? DateTimeZone.Utc;

    private static LocalDate Today(Person person, DateTimeOffset at) => at.ToInstant().InZone(Zone(person)).Date;
}

/// <summary>Runs every night: restores missing rows in the due index, and requeues mails whose message was lost.</summary>
public sealed class DigestMaintenance(DigestPlanner planner, DigestStore store, MailQueue mailQueue, TimeProvider clock)
{
    /// <summary>Longer than any turn or retry delay, so that no message can still be pending.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromDays(7);

    /// <summary>Older digests are out of date.</summary>
    private const int Weeks = 4;

    public async Task RunAsync(Person person, CancellationToken cancel)
    {
        await planner.PlanAsync(person, cancel);
        var now = clock.GetUtcNow();
        foreach (var record in (await store.NewestAsync(person.Id, Weeks, cancel)).Where(r => r.Mail == MailState.Waiting && now - r.At > LostAfter))
        {
            // Saved first, so that the mail does not count as lost again tomorrow.
            if (Week.Parse(record.Week) is { } week && await store.GetAsync(person.Id, week, cancel) is (var found, { } tag) && found == record
                && await store.SaveAsync(person.Id, found with { At = now }, tag, cancel) is not null)
                await mailQueue.QueueAsync(person.Id, week, cancel);
        }
    }
}
