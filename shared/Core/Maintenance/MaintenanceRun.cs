using System.Text.Json;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Maintenance;

/// <summary>
/// Work on the whole store, in slices of bounded length. Each slice is one message of queue <c>maintenance</c>; one that leaves something to do queues its
/// continuation, which holds the position. Every slice may be repeated. A person whose work fails fails alone, in a message of their own.
/// </summary>
public sealed class MaintenanceRun(
    PeopleStore people, PersonMaintenance person, EntryTotal total, RetentionOptions retention, RawAnswers raw, PushBodyStore pushed, PoisonedMessages poisoned, AttemptCounter attempts, SignInLinks links,
    AccountDeletion deletion, Deletions deletions, WeeklyBackup weekly, WeeklyCopies copies, IQueue queue)
{
    /// <summary>People in one slice.</summary>
    public const int PeoplePerSlice = 200;

    /// <summary>After what time somebody is copied once more who changed meanwhile.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(7);


    /// <summary>Queues the night's work: deletes what has expired, does each person's part, and goes on with deletions of people whose message was lost.</summary>
    public async Task StartNightAsync(CancellationToken cancel)
    {
        foreach (var task in (MaintenanceTask[])[MaintenanceTask.Responses, MaintenanceTask.Deliveries, MaintenanceTask.Poisoned, MaintenanceTask.Attempts, MaintenanceTask.People])
            await PutAsync(new MaintenanceMessage(task), cancel);
        await StartDeletionsAsync(cancel);
        if (!weekly.IsOn)
            return;
        await PutAsync(new MaintenanceMessage(MaintenanceTask.Copies), cancel);
        if (await weekly.BeginAsync(cancel) is { } day)
            await PutAsync(new MaintenanceMessage(MaintenanceTask.Backup, Day: day), cancel);
    }

    /// <summary>Queues the work on all deletions that have begun.</summary>
    public async Task StartDeletionsAsync(CancellationToken cancel)
    {
        foreach (var id in await deletions.UnfinishedAsync(cancel))
            await StartDeletionAsync(id, cancel);
    }

    /// <summary>Queues the work on a deletion that has begun.</summary>
    public Task StartDeletionAsync(string id, CancellationToken cancel) => PutAsync(new MaintenanceMessage(MaintenanceTask.Deletion, Deletion: id), cancel);

    /// <summary>Queues a new count of all entries.</summary>
    public Task StartCountAsync(CancellationToken cancel) => PutAsync(new MaintenanceMessage(MaintenanceTask.Count), cancel);

    /// <summary>Does one slice, and queues its continuation if there is more to do.</summary>
    public async Task RunAsync(MaintenanceMessage message, CancellationToken cancel)
    {
        if (message is { Task: MaintenanceTask.Deletion, Deletion: { } id })
        {
            if (await deletion.RunAsync(id, cancel) is { } delay)
                await PutAsync(message, cancel, delay);
            return;
        }

        var next = message.Task switch
        {
            MaintenanceTask.Responses => await raw.PruneAsync(retention.Days, cancel) ? message : null,
            MaintenanceTask.Deliveries => await pushed.PruneAsync(cancel) ? message : null,
            MaintenanceTask.Poisoned => await poisoned.PruneAsync(retention.Days, cancel) ? message : null,
            MaintenanceTask.Attempts => await PruneAttemptsAsync(cancel),
            MaintenanceTask.People => await QueuePeopleAsync(message, cancel),
            MaintenanceTask.Count => await CountAsync(message, cancel),
            MaintenanceTask.Copies => await copies.PruneAsync(cancel) ? message : null,
            MaintenanceTask.Backup => await BackUpAsync(message, message.Day!, cancel),
            _ => await RunPersonAsync(message, cancel),
        };
        if (next is not null)
            await PutAsync(next, cancel);
    }

    private async Task<MaintenanceMessage?> PruneAttemptsAsync(CancellationToken cancel)
    {
        await attempts.PruneAsync(cancel);
        await links.PruneNewcomersAsync(cancel);
        await deletions.PruneAsync(cancel);
        return null;
    }

    private async Task<MaintenanceMessage?> QueuePeopleAsync(MaintenanceMessage message, CancellationToken cancel)
    {
        var slice = await people.PageAsync(message.After, PeoplePerSlice, cancel);
        foreach (var id in slice)
            await PutAsync(new MaintenanceMessage(MaintenanceTask.Person, id), cancel);
        return slice.Count < PeoplePerSlice ? null : message with { After = slice[^1] };
    }

    private async Task<MaintenanceMessage?> RunPersonAsync(MaintenanceMessage message, CancellationToken cancel)
    {
        await person.RunAsync(message.Person!, cancel);
        return null;
    }

    private async Task<MaintenanceMessage?> BackUpAsync(MaintenanceMessage message, string day, CancellationToken cancel)
    {
        if (message.Person is { } one)
        {
            if (await weekly.RepeatAsync(day, one, cancel))
                await weekly.CompleteAsync(day, cancel);
            else if (message.Entries < WeeklyBackup.Attempts)
                await PutAsync(message with { Entries = message.Entries + 1 }, cancel, Again);
            else
                await weekly.FailAsync(day, cancel);
            return null;
        }

        var (after, changed) = await weekly.RunAsync(day, message.After, cancel);
        foreach (var id in changed)
            await PutAsync(new MaintenanceMessage(MaintenanceTask.Backup, id, Entries: 1, Day: day), cancel, Again);
        if (after is not null)
            return message with { After = after };
        await weekly.CompleteAsync(day, cancel);
        return null;
    }

    private async Task<MaintenanceMessage?> CountAsync(MaintenanceMessage message, CancellationToken cancel)
    {
        var since = message.Since ?? total.Now;
        var slice = await people.PageAsync(message.After, PeoplePerSlice, cancel);
        var entries = message.Entries + await total.CountAsync(slice, cancel);
        if (slice.Count == PeoplePerSlice)
            return message with { After = slice[^1], Entries = entries, Since = since };
        await total.SaveAsync(new CountedEntries(entries, since), cancel);
        return null;
    }

    private Task PutAsync(MaintenanceMessage message, CancellationToken cancel, TimeSpan delay = default) =>
        queue.PutAsync(MaintenanceMessage.Queue, JsonSerializer.Serialize(message, MaintenanceJson.Default.MaintenanceMessage), delay, cancel);
}
