using System.Text.Json;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Digest;

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
        if (!person.Wish.Off)
            await index.MoveAsync(DueOf(person.Id), null, DigestSchedule.Next(person, clock.GetUtcNow()), cancel);
    }

    /// <summary>The row a message came from moves to the next time, or goes where no digest is wanted.</summary>
    public async Task DoneAsync(string id, Person? person, string? dueKey, CancellationToken cancel)
    {
        if (person is { Wish.Off: false })
            await index.MoveAsync(DueOf(id), dueKey, DigestSchedule.Next(person, clock.GetUtcNow()), cancel);
        else if (dueKey is not null)
            await index.RemoveAsync(DueOf(id), dueKey, cancel);
    }

    /// <summary>What failed for a reason of ours is tried again tomorrow, and not every quarter of an hour.</summary>
    public Task RestAsync(DigestMessage message, CancellationToken cancel) =>
        index.MoveAsync(DueOf(message.Person), message.DueKey, clock.GetUtcNow() + TimeSpan.FromDays(1), cancel);

    private static Due DueOf(string person) => new(DueIndex.Digest, person, string.Empty);
}
