using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Accounts;

/// <summary>
/// Deletes people. A deletion works in passes of several steps, and a step in slices, each of which may be repeated by any process. What was under way when
/// the first pass came by may have left something behind it, and queues cannot be searched. So there is another pass later, and it is over when one removes
/// nothing and no message from before can be left.
/// </summary>
public sealed class AccountDeletion(
    Deletions deletions, DeletionSteps steps, PeopleStore people, SignInAddresses addresses, SignInLinks links, AuditTrail audit, ConnectionStore connections, DigestStore digests,
    IQueue queue, TimeProvider clock)
{
    /// <summary>Until the next pass: longer than anything runs that was under way.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>A message that arrives earlier than its pass by less is put back.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    /// <summary>The queue through which deletions go on.</summary>
    public const string Queue = "maintenance";

    private const int MaxRead = 1000;

    private static readonly string[] Queues = [HarvestQueue.Name, RollupRebuilder.Queue, DigestMessage.Queue, MailMessage.Queue, Queue];

    /// <summary>
    /// Begins the deletion of a person; repeating it returns the one that has begun. From then on nothing new begins for them once <see cref="EndAccessAsync"/>
    /// and the first slices have run.
    /// </summary>
    /// <param name="by">The operator who asks for it; null if it is the person.</param>
    /// <returns>Null if it is the last operator.</returns>
    public async Task<Deletion?> BeginAsync(Person person, string? by, string? credential, CancellationToken cancel)
    {
        if (await deletions.FindAsync(person.Id, cancel) is { } begun)
            return begun;
        if (person.Operator && !await people.SetOperatorAsync(person.Id, isOperator: false, cancel))
            return null;
        var now = clock.GetUtcNow();
        var weeks = await digests.NewestAsync(person.Id, MaxRead, cancel);
        var followed = (await connections.ListAsync(person.Id, cancel)).Select(c => c.State.Followed).OfType<PushOffer>();
        var known = (await addresses.ListAsync(person.Id, cancel)).Select(address => address.Address)
            .Concat((await links.ListAsync(person.Id, cancel)).Select(link => link.Address))
            .Concat((await audit.ListAsync(person.Id, MaxRead, cancel)).Where(entry => entry.What is AuditTrail.AddressAsked or AuditTrail.AddressAdded or AuditTrail.AddressRemoved).Select(entry => entry.Detail))
            .Concat(weeks.Select(week => week.To)).Prepend(person.Email);
        var own = new List<string>();
        foreach (var address in known.Select(SignInAddresses.Normalise).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            // Anybody may have digests mailed to an address that somebody else signs in with.
            if (await addresses.FindAsync(address, cancel) is not { } other || other == person.Id)
                own.Add(address);
        }

        var deletion = new Deletion(Identity.Random(), person.Id, own, by, now)
        {
            Credential = credential,
            Topics = [.. followed.Select(SubscriptionStore.Key)],

            // The mail of a digest may wait for its turn for days.
            QueuedUntil = weeks.Where(week => week.Mail == MailState.Waiting).Select(week => week.At + QueueLimits.MaxTime).Append(now).Max(),
        };
        deletion = await deletions.BeginAsync(deletion, cancel);
        await RecordAsync(deletion, cancel);
        return deletion;
    }

    /// <summary>Ends the person's keys, sessions and links at once.</summary>
    public Task EndAccessAsync(string person, CancellationToken cancel) => steps.EndAccessAsync(person, cancel);

    /// <summary>Does one slice.</summary>
    /// <returns>After what time the next one is to be done; null if there is none.</returns>
    public async Task<TimeSpan?> RunAsync(string id, CancellationToken cancel)
    {
        if (await deletions.GetAsync(id, cancel) is not ({ Person: not null } deletion, var tag))
            return null;
        if (deletion.NextPass - clock.GetUtcNow() is { } left && left > TimeSpan.Zero)
            return left < Early ? left : null;
        if (deletion.NextPass is not null)
            deletion = deletion with { NextPass = null, Step = 0, After = null, HasRemoved = false };
        if (deletion is { Passes: 0, Step: 0 })
            await RecordAsync(deletion, cancel);
        var slice = await steps.RunAsync(deletion, cancel);
        var next = deletion with
        {
            Step = slice.After is null ? deletion.Step + 1 : deletion.Step,
            After = slice.After,
            HasRemoved = deletion.HasRemoved || slice.Removed > 0,
            Topics = [.. deletion.Topics.Union(slice.Topics, StringComparer.Ordinal)],
        };
        if (next.Step < DeletionSteps.Count)
            return await deletions.SaveAsync(next, tag, cancel) ? TimeSpan.Zero : null;
        return await EndPassAsync(next with { Passes = next.Passes + 1 }, tag, cancel);
    }

    /// <summary>Whether a queue's message is about somebody who has no account any more, so that nobody has to look at it.</summary>
    public async Task<bool> IsAboutNobodyAsync(string body, CancellationToken cancel)
    {
        try
        {
            using var message = JsonDocument.Parse(body);
            return PersonIn(message.RootElement) is { } person && await people.GetAsync(person, cancel) is null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Records that it has begun, in the trails of the person and of the operator who asked for it. Safe to repeat.</summary>
    private async Task RecordAsync(Deletion deletion, CancellationToken cancel)
    {
        var entry = new AuditEntry(deletion.Begun, AuditTrail.DeletionBegun, null, deletion.By, deletion.Credential);
        await audit.AddOnceAsync(deletion.Person!, deletion.Id, entry, cancel);
        if (deletion.By is not null)
            await audit.AddOnceAsync(deletion.By, deletion.Id, entry with { By = null }, cancel);
    }

    /// <summary>Whom a message names, itself or in the request for a mail that it carries.</summary>
    private static string? PersonIn(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
            return null;
        if (message.TryGetProperty("person", out var person) && person.ValueKind == JsonValueKind.String)
            return Identity.IsWellFormed(person.GetString()) ? person.GetString() : null;
        return message.TryGetProperty("signIn", out var request) ? PersonIn(request) : null;
    }

    private async Task<TimeSpan?> EndPassAsync(Deletion deletion, string tag, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var isSettled = deletion is { Passes: > 1, HasRemoved: false } && deletion.QueuedUntil <= now;
        if (isSettled && !await HasOldMessageAsync(deletion, now, cancel))
        {
            await deletions.FinishAsync(deletion, tag, cancel);
            return null;
        }

        var pass = now + Pause;
        if (deletion.Passes > 1 && deletion.QueuedUntil > pass)
            pass = deletion.QueuedUntil;
        return await deletions.SaveAsync(deletion with { State = DeletionState.Settling, NextPass = pass }, tag, cancel) ? pass - now : null;
    }

    /// <summary>Whether a queue is so far behind that a message from before the deletion may be waiting. No message waits for longer than a queue keeps it.</summary>
    private async Task<bool> HasOldMessageAsync(Deletion deletion, DateTimeOffset now, CancellationToken cancel)
    {
        var age = now - deletion.Begun;
        if (age > QueueLimits.MaxTime)
            return false;
        foreach (var name in Queues.SelectMany(name => (string[])[name, name + QueueLimits.PoisonSuffix]))
        {
            if (await queue.OldestAgeAsync(name, cancel) >= age)
                return true;
        }

        return false;
    }
}
